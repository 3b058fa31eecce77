"""The first days: donors register, volunteers send their lists, pledges are made. Uses only the public API.

In the middle of the pledges the matcher is killed by -9. Must not use anything that a donor or a volunteer cannot use.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.reference import regions
from services.ops.client import Gateway
from services.ops.demo import donors, files, people
from services.ops.demo.donors import Donor
from services.ops.demo.files import WorkerFile
from services.ops.demo.people import CITY, Person
from services.ops.demo.receiver import CsrSystem
from services.ops.demo.screen import Screen, each
from services.ops.supervisor import Stack

#: the occupations of workers whom donors name
_NAMED: Final = ("sopir", "art", "ojek")
_POLL_S: Final = 0.1
_LONG_S: Final = 60.0
_FILES_AT_ONCE: Final = 4


@dataclass
class Stage:
    """What the demonstration runs on, and what it knows so far."""

    stack: Stack
    gateway: Gateway
    screen: Screen
    #: the system of the first company, which receives webhooks
    csr: CsrSystem
    seed: int
    workers: int
    starts: str
    #: by the id that the gateway assigned
    donors: dict[str, Donor] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)

    async def settled(self) -> None:
        """Wait until every service has applied all facts of every other."""
        async with asyncio.timeout(_LONG_S):
            while not (await self.gateway.get("/v1/health"))["settled"]:
                await asyncio.sleep(_POLL_S)


async def imported(gateway: Gateway, import_id: str, forward: Callable[[int], None]) -> dict[str, Any]:
    """Wait until all rows of a file are read; returns the outcome."""
    seen = 0
    while True:
        state: dict[str, Any] = await gateway.get(f"/v1/imports/{import_id}")
        forward(state["accepted"] - seen)
        seen = state["accepted"]
        if state["status"] == "done":
            return state
        await asyncio.sleep(_POLL_S)


async def found(stage: Stage) -> None:
    """Everything until the first bill."""
    everybody = people.workers(stage.seed, stage.workers)
    given = [
        *donors.companies(stage.seed, stage.workers, stage.starts),
        *donors.people(stage.seed, stage.workers, stage.starts),
    ]
    naming = sum(donor.names_worker for donor in given)
    known = [person for person in everybody if person.occupation in _NAMED][:naming]
    await _donors(stage, given)
    named = await _named(stage, known)
    unknown = {person.nik for person in known}
    await _lists(stage, [person for person in everybody if person.nik not in unknown])
    await _pledges(stage, named)


async def _donors(stage: Stage, given: Sequence[Donor]) -> None:
    with stage.screen.step("donors register", len(given)) as step:

        async def register(donor: Donor) -> str:
            return str((await stage.gateway.post("/v1/donors", donor.body))["id"])

        ids = await each(given, register, after=step.forward)
        stage.donors = dict(zip(ids, given, strict=True))
        webhook = await stage.gateway.post(f"/v1/donors/{ids[0]}/webhooks", {"url": stage.csr.url})
        stage.csr.secret = webhook["secret"]
        firms = sum(donor.company is not None for donor in given)
        step.result = f"{firms} companies, {len(given) - firms} people of Gemet Sekul"


async def _named(stage: Stage, known: Sequence[Person]) -> list[str]:
    """The workers whom somebody will name, one by one; each asked for his own consent."""
    with stage.screen.step("drivers and maids are put on the list", len(known)) as step:
        now = (await stage.gateway.get("/v1/clock"))["now"]

        async def register(person: Person) -> str:
            body = {
                "nik": person.nik,
                "name": person.name,
                "born": person.born.isoformat(),
                "sex": person.sex,
                "phone": person.phone,
                "area": person.kelurahan,
                "occupation": person.occupation,
                "desil": person.desil,
                "consent": {"given_at": now, "by": "self"},
            }
            return str((await stage.gateway.post("/v1/workers", body))["id"])

        found = await each(known, register, after=step.forward)
        step.result = str(len(found))
        return found


async def _lists(stage: Stage, listed: Sequence[Person]) -> None:
    """A file for each kelurahan, each with the key of its kecamatan's volunteers; then the office's workbook."""
    with stage.screen.step("RT and RW send their lists", len(listed)) as step:
        sent = [files.of_kelurahan(stage.seed, area, here) for area, here in people.by_kelurahan(list(listed))]
        office = listed[:: max(1, len(listed) // 60)]
        async with asyncio.TaskGroup() as group:
            keys = {
                area: group.create_task(_field_key(stage, area))
                for area in sorted({regions.kecamatan_of(file.area) for file in sent})
            }
        done = await each(
            sent,
            lambda file: _send(stage, file, keys[regions.kecamatan_of(file.area)].result(), step.forward),
            at_once=_FILES_AT_ONCE,
        )
        done.append(await _send(stage, files.of_office(stage.seed, office), stage.stack.operator_key, step.forward))
        stage.lists = {name: sum(one[name] for one in done) for name in ("rows", "accepted", "refused", "duplicates")}
        counts = stage.lists
        step.result = (
            f"{len(done)} files, {counts['rows']} rows: {counts['accepted']} accepted, "
            f"{counts['refused']} refused with their reasons, {counts['duplicates']} known already"
        )


async def _field_key(stage: Stage, area: str) -> str:
    return str((await stage.gateway.post("/v1/keys", {"role": "field", "areas": [area]}))["key"])


async def _send(stage: Stage, file: WorkerFile, key: str, forward: Callable[[int], None]) -> dict[str, int]:
    async with Gateway(stage.stack.url, key, patience_s=_LONG_S) as volunteer:
        sent = await volunteer.upload("/v1/imports/workers", file.content, file.media, city=CITY)
        return await imported(volunteer, sent["id"], forward)


async def _pledges(stage: Stage, named: Sequence[str]) -> None:
    """All pledges; when half of them are made, the matcher is killed, and no donor waits for it."""
    screen = stage.screen
    left = list(named)
    wanted = []
    for donor_id, donor in stage.donors.items():
        pledge = donor.pledge | {"donor": donor_id}
        if donor.names_worker:
            pledge["scope"] = pledge["scope"] | {"workers": [left.pop()]}
        wanted.append((donor, pledge))
    with screen.step("pledges are made", len(wanted)) as step:
        made = 0

        def another() -> None:
            nonlocal made
            made += 1
            step.forward()
            if made == len(wanted) // 2:
                stage.stack.kill("matcher")
                screen.print("[red]✗[/red] the matcher is killed by -9 while pledges come in")

        totals = await each(wanted, lambda one: _pledge(stage, *one), after=another)
        step.result = f"{len(wanted)} pledges for {sum(slots for slots in totals)} workers"
    with screen.step("the matcher comes back and matches") as step:
        await stage.settled()
        matched = await _matched(stage)
        step.result = f"{matched} workers have a donor"


async def _pledge(stage: Stage, donor: Donor, pledge: dict[str, Any]) -> int:
    """A company pledges with a key of its own, as its system would."""
    if donor.company is None:
        return int((await stage.gateway.post("/v1/pledges", pledge))["slots"])
    key = (await stage.gateway.post("/v1/keys", {"role": "donor", "donor": pledge["donor"]}))["key"]
    async with Gateway(stage.stack.url, key, patience_s=_LONG_S) as company:
        return int((await company.post("/v1/pledges", pledge))["slots"])


async def _matched(stage: Stage) -> int:
    cover = await stage.gateway.get("/v1/coverage", level="city", city=CITY, month=stage.starts)
    return sum(int(area["matched"]) for area in cover["areas"])
