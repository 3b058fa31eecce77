"""Events as their owners would have recorded them, and as their readers receive them."""

from collections.abc import Sequence
from datetime import datetime

from schemas.base import Fact, kind_of
from schemas.envelope import COMMAND, GENESIS, Envelope, chain_hash
from schemas.logs import CATALOGUE, ServiceName
from services.runtime.contract import Received, Recorded
from services.runtime.shard.inbox import RawRecord


def envelope(
    fact: Fact,
    *,
    service: str,
    seq: int,
    at: datetime,
    shard: int = 0,
    cause: str = COMMAND,
    trace: str = "",
) -> Envelope:
    """The envelope of a fact, not yet chained."""
    return Envelope(
        service, shard, seq, fact.stream, kind_of(type(fact)), fact.VERSION, at, f"service/{service}", cause, trace
    )


def recorded(
    fact: Fact,
    *,
    service: ServiceName,
    seq: int,
    at: datetime,
    shard: int = 0,
    cause: str = COMMAND,
    trace: str = "",
    previous: bytes = GENESIS,
) -> Recorded:
    """A fact in its log, chained to the hash before it."""
    made = envelope(fact, service=service, seq=seq, at=at, shard=shard, cause=cause, trace=trace)
    body = CATALOGUE[service].codec.encode(fact)
    made.chain = chain_hash(previous, made, body)
    return Recorded(made, body, fact)


def chained(
    service: ServiceName, facts: Sequence[Fact], *, at: datetime, shard: int = 0, behind: Recorded | None = None
) -> list[Recorded]:
    """A whole log of a shard, or what follows a fact of it."""
    log: list[Recorded] = []
    first, previous = (behind.seq + 1, behind.chain) if behind else (1, GENESIS)
    for seq, fact in enumerate(facts, first):
        log.append(recorded(fact, service=service, seq=seq, at=at, shard=shard, previous=previous))
        previous = log[-1].chain
    return log


def received(
    fact: Fact, *, by: str, source: str, seq: int, at: datetime, shard: int = 0, cause: str = COMMAND, trace: str = ""
) -> Received:
    """A fact as a reader decides it; neither its bytes nor its chain matter any more."""
    made = envelope(fact, service=source, seq=seq, at=at, shard=shard, cause=cause, trace=trace)
    return Received(made, b"", fact, by)


def raw(one: Recorded, offset: int | None = None) -> RawRecord:
    """A fact as a record on its topic; by default each record follows the one before it."""
    where = one.seq - 1 if offset is None else offset
    return RawRecord(one.service, where, one.stream.encode(), one.body, tuple(one.envelope.headers()))
