"""The matcher's state of one shard: its cities, and where each worker and pledge is found.

Promises nothing but a place to look; `evolve` alone changes it.
"""

from dataclasses import dataclass, field
from datetime import date

from services.matcher.domain.city import City
from services.matcher.domain.model import Pledge, Worker
from services.matcher.domain.waiting_list import Distance


@dataclass(slots=True)
class State:
    """One shard. `now` is the month of today; before the first day that began, the month of the first fact."""

    distance: Distance
    now: int = 0
    today: date | None = None
    cities: dict[str, City] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    pledges: dict[str, Pledge] = field(default_factory=dict)

    def city(self, code: str) -> City:
        """The city with this code, made when it is new."""
        found = self.cities.get(code)
        if found is None:
            found = self.cities[code] = City(code, self.now, self.distance)
        return found

    def city_of(self, of: Worker | Pledge) -> City:
        """The city of a worker or pledge."""
        return self.cities[of.city]
