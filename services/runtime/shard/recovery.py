"""What follows from a batch that failed, and how a shard is loaded from what is committed.

Promises to return verdicts and loaded shards alone: only the processor acts on them. A loaded state is the fold of the
log, whether it began with a snapshot or with the first fact.

    the commit went through, its answer was lost    Refuse       the inputs are done; who waits must ask again
    an input cannot be decided                      Quarantine   it becomes a dead letter; then all of it again
    the store is away                               Retry        all of it again
    anything else, several inputs                   Alone        one by one, to find the input that is to blame
    anything else, one command                      Refuse       it is refused with the error
    anything else, one record                       Suspect      again; at the third time Quarantine
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from services.runtime.base.errors import RetryLater
from services.runtime.base.postgres import is_away
from services.runtime.base.telemetry import count, log
from services.runtime.contract import Service
from services.runtime.eventlog.store import Head, Store
from services.runtime.shard.batch import Batch, Undecidable
from services.runtime.shard.state import Loaded, Place

#: how often an input must fail alone before it is to blame: a server that dies has more words for it than we know
TRIES = 3


@dataclass(frozen=True, slots=True)
class Retry:
    """Take the inputs again."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Take the inputs again, one at a time."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Take the inputs again; this one is to become a dead letter."""

    place: Place
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """Take the input again; it failed alone once more."""

    place: Place


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not take the inputs again; commands among them are refused."""

    error: Exception


Verdict = Retry | Alone | Quarantine | Suspect | Refuse


def judge(error: Exception, batch: Batch, head: Head, suspects: Mapping[Place, int]) -> Verdict:
    """What follows from a batch that failed, given the head that is committed now. Pure."""
    expected = batch.expected
    if expected is not None and (head.seq, head.chain) == (expected.seq, expected.chain):
        return Refuse(RetryLater("answer.lost", "the answer was lost on its way; send the request again"))
    if isinstance(error, Undecidable):
        return Quarantine(error.place, error.code, error.detail)
    if is_away(error):
        return Retry()
    if batch.inputs > 1:
        return Alone()
    if batch.commands:
        return Refuse(error)
    if not batch.taken.received:
        return Retry()
    (received,) = batch.taken.received
    place = received.source, received.seq
    if suspects.get(place, 0) + 1 >= TRIES:
        return Quarantine(place, "apply.failed", type(error).__name__)
    return Suspect(place)


def report(error: Exception, service: str, shard: int) -> None:
    """Log and count a failure; what cannot be decided is reported where it is decided."""
    if is_away(error):
        log.warning("shard.away", service=service, shard=shard, error=type(error).__name__)
    elif not isinstance(error, Undecidable):
        log.error("shard.failed", service=service, shard=shard, exc_info=error)
        count("shard.failed")


async def load(store: Store, service: Service, shard: int, head: Head) -> Loaded:
    """Fold what is committed of a shard whose head was taken over: the newest snapshot, then the rest of the log."""
    decider = service.decider
    snapshot = await store.snapshot(shard)
    if snapshot is not None and snapshot.format == decider.snapshot_format and snapshot.seq <= head.seq:
        state, begin = decider.load(shard, snapshot.data), snapshot.seq
    else:
        state, begin = decider.initial(shard), 0
    async for chunk in store.fold(shard, after=begin):
        for recorded in chunk:
            decider.evolve(state, recorded.fact, recorded.at)
        await asyncio.sleep(0)
    if service.opened is not None:
        await service.opened()
    blocked = {dead.stream for dead in await store.dead_letters(shard)}
    return Loaded(head, state, begin, await store.cursors(shard), blocked)
