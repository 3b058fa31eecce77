"""Chance for the demonstration: the same seed makes the same people, on every machine and in every order of asking.

Each draw is a hash of the seed and of what the draw is for, so that more draws in one place change nothing elsewhere.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import count
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A row of draws that belongs to a seed and a purpose."""

    def __init__(self, seed: int, *purpose: object) -> None:
        self._name = "/".join(map(str, (seed, *purpose)))
        self._numbers = count()

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` (not included)."""
        words = f"{self._name}#{next(self._numbers)}".encode()
        return int.from_bytes(blake2b(words, digest_size=8).digest(), "big") % limit

    def between(self, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def percent(self, share: int) -> bool:
        """True in `share` of a hundred cases."""
        return self.below(100) < share

    def one(self, among: Sequence[T]) -> T:
        """One of several things, each as likely."""
        return among[self.below(len(among))]

    def weighed(self, among: Mapping[T, int]) -> T:
        """One of several things, as likely as its weight."""
        left = self.below(sum(among.values()))
        for thing, weight in among.items():
            left -= weight
            if left < 0:
                return thing
        raise ValueError("nothing to choose from")

    def some(self, among: Sequence[T], number: int) -> list[T]:
        """Several of several things, each at most once, in their order."""
        left = list(range(len(among)))
        taken = [left.pop(self.below(len(left))) for _ in range(min(number, len(among)))]
        return [among[index] for index in sorted(taken)]
