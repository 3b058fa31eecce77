"""How fast a whole stage takes simple facts in: Kafka, FastStream, chain check, decode, decide, append, publish.

The inputs are real facts of the logs before it, chained as their owners would; the stage is the service as it runs,
with its decider and projections, in one process. Its share of the floor is the figure that matters, measured twice:
for facts of which each is answered by a fact of its own, and in the proportions of a demonstration, where most of what
a service reads does not concern it and only has to be checked, counted and passed.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.gateway import Consent, WorkerRegistered
from schemas.facts.ledger import EntryPosted
from schemas.facts.matcher import MadeLine, MatchesMade, PledgeOpened
from schemas.logs import GATEWAY, LEDGER, MATCHER, Log, ServiceName
from services.ledger.app import service as ledger
from services.matcher.app import service as matcher
from services.runtime.base import collector, ids
from services.runtime.base.clock import SystemClock
from services.runtime.base.postgres import open_pool
from services.runtime.contract import Received, Recorded, Service
from services.runtime.eventlog.store import Cursor
from services.runtime.kafka.client import KafkaClient
from services.runtime.process.engine import Engine
from services.settings import Settings
from tests.bench.http import percentiles
from tests.support.events import chained

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
PLEDGE = ids.derived("plg", AT, "p")
OCCUPATIONS = ("ojek", "pedagang", "nelayan", "art", "buruh_bangunan")


#: facts that pass by for each that is answered: counted in a demonstration, where the matcher handles 3,347 of 17,955
#: facts and the ledger 5,672 of 15,457
MATCHER_PASSES, LEDGER_PASSES = 4, 2


@dataclass(frozen=True)
class Stage:
    """A service, and what it is fed from each log."""

    service: Service
    feeds: Mapping[Log, Sequence[Fact]]


def matcher_stage(settings: Settings, facts: int, *, passing: int) -> Stage:
    """The matcher takes in workers while no slot is free: the commonest fact of a city's first months.

    For each of them, so many entries of the ledger's journal pass by.
    """
    workers = facts // (1 + passing)
    feeds: dict[Log, Sequence[Fact]] = {GATEWAY: [DayBegan(day=AT.date()), *map(_registered, range(workers))]}
    if passing:
        feeds[LEDGER] = [_entry(number) for number in range(workers * passing)]
    return Stage(matcher(settings), feeds)


def ledger_stage(settings: Settings, facts: int, *, passing: int) -> Stage:
    """The ledger takes in matches: each moves money from promised to held, and is answered by an entry.

    For each of them, so many workers pass by who are registered and listed.
    """
    matches = facts // (1 + passing)
    opened = PledgeOpened(
        pledge=PLEDGE,
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
    feeds: dict[Log, Sequence[Fact]] = {MATCHER: [opened, *map(_made, range(matches))]}
    if passing:
        feeds[GATEWAY] = [_registered(number) for number in range(matches * passing)]
    return Stage(ledger(settings), feeds)


def _registered(number: int) -> WorkerRegistered:
    return WorkerRegistered(
        worker=ids.derived("wrk", AT, str(number)),
        city="36.72",
        area=f"36.72.{number % 8 + 1:02d}.100{number % 4 + 1}",
        occupation=OCCUPATIONS[number % 5],
        band=number % 2 + 1,
        eligible_until="2050-03",
        consent=Consent(by="rt", given_at=AT, text_version="consent.v1"),
    )


def _made(number: int) -> MatchesMade:
    line = MadeLine(
        workers=(ids.derived("wrk", AT, str(number)),),
        matches=(ids.derived("mat", AT, str(number)),),
        occupation=OCCUPATIONS[number % 5],
        from_month="2026-12",
        until="2027-11",
        reason="new",
    )
    return MatchesMade(pledge=PLEDGE, lines=(line,), workers=1)


def _entry(number: int) -> EntryPosted:
    moved = {f"pledge:{PLEDGE}:promised": -100_800, f"pledge:{PLEDGE}:held": 100_800}
    match = ids.derived("mat", AT, str(number))
    return EntryPosted(pledge=PLEDGE, what="matches.held", about=match, postings=moved)


class Beat:
    """When each batch was committed."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def committed(self, _shard: int, _recorded: Sequence[Recorded], _received: Sequence[Received]) -> None:
        """Look at the clock."""
        self.at.append(time.perf_counter())


@dataclass(frozen=True)
class Run:
    """What a service took to apply all that lay on the topics. `last` is the last fact of the one or last source."""

    seconds: float
    busy: float
    batches: list[float]
    answers: int
    last: Recorded
    checked: bool


async def measure(stage: Stage, settings: Settings) -> dict[str, float]:
    """Facts taken in per second, from the first commit's start to the last commit and its acknowledgement."""
    ends = {log.owner: await fill(settings, log, facts) for log, facts in stage.feeds.items()}
    facts = sum(end.seq for end in ends.values())
    found = await run(stage.service, settings, ends)
    return {
        "facts_per_s": round(facts / found.seconds),
        **percentiles("batch", found.batches),
        "answers": found.answers,
        "cpu_us_per_fact": round(found.busy / facts * 1e6, 1),
        "checked": found.checked,
    }


async def run(service: Service, settings: Settings, ends: Mapping[ServiceName, Recorded]) -> Run:
    """Run a service until it has applied the last fact of each source and published its answers."""
    collector.calm()
    name = service.log.owner
    async with open_pool(settings.database_url(name), schema=name) as pool:
        beat = Beat()
        engine = Engine(replace(service, listeners=(beat,)), settings, pool, SystemClock())
        await engine.start()
        try:
            while not engine.readiness().ready:
                await asyncio.sleep(0.001)
            begun, busy, processor = time.perf_counter(), time.process_time(), engine.processor(0)
            async with asyncio.timeout(300):
                while any(processor.cursors.get(owner, Cursor()).seq < end.seq for owner, end in ends.items()):
                    await asyncio.sleep(0.002)
                while engine.relay.lag:
                    await asyncio.sleep(0.002)
            seconds, busy = time.perf_counter() - begun, time.process_time() - busy
            stored = await pool.fetchval("select count(*) from facts")
            checked = stored == processor.head.seq and all(
                processor.cursors[owner].chain == end.chain for owner, end in ends.items()
            )
        finally:
            await engine.stop()
    gaps = [later - earlier for earlier, later in pairwise([begun, *beat.at])]
    return Run(seconds, busy, gaps, stored, list(ends.values())[-1], checked)


async def fill(settings: Settings, log: Log, facts: Sequence[Fact], *, behind: Recorded | None = None) -> Recorded:
    """Publish facts as their owner would; returns the last."""
    feeder = KafkaClient(settings.kafka, log, settings.shards, lambda _value: None)
    await feeder.start()
    recorded = chained(log.owner, facts, at=AT, behind=behind)
    for start in range(0, len(recorded), 4_000):
        await feeder.publish(0, recorded[start : start + 4_000])
    await feeder.stop()
    return recorded[-1]
