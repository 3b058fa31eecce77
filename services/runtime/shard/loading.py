"""A lane's memory: taking a shard over, folding its state from what is committed, keeping snapshots of it.

Promises that a state in memory is the fold of the log, whether it came from a snapshot or from the first fact on.
"""

import asyncio
from typing import TYPE_CHECKING

from services.runtime.base.backoff import Backoff
from services.runtime.base.clock import VirtualClock, jakarta_day
from services.runtime.base.errors import Fenced
from services.runtime.base.telemetry import log
from services.runtime.eventlog.store import Snapshot
from services.runtime.shard import dead_letters

if TYPE_CHECKING:
    from services.runtime.shard.processor import ShardProcessor


async def open_lane(lane: "ShardProcessor", backoff: Backoff) -> bool:
    """Take the shard over, trying until it works; False when the lane is closed or fenced before that."""
    while not lane.closing:
        try:
            await reload(lane)
        except Fenced as error:
            lane.fenced(error)
            return False
        except Exception as error:  # noqa: BLE001 -- whatever it is, without a state there is nothing to do but retry
            log.warning("lane.cannot_open", service=lane.service.name, shard=lane.shard, error=repr(error)[:300])
            lane.status = "away"
            await backoff.wait()
        else:
            lane.status = "live"
            return True
    return False


async def reload(lane: "ShardProcessor") -> None:
    """Forget what is in memory and fold what is committed, as the owner: the newest snapshot, then the rest.

    Raises `Fenced` when this lane was the owner before and another has taken the shard since.
    """
    decider, clock = lane.service.decider, lane.around.clock
    head = await lane.log.take_over(lane.shard, lane.around.owner, again=lane.epoch)
    lane.epoch = head.epoch
    if isinstance(clock, VirtualClock) and (last := await lane.log.last_day_at()):
        # whoever wrote this shard before may have turned days meanwhile
        clock.day = max(clock.day, jakarta_day(last))
    snapshot = await lane.log.snapshot(lane.shard)
    if snapshot is not None and snapshot.format == decider.snapshot_format and snapshot.seq <= head.seq:
        state, after = decider.load(lane.shard, snapshot.data), snapshot.seq
    else:
        state, after = decider.initial(lane.shard), 0
    lane.snapshot_seq = after
    async for chunk in lane.log.fold(lane.shard, after=after):
        for recorded in chunk:
            decider.evolve(state, recorded.fact, recorded.at)
        await asyncio.sleep(0)
    lane.cursors = await lane.log.cursors(lane.shard)
    lane.blocked = {letter.stream for letter in await dead_letters.waiting(lane.pool, lane.shard)}
    lane.state, lane.head, lane.tip, lane.tip_cursors = state, head, head, lane.cursors
    lane.around.relay.resume(lane.shard, head.seq, {name: c.seq for name, c in lane.cursors.items()})


async def keep_snapshot(lane: "ShardProcessor", *, at_least: int) -> None:
    """Store the state as it is, when `at_least` facts have been added since the last time."""
    if lane.status != "live" or lane.tip.seq != lane.head.seq or lane.head.seq - lane.snapshot_seq < at_least:
        return
    data = lane.service.decider.dump(lane.state)
    snapshot = Snapshot(lane.head.seq, lane.service.decider.snapshot_format, data)
    try:
        await lane.log.save_snapshot(lane.shard, lane.head.epoch, snapshot, lane.around.clock.now())
    except Exception as error:  # noqa: BLE001 -- a snapshot only saves time; the log is the truth
        log.warning("snapshot.failed", service=lane.service.name, shard=lane.shard, error=type(error).__name__)
    else:
        lane.snapshot_seq = lane.head.seq
