"""How fast the matcher decides: a city of Cilegon's size, event by event through decide and evolve, in one process.

Promises that the end state is checked, by the certificate's checker and by OR-Tools; a run that fails the check raises.
Measures the domain alone: no Kafka, no PostgreSQL, no decoding.
"""

import random  # noqa: TID251 - seeded: the instance is the same in each run
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from mmap import PAGESIZE
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

from ortools.graph.python.max_flow import SimpleMaxFlow

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.gateway import Consent, PledgeRegistered, Scope, WorkerEnded, WorkerRegistered
from schemas.facts.matcher import MatchesEnded
from schemas.reference import regions
from services.matcher.domain.certificate import certify
from services.matcher.domain.city import City
from services.matcher.domain.decider import MatcherDecider
from services.matcher.domain.graph import bits
from services.ops.certify import Instance, Pledge, Worker, check
from services.runtime.base import collector, ids
from services.runtime.contract import Portions, Received
from services.runtime.shard.batch import TURN_S
from tests.support.events import received as event_received

START: Final = datetime(2026, 11, 2, 2, tzinfo=UTC)
OCCUPATIONS: Final = (
    *("ojek", "sopir", "kurir", "nelayan", "pedagang", "buruh_pelabuhan"),
    *("buruh_bangunan", "art", "petani", "marbot", "pemulung", "penjahit"),
    # groups may be added: twice as many as today give the 2,064 cells of the design
    *(f"group_{number}" for number in range(12)),
)
#: a city solved again for so many events at once is maximal after each batch only, not after each event
RESOLVE_EVENTS: Final = 1_000
#: one worker leaves for so many that come
LEAVE_EVERY: Final = 100


@dataclass(frozen=True)
class Size:
    """How large an instance is."""

    city: str = "36.72"
    workers: int = 176_000
    pledges: int = 2_000
    scopes: int = 380
    slots: int = 50
    seed: int = 1


#: a million workers, each pledge with a scope of its own, in a regency with 280 villages
STRESS: Final = Size(city="32.04", workers=1_000_000, pledges=5_000, scopes=5_000, slots=100)


@dataclass
class Times:
    """Seconds per input, by its kind."""

    arrival: list[float] = field(default_factory=list)
    pledge: list[float] = field(default_factory=list)
    leaving: list[float] = field(default_factory=list)

    def all(self) -> list[float]:
        """All of them."""
        return [*self.arrival, *self.pledge, *self.leaving]


def _id(prefix: str, number: int) -> str:
    return f"{prefix}_{ids.encode(1 << 126 | number)}"


def _scopes(size: Size, chance: random.Random, kelurahan: Sequence[str]) -> list[Scope]:
    kecamatan = sorted({regions.kecamatan_of(code) for code in kelurahan})
    found: dict[Scope, None] = {}
    while len(found) < size.scopes:
        level = chance.random()
        if level < 0.15:
            areas: tuple[str, ...] = (size.city,)
        elif level < 0.55:
            areas = tuple(sorted(chance.sample(kecamatan, chance.choice((1, 1, 2)))))
        else:
            areas = tuple(sorted(chance.sample(list(kelurahan), chance.choice((1, 2, 3)))))
        jobs = tuple(sorted(chance.sample(OCCUPATIONS, chance.choice((0, 1, 2, 3)))))
        found[Scope(areas=areas, occupations=jobs)] = None
    return list(found)


def events(size: Size) -> Iterator[Fact]:
    """Workers who come, pledges among them, and now and then a worker who leaves."""
    chance = random.Random(size.seed)  # noqa: S311 - nothing secret
    kelurahan = regions.kelurahan_in(size.city)
    weights = [chance.uniform(0.5, 2.0) for _ in kelurahan]
    scopes = _scopes(size, chance, kelurahan)
    gaps = size.workers // size.pledges
    number = 0
    for pledge in range(size.pledges):
        for _ in range(gaps):
            area = chance.choices(kelurahan, weights)[0]
            band = 1 if chance.random() < 0.4 else 2
            yield WorkerRegistered(
                worker=_id("wrk", number),
                city=size.city,
                area=area,
                occupation=chance.choice(OCCUPATIONS),
                band=band,
                eligible_until="2060-12",
                consent=Consent(by="rt", given_at=START, text_version="consent.v1"),
            )
            number += 1
            if number % LEAVE_EVERY == 0:
                gone = _id("wrk", chance.randrange(number))
                yield WorkerEnded(worker=gone, reason="moved", on=START.date())
        yield PledgeRegistered(
            pledge=_id("plg", pledge),
            donor=_id("don", pledge % 97),
            donor_kind="company",
            language="id",
            city=size.city,
            slots=chance.randint(size.slots // 2, size.slots * 3 // 2),
            until="2027-10",
            starts="2026-11",
            scope=scopes[pledge] if pledge < len(scopes) else chance.choice(scopes),
            payment="direct",
            programmes=("jkk", "jkm"),
            keep=pledge % 10 == 0,
        )


def received(fact: Fact, seq: int) -> Received:
    """A fact as the runtime hands it over."""
    at = START + timedelta(milliseconds=seq)
    return event_received(fact, by="matcher", source="gateway", seq=seq, at=at)


def stream(decider: MatcherDecider, state: Any, inputs: Iterable[Received]) -> Times:
    """Decide and fold all inputs, and note how long each took."""
    times = Times()
    kinds = {WorkerRegistered: times.arrival, PledgeRegistered: times.pledge, WorkerEnded: times.leaving}
    for one in inputs:
        note = kinds[type(one.fact)].append
        began = perf_counter()
        decider.decide(state, one)
        note(perf_counter() - began)
    return times


def ends_of_terms(decider: MatcherDecider, state: Any, *, seq: int) -> tuple[int, list[float]]:
    """The days on which all matches expire and end: how many lines that leads to, and seconds of CPU without a turn.

    The event loop gets its turns as in a batch.
    """
    lines, stalls = 0, []
    for number, day in enumerate((date(2027, 9, 1), date(2027, 10, 1), date(2027, 11, 1))):
        answer = decider.decide(state, received(DayBegan(day=day), seq + number))
        turn = process_time()
        for portion in answer.portions if isinstance(answer, Portions) else [answer]:
            lines += sum(fact.workers for fact in portion if isinstance(fact, MatchesEnded))
            if process_time() - turn > TURN_S:
                stalls.append(process_time() - turn)
                turn = process_time()
        stalls.append(process_time() - turn)
    return lines, stalls


def instance_of(city: City) -> Instance:
    """The city as plain data, as the checker wants it."""
    on_list = [worker for worker in city.workers.values() if worker.seat is not None or worker.queue is not None]
    return Instance(
        {w.id: Worker(w.id, w.cell.area, w.cell.occupation, w.cell.band) for w in on_list},
        {p.id: Pledge(p.id, p.slots, p.areas, p.occupations, p.workers, p.keep) for p in city.pledges if p.active},
        {w.id: w.seat.pledge.id for w in on_list if w.seat is not None},
    )


def solve(city: City) -> int:
    """The most workers that can be covered, by OR-Tools from nothing, cells and pledges as nodes."""
    flow = SimpleMaxFlow()
    count: dict[int, int] = {}
    for worker in city.workers.values():
        free = worker.seat is None or not worker.seat.pledge.pins
        if free and (worker.seat is not None or worker.queue is not None):
            count[worker.cell.index] = count.get(worker.cell.index, 0) + 1
    filled = sum(1 << cell for cell in count)
    pinned = 0
    for pledge in city.pledges:
        if not pledge.active:
            continue
        node = 2 + len(city.cells) + pledge.index
        taken = len(pledge.seats) if pledge.pins else 0
        pinned += taken
        flow.add_arc_with_capacity(node, 1, pledge.slots - taken)
        if pledge.supply is not None:
            mask = city.waiting_list.graph.borders[pledge.supply.index]
            for cell in bits(mask & filled):
                flow.add_arc_with_capacity(2 + cell, node, pledge.slots)
    for cell, workers in count.items():
        flow.add_arc_with_capacity(0, 2 + cell, workers)
    flow.solve(0, 1)
    return pinned + int(flow.optimal_flow())


def verify(city: City) -> int:
    """Check the end state both ways. Returns how many are covered."""
    instance = instance_of(city)
    wrong = check(instance, certify(city))
    best = solve(city)
    if wrong or best != len(instance.seats):
        raise AssertionError(f"{len(instance.seats)} covered, {best} possible; {wrong[:3]}")
    return best


def share(times: Sequence[float], part: float) -> float:
    """A percentile, in milliseconds."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def run(size: Size | None = None) -> dict[str, Any]:
    """Play an instance and give its figures, with the unit in each name."""
    size = size or Size()
    collector.calm()
    decider = MatcherDecider()
    state = decider.initial(0)
    before_mb = _memory_mb()
    times = stream(decider, state, (received(fact, seq) for seq, fact in enumerate(events(size), start=1)))
    memory_mb = _memory_mb() - before_mb
    city = state.cities[size.city]
    covered = verify(city)
    dump_ms, dumped = _timed(lambda: decider.dump(state))
    load_ms, loaded = _timed(lambda: decider.load(0, dumped))
    if decider.dump(loaded) != dumped:
        raise AssertionError("a snapshot does not come back as it went")
    resolve_ms, _ = _timed(lambda: solve(city))
    lines, stalls = ends_of_terms(decider, state, seq=size.workers * 2)
    every = times.all()
    return {
        "workers": size.workers,
        "pledges": len(city.pledges),
        "scopes": len(city.supplies),
        "cells": len(city.cells),
        "covered": covered,
        "events_per_s": round(len(every) / sum(every)),
        **_percentiles("arrival", times.arrival),
        **_percentiles("pledge", times.pledge),
        **_percentiles("leaving", times.leaving),
        "worst_ms": round(1000 * max(every), 3),
        "calendar_lines": lines,
        "calendar_cpu_ms": round(1000 * sum(stalls)),
        "calendar_worst_ms": round(1000 * max(stalls), 1),
        "memory_mb": round(memory_mb),
        "memory_mb_per_100000_workers": round(memory_mb * 100_000 / size.workers),
        "dump_ms": round(dump_ms, 1),
        "dump_mb": round(len(dumped) / 1e6, 1),
        "load_ms": round(load_ms, 1),
        "resolve_ortools_ms": round(resolve_ms, 1),
        "resolve_ortools_events_per_s": round(1000 * RESOLVE_EVENTS / resolve_ms),
        "checked": True,
    }


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    began = perf_counter()
    result = call()
    return 1000 * (perf_counter() - began), result


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGESIZE / 1e6


def _percentiles(name: str, times: Sequence[float]) -> dict[str, float]:
    parts = {"50": 0.5, "99": 0.99, "999": 0.999}
    return {f"{name}_p{label}_ms": round(share(times, part), 4) for label, part in parts.items()}
