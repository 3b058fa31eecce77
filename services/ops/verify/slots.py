"""The law that no pledge protects more workers in any month than it has slots, from the matcher's log alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from schemas import months
from schemas.facts.matcher import MatchesEnded, MatchesMade, PledgeOpened, PledgeReshaped, RosterFixed
from services.ops.verify.finding import Finding, Law
from services.runtime.contract import Recorded


@dataclass(slots=True)
class _Match:
    pledge: str
    worker: str
    first: str
    last: str


class Slots:
    """An examiner of the matcher's log: rosters when they are fixed, and all matches at the end."""

    def __init__(self) -> None:
        self._law = Law("slots")
        self._slots: dict[str, int] = {}
        #: the most slots that a pledge ever had: past months keep their slots
        self._most: dict[str, int] = {}
        self._matches: dict[str, _Match] = {}
        self._rosters: Counter[tuple[str, str]] = Counter()
        self._fixed: dict[str, str] = {}

    def see(self, one: Recorded) -> None:
        """Check terms, matches or a roster."""
        match one.fact:
            case PledgeOpened(pledge=pledge, slots=slots) | PledgeReshaped(pledge=pledge, slots=slots):
                self._slots[pledge] = slots
                self._most[pledge] = max(slots, self._most.get(pledge, 0))
            case MatchesMade(pledge=pledge, lines=made):
                for line in made:
                    for worker, match in line.pairs():
                        self._matches[match] = _Match(pledge, worker, line.from_month, line.until)
            case MatchesEnded(lines=ended):
                for end in ended:
                    for match in end.matches:
                        self._matches[match].last = end.last_month
            case RosterFixed() as fact:
                self._roster(fact, f"matcher/{one.shard}/{one.seq}")
            case _:
                pass

    def _roster(self, fact: RosterFixed, place: str) -> None:
        key = fact.pledge, fact.month
        self._rosters[key] += fact.workers
        self._fixed[fact.pledge] = max(fact.month, self._fixed.get(fact.pledge, ""))
        if self._rosters[key] > self._most.get(fact.pledge, 0):
            self._law.breach(
                f"{place}: {self._rosters[key]} workers on {self._most[fact.pledge]} slots in {fact.month}"
            )

    def findings(self) -> Iterator[Finding]:
        """Returns the one finding."""
        used: Counter[tuple[str, str]] = Counter()
        covered: set[tuple[str, str]] = set()
        for match in self._matches.values():
            for month in months.span(match.first, match.last):
                used[match.pledge, month] += 1
                if (match.worker, month) in covered:
                    self._law.breach(f"{match.worker} has two sponsors in {month}")
                covered.add((match.worker, month))
        for (pledge, month), number in sorted(used.items()):
            limit = self._most[pledge] if month <= self._fixed.get(pledge, "") else self._slots[pledge]
            if number > limit:
                self._law.breach(f"{pledge} has {number} workers on {limit} slots in {month}")
        yield self._law.finding(
            f"{len(self._matches):,} matches: no pledge above its slots, no worker with two sponsors, in any month"
        )
