"""Commands about months, payments and days: from what is known to facts and an answer, or to a refusal."""

from datetime import date
from typing import Any

from schemas.facts.common import DayBegan
from schemas.facts.gateway import CycleBillingRequested, CycleClosingRequested, PaymentReported, WorkerEnded
from services.gateway.domain.command import Decided
from services.gateway.domain.command_context import CycleRow, RemittanceRow
from services.gateway.domain.cycles import ReportPayment, RequestBilling, RequestClosing
from services.gateway.domain.days import BeginDay
from tests.support.gateway_decides import COMMON, DON, OTHER_DONOR, REM, WRK, context, worker


def bill(month: str = "2026-12") -> RequestBilling:
    return RequestBilling(**COMMON, city="36.72", month=month)


def test_a_month_is_billed_once() -> None:
    fact = CycleBillingRequested(city="36.72", month="2026-12")
    context().when(bill()).then(fact, status=200).and_again_nothing()


def test_a_month_far_ahead_is_not_billed_yet_and_a_month_passed_by_not_any_more() -> None:
    context().when(bill("2027-01")).refused("cycle.too_early")
    context(CycleRow("36.72", "2026-10", passed=True)).when(bill("2026-10")).refused("cycle.passed")


def close() -> RequestClosing:
    return RequestClosing(**COMMON, city="36.72", month="2026-12")


def test_only_a_billed_month_is_closed_and_only_once() -> None:
    context().when(close()).refused("cycle.not_billed")
    context(CycleRow("36.72", "2026-12", billed=True)).when(close()).then(
        CycleClosingRequested(city="36.72", month="2026-12"), status=200
    )
    context(CycleRow("36.72", "2026-12", billed=True, closed=True)).when(close()).then(status=200)


def pay(amount_idr: int = 168_000, **changes: Any) -> ReportPayment:
    return ReportPayment(
        **(COMMON | changes), remittance=REM, amount_idr=amount_idr, paid_on=date(2026, 11, 24), channel="va"
    )


def test_a_payment_is_on_record_also_when_it_does_not_fit() -> None:
    due = RemittanceRow(REM, DON, "36.72", "2026-12", 168_000, None)
    for amount, fits in ((168_000, True), (1, False)):
        decided = context(due).when(pay(amount)).first
        assert isinstance(decided, Decided)
        assert (len(decided.facts), decided.body["fits"]) == (1, fits)
        assert isinstance(decided.facts[0], PaymentReported)


def test_of_equal_payments_in_one_batch_only_the_first_fits() -> None:
    payment = context(RemittanceRow(REM, DON, "36.72", "2026-12", 168_000, None)).when(pay())
    assert isinstance(payment.first, Decided)
    assert isinstance(payment.second, Decided)
    assert (payment.first.body["fits"], payment.second.body["fits"]) == (True, False)


def test_a_payment_for_nothing_known_is_refused() -> None:
    context().when(pay()).refused("remittance.unknown")
    due = RemittanceRow(REM, DON, "36.72", "2026-12", 168_000, None)
    context(due).when(pay(actor=OTHER_DONOR)).refused("remittance.unknown")


def begin(day: date) -> BeginDay:
    return BeginDay(**(COMMON | {"day": day}))


def test_a_day_begins_once_and_no_day_before_it() -> None:
    given = context(shard_day=date(2026, 11, 23))
    given.when(begin(date(2026, 11, 24))).then(DayBegan(day=date(2026, 11, 24)), status=200).and_again_nothing()
    context(shard_day=date(2026, 11, 23)).when(begin(date(2026, 11, 22))).then(status=200)


def test_who_turns_65_leaves_on_the_first_day_after_the_last_eligible_quarter() -> None:
    given = context(worker(eligible_until="2026-12"), aged_out=[(WRK, "2026-12")])
    given.when(begin(date(2027, 1, 1))).then(
        DayBegan(day=date(2027, 1, 1)), WorkerEnded(worker=WRK, reason="age", on=date(2027, 1, 1)), status=200
    )
    assert given.context.aged_out == []


def test_the_word_for_a_worker() -> None:
    assert worker().status("2026-12") == "waiting"
    assert worker(matched_until="2027-11").status("2026-12") == "matched"
    assert worker(matched_until="2026-11").status("2026-12") == "waiting"
    assert worker(matched_until="2027-11", covered_until="2026-12").status("2026-12") == "covered"
    assert worker(covered_until="2026-10", lapsed_month="2026-11").status("2026-12") == "lapsed"
    assert worker(covered_until="2026-12", ended_reason="moved").status("2026-12") == "ended"
    assert worker(erased=True).status("2026-12") == "ended"
