"""Decides the dead letters of one stream again, in their order, each in a transaction of its own.

Stops at the first that still fails: what came after it in its stream must keep waiting.
"""

from typing import TYPE_CHECKING

from schemas.facts.common import DeadLetterRedriven
from services.runtime.base.telemetry import log
from services.runtime.shard import dead_letters, loading
from services.runtime.shard.batch import BatchTransaction, Undecidable
from services.runtime.shard.dead_letters import DeadLetter
from services.runtime.shard.inbox import SortedRecords, brief

if TYPE_CHECKING:
    from services.runtime.shard.processor import ShardProcessor


async def redrive(lane: "ShardProcessor", about: str) -> None:
    """Decide the letters of stream `about` that wait in this lane; the stream is free again if all went well."""
    for letter in await dead_letters.waiting(lane.pool, lane.shard):
        if letter.stream != about:
            continue
        if not await _revive(lane, letter):
            return
    lane.blocked.discard(about)


async def _revive(lane: "ShardProcessor", letter: DeadLetter) -> bool:
    unit = BatchTransaction(lane, {})
    try:
        received = lane.intake.received(letter.envelope, letter.body)
        unit.answer(received)
    except (ValueError, Undecidable) as error:
        detail = error.detail if isinstance(error, Undecidable) else brief(error)
        log.warning(
            "letter.still_dead", service=lane.service.name, shard=lane.shard, about=letter.stream, detail=detail
        )
        await loading.reload(lane)
        return False
    fact = DeadLetterRedriven(
        about=letter.stream,
        source=letter.service,  # type: ignore[arg-type]
        source_seq=letter.seq,
    )
    lane.service.decider.evolve(lane.state, fact, letter.at)
    unit.record(fact, received)
    async with lane.pool.acquire() as connection, connection.transaction():
        await unit.write(connection, SortedRecords())
        await dead_letters.revive(connection, lane.shard, letter)
    lane.committed(unit.recorded, SortedRecords(received=[received]), unit.head)
    return True
