"""Reads every log once, from its first fact to its head, and passes each fact to its examiners.

Checks that sequence numbers have no gap, that the hash chain holds, that the head row names the last fact, and that a
snapshot is the fold of the log. Must not know what a fact means.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.envelope import GENESIS, chain_hash
from services.ops.verify.finding import Finding, Law
from services.runtime.base.postgres import Row
from services.runtime.contract import Decider, Recorded, Written

#: a stored row by the names of its columns
Facts = Row | Mapping[str, Any]


class Examiner(Protocol):
    """Checks each fact of a log, shard by shard and in order."""

    def see(self, one: Recorded) -> None:
        """Check one fact."""
        ...

    def findings(self) -> Iterable[Finding]:
        """Returns the findings."""
        ...


@dataclass
class Chains:
    """Numbers, hashes and heads of all logs."""

    chain: Law = field(default_factory=lambda: Law("log"))
    heads: Law = field(default_factory=lambda: Law("head"))
    facts: dict[str, int] = field(default_factory=dict)
    _place: tuple[str, int] = ("", 0)
    _seq: int = 0
    _chain: bytes = GENESIS

    def begin(self, service: str, shard: int) -> None:
        """Begin a log."""
        self._place, self._seq, self._chain = (service, shard), 0, GENESIS
        self.facts.setdefault(service, 0)

    def see(self, one: Written) -> None:
        """Check a stored fact before it is decoded."""
        service, shard = self._place
        if one.seq != self._seq + 1:
            self.chain.breach(f"{service}/{shard}: {one.seq} follows {self._seq}")
        if one.chain != chain_hash(self._chain, one.envelope, one.body):
            self.chain.breach(f"{one.position}: the hash does not follow from the facts before it")
        self._seq, self._chain = one.seq, one.chain
        self.facts[service] += 1

    def end(self, head: Facts | None) -> None:
        """End a log: its head row must name the last fact."""
        service, shard = self._place
        self.heads.counted += 1
        if head is None:
            self.heads.breach(f"{service}/{shard} has facts and no head")
        elif (head["seq"], head["chain"]) != (self._seq, self._chain):
            self.heads.breach(f"{service}/{shard}: the head has {head['seq']}, the last fact is {self._seq}")

    def findings(self) -> Iterator[Finding]:
        """Returns the findings of chains and heads."""
        facts = ", ".join(f"{service} {number:,}" for service, number in self.facts.items())
        yield self.chain.finding(f"numbers without a gap and hash chains unbroken: {facts} facts")
        yield self.heads.finding(f"{self.heads.counted} head rows name the last fact of their logs")


@dataclass
class Snapshots:
    """Compares snapshots with the fold of the log."""

    law: Law = field(default_factory=lambda: Law("snapshot"))

    def see(self, place: str, decider: Decider[Any], state: Any, kept: Facts) -> None:
        """Compare a state that was folded up to a snapshot's number."""
        self.law.counted += 1
        if decider.dump(state) != bytes(kept["data"]):
            self.law.breach(f"{place}: the snapshot at {kept['seq']} is not the fold of the log")

    def findings(self) -> Iterator[Finding]:
        """Returns the one finding."""
        yield self.law.finding(f"{self.law.counted} snapshots are the fold of their logs")


@dataclass
class Fold:
    """The state of one shard, folded from its first fact on."""

    place: str
    shard: int
    decider: Decider[Any]
    snapshots: Snapshots
    kept: Facts | None
    state: Any = None

    def __post_init__(self) -> None:
        """Begin with the initial state."""
        self.state = self.decider.initial(self.shard)
        if self.kept is not None and self.kept["format"] != self.decider.snapshot_format:
            self.kept = None

    def see(self, one: Recorded) -> None:
        """Fold one fact."""
        self.decider.evolve(self.state, one.fact, one.at)
        if self.kept is not None and one.seq == self.kept["seq"]:
            self.snapshots.see(self.place, self.decider, self.state, self.kept)


def findings_of(examiners: Sequence[Examiner]) -> Iterator[Finding]:
    """Returns the findings of all examiners."""
    for examiner in examiners:
        yield from examiner.findings()
