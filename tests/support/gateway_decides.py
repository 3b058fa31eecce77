"""Given a context, when a command is decided, then these facts: the gateway's decisions in sentences."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from schemas.base import Fact
from services.gateway.domain.command import Decided, GatewayCommand
from services.gateway.domain.command_context import (
    CommandContext,
    CycleRow,
    DonorRow,
    PledgeRow,
    RemittanceRow,
    WorkerRow,
)
from services.gateway.domain.roles import Actor
from services.runtime.base.errors import Refused
from services.runtime.vault import Sealed, Wrapped

DON, OTHER_DON = "don_01m85mg280f58bwqstenh5dw9z", "don_01m85mg280eepshbzxw57hw3ey"
PLG = "plg_01m85mg280e1etvw6e1ybftrkd"
WRK, OTHER_WRK = "wrk_01m85mg280fvkbbkdtr1qqwcjb", "wrk_01m85mg280fxy9dv290hf301jc"
REM = "rem_01m85mg280fxy9dv290hf301jc"
OPERATOR = Actor("operator", "operator")
DONOR = Actor("key_d", "donor", donor=DON)
OTHER_DONOR = Actor("key_o", "donor", donor=OTHER_DON)
FIELD = Actor("key_f", "field", areas=("36.72.02",))
COMMON: dict[str, Any] = {"at": datetime(2026, 11, 24, 2, tzinfo=UTC), "day": date(2026, 11, 24), "actor": OPERATOR}
SEALED = Sealed(WRK, Wrapped("v", b"key"), b"data")


@dataclass
class Given:
    """A context to decide in; `when` decides, folds the answer and decides again, which must lead to no new fact."""

    context: CommandContext = field(default_factory=CommandContext)
    again: bool = True

    def when(self, command: GatewayCommand) -> "Then":
        """Decide a command."""
        decided = command.decide(self.context)
        if isinstance(decided, Decided):
            for fact in decided.facts:
                self.context.fold(fact)
        return Then(decided, command.decide(self.context))


@dataclass
class Then:
    """What came of a command, and what came of asking again."""

    first: Decided | Refused
    second: Decided | Refused

    def then(self, *facts: Fact, status: int) -> "Then":
        """These facts, this status."""
        assert isinstance(self.first, Decided), self.first
        assert (list(self.first.facts), self.first.status) == (list(facts), status)
        return self

    def and_again_nothing(self) -> None:
        """Asked again, the answer is good and nothing happens."""
        assert isinstance(self.second, Decided), self.second
        assert list(self.second.facts) == []

    def refused(self, code: str, *places: str) -> None:
        """Refused for this reason, at these places."""
        assert isinstance(self.first, Refused), self.first
        assert (self.first.code, tuple(problem.pointer for problem in self.first.errors)) == (code, places)


def donor(*, erased: bool = False) -> DonorRow:
    return DonorRow(DON, "company", "id", erased=erased)


def pledge(**changes: Any) -> PledgeRow:
    row: dict[str, Any] = {
        "pledge": PLG, "donor": DON, "city": "36.72", "slots": 10, "months": 12, "starts": "2026-12",
        "cancelled_from": None, "status": "open", "until": "2027-11",
    }  # fmt: skip
    return PledgeRow(**(row | changes))


def worker(**changes: Any) -> WorkerRow:
    row: dict[str, Any] = {
        "worker": WRK, "city": "36.72", "area": "36.72.01.1001", "occupation": "ojek", "eligible_until": "2054-12",
        "ended_reason": None, "erased": False,
    }  # fmt: skip
    return WorkerRow(**(row | changes))


def context(*rows: Any, **more: Any) -> Given:
    made = CommandContext(**more)
    for row in rows:
        match row:
            case DonorRow():
                made.donors[row.donor] = row
            case PledgeRow():
                made.pledges[row.pledge] = row
            case WorkerRow():
                made.workers[row.worker] = row
            case RemittanceRow():
                made.remittances[row.remittance] = row
            case CycleRow():
                made.cycles[row.city, row.month] = row
    return Given(made)
