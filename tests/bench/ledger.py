"""How fast the ledger is, on a real PostgreSQL: billing, receipts, and its yardsticks measured in the same run.

Yardsticks: bare COPY of worker-month rows, one SQL function call per transfer (as ledgers inside the database do), and
batched transfers in SQL. Every figure checks the end state that it claims. Must not be part of any test run.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter
from uuid import UUID

from schemas import months
from schemas.base import Fact
from schemas.facts.gateway import PaymentReported, ReceiptLine, ReceiptReceived
from schemas.facts.ledger import RemittancePrepared
from schemas.facts.matcher import MadeLine, MatchesMade, MonthFixed, PledgeOpened
from schemas.logs import LEDGER
from services.ledger.domain.decider import Ledger
from services.ledger.projections.projector import BooksProjector
from services.runtime.base import ids
from services.runtime.base.postgres import Connection, Queries, connect
from services.runtime.contract import Received, Service
from tests.support.ledger import CITY, START, World, an_id, roster
from tests.support.stage import Stage, stage

LINES = 1_000
BATCH_FACTS = 4_000
#: rosters of a thousand lines: a commit every 20,000 worker-months
BATCH_ROSTERS = 20
MONTH = "2027-01"
OCCUPATIONS = ("ojek", "pedagang", "art", "nelayan")
SQL = Queries("tests.bench", "ledger.sql")


class Town:
    """A city with pledges of a thousand slots each, all filled."""

    def __init__(self, workers: int) -> None:
        self.pledges = [an_id("plg", number) for number in range(-(-workers // LINES))]
        self.donors = [an_id("don", number // 4) for number in range(len(self.pledges))]
        #: per pledge its workers with their matches and occupations
        self.rows: list[list[tuple[str, str, str]]] = [
            [
                (an_id("wrk", number), an_id("mat", number), OCCUPATIONS[number % 4])
                for number in range(place * LINES, min(workers, (place + 1) * LINES))
            ]
            for place in range(len(self.pledges))
        ]

    def opened(self) -> Iterator[Fact]:
        """The pledges."""
        for pledge, donor in zip(self.pledges, self.donors, strict=True):
            yield PledgeOpened(
                pledge=pledge,
                donor=donor,
                donor_kind="company",
                language="id",
                city=CITY,
                slots=LINES,
                starts=MONTH,
                until="2027-12",
                payment="direct",
                programmes=("jkk", "jkm"),
                transport_only=False,
            )

    def matched(self) -> Iterator[Fact]:
        """The matches."""
        for pledge, rows in zip(self.pledges, self.rows, strict=True):
            alike: dict[str, list[tuple[str, str]]] = {}
            for worker, match, occupation in rows:
                alike.setdefault(occupation, []).append((worker, match))
            made = [
                MadeLine(
                    workers=tuple(worker for worker, _ in pairs),
                    matches=tuple(match for _, match in pairs),
                    occupation=occupation,
                    from_month=MONTH,
                    until="2027-12",
                    reason="new",
                )
                for occupation, pairs in alike.items()
            ]
            yield MatchesMade(pledge=pledge, lines=tuple(made), workers=len(rows))

    def rosters(self, month: str) -> Iterator[Fact]:
        """The rosters of a month."""
        for pledge, rows in zip(self.pledges, self.rows, strict=True):
            yield roster(pledge, month, rows)

    def fixed(self, month: str) -> Fact:
        """The month as a whole."""
        return MonthFixed(city=CITY, month=month, pledges=len(self.pledges), workers=sum(map(len, self.rows)))


async def measure(url: str, *, workers: int = 100_000) -> dict[str, float | bool]:
    """All figures of the ledger, on a fresh migrated database."""
    town, world = Town(workers), World(at=START)
    async with stage(Service(LEDGER, Ledger(), BooksProjector()), url) as ledger:
        await _feed(ledger, world, town.opened())
        await _feed(ledger, world, town.matched())
        billed_s, prepared = await _bill(ledger, world, town)
        receipts_s = await _answer(ledger, world, prepared)
        await _check(ledger, workers)
    owner = await connect(url)
    try:
        copied = await copy_rows_per_s(owner, town)
    finally:
        await owner.close()
    function, batch = await peers_per_s(url)
    billed = workers / billed_s
    return {
        "bill_worker_months_per_s": round(billed),
        "copy_rows_per_s": round(copied),
        "bill_share_of_copy": round(billed / copied, 3),
        "receipts_rows_per_s": round(workers / receipts_s),
        "peer_function_per_s": round(function),
        "peer_batch_per_s": round(batch),
        "checked": True,
    }


async def copy_rows_per_s(connection: Connection, town: Town, batch: int = 5_000) -> float:
    """Bare COPY of the rows that a billed town has in `iuran`, under the same key, a commit every `batch` rows."""
    await connection.execute(SQL["copy_table"])
    month = months.number(MONTH)
    rows = [
        (UUID(bytes=worker), bill, 16_800, month, 0)
        for bill, lines in enumerate(town.rows)
        for worker in ids.decode([name for name, _, _ in lines])
    ]
    started = perf_counter()
    for first in range(0, len(rows), batch):
        await connection.copy_records_to_table("bench_iuran", records=rows[first : first + batch])
    seconds = perf_counter() - started
    assert await connection.fetchval(SQL["copy_count"]) == len(rows)
    return len(rows) / seconds


async def peers_per_s(url: str, transfers: int = 8_000, connections: int = 8) -> tuple[float, float]:
    """Transfers by one function call each over several connections, and a thousand by one statement over one.

    Both keep balances and a journal, and commit durably.
    """
    owners = [await connect(url) for _ in range(connections)]
    await owners[0].execute(SQL["peer_tables"])

    async def calls(owner: Connection, share: range) -> None:
        call = await owner.prepare(SQL["peer_call"])
        for number in share:
            await call.fetchval(number % 100, 100 + number % 900, 16_800)

    try:
        started = perf_counter()
        await asyncio.gather(*[calls(owner, range(n, transfers, connections)) for n, owner in enumerate(owners)])
        function_s = perf_counter() - started
        started = perf_counter()
        for first in range(0, 10 * transfers, LINES):
            numbers = range(first, first + LINES)
            sides = [n % 100 for n in numbers], [100 + n % 900 for n in numbers]
            await owners[0].execute(SQL["peer_batch"], *sides, [16_800] * LINES)
        batch_s = perf_counter() - started
        assert await owners[0].fetchval(SQL["peer_sum"]) == 0
        assert await owners[0].fetchval(SQL["peer_count"]) == 11 * transfers
    finally:
        for owner in owners:
            await owner.close()
    return transfers / function_s, 10 * transfers / batch_s


async def _feed(ledger: Stage, world: World, facts: Iterator[Fact]) -> None:
    while batch := [world.received(fact) for fact in islice(facts, BATCH_FACTS)]:
        await ledger.apply(batch)


async def _bill(ledger: Stage, world: World, town: Town) -> tuple[float, list[RemittancePrepared]]:
    rosters = [world.received(fact) for fact in town.rosters(MONTH)]
    fixed = world.received(town.fixed(MONTH))
    started = perf_counter()
    for first in range(0, len(rosters), BATCH_ROSTERS):
        await ledger.apply(rosters[first : first + BATCH_ROSTERS])
    recorded = await ledger.apply([fixed])
    seconds = perf_counter() - started
    return seconds, [one.fact for one in recorded if isinstance(one.fact, RemittancePrepared)]


async def _answer(ledger: Stage, world: World, prepared: Sequence[RemittancePrepared]) -> float:
    paid = [
        PaymentReported(remittance=one.remittance, amount_idr=one.total_idr, paid_on=START.date(), channel="bank")
        for one in prepared
    ]
    await ledger.apply([world.received(fact) for fact in paid])
    receipts: list[Received] = []
    billed = ledger.own.state.cities[CITY].cycles[MONTH].workers
    by_remittance: dict[str, list[ReceiptLine]] = {one.remittance: [] for one in prepared}
    for worker, share in ((name, one.share) for name, one in billed.items()):
        by_remittance[share.remittance].append(ReceiptLine(worker=worker, amount_idr=share.idr, outcome="confirmed"))
    for number, (remittance, lines) in enumerate(by_remittance.items()):
        for first in range(0, len(lines), LINES):
            part = tuple(lines[first : first + LINES])
            fact = ReceiptReceived(receipt=an_id("rcp", number), remittance=remittance, month=MONTH, lines=part)
            receipts.append(world.received(fact))
    started = perf_counter()
    for first in range(0, len(receipts), BATCH_ROSTERS):
        await ledger.apply(receipts[first : first + BATCH_ROSTERS])
    return perf_counter() - started


async def _check(ledger: Stage, workers: int) -> None:
    """Every worker-month is confirmed, once; the books balance."""
    async with ledger.pool.acquire() as connection:
        assert await connection.fetchval(SQL["confirmed"], months.number(MONTH)) == workers
        assert await connection.fetchval(SQL["balance"]) == 0
        assert await connection.fetchval(SQL["journal"]) == 0
