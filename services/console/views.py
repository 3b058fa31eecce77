"""What screens derive from the answers of the public API. Must not fetch and must not retype an answer's fields."""

from datetime import datetime
from typing import Self

from schemas.days import jakarta_day
from schemas.http.events import EventAnswer
from schemas.http.operations import COVERAGE_TARGET_PERCENT, AreaCoverage, CycleAnswer, ServiceHealth
from schemas.reference import regions


class Cover(AreaCoverage):
    """An area with its distance to the target."""

    @classmethod
    def of(cls, area: str, *, workers: int = 0, matched: int = 0, covered: int = 0) -> Self:
        """An area with counts of our own: a sum, or an area that the API does not list."""
        share = covered / workers if workers else 0.0
        counts = {"workers": workers, "matched": matched, "covered": covered}
        return cls(area=area, name=regions.name(area), share=share, target=COVERAGE_TARGET_PERCENT / 100, **counts)

    @property
    def percent(self) -> int:
        """The share covered, rounded down: 79.9% has not reached 80%."""
        return _percent(self.covered, self.workers)

    @property
    def percent_matched(self) -> int:
        """The share matched or covered, rounded down."""
        return _percent(max(self.matched, self.covered), self.workers)

    @property
    def reached(self) -> bool:
        """Whether the target is reached."""
        return self.workers > 0 and self.covered * 100 >= self.workers * COVERAGE_TARGET_PERCENT

    @property
    def missing(self) -> int:
        """How many more must be covered to reach the target."""
        needed = -(-self.workers * COVERAGE_TARGET_PERCENT // 100)
        return max(0, needed - self.covered)


def _percent(part: int, whole: int) -> int:
    return part * 100 // whole if whole else 0


class Cycle(CycleAnswer):
    """A month with the number of its open worker-months."""

    @property
    def open_months(self) -> int:
        """How many worker-months are not settled."""
        return sum(exception["worker_months"] for exception in self.exceptions or [])


class Event(EventAnswer):
    """An event with what its id and type say."""

    @property
    def kind(self) -> str:
        """The kind: the type without prefix and version."""
        return self.type.removeprefix("sekul.").rpartition(".v")[0]

    @property
    def service(self) -> str:
        """The service whose log it is in."""
        return self.id.partition("/")[0]

    @property
    def day(self) -> str:
        """The day in Jakarta."""
        return jakarta_day(datetime.fromisoformat(self.time)).isoformat()


class Health(ServiceHealth):
    """A service with one verdict."""

    @property
    def good(self) -> bool:
        """Whether the service is live and ready."""
        return self.live and self.ready
