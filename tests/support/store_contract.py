"""What every store of events promises: one suite, for the log in PostgreSQL and for the one in memory.

A test class inherits `StoreContract` and provides the fixture `store` and the method `inbox`.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.envelope import GENESIS
from schemas.facts.gateway import DonorRegistered
from services.runtime.base.errors import Fenced
from services.runtime.base.postgres import SMALL
from services.runtime.contract import Received, Recorded
from services.runtime.eventlog.store import Cursor, DeadLetter, Head, Snapshot, Store
from tests.support import events, toys

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


def facts(count: int) -> list[Recorded]:
    """The beginning of a gateway's log."""
    donors = [DonorRegistered(donor=toys.donor(n, AT), donor_kind="person", language="id") for n in range(count)]
    return events.chained("gateway", donors, at=AT)


def head_of(log: list[Recorded], epoch: int) -> Head:
    """Where a log ends."""
    return Head(epoch, len(log), log[-1].chain if log else GENESIS)


async def appended(store: Store, log: list[Recorded]) -> Head:
    """Take shard 0 over and write a whole log; returns its head."""
    taken = await store.take_over(0, "owner")
    head = head_of(log, taken.epoch)
    async with store.transaction(0) as tx:
        await tx.advance(taken, head, log)
    return head


def dead(seq: int, state: str = "dead", stream: str = "don_x") -> DeadLetter:
    """A dead letter from the matcher's log."""
    made = events.envelope(facts(1)[0].fact, service="matcher", seq=seq, at=AT)
    made.stream = stream
    made.chain = bytes(32)
    return DeadLetter(made, b"{}", "toy.code", "no", state)  # type: ignore[arg-type]


class StoreContract:
    """See the module."""

    async def inbox(self, store: Store) -> list[tuple[Any, ...]]:
        """What shard 0 keeps of other logs, in order: the log's owner, and the columns of each fact."""
        raise NotImplementedError

    async def test_a_log_begins_empty(self, store: Store) -> None:
        taken = await store.take_over(0, "owner")
        assert (taken.seq, taken.chain) == (0, GENESIS)
        assert await store.read(0, after=0, limit=10) == []

    async def test_what_is_appended_is_read_in_order(self, store: Store) -> None:
        log = facts(5)
        await appended(store, log)
        found = await store.read(0, after=1, limit=3)
        assert [(one.envelope, one.body) for one in found] == [(one.envelope, one.body) for one in log[1:4]]

    async def test_a_fold_decodes_everything_after_a_number(self, store: Store) -> None:
        log = facts(5)
        await appended(store, log)
        assert [one async for chunk in store.fold(0, after=2) for one in chunk] == log[2:]

    async def test_shards_are_apart(self, store: Store) -> None:
        await appended(store, facts(5))
        assert await store.read(1, after=0, limit=10) == []

    async def test_a_new_owner_continues_where_the_log_ends(self, store: Store) -> None:
        head = await appended(store, facts(3))
        taken = await store.take_over(0, "another")
        assert (taken.epoch, taken.seq, taken.chain) == (head.epoch + 1, head.seq, head.chain)

    async def test_more_facts_than_fit_into_one_statement_are_appended(self, store: Store) -> None:
        log = facts(SMALL + 1)
        await appended(store, log)
        assert [one.seq for one in await store.read(0, after=0, limit=len(log) + 1)] == [one.seq for one in log]

    async def test_a_former_owner_writes_nothing(self, store: Store) -> None:
        log = facts(2)
        head = await appended(store, log[:1])
        await store.take_over(0, "another")
        with pytest.raises(Fenced):
            async with store.transaction(0) as tx:
                await tx.advance(head, head_of(log, head.epoch), log[1:], {"matcher": Cursor(3, bytes(32), 2)})
        assert [one.seq for one in await store.read(0, after=0, limit=9)] == [1]
        assert await store.cursors(0) == {}

    async def test_a_former_owner_cannot_take_the_shard_back(self, store: Store) -> None:
        first = await store.take_over(0, "first")
        await store.take_over(0, "second")
        with pytest.raises(Fenced):
            await store.take_over(0, "first", expected_epoch=first.epoch)

    async def test_an_owner_takes_over_again_after_an_answer_was_lost(self, store: Store) -> None:
        first = await store.take_over(0, "first")
        await store.take_over(0, "first")
        assert (await store.take_over(0, "first", expected_epoch=first.epoch)).epoch == first.epoch + 2

    async def test_a_number_is_used_once(self, store: Store) -> None:
        head = await appended(store, facts(1))
        with pytest.raises(Fenced):
            async with store.transaction(0) as tx:
                await tx.advance(Head(head.epoch, 0, GENESIS), head)

    async def test_a_transaction_that_fails_leaves_no_trace(self, store: Store) -> None:
        taken = await store.take_over(0, "owner")
        log = facts(2)

        async def fails() -> None:
            async with store.transaction(0) as tx:
                await tx.advance(taken, head_of(log, taken.epoch), log, {"matcher": Cursor(3, bytes(32), 2)})
                await tx.store_dead([dead(4)])
                raise LookupError

        with pytest.raises(LookupError):
            await fails()
        assert await store.read(0, after=0, limit=10) == []
        assert await store.cursors(0) == {}
        assert await store.dead_letters(0) == []
        assert (await store.take_over(0, "owner")).seq == 0

    async def test_cursors_are_replaced(self, store: Store) -> None:
        head = await store.take_over(0, "owner")
        for cursors in ({"matcher": Cursor(3, bytes(32), 2), "ledger": Cursor(1)}, {"matcher": Cursor(9, GENESIS, 8)}):
            async with store.transaction(0) as tx:
                await tx.advance(head, head, cursors=cursors)
        assert await store.cursors(0) == {"matcher": Cursor(9, GENESIS, 8), "ledger": Cursor(1)}

    async def test_dead_letters_wait_in_the_order_in_which_they_must_be_decided(self, store: Store) -> None:
        async with store.transaction(0) as tx:
            await tx.store_dead([dead(7, "waiting"), dead(4), dead(0, "foreign")])
        assert await store.dead_letters(0) == [dead(4), dead(7, "waiting")]

    async def test_a_redriven_dead_letter_waits_no_more(self, store: Store) -> None:
        async with store.transaction(0) as tx:
            await tx.store_dead([dead(4), dead(7, "waiting")])
        async with store.transaction(0) as tx:
            await tx.mark_redriven(dead(4))
        assert await store.dead_letters(0) == [dead(7, "waiting")]

    async def test_a_dead_letter_stored_again_is_replaced(self, store: Store) -> None:
        for state in ("waiting", "dead"):
            async with store.transaction(0) as tx:
                await tx.store_dead([dead(4, state)])
        assert await store.dead_letters(0) == [dead(4)]

    async def test_the_newest_snapshot_is_kept(self, store: Store) -> None:
        head = await store.take_over(0, "owner")
        for seq in (5, 9, 7):
            await store.save_snapshot(0, head.epoch, Snapshot(seq, 1, b"%d" % seq), AT)
        assert await store.snapshot(0) == Snapshot(9, 1, b"9")

    async def test_a_snapshot_in_another_format_replaces_a_newer_one(self, store: Store) -> None:
        head = await store.take_over(0, "owner")
        for snapshot in (Snapshot(9, 1, b"old"), Snapshot(7, 2, b"new")):
            await store.save_snapshot(0, head.epoch, snapshot, AT)
        assert await store.snapshot(0) == Snapshot(7, 2, b"new")

    async def test_a_former_owner_stores_no_snapshot(self, store: Store) -> None:
        first = await store.take_over(0, "first")
        await store.take_over(0, "second")
        await store.save_snapshot(0, first.epoch, Snapshot(9, 1, b""), AT)
        assert await store.snapshot(0) is None

    async def test_chains_are_found_by_number(self, store: Store) -> None:
        log = facts(3)
        await appended(store, log)
        assert await store.chains(0, [0, 2, 3, 4]) == {2: log[1].chain, 3: log[2].chain}

    @pytest.mark.parametrize("count", [1, SMALL + 1], ids=["one", "many"])
    async def test_the_inbox_keeps_what_was_received(self, store: Store, count: int) -> None:
        log = facts(count)
        async with store.transaction(0) as tx:
            await tx.keep([Received(one.envelope, one.body, one.fact, "matcher") for one in log])
        assert await self.inbox(store) == [("gateway", *one.columns()) for one in log]
