"""The ledger's small laws: what it decides on, balanced entries, sides of accounts, spells."""

import pytest

from schemas.logs import GATEWAY, MATCHER
from services.ledger.domain import accounts, spells
from services.ledger.domain.decider import DECISIONS
from services.ledger.domain.entries import entry
from services.runtime.base.errors import Defect
from tests.support.ledger import an_id


def test_decisions_are_about_facts_that_the_ledger_reads() -> None:
    assert set(DECISIONS) <= {*GATEWAY.codec.kinds.values(), *MATCHER.codec.kinds.values()}


def test_an_entry_that_does_not_balance_is_our_defect() -> None:
    with pytest.raises(Defect, match=r"entry\.unbalanced"):
        entry(
            "pledge.promised",
            ((accounts.promises("don_x"), -1), (accounts.book("plg_x", "promised"), 2)),
            pledge=an_id("plg", 1),
            about="x",
        )


@pytest.mark.parametrize(
    ("account", "forbidden"),
    [
        ("donor:don_x:promises", 1),
        ("pledge:plg_x:held", -1),
        ("payer:don_x:payable", -1),
        ("pool:don_x:cash", -1),
        ("bpjs:payable", 1),
        ("bpjs:refundable", 1),
    ],
)
def test_every_account_has_a_side_of_zero_that_it_never_sees(account: str, forbidden: int) -> None:
    assert accounts.forbidden(account, forbidden)
    assert not accounts.forbidden(account, -forbidden)
    assert not accounts.forbidden(account, 0)


@pytest.mark.parametrize("account", ["bpjs:cash", "donor:don_x:cash", "pledge:plg_x", "nonsense"])
def test_an_account_outside_the_chart_is_unknown(account: str) -> None:
    with pytest.raises(KeyError):
        accounts.kind_of(account)


@pytest.mark.parametrize(
    ("confirmed", "until", "length"),
    [
        (["2026-12"], "2026-12", 1),
        (["2026-12", "2027-01", "2027-02"], "2027-02", 3),
        (["2027-02", "2026-12", "2027-01"], "2027-02", 3),
        (["2026-11", "2027-01"], "2027-01", 1),
        (["2000-01"], "2000-01", 1),
        (["2027-01", "2027-01"], "2027-01", 1),
    ],
)
def test_a_spell_is_the_run_of_months_that_ends_with_the_latest(confirmed: list[str], until: str, length: int) -> None:
    cover = 0
    for month in confirmed:
        cover = spells.confirm(cover, month)
    assert spells.latest(cover) == (until, length)
