"""Redrive: decides the dead letters of one stream again, in their order, each in a transaction of its own.

Ends at the first that still fails: what came after it in its stream must keep waiting. A redrive that is interrupted
can be begun again, since each dead letter that was decided is marked so in its transaction.
"""

from collections.abc import AsyncIterator

from services.runtime.base.telemetry import log
from services.runtime.contract import Service
from services.runtime.eventlog.store import DeadLetter, Store
from services.runtime.shard.batch import Batch, Undecidable
from services.runtime.shard.inbox import Inbox, brief
from services.runtime.shard.state import ShardState


class StillDead(Exception):
    """A dead letter failed again, so the state in memory is void."""


async def redrive(
    store: Store, service: Service, inbox: Inbox, shard: int, own: ShardState, about: str
) -> AsyncIterator[Batch]:
    """A batch per dead letter of stream `about`, each to be committed before the next is made.

    Raises `StillDead` when one fails again.
    """
    for dead in await store.dead_letters(shard):
        if dead.stream == about:
            yield await _again(service, inbox, shard, own, dead)


async def _again(service: Service, inbox: Inbox, shard: int, own: ShardState, dead: DeadLetter) -> Batch:
    batch = Batch(shard, service, own)
    try:
        await batch.redrive(dead, inbox.received(dead.envelope, dead.body))
    except (ValueError, Undecidable) as error:
        detail = error.detail if isinstance(error, Undecidable) else brief(error)
        log.warning("dead_letter.still_dead", service=service.name, shard=shard, about=dead.stream, detail=detail)
        raise StillDead(detail) from error
    return batch
