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
        yield COVERED.owed(
            line.worker,
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


def _accepted(fact: PledgeOpened) -> Iterator[Owed]:
    params = _fields(fact, PLEDGE_ACCEPTED)
    yield PLEDGE_ACCEPTED.owed(fact.donor, fact.pledge, language=fact.language, **params)


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


def _filled(fact: PledgeMatched) -> Iterator[Owed]:
    params = _fields(fact, PLEDGE_MATCHED)
    yield PLEDGE_MATCHED.owed(fact.donor, fact.pledge, str(fact.filled), language=fact.language, **params)


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


def _due(fact: RemittancePrepared) -> Iterator[Owed]:
    yield BILL_DUE.owed(fact.donor, fact.remittance, language=fact.language, **_fields(fact, BILL_DUE))


PAID: Final = Template(
    "paid",
    "donor",
    {"remittance": "id", "city": "city", "month": "month", "workers": "count", "total_idr": "idr", "paid_on": "day"},
    event="bill.paid",
)


def _paid(fact: RemittancePaid) -> Iterator[Owed]:
    yield PAID.owed(fact.donor, fact.remittance, language=fact.language, **_fields(fact, PAID))


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


def _summary(fact: DonorSummarised) -> Iterator[Owed]:
    yield SUMMARY.owed(fact.donor, fact.city, fact.month, language=fact.language, **_fields(fact, SUMMARY))


def _fields(fact: Fact, template: Template) -> dict[str, object]:
    """The fields of a fact that are parameters of a template by the same name."""
    return {name: getattr(fact, name) for name in template.params}


# -- the table ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """What a kind of fact leads to: notices of some templates, as a function finds them."""

    notices: Callable[[Any], Iterator[Owed]]
    templates: tuple[Template, ...]


RULES: Final[dict[type[Fact], Rule]] = {
    MatchesMade: Rule(_matched, (MATCHED, CONTINUED)),
    IuranConfirmed: Rule(_covered, (COVERED,)),
    LapsesForeseen: Rule(_lapse, (LAPSE,)),
    WorkerLapsed: Rule(_lapsed, (LAPSED,)),
    PledgeOpened: Rule(_accepted, (PLEDGE_ACCEPTED,)),
    PledgeRefused: Rule(_refused, (PLEDGE_REFUSED,)),
    PledgeMatched: Rule(_filled, (PLEDGE_MATCHED,)),
    RemittancePrepared: Rule(_due, (BILL_DUE,)),
    RemittancePaid: Rule(_paid, (PAID,)),
    PledgeOverdue: Rule(_overdue, (OVERDUE,)),
    DonorSummarised: Rule(_summary, (SUMMARY,)),
}
CATALOGUE: Final[dict[str, Template]] = {t.name: t for rule in RULES.values() for t in rule.templates}
RECURRING: Final = frozenset(template.name for template in CATALOGUE.values() if template.recurs)


def notices_for(fact: Fact) -> Iterator[Owed]:
    """The notices owed because of a fact of another service. Raises `KeyError` for a kind without a rule."""
    return RULES[type(fact)].notices(fact)
