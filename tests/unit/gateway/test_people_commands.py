"""Commands about workers and the data of persons: from what is known to facts and an answer, or to a refusal."""

from datetime import date
from typing import Any

from schemas.facts.gateway import (
    Consent,
    PersonErased,
    PersonRead,
    WebhookAdded,
    WorkerEnded,
    WorkerRegistered,
)
from services.gateway.domain.command import Decided
from services.gateway.domain.donors import AddWebhook
from services.gateway.domain.people import ErasePerson, ReadPersons, SetPreferences
from services.gateway.domain.workers import CONSENT_TEXT, EndWorker, RegisterWorker
from tests.support.gateway_decides import COMMON, DON, FIELD, OTHER_WRK, SEALED, WRK, context, donor, worker


def register_worker() -> RegisterWorker:
    return RegisterWorker(
        **COMMON, worker=WRK, nik="3672010101900001", area="36.72.01.1001", occupation="ojek", band=1,
        eligible_until="2054-12", consent_by="rt", consent_at=COMMON["at"], sealed=SEALED,
    )  # fmt: skip


def test_a_worker_with_a_new_nik_is_registered_with_the_consent_and_sealed() -> None:
    decided = context(owners={"3672010101900001": WRK}).when(register_worker()).first
    assert isinstance(decided, Decided)
    [fact] = decided.facts
    assert isinstance(fact, WorkerRegistered)
    assert fact.consent == Consent(by="rt", given_at=COMMON["at"], text_version=CONSENT_TEXT)
    assert (decided.status, decided.body, list(decided.stores)) == (201, {"id": WRK, "status": "waiting"}, [SEALED])


def test_a_known_nik_is_the_worker_who_has_it() -> None:
    known = worker(worker=OTHER_WRK, covered_until="2026-11")
    decided = context(known, owners={"3672010101900001": OTHER_WRK}).when(register_worker()).first
    assert isinstance(decided, Decided)
    assert (decided.status, decided.body, decided.facts, decided.stores) == (
        200, {"id": OTHER_WRK, "status": "covered"}, [], (),
    )  # fmt: skip


def end(reason: Any = "moved", **changes: Any) -> EndWorker:
    return EndWorker(**(COMMON | changes), worker=WRK, reason=reason, on=date(2026, 11, 20))


def test_a_worker_leaves_once() -> None:
    fact = WorkerEnded(worker=WRK, reason="moved", on=date(2026, 11, 20))
    context(worker()).when(end()).then(fact, status=200).and_again_nothing()


def test_who_died_cannot_move() -> None:
    context(worker(ended_reason="died")).when(end()).refused("worker.already_ended")


def test_a_worker_of_other_areas_does_not_exist() -> None:
    context(worker()).when(end(actor=FIELD)).refused("worker.unknown")
    context().when(end()).refused("worker.unknown")


def erase(person: str = WRK) -> ErasePerson:
    return ErasePerson(**COMMON, person=person)


def test_erasing_is_recorded_once_and_certified_each_time() -> None:
    fact = PersonErased(person=WRK, certificate="0" * 64)
    given = context(worker(), certificates={WRK: {"digest": "0" * 64}})
    given.when(erase()).then(fact, status=200).and_again_nothing()


def test_nobody_cannot_be_erased() -> None:
    context().when(erase()).refused("worker.unknown")
    context().when(erase(DON)).refused("donor.unknown")


def test_each_person_seen_is_on_record_with_who_saw() -> None:
    facts = [PersonRead(person=p, actor="operator", role="operator", fields=("name",)) for p in (WRK, OTHER_WRK)]
    context().when(ReadPersons(**COMMON, persons=[WRK, OTHER_WRK], fields=("name",))).then(*facts, status=200)


def test_preferences_are_taken_of_who_is_known() -> None:
    command = SetPreferences(**COMMON, person=DON, language="en", opted_out=True, channels=("email",))
    answer = context(donor()).when(command).first
    assert isinstance(answer, Decided)
    assert answer.body == {"id": DON, "language": "en", "opted_out": True, "channels": ["email"]}
    context().when(command).refused("donor.unknown")


def test_a_webhook_goes_to_the_vault_beside_those_before_it_and_its_secret_is_not_kept() -> None:
    command = AddWebhook(**COMMON, donor=DON, webhook="whk_01m85mg280fxy9dv290hf301jc", url="https://a.id", secret="s")
    given = context(donor(), records={DON: {"name": "PT", "webhooks": [{"id": "w0"}]}})
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
    context(donor(), records={DON: {"webhooks": [{}] * 10}}).when(command).refused("webhook.too_many")
