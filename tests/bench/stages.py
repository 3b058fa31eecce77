"""How fast a whole stage takes simple facts in: Kafka, FastStream, chain check, decode, decide, append, publish.

The inputs are real facts of the log before it, chained as its owner would; the stage is the service as it runs, with
its decider and projections, in one process. Its share of the floor is the figure that matters.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.base import Fact
from schemas.envelope import GENESIS, link
from schemas.facts.common import DayBegan
from schemas.facts.gateway import Consent, WorkerRegistered
from schemas.facts.matcher import MatchMade, PledgeOpened
from schemas.logs import GATEWAY, MATCHER, Log
from services.ledger.app import service as ledger
from services.matcher.app import service as matcher
from services.runtime import collector, ids
from services.runtime.clock import SystemClock
from services.runtime.engine import Engine
from services.runtime.kafka.link import KafkaLink
from services.runtime.postgres import open_pool
from services.runtime.service import Recorded, Service
from services.runtime.settings import Settings

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
OCCUPATIONS = ("ojek", "pedagang", "nelayan", "art", "buruh_bangunan")


@dataclass(frozen=True)
class Stage:
    """A service and what it is fed."""

    service: Service
    log: Log
    facts: Sequence[Fact]


def matcher_stage(settings: Settings, facts: int) -> Stage:
    """The matcher takes in workers while no slot is free: the commonest fact of a city's first months."""
    workers = [
        WorkerRegistered(
            worker=ids.derived("wrk", AT, str(n)),
            city="36.72",
            area=f"36.72.{n % 8 + 1:02d}.100{n % 4 + 1}",
            occupation=OCCUPATIONS[n % 5],
            band=n % 2 + 1,
            eligible_until="2050-01",
            consent=Consent(by="rt", given_at=AT, text_version="consent.v1"),
        )
        for n in range(facts)
    ]
    return Stage(matcher(settings), GATEWAY, [DayBegan(day=AT.date()), *workers])


def ledger_stage(settings: Settings, facts: int) -> Stage:
    """The ledger takes in matches: each moves money from promised to held, and is answered by an entry."""
    pledge = ids.derived("plg", AT, "p")
    opened = PledgeOpened(
        pledge=pledge,
        donor=ids.derived("don", AT, "d"),
        donor_kind="company",
        language="id",
        city="36.72",
        slots=facts,
        starts="2026-12",
        until="2027-11",
        payment="direct",
        programmes=("jkk", "jkm"),
        transport_only=False,
    )
    made = [
        MatchMade(
            match=ids.derived("mat", AT, str(n)),
            pledge=pledge,
            worker=ids.derived("wrk", AT, str(n)),
            occupation=OCCUPATIONS[n % 5],
            from_month="2026-12",
            until="2027-11",
            reason="new",
        )
        for n in range(facts)
    ]
    return Stage(ledger(settings), MATCHER, [opened, *made])


def chained(log: Log, facts: Sequence[Fact]) -> list[Recorded]:
    """Facts numbered and chained as their owner would have done."""
    chain, recorded = GENESIS, []
    for seq, fact in enumerate(facts, 1):
        body, kind = log.codec.encode(fact), str(fact.kind)  # type: ignore[attr-defined]
        chain = link(chain, seq=seq, stream=fact.stream, kind=kind, version=fact.VERSION, at=AT, body=body)
        recorded.append(Recorded(0, seq, fact.stream, kind, fact.VERSION, body, AT, "command", "", chain, fact))
    return recorded


async def measure(stage: Stage, settings: Settings) -> dict[str, float]:
    """Facts taken in per second, from the first commit's start to the last commit and its acknowledgement."""
    feeder = KafkaLink(settings.kafka, stage.log, settings.shards, lambda _value: None)
    await feeder.start()
    recorded = chained(stage.log, stage.facts)
    collector.calm()
    for start in range(0, len(recorded), 4_000):
        await feeder.publish(0, recorded[start : start + 4_000])
    await feeder.stop()
    name = stage.service.log.owner
    async with open_pool(settings.database_url(name), schema=name) as pool:
        engine = Engine(stage.service, settings, pool, SystemClock())
        await engine.start()
        try:
            while not engine.ready()[0]:
                await asyncio.sleep(0.001)
            begun, busy, lane, last = time.perf_counter(), time.process_time(), engine.lane(0), recorded[-1]
            async with asyncio.timeout(300):
                while (cursor := lane.cursors.get(stage.log.owner)) is None or cursor.seq < last.seq:
                    await asyncio.sleep(0.002)
                while engine.relay.lag:
                    await asyncio.sleep(0.002)
            seconds, busy = time.perf_counter() - begun, time.process_time() - busy
            stored = await pool.fetchval("select count(*) from facts")
            checked = lane.cursors[stage.log.owner].chain == last.chain and stored == lane.head.seq
        finally:
            await engine.stop()
    return {
        "facts_per_s": round(len(recorded) / seconds),
        "answers": stored,
        "cpu_us_per_fact": round(busy / len(recorded) * 1e6, 1),
        "checked": checked,
    }
