"""A year of a larger city, by seed: deeper chains than small histories have; a failure names the seed and the step."""

import random  # noqa: TID251 - seeded, so that a failure can be played again
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from schemas import months
from schemas.base import Fact
from services.matcher.domain.certificate import certify
from services.ops.certify import check
from tests.simulation.matcher.oracle import Book
from tests.simulation.matcher.world import CITY, World

if TYPE_CHECKING:
    from collections.abc import Callable

KECAMATAN = [f"36.72.0{number}" for number in range(1, 9)]
KELURAHAN = [f"{kecamatan}.100{number}" for kecamatan in KECAMATAN for number in range(1, 6)]
OCCUPATIONS = ["ojek", "sopir", "pedagang", "art", "nelayan", "marbot"]
STEPS = 1_200
CHECK_EVERY = 40


class Fate:
    """Draws what happens next."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - nothing secret
        self.world = World()
        self.workers = self.pledges = 0

    def next(self) -> list[Fact]:
        """One input, given to the world."""
        happenings: list[Callable[[], list[Fact]]] = [
            self.come,
            self.give,
            self.leave,
            self.change,
            lambda: self.world.day(self.chance.choice([1, 2, 7])),
            lambda: self.world.bill(months.add(months.of(self.world.today), self.chance.choice([-1, 0]))),
        ]
        return self.chance.choices(happenings, [100, 12, 8, 6, 10, 2])[0]()

    def come(self) -> list[Fact]:
        self.workers += 1
        area, occupation = self.chance.choice(KELURAHAN), self.chance.choice(OCCUPATIONS)
        until = months.add(months.of(self.world.today), self.chance.choice([500] * 9 + [3]))
        return self.world.worker(self.workers, area, occupation, self.chance.choice([1, 2, 2]), until=until)

    def give(self) -> list[Fact]:
        self.pledges += 1
        areas = self.chance.choice([[CITY], self.chance.sample(KECAMATAN, 2), self.chance.sample(KELURAHAN, 3)])
        named = self.chance.sample(range(1, self.workers + 20), 2) if self.chance.random() < 0.2 else []
        return self.world.pledge(
            self.pledges,
            self.chance.randint(1, 15),
            areas=areas,
            occupations=self.chance.sample(OCCUPATIONS, self.chance.choice([0, 1, 2])),
            workers=named,
            keep=self.chance.random() < 0.15,
            months=self.chance.choice([6, 12]),
            starts=months.add(months.of(self.world.today), self.chance.choice([0, 0, 1, 2])),
        )

    def leave(self) -> list[Fact]:
        on = self.world.today - timedelta(days=self.chance.choice([0, 3, 25]))
        return self.world.end(self.chance.randint(1, self.workers + 1), self.chance.choice(["died", "moved"]), on)

    def change(self) -> list[Fact]:
        number = self.chance.randint(1, self.pledges + 1)
        match self.chance.choice(["cancel", "slots", "months", "overdue", "settled", "settled"]):
            case "cancel":
                ahead = self.chance.choice([0, 1, 3])
                return self.world.cancel(number, months.add(months.of(self.world.today), ahead))
            case "slots":
                return self.world.amend(number, slots=self.chance.randint(1, 20))
            case "months":
                return self.world.amend(number, months=self.chance.randint(3, 14))
            case "overdue":
                return self.world.overdue(number)
            case _:
                return self.world.settled(number)


@pytest.mark.parametrize("seed", range(3))
def test_a_year_of_a_larger_city_stays_maximal(seed: int) -> None:
    fate, book = Fate(seed), Book(urgency=False)
    world = fate.world
    for step in range(STEPS):
        month = months.of(world.today)
        book.fold(fate.next(), month)
        if step % CHECK_EVERY == CHECK_EVERY - 1:
            instance = book.check()
            assert check(instance, certify(world.state.cities[CITY])) == [], f"seed {seed}, step {step}"
            world.reload()
    book.check()
    # named, because a failing comparison of calls would print the whole world
    replayed, live = world.decider.dump(world.replayed()), world.decider.dump(world.state)
    assert replayed == live, f"seed {seed}"
