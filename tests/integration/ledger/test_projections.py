"""The ledger's tables on a real PostgreSQL: they say what the facts say, keep the laws, and can be made again."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.ledger.projections.projector import BooksProjector
from services.runtime.base.ids import decode
from services.runtime.base.postgres import Connection, Pool, connect
from tests.support.ledger import CITY, an_id

STORY = """
    2026-11-25 pledge P1 by D1: 3 slots, 2026-12 to 2027-02
    2026-11-25 pledge P2 by D2: 1 slots, 2026-12 to 2027-02, pooled
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-02
    2026-11-26 match P1 with W2, art, 2026-12 to 2027-02
    2026-11-26 match P1 with W4, sopir, 2026-12 to 2027-02
    2026-11-26 match P2 with W3, ojek, 2026-12 to 2027-02
    2026-12-01 bill 2026-12
    2026-12-08 pay D1 2026-12
    2026-12-11 receipt D1 2026-12: W1 confirmed, W2 rejected, W4 9999
"""
REST = """
    2026-12-16 receipt D1 2026-12: W2 confirmed, W4 confirmed
    2026-12-20 close 2026-12
    2027-01-02 part P1 and W1 after 2026-12
    2027-01-03 bill 2027-01
"""
TABLES = BooksProjector.tables


async def rows(connection: Connection | Pool, table: str) -> list[tuple[object, ...]]:
    """All rows of a table, in one order."""
    return sorted((tuple(row.values()) for row in await connection.fetch(f"select * from {table}")), key=repr)


async def test_every_worker_month_is_in_one_state_with_its_reason(books: Any) -> None:
    await books.play(STORY)
    lines = [
        line
        for donor in ("D1", "D2")
        for line in await books.questions.lines(books.story.remittance(donor, "2026-12").remittance, (0, ""), 10, None)
    ]
    assert {line["worker"]: (line["state"], line["reason"]) for line in lines} == {
        an_id("wrk", "W1"): ("confirmed", None),
        an_id("wrk", "W2"): ("rejected", "nik.unknown"),
        an_id("wrk", "W4"): ("paid", None),
        an_id("wrk", "W3"): ("due", None),
    }


async def test_a_cycle_counts_billed_and_paid_and_shares_the_rest_out(books: Any) -> None:
    await books.play(STORY)
    cycle = await books.questions.cycle("2026-12", CITY)
    assert cycle["state"] == "billed"
    assert cycle["worker_months"] == {
        "billed": 4,
        "paid": 3,
        "confirmed": 1,
        "rejected": 1,
        "unpaid": 0,
        "due": 1,
        "awaiting": 1,
    }
    assert cycle["idr"]["billed"] == 33_600
    assert [(one["code"], one["worker_months"], one["misfits"]) for one in cycle["exceptions"]] == [
        ("not_paid", 1, 0),
        ("not_answered", 1, 1),
    ]


async def test_a_closed_cycle_has_no_exceptions_and_every_worker_month_ended(books: Any) -> None:
    await books.play(STORY + REST)
    cycle = await books.questions.cycle("2026-12", CITY)
    assert (cycle["state"], cycle["exceptions"]) == ("closed", [])
    assert {name: cycle["worker_months"][name] for name in ("due", "awaiting", "confirmed", "rejected", "unpaid")} == {
        "due": 0,
        "awaiting": 0,
        "confirmed": 3,
        "rejected": 0,
        "unpaid": 1,
    }


async def test_a_month_that_nobody_billed_is_open(books: Any) -> None:
    cycle = await books.questions.cycle("2030-01", None)
    assert (cycle["state"], cycle["worker_months"]["billed"]) == ("open", 0)


async def test_a_remittance_is_found_by_its_id_its_pay_code_and_its_payer(books: Any) -> None:
    await books.play(STORY)
    due = books.story.remittance("D1", "2026-12")
    by_id = await books.questions.remittance(due.remittance)
    assert by_id is not None
    assert by_id == await books.questions.by_pay_code(due.pay_code)
    assert [by_id] == await books.questions.remittances("2026-12", due.donor, CITY, "", 10)
    assert (by_id["state"], by_id["confirmed"], by_id["rejected"], by_id["paid_on"]) == (
        "paid",
        1,
        1,
        date(2026, 12, 8),
    )


async def test_the_lines_of_a_remittance_come_page_by_page_and_each_once(books: Any) -> None:
    await books.play(STORY)
    remittance = books.story.remittance("D1", "2026-12").remittance
    lines, after = [], (0, "")
    while page := await books.questions.lines(remittance, after, 2, None):
        lines += page
        after = (page[-1]["bill_seq"], page[-1]["worker"])
    assert sorted(line["worker"] for line in lines) == sorted(an_id("wrk", name) for name in ("W1", "W2", "W4"))
    assert {line["idr"] for line in lines} == {8_400}


async def test_states_can_be_asked_as_they_were_on_record(books: Any) -> None:
    await books.play(STORY)
    before = books.story.at
    await books.play(REST)
    remittance = books.story.remittance("D1", "2026-12").remittance
    then = await books.questions.lines(remittance, (0, ""), 10, before)
    now = await books.questions.lines(remittance, (0, ""), 10, None)
    assert sorted(line["state"] for line in then) == ["confirmed", "paid", "rejected"]
    assert sorted(line["state"] for line in now) == ["confirmed", "confirmed", "confirmed"]


async def test_the_trial_balance_is_zero_and_agrees_with_the_journal(books: Any) -> None:
    await books.play(STORY + REST)
    balance = await books.questions.trial_balance(None, None)
    assert (balance["sum_idr"], balance["broken"]) == (0, [])
    assert {item["account"]: item["balance_idr"] for item in balance["items"]} == {
        account: idr for account, idr in books.story.balances.items() if idr
    }
    from_entries = await books.questions.trial_balance(date(2099, 1, 1), None)
    assert from_entries["items"] == balance["items"]


async def test_a_late_report_of_a_payment_shows_by_its_own_day_and_by_the_day_of_the_report(books: Any) -> None:
    await books.play("\n".join(STORY.strip().splitlines()[:-2]))
    books.story.day(date(2026, 12, 14))
    before = books.story.at
    books.story.later(hours=1)
    books.story.pay("D1", "2026-12", on=date(2026, 12, 5))
    await books.write()
    settled = f"payer:{an_id('don', 'D1')}:settled"

    async def paid(as_of: date, recorded_late: int) -> int:
        recorded_by = books.story.at if recorded_late else before
        balance = await books.questions.trial_balance(as_of, recorded_by)
        assert (balance["sum_idr"], balance["broken"]) == (0, [])
        return next((item["balance_idr"] for item in balance["items"] if item["account"] == settled), 0)

    assert await paid(date(2026, 12, 10), 1) == 25_200
    assert await paid(date(2026, 12, 10), 0) == 0
    assert await paid(date(2026, 12, 4), 1) == 0


async def test_a_workers_entries_are_those_that_touched_his_months(books: Any) -> None:
    await books.play(STORY + REST)
    found = await books.questions.entries((-1, 0), None, UUID(bytes=decode([an_id("wrk", "W2")])[0]), 100)
    assert [entry["what"] for entry in found] == [
        "matches.held",
        "iuran.billed",
        "iuran.paid",
        "iuran.confirmed",
        "iuran.rejected",
        "iuran.confirmed",
        "iuran.confirmed_after_all",
        "iuran.billed",
    ]
    assert found[6]["corrects"] == found[4]["id"]


async def test_a_pledges_months_say_what_became_of_them(books: Any) -> None:
    await books.play(STORY + REST)
    pledge = await books.questions.pledge(an_id("plg", "P1"))
    assert pledge is not None
    assert [(month["month"], month["state"], month["workers"], month["idr"]) for month in pledge["months"]] == [
        ("2026-12", "confirmed", 3, 25_200),
        ("2027-01", "due", 2, 25_200),
        ("2027-02", "held", 2, 50_400),
    ]
    assert pledge["balances"] == books.story.books(an_id("plg", "P1"))


async def test_what_is_unknown_is_nothing(books: Any) -> None:
    assert await books.questions.pledge(an_id("plg", "none")) is None
    assert await books.questions.remittance(an_id("rem", "none")) is None
    assert await books.questions.lines(an_id("rem", "none"), (0, ""), 10, None) is None
    assert await books.questions.by_pay_code("000000000000") is None


async def test_the_tables_are_the_same_when_they_are_made_again_from_the_log(books: Any) -> None:
    await books.play(STORY + REST)
    before = {table: await rows(books.pool, table) for table in TABLES}
    owner = await connect(books.url, server_settings={"search_path": "ledger"})
    try:
        await books.stage.rebuild(owner)
    finally:
        await owner.close()
    assert {table: await rows(books.pool, table) for table in TABLES} == before
    assert all(before[table] for table in TABLES)


async def test_the_database_refuses_a_second_iuran_of_a_worker_and_month(books: Any) -> None:
    await books.play(STORY)
    with pytest.raises(Exception, match="iuran_pkey"):
        await books.pool.execute("INSERT INTO iuran SELECT worker, 999, idr, month, shard FROM iuran LIMIT 1")


@pytest.mark.parametrize(
    ("account", "idr"), [("pledge:plg_x:held", -1), ("bpjs:payable", 1), ("donor:don_x:promises", 1)]
)
async def test_the_database_refuses_a_balance_on_the_wrong_side(books: Any, account: str, idr: int) -> None:
    with pytest.raises(Exception, match="balances_side"):
        await books.pool.execute("INSERT INTO balances (account, shard, idr) VALUES ($1, 0, $2)", account, idr)
