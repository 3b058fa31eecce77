"""Decides the dead letters of one stream again, in their order, each in a transaction of its own.

Stops at the first that still fails: what came after it in its stream must keep waiting.
"""

from typing import TYPE_CHECKING

from schemas.facts.common import LetterRevived
from services.runtime import letters, memory
from services.runtime.intake import Sorted, brief
from services.runtime.letters import Letter
from services.runtime.telemetry import log
from services.runtime.unit import Undecidable, Unit

if TYPE_CHECKING:
    from services.runtime.lane import Lane


async def redrive(lane: "Lane", about: str) -> None:
    """Decide the letters of stream `about` that wait in this lane; the stream is free again if all went well."""
    for letter in await letters.waiting(lane.pool, lane.shard):
        if letter.stream != about:
            continue
        if not await _revive(lane, letter):
            return
    lane.blocked.discard(about)


async def _revive(lane: "Lane", letter: Letter) -> bool:
    unit = Unit(lane, {})
    try:
        received = lane.intake.received(letter.envelope(lane.shard), letter.source, letter.body)
        unit.answer(received)
    except (ValueError, Undecidable) as error:
        detail = error.detail if isinstance(error, Undecidable) else brief(error)
        log.warning(
            "letter.still_dead", service=lane.service.name, shard=lane.shard, about=letter.stream, detail=detail
        )
        await memory.reload(lane)
        return False
    fact = LetterRevived(
        about=letter.stream,
        source=letter.source,  # type: ignore[arg-type]
        source_seq=letter.seq,
    )
    lane.service.decider.evolve(lane.state, fact, letter.at)
    unit.record(fact, received)
    async with lane.pool.acquire() as connection, connection.transaction():
        await unit.write(connection, Sorted())
        await letters.revive(connection, lane.shard, letter)
    lane.committed(unit.recorded, Sorted(received=[received]), unit.head)
    return True
