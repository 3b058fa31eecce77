"""Each law is broken once here, and its finding names the place."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas import months
from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.ledger import BillIssued, EntryPosted
from schemas.facts.ledger_lines import BillLine
from schemas.facts.matcher import (
    EndedLine,
    MadeLine,
    MatchesEnded,
    MatchesMade,
    PledgeOpened,
    PledgeReshaped,
    RosterFixed,
    RosterLine,
)
from schemas.facts.notifier import NoticeLine, NoticeLines, NoticesRequested, NoticesSent
from schemas.logs import ServiceName
from services.gateway.domain.state import GatewayDecider
from services.ops.verify.finding import Finding
from services.ops.verify.logs import Chains, Examiner, Fold, Snapshots
from services.ops.verify.money import Books
from services.ops.verify.notices import Notices
from services.ops.verify.slots import Slots
from services.runtime.contract import Written as Stored
from tests.support.written import AT, Written, name

PLEDGE, DONOR, WORKER, OTHER = name("plg", 1), name("don", 1), name("wrk", 1), name("wrk", 2)


def examined(examiner: Examiner, service: ServiceName, facts: Iterable[Fact]) -> dict[str, Finding]:
    log = Written(service)
    for fact in facts:
        examiner.see(log.add(fact))
    return {finding.law: finding for finding in examiner.findings()}


def entry(*moves: tuple[str, int]) -> EntryPosted:
    return EntryPosted(pledge=PLEDGE, what="test", about=PLEDGE, postings=dict(moves))


def bill(month: str, *workers: str, total_idr: int | None = None) -> BillIssued:
    matches = (name("mat", 1),) * len(workers)
    line = BillLine(idr=16_800, tariff="jkk_jkm.x", workers=workers, matches=matches)
    total = 16_800 * len(workers) if total_idr is None else total_idr
    return BillIssued(
        remittance=name("rem", 1), pledge=PLEDGE, donor=DONOR, city="36.72", month=month,
        lines=(line,), workers=len(workers), total_idr=total,
    )  # fmt: skip


def opened(slots: int) -> PledgeOpened:
    return PledgeOpened(
        pledge=PLEDGE, donor=DONOR, donor_kind="company", language="id", city="36.72", slots=slots, starts="2026-12",
        until="2027-05", payment="direct", programmes=("jkk", "jkm"), transport_only=False,
    )  # fmt: skip


def made(number: int, worker: str, first: str = "2026-12", last: str = "2027-05") -> MatchesMade:
    line = MadeLine(
        matches=(name("mat", number),), workers=(worker,), occupation="ojek", from_month=first, until=last, reason="new"
    )
    return MatchesMade(pledge=PLEDGE, lines=(line,), workers=1)


def ended(number: int, worker: str, last: str) -> MatchesEnded:
    line = EndedLine(matches=(name("mat", number),), workers=(worker,), last_month=last, reason="moved")
    return MatchesEnded(pledge=PLEDGE, lines=(line,), workers=1)


# -- books -----------------------------------------------------------------------------------------------------------


def test_books_that_balance_hold() -> None:
    promised = entry((f"donor:{DONOR}:promises", -100), (f"pledge:{PLEDGE}:promised", 100))
    found = examined(Books(), "ledger", [promised, bill("2026-12", WORKER, OTHER)])
    assert {law: finding.state for law, finding in found.items()} == {
        "books": "holds",
        "sides": "holds",
        "iuran": "holds",
    }


def test_an_entry_that_is_off_breaks_the_books_and_is_named() -> None:
    off = entry((f"donor:{DONOR}:promises", -100), (f"pledge:{PLEDGE}:promised", 99))
    found = examined(Books(), "ledger", [off])["books"]
    assert found.state == "broken"
    assert found.detail.startswith("ledger/0/1: the entry is off by -1 rupiah")


def test_an_account_that_was_once_on_the_wrong_side_of_zero_is_named() -> None:
    there, back = f"donor:{DONOR}:promises", f"pledge:{PLEDGE}:held"
    found = examined(Books(), "ledger", [entry((there, 100), (back, -100)), entry((there, -100), (back, 100))])
    assert found["sides"].state == "broken"
    assert f"ledger/0/1: {there} has a balance of 100 rupiah" in found["sides"].detail


def test_an_account_outside_the_chart_is_named() -> None:
    found = examined(Books(), "ledger", [entry(("donor:x:slush", -1), (f"pledge:{PLEDGE}:held", 1))])
    assert "donor:x:slush is no account of the chart" in found["sides"].detail


def test_a_worker_billed_twice_for_a_month_is_named() -> None:
    found = examined(Books(), "ledger", [bill("2026-12", WORKER), bill("2026-12", OTHER, WORKER)])["iuran"]
    assert found.state == "broken"
    assert f"ledger/0/2: {WORKER} is billed twice for 2026-12" in found.detail


def test_a_worker_billed_for_two_months_is_no_breach() -> None:
    assert examined(Books(), "ledger", [bill("2026-12", WORKER), bill("2027-01", WORKER)])["iuran"].state == "holds"


def test_a_bill_whose_lines_do_not_make_its_total_is_named() -> None:
    found = examined(Books(), "ledger", [bill("2026-12", WORKER, total_idr=1)])["iuran"]
    assert "do not make its total" in found.detail


# -- slots -----------------------------------------------------------------------------------------------------------


def test_a_slot_that_goes_to_another_worker_is_no_breach() -> None:
    facts = [opened(1), made(1, WORKER), ended(1, WORKER, "2027-01"), made(2, OTHER, "2027-02")]
    assert examined(Slots(), "matcher", facts)["slots"].state == "holds"


def test_a_pledge_above_its_slots_in_one_month_is_named() -> None:
    facts = [opened(1), made(1, WORKER), ended(1, WORKER, "2027-02"), made(2, OTHER, "2027-02")]
    assert f"{PLEDGE} has 2 workers on 1 slots in 2027-02" in examined(Slots(), "matcher", facts)["slots"].detail


def test_a_worker_with_two_sponsors_in_a_month_is_named() -> None:
    found = examined(Slots(), "matcher", [opened(2), made(1, WORKER), made(2, WORKER, "2027-05", "2027-05")])["slots"]
    assert f"{WORKER} has two sponsors in 2027-05" in found.detail


def test_fewer_slots_than_were_used_in_fixed_months_are_no_breach() -> None:
    line = RosterLine(occupation="ojek", workers=(WORKER, OTHER), matches=(name("mat", 1), name("mat", 2)))
    roster = RosterFixed(city="36.72", month="2026-12", pledge=PLEDGE, part=1, lines=(line,), workers=2)
    fewer = PledgeReshaped(pledge=PLEDGE, slots=1, until="2027-05")
    facts = [opened(2), made(1, WORKER), made(2, OTHER), roster, fewer, ended(2, OTHER, "2026-12")]
    assert examined(Slots(), "matcher", facts)["slots"].state == "holds"


def test_a_roster_longer_than_the_pledge_is_named() -> None:
    workers, matches = (tuple(name(prefix, n) for n in (1, 2)) for prefix in ("wrk", "mat"))
    line = RosterLine(occupation="ojek", workers=workers, matches=matches)
    roster = RosterFixed(city="36.72", month="2026-12", pledge=PLEDGE, part=1, lines=(line,), workers=2)
    assert "2 workers on 1 slots in 2026-12" in examined(Slots(), "matcher", [opened(1), roster])["slots"].detail


# -- notices ---------------------------------------------------------------------------------------------------------


def owed(*subjects: str) -> NoticesRequested:
    lines = tuple(NoticeLine(recipient=WORKER, subject=subject, params={}) for subject in subjects)
    return NoticesRequested(about=PLEDGE, template="matched", language="id", not_before=AT, params={}, lines=lines)


def sent(of: int, *lines: int) -> NoticesSent:
    return NoticesSent(notices=(NoticeLines(of=of, lines=lines),), channel="mailbox", attempt=1)


@pytest.mark.parametrize(
    ("facts", "breach"),
    [
        ([owed("k"), owed("k")], f"the notice matched/{WORKER}/k is requested twice"),
        ([owed("k", "k")], f"the notice matched/{WORKER}/k is requested twice"),
        ([owed("k", "l"), sent(1, 0, 1), sent(1, 1)], "line 1 of 1 was sent twice by mailbox"),
        ([owed("k"), sent(1, 1)], "line 1 of 1 was never requested"),
        ([sent(7, 0)], "line 0 of 7 was never requested"),
    ],
)
def test_a_notice_that_is_owed_or_sent_twice_or_never_requested_is_found(facts: list[Fact], breach: str) -> None:
    found = examined(Notices(), "notifier", facts)["notices"]
    assert found.state == "broken"
    assert breach in found.detail


def test_notices_that_are_sent_once_each_keep_the_law() -> None:
    found = examined(Notices(), "notifier", [owed("k", "l"), sent(1, 0), sent(1, 1)])["notices"]
    assert (found.state, found.detail) == ("holds", "2 notices with keys of their own; 2 deliveries, none twice")


# -- logs ------------------------------------------------------------------------------------------------------------


def days(count: int) -> Written:
    log = Written("gateway")
    for number in range(count):
        log.add(DayBegan(day=months.first_day(months.add("2026-01", number))))
    return log


def chained(facts: Sequence[Stored], head: dict[str, Any] | None) -> dict[str, Finding]:
    chains = Chains()
    chains.begin("gateway", 0)
    for one in facts:
        chains.see(one)
    chains.end(head)
    return {finding.law: finding for finding in chains.findings()}


def test_a_log_as_it_was_written_holds() -> None:
    log = days(4)
    assert {finding.state for finding in chained(log.facts, log.head()).values()} == {"holds"}


def test_a_fact_that_is_gone_is_a_gap() -> None:
    log = days(4)
    found = chained(log.facts[:1] + log.facts[2:], log.head())["log"]
    assert found.detail.startswith("gateway/0: 3 follows 1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service", "ledger"), ("shard", 1), ("stream", "wrk_x"), ("kind", "day.ended"), ("version", 2),
        ("at", AT + timedelta(days=1)), ("actor", "operator/key_x"), ("cause", "ledger/0/1"), ("trace", "00-a-b-01"),
    ],
)  # fmt: skip
def test_an_attribute_that_was_changed_breaks_the_chain(field: str, value: Any) -> None:
    log = days(3)
    facts: list[Stored] = list(log.facts)
    facts[1] = Stored(replace(facts[1].envelope, **{field: value}), facts[1].body)
    assert "the hash does not follow" in chained(facts, log.head())["log"].detail


def test_a_body_that_was_changed_breaks_the_chain() -> None:
    log = days(3)
    facts: list[Stored] = list(log.facts)
    facts[1] = Stored(facts[1].envelope, b"{}")
    assert "gateway/0/2: the hash does not follow" in chained(facts, log.head())["log"].detail


def test_a_log_cut_off_at_its_end_is_not_what_the_head_says() -> None:
    log = days(3)
    assert "the head has 3, the last fact is 2" in chained(log.facts[:2], log.head())["head"].detail


def test_a_log_without_a_head_is_named() -> None:
    assert "gateway/0 has facts and no head" in chained(days(1).facts, None)["head"].detail


def folded(kept: dict[str, Any]) -> Finding:
    snapshots = Snapshots()
    fold = Fold("gateway/0", 0, GatewayDecider(), snapshots, kept)
    for one in days(3).facts:
        fold.see(one)
    (finding,) = snapshots.findings()
    return finding


def test_a_snapshot_that_is_the_fold_of_its_log_holds() -> None:
    kept = {"seq": 2, "format": GatewayDecider.snapshot_format, "data": b"2026-02-01"}
    assert folded(kept).state == "holds"


def test_a_snapshot_of_another_state_is_named() -> None:
    kept = {"seq": 2, "format": GatewayDecider.snapshot_format, "data": b"2026-03-01"}
    assert "gateway/0: the snapshot at 2 is not the fold" in folded(kept).detail


def test_a_snapshot_of_an_older_form_is_passed_over() -> None:
    assert folded({"seq": 2, "format": -1, "data": b"?"}).detail.startswith("0 snapshots")
