"""What must hold of a matcher's log, worked out from its facts alone: shares no code with the matcher.

`Book.fold` takes the facts one by one and checks what each may do; `Book.check` asks whether the whole is maximal.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from ortools.graph.python.max_flow import SimpleMaxFlow

from schemas import months
from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.matcher import (
    MatchesEnded,
    MatchesMade,
    MonthFixed,
    PledgeEnded,
    PledgeOpened,
    PledgeReshaped,
    PledgeResumed,
    PledgeSuspended,
    RosterFixed,
    WorkerListed,
    WorkerUnlisted,
)
from services.ops.certify import Instance, instance_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A match as it is made."""

    match: str
    worker: str
    occupation: str
    from_month: str
    until: str
    reason: str


@dataclass(frozen=True)
class Ended:
    """The end of a match."""

    match: str
    worker: str
    last_month: str
    reason: str


def made_by(fact: MatchesMade) -> list[tuple[str, Made]]:
    """The matches of a fact, one by one, each behind its pledge."""
    return [
        (fact.pledge, Made(match, worker, line.occupation, line.from_month, line.until, line.reason))
        for line in fact.lines
        for worker, match in zip(line.workers, line.matches, strict=True)
    ]


def most_coverable(instance: Instance, wanted: Iterable[str]) -> int:
    """How many of these workers can have a slot at once, pinned ones staying where they are: by OR-Tools."""
    flow = SimpleMaxFlow()
    nodes = {name: number for number, name in enumerate(instance.pledges, start=2)}
    pinned = {name for name, seat in instance.seats.items() if instance.pledges[seat].pins}
    taken = Counter(instance.seats[name] for name in pinned)
    for name, pledge in instance.pledges.items():
        flow.add_arc_with_capacity(nodes[name], 1, max(0, pledge.slots - taken[name]))
    asked = list(wanted)
    for number, name in enumerate((name for name in asked if name not in pinned), start=len(nodes) + 2):
        flow.add_arc_with_capacity(0, number, 1)
        for pledge in instance.pledges.values():
            if pledge.admits(instance.workers[name]):
                flow.add_arc_with_capacity(number, nodes[pledge.id], 1)
    if not flow.num_arcs() or flow.num_nodes() < 2:
        return len(pinned)
    assert flow.solve(0, 1) == flow.OPTIMAL
    return int(flow.optimal_flow()) + len(pinned & set(asked))


@dataclass
class Book:
    """The rows that the log comes to. With `urgency`, each new match is checked to be the most urgent possible."""

    urgency: bool = True
    seniority: bool = True
    workers: dict[str, Row] = field(default_factory=dict)
    pledges: dict[str, Row] = field(default_factory=dict)
    matches: dict[str, Row] = field(default_factory=dict)
    of_worker: dict[str, list[Row]] = field(default_factory=dict)
    rosters: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    fixed: str = ""
    now: str = ""
    listed: int = 0
    moving: dict[str, None] = field(default_factory=dict)
    swapped: set[str] = field(default_factory=set)

    @property
    def horizon(self) -> str:
        """The first month in which everything may still change."""
        after = months.add(self.fixed, 1) if self.fixed else ""
        return max(after, months.add(self.now, 1))

    def instance(self) -> Instance:
        """The city at its horizon month."""
        return instance_of(
            self.horizon, list(self.workers.values()), list(self.pledges.values()), list(self.matches.values())
        )

    def fold(self, facts: Iterable[Fact], month: str) -> None:
        """Take the facts that answer one input; `month` is that of the input's instant."""
        self.now = self.now or month
        self.swapped = set()
        covered: dict[str, set[str]] = {}
        for made, run in groupby(facts, lambda fact: isinstance(fact, MatchesMade)):
            if made:
                self._place([placed for fact in run if isinstance(fact, MatchesMade) for placed in made_by(fact)])
                continue
            for fact in run:
                if isinstance(fact, MatchesEnded):
                    names = [worker for line in fact.lines for worker in line.workers if worker not in covered]
                    covered |= {name: self._months(name) for name in names}
                self._take(fact)
        assert not self.moving, f"left without a sponsor by a swap: {list(self.moving)}"
        for name, before in covered.items():
            if name not in self.swapped:
                continue
            # the new pledge may end earlier than the one that was left; until then every month stays covered
            last = max(row["until"] for row in self.of_worker[name])
            lost = {month for month in before - self._months(name) if month <= last}
            assert not lost, f"{name} loses {lost}"

    def _months(self, worker: str) -> set[str]:
        covered: set[str] = set()
        for row in self.of_worker.get(worker, ()):
            span = months.span(row["from_month"], row["until"])
            assert covered.isdisjoint(span), f"{worker} has two sponsors in one of {span}"
            covered.update(span)
        return covered

    def check(self) -> Instance:
        """Slots, months and cover after an input."""
        for name in self.of_worker:
            self._months(name)
        used: Counter[tuple[str, str]] = Counter()
        for row in self.matches.values():
            for month in months.span(row["from_month"], row["until"]):
                used[row["pledge"], month] += 1
        for (pledge, month), count in used.items():
            if month > self.fixed:
                assert count <= self.pledges[pledge]["slots"], f"{pledge} has {count} workers in {month}"
        instance = self.instance()
        best = most_coverable(instance, instance.workers)
        assert len(instance.seats) == best, f"{len(instance.seats)} are covered where {best} could be"
        return instance

    # -- one fact after the other --------------------------------------------------------------------------------

    def _take(self, fact: Fact) -> None:
        match fact:
            case WorkerListed():
                row = fact.model_dump() | {"unlisted": None, "number": self.listed}
                self.workers[fact.worker] = row
                self.listed += 1
            case WorkerUnlisted():
                self.workers[fact.worker]["unlisted"] = fact.reason
            case PledgeOpened():
                scope = fact.scope.model_dump()
                self.pledges[fact.pledge] = fact.model_dump() | scope | {"status": "open"}
            case PledgeReshaped():
                self.pledges[fact.pledge] |= {"slots": fact.slots, "until": fact.until}
            case PledgeEnded() | PledgeSuspended() | PledgeResumed():
                status = {"pledge.ended": "ended", "pledge.suspended": "suspended", "pledge.resumed": "open"}
                self.pledges[fact.pledge]["status"] = status[fact.kind]
            case MatchesEnded():
                for line in fact.lines:
                    for worker, match in zip(line.workers, line.matches, strict=True):
                        self._ended(Ended(match, worker, line.last_month, line.reason))
            case RosterFixed():
                names = [worker for line in fact.lines for worker in line.workers]
                self.rosters.setdefault((fact.month, fact.pledge), []).extend(names)
            case MonthFixed():
                self._fix(fact)
            case DayBegan():
                self.now = max(self.now, months.of(fact.day))
            case _:
                pass

    def _place(self, lines: list[tuple[str, Made]]) -> None:
        """What was made between two facts of other kinds; the facts tell the order within each group only."""
        new = {line.worker for _, line in lines if line.reason not in {"swap", "named"}}
        if self.urgency and new:
            self._check_urgency(new, [(pledge, line) for pledge, line in lines if line.worker not in new])
        # a month before the horizon limits only those who begin in it
        for pledge, line in sorted(lines, key=lambda placed: placed[1].from_month):
            self._made(pledge, line)

    def _made(self, name: str, fact: Made) -> None:
        assert fact.match not in self.matches
        assert fact.from_month <= fact.until, "a match covers at least a month"
        assert fact.from_month > self.fixed, "fixed months stay as they are"
        pledge = self.pledges[name]
        assert pledge["starts"] <= fact.from_month, "no pledge pays before it starts"
        assert fact.until <= pledge["until"], "no pledge pays after its term"
        assert fact.from_month == self._earliest(name, fact), "a match begins as soon as worker and slot are free"
        if fact.reason == "swap":
            assert fact.worker in self.moving
        elif fact.reason == "named":
            assert fact.worker in pledge["workers"]
        self.moving.pop(fact.worker, None)
        self.matches[fact.match] = asdict(fact) | {"pledge": name, "ended": None}
        self.of_worker.setdefault(fact.worker, []).append(self.matches[fact.match])

    def _earliest(self, name: str, fact: Made) -> str:
        pledge = self.pledges[name]
        after_fixed = months.add(self.fixed, 1) if self.fixed else ""
        covered = [row["until"] for row in self.of_worker.get(fact.worker, ()) if row["from_month"] <= row["until"]]
        after_others = months.add(max(covered), 1) if covered else ""
        busy: Counter[str] = Counter()
        for row in self.matches.values():
            if row["pledge"] == name:
                busy.update(months.span(row["from_month"], row["until"]))
        earliest = max(pledge["starts"], after_fixed, self.now, after_others)
        full = [month for month in months.span(earliest, fact.until) if busy[month] >= pledge["slots"]]
        return months.add(full[-1], 1) if full else earliest

    def _ended(self, fact: Ended) -> None:
        row = self.matches[fact.match]
        assert fact.last_month <= row["until"], "an end never makes a match longer"
        if row["from_month"] <= self.fixed:
            assert fact.last_month >= min(self.fixed, row["until"]), "fixed months stay as they are"
        if fact.reason == "swapped":
            pledge = self.pledges[row["pledge"]]
            assert not pledge["keep"], "the workers of this pledge are never swapped"
            assert not pledge["workers"], "named workers are never swapped"
            self.moving[fact.worker] = None
            self.swapped.add(fact.worker)
        row |= {"until": fact.last_month, "ended": fact.reason}

    def _fix(self, fact: MonthFixed) -> None:
        assert fact.month > self.fixed
        wanted: dict[tuple[str, str], list[str]] = {}
        for row in self.matches.values():
            if row["from_month"] <= fact.month <= row["until"]:
                wanted.setdefault((fact.month, row["pledge"]), []).append(row["worker"])
        fixed = {key: sorted(names) for key, names in self.rosters.items() if key[0] == fact.month}
        assert fixed == {key: sorted(names) for key, names in wanted.items()}, "the roster is who is matched"
        everybody = [name for names in fixed.values() for name in names]
        assert (fact.pledges, fact.workers) == (len(fixed), len(everybody))
        assert len(set(everybody)) == len(everybody), "one sponsor per worker and month"
        self.fixed = fact.month

    def _check_urgency(self, new: set[str], others: Iterable[tuple[str, Made]]) -> None:
        """The most urgent of the new ones came first, and nobody ahead of them could be covered."""
        rows = [asdict(line) | {"pledge": pledge, "ended": None} for pledge, line in others]
        rows = [row for row in rows if self.pledges[row["pledge"]]["workers"]]
        instance = instance_of(
            self.horizon, list(self.workers.values()), list(self.pledges.values()), [*self.matches.values(), *rows]
        )
        covered = {*instance.seats, *self.moving}
        left = set(new)
        while left:
            shares = self._shares(covered)
            worker = min(left, key=lambda name: self._key(name, shares))
            mine = self._key(worker, shares)
            for name in instance.workers:
                if name not in covered and name not in left and self._key(name, shares) < mine:
                    assert most_coverable(instance, [*covered, name]) == len(covered), f"{name} comes before {worker}"
            left.discard(worker)
            covered.add(worker)

    def _shares(self, covered: Iterable[str]) -> dict[str, int]:
        registered = Counter(row["area"][:8] for row in self.workers.values() if row["unlisted"] is None)
        matched = Counter(self.workers[name]["area"][:8] for name in covered)
        return {kecamatan: matched[kecamatan] * 10**9 // count for kecamatan, count in registered.items()}

    def _key(self, name: str, shares: Mapping[str, int]) -> tuple[Any, ...]:
        row = self.workers[name]
        effective = [row for row in self.of_worker.get(name, ()) if row["from_month"] <= row["until"]]
        last = max((match["until"] for match in effective), default="")
        returning = bool(last) and last >= self.fixed
        kecamatan = row["area"][:8]
        urgency = (not returning, row["band"], shares[kecamatan], kecamatan)
        return (*urgency, row["number"]) if self.seniority else urgency
