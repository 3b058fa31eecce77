"""The sender on a real database and real receivers: once, by each way, tried again in time, and on record."""

import asyncio

import pytest
from standardwebhooks import Webhook as Judge

from schemas.facts.notifier import NoticesDelayed, NoticesFailed, NoticesSent
from services.notifier.domain.identity import uuid_of
from services.notifier.handlers.reports import Report, Reported
from services.notifier.outbound import sender as sending
from services.notifier.outbound.contacts import Contact, Webhook
from services.notifier.outbound.sender import Sender
from tests.support.notices import (
    AT,
    an_id,
    confirmed,
    match_made,
    remittance_prepared,
)
from tests.support.notifier_shards import (
    QUIETLY,
    SECRET,
    Book,
    Hand,
    Shards,
    calls_to,
    hook,
    send_all,
    sender,
)
from tests.support.receiver import Receiver, Reply

DONOR = an_id("don")


async def test_a_notice_lands_in_the_mailbox_once(shards: Shards, book: Book, hand: Hand) -> None:
    await shards.tell(match_made())
    for _ in range(3):
        await send_all(sender(shards, book, hand, QUIETLY))
    assert shards.kinds() == ["notices.requested", "notices.sent"]
    assert (await shards.one("SELECT state FROM notices"))["state"] == "sent"


async def test_the_mailbox_alone_needs_no_contact(shards: Shards, book: Book, hand: Hand) -> None:
    await shards.tell(confirmed(*range(50)))
    await send_all(sender(shards, book, hand, QUIETLY))
    assert (shards.sent(), book.asked) == (50, 0)
    assert shards.kinds() == ["notices.requested", "notices.sent"]


async def test_a_donors_systems_are_called_each(shards: Shards, book: Book, hand: Hand, there: Receiver) -> None:
    book.pages[DONOR] = Contact("PT Baja", webhooks=(hook(there, 1), hook(there, 2)))
    await shards.tell(remittance_prepared())
    await send_all(sender(shards, book, hand, QUIETLY))
    assert (calls_to(there, 1), calls_to(there, 2)) == (1, 1)
    assert Judge(SECRET).verify(there.calls[0].body, there.calls[0].headers)["type"] == "bill.due"


async def test_only_the_target_that_failed_is_tried_again(
    shards: Shards, book: Book, hand: Hand, there: Receiver
) -> None:
    book.pages[DONOR] = Contact("PT Baja", webhooks=(hook(there, 1), hook(there, 2)))
    await shards.tell(remittance_prepared())
    there.answer(500, 200)
    one = sender(shards, book, hand, QUIETLY)
    await send_all(one)
    assert (await shards.one("SELECT state FROM notices"))["state"] == "delayed"
    failed = 1 if there.calls[0].path == "/hook/1" else 2
    hand.turn(seconds=7)
    await send_all(one)
    assert (calls_to(there, failed), calls_to(there, 3 - failed)) == (2, 1)
    assert (await shards.one("SELECT state FROM notices"))["state"] == "sent"


async def test_a_retry_is_not_sooner_than_planned(hand: Hand, there: Receiver, billing: Sender) -> None:
    there.answer(500)
    await send_all(billing)
    hand.turn(seconds=4.9)
    await send_all(billing)
    assert calls_to(there, 1) == 1


async def test_a_retry_waits_as_long_as_the_receiver_asks(hand: Hand, there: Receiver, billing: Sender) -> None:
    there.answer(429, retry_after="3600")
    await send_all(billing)
    hand.turn(minutes=59)
    await send_all(billing)
    assert calls_to(there, 1) == 1
    hand.turn(minutes=14)
    await send_all(billing)
    assert calls_to(there, 1) == 2


async def test_after_ten_attempts_it_ends(shards: Shards, hand: Hand, there: Receiver, billing: Sender) -> None:
    there.answer(*[500] * 20)
    for _ in range(15):
        await send_all(billing)
        hand.turn(hours=29)
    assert calls_to(there, 1) == 10
    assert sum(isinstance(r.fact, NoticesDelayed) for r in shards.log) == 9
    assert isinstance(shards.log[-1].fact, NoticesFailed)
    assert (await shards.one("SELECT state FROM notices"))["state"] == "failed"


async def test_a_system_that_is_gone_gets_no_later_notice_either(
    shards: Shards, book: Book, hand: Hand, there: Receiver
) -> None:
    book.pages[DONOR] = Contact(webhooks=(hook(there),))
    await shards.tell(remittance_prepared(1))
    there.answer(410)
    one = sender(shards, book, hand, QUIETLY)
    await send_all(one)
    await shards.tell(remittance_prepared(2))
    await send_all(one)
    assert calls_to(there, 1) == 1
    assert (await shards.one("SELECT webhook FROM webhooks_gone"))["webhook"] == an_id("whk")


async def test_a_notice_in_flight_is_not_sent_twice(there: Receiver, billing: Sender) -> None:
    for _ in range(5):
        await billing.turn()
    await billing.drain(10)
    assert calls_to(there, 1) == 1


async def test_what_went_out_is_recorded_when_the_shard_is_back(
    shards: Shards, there: Receiver, billing: Sender
) -> None:
    await billing.turn()
    shards.away = True
    await asyncio.sleep(0.5)
    shards.away = False
    await billing.drain(10)
    await send_all(billing)
    assert (calls_to(there, 1), shards.sent()) == (1, 2)


async def called(there: Receiver) -> None:
    """Wait until a call has arrived, and no turn of the event loop longer."""
    async with asyncio.timeout(30):
        while not there.calls:
            await asyncio.sleep(0)


async def test_after_a_crash_before_the_record_the_same_id_goes_out_again(
    shards: Shards, book: Book, hand: Hand, there: Receiver
) -> None:
    book.pages[DONOR] = Contact(webhooks=(hook(there),))
    await shards.tell(remittance_prepared())
    crashed = sender(shards, book, hand, QUIETLY)
    await crashed.turn()
    await called(there)
    shards.lost = True
    await crashed.drain(10)
    shards.lost = False
    await send_all(sender(shards, book, hand, QUIETLY))
    first, second = there.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert shards.sent() == 2


async def test_what_cannot_be_recorded_is_not_sent_at_every_turn(
    shards: Shards, book: Book, hand: Hand, there: Receiver
) -> None:
    book.pages[DONOR] = Contact(webhooks=(hook(there),))
    await shards.tell(remittance_prepared())
    shards.broken = True
    one = sender(shards, book, hand, QUIETLY)
    for _ in range(5):
        await one.turn()
        await one.drain(10)
    assert calls_to(there, 1) == 1


async def test_a_repeated_report_adds_nothing(shards: Shards, book: Book, hand: Hand) -> None:
    await shards.tell(match_made())
    await send_all(sender(shards, book, hand, QUIETLY))
    notice = (await shards.one("SELECT notice FROM notices"))["notice"]
    before = len(shards.log)
    again = Report(notice=notice, result=NoticesSent, channel="mailbox", attempt=1)
    await shards.submit(0, Reported(at=AT, reports=(again,)))
    assert len(shards.log) == before


async def test_two_senders_of_one_shard_record_one_attempt(
    shards: Shards, book: Book, hand: Hand, there: Receiver
) -> None:
    book.pages[DONOR] = Contact(webhooks=(hook(there),))
    await shards.tell(remittance_prepared())
    first, second = (sender(shards, book, hand, QUIETLY) for _ in range(2))
    await asyncio.gather(first.turn(), second.turn())
    await asyncio.gather(first.drain(10), second.drain(10))
    assert shards.sent() == 2


async def test_a_slow_system_does_not_hold_up_the_mailbox(
    shards: Shards, book: Book, hand: Hand, there: Receiver
) -> None:
    book.pages[DONOR] = Contact(webhooks=(Webhook(an_id("whk"), there.url(), SECRET),))
    await shards.tell(remittance_prepared(), match_made())
    one = sender(shards, book, hand, QUIETLY, timeout_s=2)
    there.replies.append(Reply(silent=True))
    await one.turn()
    assert await shards.rows("SELECT recipient FROM notices WHERE state = 'sent'") == [(uuid_of(an_id("wrk")),)]
    await one.drain(10)


async def test_a_second_notice_of_one_key_is_not_sent(shards: Shards, book: Book, hand: Hand) -> None:
    # Upstream promises that this cannot happen; the table is the law all the same.
    await shards.tell(match_made())
    await shards.tell(match_made())
    await send_all(sender(shards, book, hand, QUIETLY))
    assert shards.kinds() == ["notices.requested", "notices.requested", "notices.sent"]
    assert shards.sent() == 1


async def test_the_loop_wakes_up_when_something_is_owed(
    shards: Shards, book: Book, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "POLL_S", 60)
    one = sender(shards, book, hand, QUIETLY)
    running = asyncio.create_task(one.run())
    await asyncio.sleep(0.1)
    await shards.tell(match_made())
    one._wake.set()
    async with asyncio.timeout(30):
        while "notices.sent" not in shards.kinds():
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert shards.kinds() == ["notices.requested", "notices.sent"]


async def test_a_stop_waits_for_what_is_on_its_way(shards: Shards, book: Book, hand: Hand, there: Receiver) -> None:
    book.pages[DONOR] = Contact(webhooks=(hook(there),))
    one = sender(shards, book, hand, QUIETLY)
    await shards.tell(remittance_prepared())
    running = asyncio.create_task(one.run())
    await called(there)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert shards.sent() == 2
