"""The notices that exist, and the rules by which facts of other services lead to them. Pure.

`RULES` is the table: kind of fact to function. A new notice takes a template here and its rule, the words in
`templates/id` and `templates/en`, and a sample in `tests/support/notice_samples.py`.

- A swap of sponsors is silent: a worker loses nothing by it, and no text promises a sponsor or an end.
- A renewal, or a new sponsor after one that was lost, is `continued`: the worker may have been warned of a lapse.
- Who has died, was erased or opted out is known when a notice is sent, not here: such facts reach this shard in no
  fixed order with those of other services.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from schemas.base import Fact
from schemas.facts.ledger import (
    DonorSummarised,
    IuranConfirmed,
    PledgeOverdue,
    RemittancePaid,
    RemittancePrepared,
    WorkerLapsed,
)
from schemas.facts.matcher import LapsesForeseen, MatchesMade, PledgeMatched, PledgeOpened, PledgeRefused
from services.notifier.domain.templates import Owed, Template

# -- to workers --------------------------------------------------------------------------------------------------------

MATCHED: Final = Template("matched", "worker", {"pledge": "id", "from_month": "month"})
CONTINUED: Final = Template("continued", "worker", {"pledge": "id", "from_month": "month"})
_BY_REASON: Final = {
    "new": MATCHED,
    "named": MATCHED,
    "substitution": MATCHED,
    "renewal": CONTINUED,
    "rematch": CONTINUED,
}


def _matched(fact: MatchesMade) -> Iterator[Owed]:
    for line in fact.lines:
        template = _BY_REASON.get(line.reason)
        if template is not None:
            for worker, match in line.pairs():
                yield template.owed(worker, match, pledge=fact.pledge, from_month=line.from_month)


COVERED: Final = Template(
    "covered",
    "worker",
    {"pledge": "id", "month": "month", "covered_until": "month", "spell_months": "count", "iuran_idr": "idr"},
    for_leavers=True,
)


def _covered(fact: IuranConfirmed) -> Iterator[Owed]:
    for line in fact.lines:
        for worker in line.workers:
            yield COVERED.owed(
                worker,
                fact.month,
                pledge=line.pledge,
                month=fact.month,
                covered_until=line.covered_until,
                spell_months=line.spell_months,
                iuran_idr=line.idr,
            )


LAPSE: Final = Template("lapse", "worker", {"pledge": "id", "last_month": "month"}, recurs=True)


def _lapse(fact: LapsesForeseen) -> Iterator[Owed]:
    for line in fact.lines:
        yield LAPSE.owed(line.worker, line.last_month, pledge=fact.pledge, last_month=line.last_month)


LAPSED: Final = Template("lapsed", "worker", {"month": "month", "covered_until": "month"})


def _lapsed(fact: WorkerLapsed) -> Iterator[Owed]:
    yield LAPSED.owed(fact.worker, fact.month, month=fact.month, covered_until=fact.covered_until)


# -- to donors, about pledges ------------------------------------------------------------------------------------------

PLEDGE_ACCEPTED: Final = Template(
    "pledge_accepted",
    "donor",
    {"pledge": "id", "city": "city", "slots": "count", "starts": "month", "until": "month", "payment": "code"},
    event="pledge.accepted",
)


PLEDGE_REFUSED: Final = Template(
    "pledge_refused", "donor", {"pledge": "id", "code": "code"}, event="pledge.refused", recurs=True
)


def _refused(fact: PledgeRefused) -> Iterator[Owed]:
    if fact.donor is not None:
        yield PLEDGE_REFUSED.owed(fact.donor, fact.pledge, fact.code, pledge=fact.pledge, code=fact.code)


PLEDGE_MATCHED: Final = Template(
    "pledge_matched",
    "donor",
    {"pledge": "id", "filled": "count", "slots": "count"},
    event="pledge.matched",
    recurs=True,
)


# -- to donors, about months -------------------------------------------------------------------------------------------

BILL_DUE: Final = Template(
    "bill_due",
    "donor",
    {
        "remittance": "id",
        "city": "city",
        "month": "month",
        "workers": "count",
        "total_idr": "idr",
        "pay_code": "code",
        "due_on": "day",
        "payment": "code",
    },
    event="bill.due",
)


PAID: Final = Template(
    "paid",
    "donor",
    {"remittance": "id", "city": "city", "month": "month", "workers": "count", "total_idr": "idr", "paid_on": "day"},
    event="bill.paid",
)


OVERDUE: Final = Template(
    "overdue",
    "donor",
    {"pledge": "id", "remittance": "id", "month": "month", "total_idr": "idr", "due_on": "day"},
    event="bill.overdue",
)


def _overdue(fact: PledgeOverdue) -> Iterator[Owed]:
    yield OVERDUE.owed(
        fact.donor,
        fact.pledge,
        fact.remittance,
        language=fact.language,
        pledge=fact.pledge,
        remittance=fact.remittance,
        month=fact.month,
        total_idr=fact.idr,
        due_on=fact.due_on,
    )


SUMMARY: Final = Template(
    "summary",
    "donor",
    {"city": "city", "month": "month", "workers": "count", "confirmed_idr": "idr", "rejected": "count"},
    event="month.summary",
)


# -- the table ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """What a kind of fact leads to: notices of some templates, as a function finds them."""

    notices: Callable[[Any], Iterator[Owed]]
    templates: tuple[Template, ...]


def _to_donor(template: Template, *about: str) -> Rule:
    """One notice to a fact's donor about some of its fields; parameters of the template are fields by their names."""

    def notices(fact: Any) -> Iterator[Owed]:
        subject = [str(getattr(fact, name)) for name in about]
        params = {name: getattr(fact, name) for name in template.params}
        yield template.owed(fact.donor, *subject, language=fact.language, **params)

    return Rule(notices, (template,))


RULES: Final[dict[type[Fact], Rule]] = {
    MatchesMade: Rule(_matched, (MATCHED, CONTINUED)),
    IuranConfirmed: Rule(_covered, (COVERED,)),
    LapsesForeseen: Rule(_lapse, (LAPSE,)),
    WorkerLapsed: Rule(_lapsed, (LAPSED,)),
    PledgeOpened: _to_donor(PLEDGE_ACCEPTED, "pledge"),
    PledgeRefused: Rule(_refused, (PLEDGE_REFUSED,)),
    PledgeMatched: _to_donor(PLEDGE_MATCHED, "pledge", "filled"),
    RemittancePrepared: _to_donor(BILL_DUE, "remittance"),
    RemittancePaid: _to_donor(PAID, "remittance"),
    PledgeOverdue: Rule(_overdue, (OVERDUE,)),
    DonorSummarised: _to_donor(SUMMARY, "city", "month"),
}
CATALOGUE: Final[dict[str, Template]] = {t.name: t for rule in RULES.values() for t in rule.templates}
RECURRING: Final = frozenset(template.name for template in CATALOGUE.values() if template.recurs)


def notices_for(fact: Fact) -> Iterator[Owed]:
    """The notices owed because of a fact of another service. Raises `KeyError` for a kind without a rule."""
    return RULES[type(fact)].notices(fact)
