"""A rebuild of the read models from the logs yields the same tables, in whatever order facts arrive."""

from collections.abc import Sequence

from schemas.envelope import Envelope
from schemas.facts.matcher import MonthFixed, PledgeSuspended
from schemas.logs import CATALOGUE
from services.gateway.projections.projector import GatewayProjector
from services.runtime.base.postgres import Connection
from services.runtime.contract import Received
from tests.support.gateway import Twin
from tests.support.gateway_words import (
    CITY,
    billed,
    closed,
    confirmed,
    donor,
    good,
    lapsed,
    matched,
    new,
    opened,
    pledge,
    prepared,
    unmatched,
    worker,
)

Tables = dict[str, list[str]]


async def tables(tx: Connection) -> Tables:
    """All rows of all read models, as text in an order of their own."""
    found: Tables = {}
    for table in GatewayProjector.tables:
        found[table] = sorted(row[0] for row in await tx.fetch(f"SELECT t::text FROM {table} t"))
    return found


async def life(gw: Twin) -> None:
    """A bit of everything."""
    shard = gw.shard(CITY)
    of, who, other = await donor(gw), await worker(gw), await worker(gw)
    name, remittance = await pledge(gw, of), new("rem")
    made = matched(name, who)
    good(await gw.client.put(f"/v1/donors/{of}/preferences", json={"language": "en"}))
    good(await gw.client.post(f"/v1/pledges/{name}/amend", json={"months": 13}))
    await gw.tell("matcher", shard, opened(name, of), made, matched(name, other), unmatched(made, "2027-01"))
    await gw.tell("ledger", shard, prepared(remittance, of, (name,)), confirmed(remittance, of, name, who), billed())
    await gw.tell("matcher", shard, MonthFixed(city=CITY, month="2026-12", pledges=1, workers=2))
    await gw.tell("ledger", shard, lapsed(who, "2027-01", "2026-12"), closed())
    await gw.tell("ledger", shard, confirmed(remittance, of, name, who, "2027-02"), lapsed(other, "2027-02", "2027-01"))
    await gw.tell("matcher", shard, PledgeSuspended(pledge=name))
    good(await gw.client.post(f"/v1/workers/{who}/end", json={"reason": "died", "on": "2026-11-24"}))
    good(await gw.client.request("DELETE", f"/v1/workers/{other}/personal-data"))


async def inbox(gw: Twin, source: str) -> list[Received]:
    """The facts of another service, in order, shard by shard."""
    rows = await gw.pool.fetch("SELECT * FROM inbox WHERE source = $1 ORDER BY shard, seq", source)
    codec = CATALOGUE[source].codec  # type: ignore[index]
    return [
        Received(
            Envelope.of_row(source, row),
            row["body"],
            codec.decode(row["body"], kind=row["kind"], version=row["version"]),
            "gateway",
        )
        for row in rows
    ]


async def rebuilt(gw: Twin, sources: Sequence[str], portion: int) -> Tables:
    """The read models, made from nothing in a transaction that is undone."""
    projector = GatewayProjector()
    async with gw.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            for table in GatewayProjector.tables:
                await connection.execute(f"DELETE FROM {table}")
            for source in sources:
                facts = await gw.facts() if source == "gateway" else await inbox(gw, source)
                for shard in gw.engine.processors:
                    of_shard = [one for one in facts if one.shard == shard]
                    for start in range(0, len(of_shard), portion):
                        chunk = of_shard[start : start + portion]
                        if source == "gateway":
                            await projector.project(connection, chunk)  # type: ignore[arg-type]
                        else:
                            await projector.receive(connection, chunk)  # type: ignore[arg-type]
            return await tables(connection)
        finally:
            await transaction.rollback()


async def test_read_models_are_the_fold_of_the_logs_in_any_order_and_any_portions(gw: Twin) -> None:
    await life(gw)
    async with gw.pool.acquire() as connection:
        live = await tables(connection)
    assert all(live[table] for table in GatewayProjector.tables if table != "all_dead_letters")
    for sources in (("gateway", "matcher", "ledger", "notifier"), ("ledger", "notifier", "matcher", "gateway")):
        for portion in (1, 3, 1_000):
            assert await rebuilt(gw, sources, portion) == live, (sources, portion)


async def test_a_month_goes_from_open_to_billing_to_billed_to_closed(gw: Twin) -> None:
    shard, months = gw.shard(CITY), ("2027-03",)

    async def state() -> str | None:
        found: str | None = await gw.pool.fetchval(
            "SELECT state FROM cycle_states WHERE city = $1 AND month = $2", CITY, months[0]
        )
        return found

    assert await state() is None
    await gw.tell("matcher", shard, MonthFixed(city=CITY, month=months[0], pledges=1, workers=2))
    assert await state() == "billing"
    await gw.tell("ledger", shard, billed(months[0]))
    assert await state() == "billed"
    await gw.tell("ledger", shard, closed(months[0]))
    assert await state() == "closed"


async def test_a_thousand_facts_of_one_pledge_make_one_row(gw: Twin) -> None:
    name, shard = new("plg"), gw.shard(CITY)
    whole = opened(name, new("don"), slots=500)
    made = [matched(name, new("wrk")) for _ in range(300)]
    await gw.tell("matcher", shard, whole, *made, *(unmatched(one, "2026-12") for one in made[:100]))
    row = await gw.pool.fetchrow("SELECT status, slots, filled FROM pledge_matching WHERE pledge = $1", name)
    assert row is not None
    assert tuple(row) == ("open", 500, 200)
