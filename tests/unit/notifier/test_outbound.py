"""Who is reached by which channels, what webhooks carry, and what goes on record of an attempt."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from schemas.facts.notifier import NoticesDelayed, NoticesFailed, NoticesSent, NoticesSuppressed
from services.notifier.domain.identity import Place, id_at, text_of
from services.notifier.domain.notice_rules import CATALOGUE
from services.notifier.domain.quiet import QuietHours
from services.notifier.handlers.reports import Report
from services.notifier.outbound.contacts import Contact, Webhook
from services.notifier.outbound.due import Job
from services.notifier.outbound.plan import Notice, Target, body_of, channels_of, targets
from services.notifier.outbound.reports import Reporter
from services.notifier.outbound.results import Later, Never, Result, Sent
from services.notifier.outbound.webhook import retry_after
from tests.support.notices import AT, an_id, sample_params

HOOK = Webhook(an_id("whk"), "https://hook.example/", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
OTHER = replace(HOOK, id=an_id("whk", 2))
EVERYWHERE = Contact("Budi", "budi@mail.example", "+628123456789", (HOOK, OTHER))
ALL: Any = ("mailbox", "email", "messenger", "webhook")

ID = id_at(Place(0, 7, 0), AT)
TO_DONOR = Notice(
    id=ID,
    recipient=an_id("don"),
    template=CATALOGUE["bill_due"],
    language="id",
    params=sample_params("bill_due"),
    requested_at=AT,
)
TO_WORKER = replace(TO_DONOR, recipient=an_id("wrk"), template=CATALOGUE["covered"], params=sample_params("covered"))


@dataclass
class Still:
    """A clock that stands."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at


def reported(result: Result, *, target: Target, at: datetime = AT) -> Report:
    job = Job(TO_DONOR, EVERYWHERE, (target,))
    (report,) = Reporter(Still(at), QuietHours(21, 7), attempts_max=10).reports(job, [result])
    return report


def test_a_donor_is_reached_by_all_channels_in_use() -> None:
    assert channels_of(TO_DONOR, ALL) == ["mailbox", "email", "messenger", "webhook"]


def test_a_worker_has_no_systems_to_call() -> None:
    assert "webhook" not in channels_of(TO_WORKER, ALL)


def test_a_person_narrows_the_channels() -> None:
    assert channels_of(replace(TO_DONOR, channels=("email", "webhook")), ALL) == ["email", "webhook"]


def test_a_person_cannot_widen_the_channels() -> None:
    assert channels_of(replace(TO_DONOR, channels=("email", "messenger")), ("mailbox",)) == []


def test_each_webhook_is_a_target_of_its_own() -> None:
    assert [target.webhook for target in targets(["webhook"], EVERYWHERE, set())] == [HOOK.id, OTHER.id]


def test_a_webhook_that_is_gone_is_no_target() -> None:
    assert [target.webhook for target in targets(["webhook"], EVERYWHERE, {HOOK.id})] == [OTHER.id]


def test_an_address_that_nobody_left_is_no_target() -> None:
    assert targets(ALL, Contact(), set()) == [Target("mailbox")]


def test_a_webhook_carries_type_time_and_data() -> None:
    assert orjson.loads(body_of(TO_DONOR)) == {
        "type": "bill.due",
        "timestamp": "2026-12-01T02:00:00Z",
        "data": {
            "notice": text_of(ID),
            "donor": an_id("don"),
            "remittance": TO_DONOR.params["remittance"],
            "city": "36.72",
            "month": "2027-01",
            "workers": 1200,
            "total_idr": 16800,
            "pay_code": "direct",
            "due_on": "2027-01-15",
            "payment": "direct",
        },
    }


def test_a_success_is_on_record_as_sent() -> None:
    assert reported(Sent(), target=Target("webhook", HOOK.id, 3)) == Report(
        notice=ID, result=NoticesSent, channel="webhook", webhook=HOOK.id, attempt=3
    )


def test_a_failure_that_may_pass_is_tried_again() -> None:
    report = reported(Later("webhook.timeout"), target=Target("webhook", HOOK.id, 2))
    assert report.result is NoticesDelayed
    assert report.retry_at is not None
    assert timedelta(minutes=5) <= report.retry_at - AT <= timedelta(minutes=6)


def test_the_tenth_failure_is_the_last() -> None:
    report = reported(Later("webhook.timeout"), target=Target("webhook", HOOK.id, 10))
    assert (report.result, report.code, report.attempt) == (NoticesFailed, "webhook.timeout", 10)


def test_the_ninth_failure_is_not() -> None:
    assert reported(Later("webhook.timeout"), target=Target("webhook", HOOK.id, 9)).result is NoticesDelayed


def test_what_will_never_work_is_given_up_at_once() -> None:
    report = reported(Never("webhook.gone"), target=Target("webhook", HOOK.id, 1))
    assert (report.result, report.code) == (NoticesFailed, "webhook.gone")


def test_a_second_try_wakes_nobody() -> None:
    late = datetime(2026, 12, 1, 13, 58, tzinfo=UTC)
    report = reported(Later("email.deferred"), target=Target("email", None, 2), at=late)
    assert report.retry_at == datetime(2026, 12, 2, 0, 0, tzinfo=UTC)


def test_systems_are_called_at_night() -> None:
    late = datetime(2026, 12, 1, 13, 58, tzinfo=UTC)
    report = reported(Later("webhook.timeout"), target=Target("webhook", HOOK.id, 2), at=late)
    assert report.retry_at is not None
    assert report.retry_at < late + timedelta(minutes=7)


@pytest.mark.parametrize(("reason", "code"), [(None, "recipient.no_channel"), ("recipient.died", "recipient.died")])
def test_a_notice_that_goes_to_nobody_says_why(reason: str | None, code: str) -> None:
    job = Job(replace(TO_DONOR, suppress_reason=reason), Contact(), ())
    (report,) = Reporter(Still(), QuietHours(), 10).reports(job, [])
    assert report == Report(notice=ID, result=NoticesSuppressed, code=code)


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        (None, None),
        ("120", timedelta(minutes=2)),
        (" 5 ", timedelta(seconds=5)),
        ("Tue, 01 Dec 2026 02:01:00 GMT", timedelta(minutes=1)),
        ("Tue, 01 Dec 2026 01:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("\u0665", None),
        ("9" * 400, timedelta(seconds=999_999_999)),
    ],
)
def test_retry_after_is_read_in_both_its_forms_and_nonsense_is_ignored(
    header: str | None, asked: timedelta | None
) -> None:
    assert retry_after(header, AT) == asked


@pytest.mark.parametrize("personal", ["Budi", "budi@mail.example", "+628123456789", "hook.example", "whsec"])
def test_nothing_personal_shows_when_a_contact_or_a_target_is_printed(personal: str) -> None:
    assert personal not in repr(EVERYWHERE) + repr(Target("webhook", HOOK.id, 1, HOOK))
