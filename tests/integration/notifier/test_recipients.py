"""Who is notified, in which language, by which channel and at which hour; and who is not."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.base import Fact
from schemas.facts.gateway import DonorRegistered, PersonErased, PreferencesSet, WorkerEnded
from schemas.facts.notifier import NoticesSuppressed
from schemas.unsubscribe import person_of
from services.notifier.outbound.contacts import Contact
from services.notifier.outbound.sender import Sender
from services.settings import Notices
from tests.support.notices import (
    AT,
    an_id,
    confirmed,
    lapse_foreseen,
    lapsed,
    match_made,
    pledge_matched,
    remittance_prepared,
)
from tests.support.notifier_shards import (
    KEY,
    QUIETLY,
    Book,
    Hand,
    Shards,
    calls_to,
    hook,
    send_all,
    sender,
)
from tests.support.post import post_office
from tests.support.receiver import Receiver

DONOR, WORKER = an_id("don"), an_id("wrk")


async def test_a_notice_of_the_night_is_not_sent_before_morning(shards: Shards, book: Book, hand: Hand) -> None:
    night = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
    await shards.tell(match_made(), at=night)
    hand.at = night + timedelta(hours=8, minutes=59)
    assert await sender(shards, book, hand, QUIETLY).turn() == 0
    hand.turn(minutes=1)
    assert await sender(shards, book, hand, QUIETLY).turn() == 1


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (PreferencesSet(person=WORKER, opted_out=True), "recipient.opted_out"),
        (PersonErased(person=WORKER, certificate="0" * 64), "recipient.erased"),
        (WorkerEnded(worker=WORKER, reason="died", on=date(2026, 12, 1)), "recipient.died"),
        (PreferencesSet(person=WORKER, channels=("email",)), "recipient.no_channel"),
    ],
)
async def test_a_person_who_must_not_or_will_not_be_notified_is_not(
    shards: Shards, book: Book, hand: Hand, choice: PersonErased, code: str
) -> None:
    await shards.tell(match_made())
    await shards.tell(choice)
    await send_all(sender(shards, book, hand, QUIETLY))
    (last,) = [r.fact for r in shards.log if isinstance(r.fact, NoticesSuppressed)]
    assert (last.code, shards.sent()) == (code, 0)


async def test_a_person_gets_mail_in_the_language_and_by_the_channel_of_his_choice(
    shards: Shards, book: Book, hand: Hand
) -> None:
    book.pages[WORKER] = Contact("Budi Santoso", email="budi@mail.example")
    await shards.tell(PreferencesSet(person=WORKER, language="en", channels=("email",)), confirmed(1))
    with post_office() as mind:
        settings = Notices(
            channels=("mailbox", "email"),
            smtp_host="127.0.0.1",
            smtp_port=mind.port,
            smtp_tls="none",
            unsubscribe_url="https://sekul.example/v1/unsubscribe/",
        )
        await send_all(sender(shards, book, hand, settings))
    (mail,) = mind.mails
    assert mail["Subject"] == (
        "BPJS confirmed your contribution for January 2027: protected until the end of January 2027"
    )
    assert person_of(KEY, mail["List-Unsubscribe"].strip("<>").rpartition("/")[2]) == WORKER
    assert await shards.rows("SELECT channel, state FROM deliveries") == [("email", "sent")]


async def test_a_late_notice_waits_for_the_end_of_quiet_hours(
    shards: Shards, book: Book, hand: Hand, there: Receiver
) -> None:
    book.pages[DONOR] = Contact(webhooks=(hook(there),))
    await shards.tell(remittance_prepared(1))
    there.answer(500)
    one = sender(shards, book, hand, QUIETLY)
    await send_all(one)
    await shards.tell(remittance_prepared(2))
    # A stop of half a day: now it is night, a system is called again, and no first word goes out.
    hand.turn(hours=13)
    await send_all(one)
    assert await shards.rows("SELECT state FROM notices") == [("sent",)]
    assert len(await shards.rows("SELECT notice FROM owed")) == 1
    hand.turn(hours=10)
    await send_all(one)
    assert await shards.rows("SELECT state FROM notices") == [("sent",), ("sent",)]


@pytest.mark.parametrize("foreboding", [match_made(), lapse_foreseen(), lapsed()])
async def test_a_worker_who_has_left_receives_no_notice_of_what_is_to_come(
    shards: Shards, book: Book, hand: Hand, foreboding: Fact
) -> None:
    await shards.tell(foreboding, WorkerEnded(worker=WORKER, reason="formal_job", on=date(2026, 12, 1)))
    await send_all(sender(shards, book, hand, QUIETLY))
    (last,) = [r.fact for r in shards.log if isinstance(r.fact, NoticesSuppressed)]
    assert last.code == "recipient.ended"


async def test_a_worker_who_moved_away_is_still_notified_of_his_last_covered_month(
    shards: Shards, book: Book, hand: Hand
) -> None:
    await shards.tell(WorkerEnded(worker=WORKER, reason="moved", on=date(2026, 12, 1)), confirmed(1))
    await send_all(sender(shards, book, hand, QUIETLY))
    assert shards.kinds() == ["notices.requested", "notices.sent"]


async def test_a_person_who_opts_out_between_two_attempts_is_not_notified(
    shards: Shards, hand: Hand, there: Receiver, billing: Sender
) -> None:
    there.answer(500)
    await send_all(billing)
    await shards.tell(PreferencesSet(person=DONOR, opted_out=True))
    hand.turn(hours=1)
    await send_all(billing)
    assert calls_to(there, 1) == 1
    assert await shards.rows("SELECT channel, state FROM deliveries") == [("webhook", "suppressed")]
    assert await shards.rows("SELECT mailbox_at IS NOT NULL FROM notices") == [(True,)]


async def test_a_channel_that_is_disabled_between_two_attempts_is_not_used(
    shards: Shards, hand: Hand, there: Receiver, billing: Sender
) -> None:
    there.answer(500)
    await send_all(billing)
    await shards.tell(PreferencesSet(person=DONOR, channels=("mailbox",)))
    hand.turn(hours=1)
    await send_all(billing)
    assert calls_to(there, 1) == 1
    assert (await shards.one("SELECT code FROM deliveries WHERE channel = 'webhook'"))[
        "code"
    ] == "recipient.channel_off"


async def test_a_person_who_opts_in_again_is_notified_again(shards: Shards, book: Book, hand: Hand) -> None:
    await shards.tell(PreferencesSet(person=WORKER, opted_out=True), PreferencesSet(person=WORKER, opted_out=False))
    await shards.tell(match_made())
    await send_all(sender(shards, book, hand, QUIETLY))
    assert shards.kinds()[-1] == "notices.sent"


async def test_a_donor_is_written_to_in_the_language_chosen_last(shards: Shards, book: Book, hand: Hand) -> None:
    await shards.tell(DonorRegistered(donor=DONOR, donor_kind="company", language="id"))
    await shards.tell(PreferencesSet(person=DONOR, language="en"), pledge_matched(3))
    due = sender(shards, book, hand, QUIETLY)._due
    (job,) = await due.jobs(0, AT, excluding=[], limit=10)
    assert job.notice.language == "en"
