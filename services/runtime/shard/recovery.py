"""What a lane does when a batch fails: fall back to what is committed, then try again as the failure asks for.

the database is away     wait with back-off, then all of it again
one input is undecidable it becomes a dead letter, then all of it again
anything else            one by one, to find the input that is to blame each time
"""

from collections import deque
from typing import TYPE_CHECKING

from services.runtime.base.backoff import Backoff
from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import is_away
from services.runtime.base.telemetry import count, log
from services.runtime.shard import loading
from services.runtime.shard.batch import Undecidable
from services.runtime.shard.inbox import RawRecord

if TYPE_CHECKING:
    from services.runtime.shard.in_flight import InFlightBatch, Waiting
    from services.runtime.shard.processor import ShardProcessor

#: how often an input must fail alone before it is to blame: a server that dies has more words for it than we know
TRIES = 3


async def recover(lane: "ShardProcessor", error: Exception, batch: "InFlightBatch", backoff: Backoff) -> bool:
    """Fall back and try again; False when the lane has ended."""
    records, commands, expected = batch.records, batch.commands, batch.expected
    if is_away(error):
        log.warning("lane.away", service=lane.service.name, shard=lane.shard, error=type(error).__name__)
        lane.status = "away"
        await backoff.wait()
    elif not isinstance(error, Undecidable):
        log.error("lane.failed", service=lane.service.name, shard=lane.shard, exc_info=error)
        count("lane.failed")
    if not await loading.open_lane(lane, backoff):
        lane.end("fenced" if lane.status == "fenced" else "closed", commands)
        return False
    if expected is not None and (lane.head.seq, lane.head.chain) == (expected.seq, expected.chain):
        _written_after_all(commands)
        return True
    if isinstance(error, Undecidable):
        lane.poison[error.source, error.seq] = (error.code, error.detail)
    elif not is_away(error):
        return await _one_by_one(lane, error, records, commands, backoff)
    lane.put_back(records)
    lane.commands.extendleft(reversed(commands))
    return True


def _written_after_all(commands: "list[Waiting]") -> None:
    """The commit went through though its answer was lost: who waits must ask again, and finds it done."""
    for _, future in commands:
        if not future.done():
            future.set_exception(RetryLater("answer.lost", "the answer was lost on its way; send the request again"))


async def _one_by_one(
    lane: "ShardProcessor", error: Exception, records: list[RawRecord], commands: "list[Waiting]", backoff: Backoff
) -> bool:
    if len(records) + len(commands) == 1:
        if commands:
            commands[0][1].set_exception(error)
            return True
        for received in lane.intake.sort(records, lane.cursors).received:
            place = received.source, received.seq
            lane.suspects[place] = lane.suspects.get(place, 0) + 1
            if lane.suspects[place] == TRIES:
                lane.poison[place] = ("apply.failed", type(error).__name__)
        lane.put_back(records)
        await backoff.wait()
        return True
    for raw in records:
        if not await _alone(lane, [raw], [], backoff):
            return False
    for waiting in commands:
        if not await _alone(lane, [], [waiting], backoff):
            return False
    return True


async def _alone(lane: "ShardProcessor", records: list[RawRecord], commands: "list[Waiting]", backoff: Backoff) -> bool:
    """Let the lane work on these inputs with nothing else in its hands."""
    held_records, lane.records = lane.records, deque(records)
    held_commands, lane.commands = lane.commands, deque(commands)
    try:
        while lane.records or lane.commands:
            if not await lane.step(backoff):
                return False
    finally:
        lane.records.extend(held_records)
        lane.commands.extend(held_commands)
        lane.wake.set()
    return True
