"""Which facts are worth telling, to whom, and in which words' parameters. Pure.

- A swap of sponsors is silent: a worker loses nothing by it, and no text promises him a sponsor or an end.
- A renewal, or a new sponsor after one that fell away, is told as `continued`: he may have been warned of a lapse.
- Who has died, was erased or opted out is known when a notice is sent, not here: such facts reach this shard in no
  fixed order with those of other services.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.base import Fact
from schemas.facts.gateway import Language
from schemas.facts.ledger import (
    DonorSummarised,
    IuranConfirmed,
    PledgeOverdue,
    RemittancePaid,
    RemittancePrepared,
    WorkerLapsed,
)
from schemas.facts.matcher import LapsesForeseen, MatchesMade, PledgeMatched, PledgeOpened, PledgeRefused

#: The language of workers, and of donors whose language the fact does not tell; a person's own choice goes before it.
DEFAULT_LANGUAGE: Language = "id"
_MATCH_TEMPLATES = {
    "new": "matched",
    "named": "matched",
    "substitution": "matched",
    "renewal": "continued",
    "rematch": "continued",
}


@dataclass(frozen=True)
class Owed:
    """A notice before it has an id and an hour."""

    template: str
    key: str
    recipient: str
    params: dict[str, str]
    language: Language = DEFAULT_LANGUAGE


#: the kinds of fact because of which somebody is told something
TOLD: Final[frozenset[type[Fact]]] = frozenset(
    {
        MatchesMade,
        LapsesForeseen,
        WorkerLapsed,
        IuranConfirmed,
        PledgeOpened,
        PledgeRefused,
        PledgeMatched,
        PledgeOverdue,
        RemittancePrepared,
        RemittancePaid,
        DonorSummarised,
    }
)


def owed_for(fact: Fact) -> Iterator[Owed]:
    """The notices owed because of a fact of another service; none for kinds that are not in `TOLD`."""
    match fact:
        case MatchesMade() | LapsesForeseen() | WorkerLapsed() | IuranConfirmed():
            yield from _to_workers(fact)
        case PledgeOpened() | PledgeRefused() | PledgeMatched() | PledgeOverdue():
            yield from _about_pledges(fact)
        case RemittancePrepared() | RemittancePaid() | DonorSummarised():
            yield from _about_months(fact)
        case _:
            return


def _to_workers(fact: MatchesMade | LapsesForeseen | WorkerLapsed | IuranConfirmed) -> Iterator[Owed]:
    match fact:
        case MatchesMade(pledge=pledge, lines=made):
            for match in made:
                if match.reason in _MATCH_TEMPLATES:
                    params = {"pledge": pledge, "from_month": match.from_month}
                    yield Owed(_MATCH_TEMPLATES[match.reason], f"matched/{match.match}", match.worker, params)
        case LapsesForeseen(pledge=pledge, lines=lapses):
            for lapse in lapses:
                params = {"pledge": pledge, "last_month": lapse.last_month}
                yield Owed("lapse", f"lapse/{lapse.worker}/{lapse.last_month}", lapse.worker, params)
        case WorkerLapsed():
            key = f"lapsed/{fact.worker}/{fact.month}"
            yield Owed("lapsed", key, fact.worker, _params(fact, "month", "covered_until"))
        case IuranConfirmed(month=month):
            for line in fact.lines:
                params = _params(line, "pledge", "covered_until", "spell_months")
                params |= {"month": month, "iuran_idr": str(line.idr)}
                yield Owed("covered", f"covered/{line.worker}/{month}", line.worker, params)


def _about_pledges(fact: PledgeOpened | PledgeRefused | PledgeMatched | PledgeOverdue) -> Iterator[Owed]:
    pledge = fact.pledge
    match fact:
        case PledgeOpened():
            params = _params(fact, "pledge", "city", "slots", "starts", "until", "payment")
            yield Owed("pledge_accepted", f"pledge_accepted/{pledge}", fact.donor, params, fact.language)
        case PledgeRefused(donor=str(donor), code=code):
            yield Owed("pledge_refused", f"pledge_refused/{pledge}/{code}", donor, _params(fact, "pledge", "code"))
        case PledgeMatched(filled=filled):
            params = _params(fact, "pledge", "filled", "slots")
            yield Owed("pledge_matched", f"pledge_matched/{pledge}/{filled}", fact.donor, params, fact.language)
        case PledgeOverdue(idr=idr):
            params = _params(fact, "pledge", "remittance", "month", "due_on") | {"total_idr": str(idr)}
            yield Owed("overdue", f"overdue/{pledge}/{fact.remittance}", fact.donor, params, fact.language)


def _about_months(fact: RemittancePrepared | RemittancePaid | DonorSummarised) -> Iterator[Owed]:
    match fact:
        case RemittancePrepared(remittance=remittance):
            params = _params(
                fact, "remittance", "city", "month", "workers", "total_idr", "pay_code", "due_on", "payment"
            )
            yield Owed("bill_due", f"bill_due/{remittance}", fact.donor, params, fact.language)
        case RemittancePaid(remittance=remittance):
            params = _params(fact, "remittance", "city", "month", "workers", "total_idr", "paid_on")
            yield Owed("paid", f"paid/{remittance}", fact.donor, params, fact.language)
        case DonorSummarised(donor=donor):
            params = _params(fact, "city", "month", "workers", "confirmed_idr", "rejected")
            yield Owed("summary", f"summary/{donor}/{fact.city}/{fact.month}", donor, params, fact.language)


def _params(fact: object, *names: str) -> dict[str, str]:
    return {name: str(getattr(fact, name)) for name in names}
