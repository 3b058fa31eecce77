"""The law that no other assignment covers more workers: each city's certificate, checked by independent code.

The certificate is made from the fold of the matcher's log, the instance it is compared with from the
matcher's tables.
"""

from collections.abc import Mapping
from typing import Any, Final

from schemas import months
from services.matcher.domain.certificate import certify
from services.matcher.domain.state import State
from services.ops import certify as checker
from services.ops.store import Store
from services.ops.verify.finding import Law
from services.runtime.base import ids
from services.runtime.base.postgres import Queries

SQL: Final = Queries("services.ops.verify", "matching.sql")
_PREFIXES: Final = {"match": "mat", "worker": "wrk", "pledge": "plg"}
_MONTHS: Final = frozenset({"eligible_until", "from_month", "until"})


def in_text(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a row of the tables `workers` or `matches` with its ids and months as the facts have them."""
    found = dict(row)
    for name, value in found.items():
        if name in _PREFIXES:
            found[name] = f"{_PREFIXES[name]}_{ids.encode(value.int)}"
        elif name in _MONTHS:
            found[name] = months.from_number(value)
    return found


class Matching:
    """Checks the cities of all shards."""

    def __init__(self, store: Store) -> None:
        self._connection = store.connection
        self.law = Law("matching")
        self._seated = self._waiting = 0

    async def see(self, state: State) -> None:
        """Check the cities of a shard whose log is folded to its head."""
        for code, city in state.cities.items():
            certificate = certify(city)
            workers, pledges, matches = [
                await self._connection.fetch(SQL[name], code) for name in ("workers", "pledges", "matches")
            ]
            instance = checker.instance_of(
                certificate["horizon"], list(map(in_text, workers)), pledges, list(map(in_text, matches))
            )
            self.law.counted += 1
            self._seated += certificate["seated"]
            self._waiting += certificate["waiting"]
            for wrong in checker.check(instance, certificate):
                self.law.breach(f"{code}: {wrong}")

    @property
    def words(self) -> str:
        """What was checked."""
        return (
            f"certificates of {self.law.counted} city shards: {self._seated:,} workers have a slot, "
            f"{self._waiting:,} wait, and no other assignment covers more"
        )
