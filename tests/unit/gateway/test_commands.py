"""The gateway's commands: from what is known to facts and an answer, or to a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.gateway import (
    ConsentGiven,
    CycleBillingRequested,
    CycleClosingRequested,
    PaymentReported,
    PersonErased,
    PersonRead,
    PledgeAmended,
    PledgeCancelled,
    PledgeRegistered,
    Scope,
    WebhookAdded,
    WorkerEnded,
    WorkerRegistered,
)
from services.gateway.domain.command import Decided, GatewayCommand
from services.gateway.domain.cycles import ReportPayment, RequestBilling, RequestClosing
from services.gateway.domain.days import BeginDay
from services.gateway.domain.donors import AddWebhook
from services.gateway.domain.people import ErasePerson, ReadPersons, SetPreferences
from services.gateway.domain.pledges import AmendPledge, CancelPledge, RegisterPledge
from services.gateway.domain.roles import Actor
from services.gateway.domain.terms import Quote, Terms
from services.gateway.domain.workers import EndWorker, RegisterWorker
from services.gateway.domain.world import CycleRow, DonorRow, PledgeRow, RemittanceRow, WorkerRow, World
from services.runtime.errors import Refused
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
    """A world to decide in; `when` decides, folds what follows and decides again: nothing new may come of it."""

    world: World = field(default_factory=World)
    again: bool = True

    def when(self, command: GatewayCommand) -> "Then":
        """Decide a command."""
        decided = command.decide(self.world)
        if isinstance(decided, Decided):
            for fact in decided.facts:
                self.world.fold(fact)
        return Then(decided, command.decide(self.world))


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


def world(*rows: Any, **more: Any) -> Given:
    made = World(**more)
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


def register_pledge(workers: Sequence[str] = (), **changes: Any) -> RegisterPledge:
    scope = Scope(areas=("36.72",), workers=tuple(workers))
    terms = Terms(
        "36.72", 10, 12, "2026-12", scope, "direct", ("jkk", "jkm"), keep=False, amount_idr=None, reference=None
    )
    return RegisterPledge(**(COMMON | changes), pledge=PLG, donor=DON, terms=terms, quote=Quote(10, (), ()))


def test_a_pledge_of_a_known_donor_is_registered_with_the_donors_kind_and_language() -> None:
    facts = world(donor()).when(register_pledge()).first
    assert isinstance(facts, Decided)
    [fact] = facts.facts
    assert isinstance(fact, PledgeRegistered)
    assert (fact.donor_kind, fact.language, fact.slots) == ("company", "id", 10)


def test_a_pledge_of_nobody_is_refused_at_its_place() -> None:
    world().when(register_pledge()).refused("body.invalid", "/donor")


def test_a_pledge_of_an_erased_donor_is_refused() -> None:
    world(donor(erased=True)).when(register_pledge()).refused("body.invalid", "/donor")


def test_nobody_pledges_for_another_donor() -> None:
    world(donor()).when(register_pledge(actor=OTHER_DONOR)).refused("body.invalid", "/donor")


def test_named_workers_must_exist_be_on_the_list_and_live_in_the_city() -> None:
    rows = (donor(), worker(worker=OTHER_WRK, city="36.04"))
    world(*rows).when(register_pledge([WRK, OTHER_WRK])).refused("body.invalid", "/scope/workers/0", "/scope/workers/1")
    world(donor(), worker(ended_reason="died")).when(register_pledge([WRK])).refused("body.invalid", "/scope/workers/0")


def cancel(from_month: str = "2027-03", **changes: Any) -> CancelPledge:
    return CancelPledge(**(COMMON | changes), pledge=PLG, from_month=from_month)


def test_a_pledge_is_cancelled_once() -> None:
    fact = PledgeCancelled(pledge=PLG, from_month="2027-03")
    world(pledge()).when(cancel()).then(fact, status=200).and_again_nothing()


def test_a_cancellation_may_be_brought_forward_but_not_put_off() -> None:
    earlier = PledgeCancelled(pledge=PLG, from_month="2027-03")
    world(pledge(cancelled_from="2027-06")).when(cancel()).then(earlier, status=200)
    world(pledge(cancelled_from="2027-02")).when(cancel()).refused("pledge.ended")


def test_the_past_cannot_be_cancelled() -> None:
    world(pledge()).when(cancel("2026-10")).refused("body.invalid", "/from")


def test_an_ended_pledge_cannot_be_cancelled() -> None:
    world(pledge(status="ended")).when(cancel()).refused("pledge.ended")


def test_another_donors_pledge_does_not_exist() -> None:
    world(pledge()).when(cancel(actor=OTHER_DONOR)).refused("pledge.unknown")
    world(pledge()).when(cancel(actor=DONOR)).then(PledgeCancelled(pledge=PLG, from_month="2027-03"), status=200)


def amend(slots: int | None = None, months: int | None = None) -> AmendPledge:
    return AmendPledge(**COMMON, pledge=PLG, slots=slots, months=months)


def test_an_amendment_says_only_what_changes() -> None:
    fact = PledgeAmended(pledge=PLG, slots=12, months=None)
    world(pledge()).when(amend(slots=12)).then(fact, status=200).and_again_nothing()


def test_the_same_terms_again_are_no_amendment() -> None:
    world(pledge()).when(amend(slots=10, months=12)).then(status=200)


def test_a_pledge_cannot_be_shortened_into_the_past() -> None:
    world(pledge(starts="2026-01")).when(amend(months=6)).refused("body.invalid", "/months")


def test_a_cancelled_pledge_cannot_be_amended() -> None:
    world(pledge(cancelled_from="2027-03")).when(amend(slots=2)).refused("pledge.ended")


def register_worker() -> RegisterWorker:
    return RegisterWorker(
        **COMMON, worker=WRK, nik="3672010101900001", area="36.72.01.1001", occupation="ojek", band=1,
        eligible_until="2054-12", consent_by="rt", consent_at=COMMON["at"], sealed=SEALED,
    )  # fmt: skip


def test_a_worker_with_a_new_nik_is_registered_with_the_consent_and_sealed() -> None:
    decided = world(owners={"3672010101900001": WRK}).when(register_worker()).first
    assert isinstance(decided, Decided)
    assert [type(fact) for fact in decided.facts] == [WorkerRegistered, ConsentGiven]
    assert (decided.status, decided.body, list(decided.stores)) == (201, {"id": WRK, "status": "waiting"}, [SEALED])


def test_a_known_nik_is_the_worker_who_has_it() -> None:
    known = worker(worker=OTHER_WRK, covered_until="2026-11")
    decided = world(known, owners={"3672010101900001": OTHER_WRK}).when(register_worker()).first
    assert isinstance(decided, Decided)
    assert (decided.status, decided.body, decided.facts, decided.stores) == (
        200, {"id": OTHER_WRK, "status": "covered"}, [], (),
    )  # fmt: skip


def end(reason: Any = "moved", **changes: Any) -> EndWorker:
    return EndWorker(**(COMMON | changes), worker=WRK, reason=reason, on=date(2026, 11, 20))


def test_a_worker_leaves_once() -> None:
    fact = WorkerEnded(worker=WRK, reason="moved", on=date(2026, 11, 20))
    world(worker()).when(end()).then(fact, status=200).and_again_nothing()


def test_who_died_cannot_move() -> None:
    world(worker(ended_reason="died")).when(end()).refused("worker.already_ended")


def test_a_worker_of_other_areas_does_not_exist() -> None:
    world(worker()).when(end(actor=FIELD)).refused("worker.unknown")
    world().when(end()).refused("worker.unknown")


def erase(person: str = WRK) -> ErasePerson:
    return ErasePerson(**COMMON, person=person)


def test_erasing_is_told_once_and_certified_each_time() -> None:
    fact = PersonErased(person=WRK, certificate="0" * 64)
    given = world(worker(), certificates={WRK: {"digest": "0" * 64}})
    given.when(erase()).then(fact, status=200).and_again_nothing()


def test_nobody_cannot_be_erased() -> None:
    world().when(erase()).refused("worker.unknown")
    world().when(erase(DON)).refused("donor.unknown")


def test_each_person_seen_is_on_record_with_who_saw() -> None:
    facts = [PersonRead(person=p, actor="operator", role="operator", fields=("name",)) for p in (WRK, OTHER_WRK)]
    world().when(ReadPersons(**COMMON, persons=[WRK, OTHER_WRK], fields=("name",))).then(*facts, status=200)


def test_preferences_are_taken_of_who_is_known() -> None:
    command = SetPreferences(**COMMON, person=DON, language="en", opted_out=True, channels=("email",))
    answer = world(donor()).when(command).first
    assert isinstance(answer, Decided)
    assert answer.body == {"id": DON, "language": "en", "opted_out": True, "channels": ["email"]}
    world().when(command).refused("donor.unknown")


def test_a_webhook_goes_to_the_vault_beside_those_before_it_and_its_secret_is_not_kept() -> None:
    command = AddWebhook(**COMMON, donor=DON, webhook="whk_01m85mg280fxy9dv290hf301jc", url="https://a.id", secret="s")
    given = world(donor(), records={DON: {"name": "PT", "webhooks": [{"id": "w0"}]}})
    decided = given.when(command).first
    assert isinstance(decided, Decided)
    assert decided.secret
    assert list(decided.facts) == [WebhookAdded(donor=DON, webhook="whk_01m85mg280fxy9dv290hf301jc")]
    [(person, record)] = decided.updates
    assert (person, record["name"], [hook["id"] for hook in record["webhooks"]]) == (
        DON, "PT", ["w0", "whk_01m85mg280fxy9dv290hf301jc"],
    )  # fmt: skip


def test_ten_webhooks_are_enough() -> None:
    command = AddWebhook(**COMMON, donor=DON, webhook="whk_01m85mg280fxy9dv290hf301jc", url="https://a.id", secret="s")
    world(donor(), records={DON: {"webhooks": [{}] * 10}}).when(command).refused("webhook.too_many")


def bill(month: str = "2026-12") -> RequestBilling:
    return RequestBilling(**COMMON, city="36.72", month=month)


def test_a_month_is_billed_once() -> None:
    fact = CycleBillingRequested(city="36.72", month="2026-12")
    world().when(bill()).then(fact, status=200).and_again_nothing()


def test_a_month_far_ahead_is_not_billed_yet_and_a_month_passed_by_not_any_more() -> None:
    world().when(bill("2027-01")).refused("cycle.too_early")
    world(CycleRow("36.72", "2026-10", passed=True)).when(bill("2026-10")).refused("cycle.passed")


def close() -> RequestClosing:
    return RequestClosing(**COMMON, city="36.72", month="2026-12")


def test_only_a_billed_month_is_closed_and_only_once() -> None:
    world().when(close()).refused("cycle.not_billed")
    world(CycleRow("36.72", "2026-12", billed=True)).when(close()).then(
        CycleClosingRequested(city="36.72", month="2026-12"), status=200
    )
    world(CycleRow("36.72", "2026-12", billed=True, closed=True)).when(close()).then(status=200)


def pay(amount_idr: int = 168_000, **changes: Any) -> ReportPayment:
    return ReportPayment(
        **(COMMON | changes), remittance=REM, amount_idr=amount_idr, paid_on=date(2026, 11, 24), channel="va"
    )


def test_a_payment_is_on_record_also_when_it_does_not_fit() -> None:
    due = RemittanceRow(REM, DON, "36.72", "2026-12", 168_000, None)
    for amount, fits in ((168_000, True), (1, False)):
        decided = world(due).when(pay(amount)).first
        assert isinstance(decided, Decided)
        assert (len(decided.facts), decided.body["fits"]) == (1, fits)
        assert isinstance(decided.facts[0], PaymentReported)


def test_a_payment_for_nothing_known_is_refused() -> None:
    world().when(pay()).refused("remittance.unknown")
    due = RemittanceRow(REM, DON, "36.72", "2026-12", 168_000, None)
    world(due).when(pay(actor=OTHER_DONOR)).refused("remittance.unknown")


def begin(day: date) -> BeginDay:
    return BeginDay(**(COMMON | {"day": day}))


def test_a_day_begins_once_and_no_day_before_it() -> None:
    given = world(shard_day=date(2026, 11, 23))
    given.when(begin(date(2026, 11, 24))).then(DayBegan(day=date(2026, 11, 24)), status=200).and_again_nothing()
    world(shard_day=date(2026, 11, 23)).when(begin(date(2026, 11, 22))).then(status=200)


def test_who_turns_65_in_a_month_leaves_with_its_first_day() -> None:
    given = world(worker(eligible_until="2026-11"), of_age=[(WRK, "2026-11")])
    given.when(begin(date(2026, 12, 1))).then(
        DayBegan(day=date(2026, 12, 1)), WorkerEnded(worker=WRK, reason="age", on=date(2026, 12, 1)), status=200
    )
    assert given.world.of_age == []


def test_the_word_for_a_worker() -> None:
    assert worker().status("2026-12") == "waiting"
    assert worker(matched_until="2027-11").status("2026-12") == "matched"
    assert worker(matched_until="2026-11").status("2026-12") == "waiting"
    assert worker(matched_until="2027-11", covered_until="2026-12").status("2026-12") == "covered"
    assert worker(covered_until="2026-10", lapsed_month="2026-11").status("2026-12") == "lapsed"
    assert worker(covered_until="2026-12", ended_reason="moved").status("2026-12") == "ended"
    assert worker(erased=True).status("2026-12") == "ended"
