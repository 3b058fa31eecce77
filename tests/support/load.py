"""A small life of three cities over the public API: people register, pledge, move, die, pay late; months are closed.

The same seed is the same life. Where order matters to the outcome, one request waits for the one before it: each city
is one stream, and cities go side by side, as their shards do. Where order does not matter (donors, and a crowd whom no
pledge may protect), requests go all at once, so that they share commits. Labels name what was made, so that two lives
can be compared although their ids differ. Must not look into any service but through HTTP.
"""

import asyncio
import csv
import io
import random  # noqa: TID251 - seeded: the life is the same in each run
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any, Final

from schemas.reference import regions
from tests.support.caller import Caller, Unanswered
from tests.support.files import as_csv, person

#: on different shards of four
CITIES: Final = ("36.72", "36.74", "36.73")
SHARDS: Final = 4
BEGINS: Final = date(2026, 12, 6)
DONORS: Final = 6
WORKERS: Final = 20
CROWD: Final = 6
#: how often the clock is turned
TURNS: Final = 8
_OCCUPATIONS: Final = ("ojek", "kurir", "pedagang", "nelayan", "buruh_bangunan", "art")
#: an occupation that no pledge names, in a kecamatan that none names whole
_ELSEWHERE: Final = "pemulung"
_DAYS_AT_ONCE: Final = 4

#: donors by how they pay their first month
_LATE, _NEVER = 1, 2


async def _at_once() -> None:
    """Wait for nothing."""


@dataclass
class Load:
    """Plays one life. `settled` waits until every service has processed the facts of every other."""

    caller: Caller
    seed: int
    settled: Callable[[], Awaitable[None]] = field(default=_at_once)
    #: what was made, by id
    names: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    day: date = BEGINS
    _turns: "count[int]" = field(default_factory=count)

    async def play(self) -> None:
        """From the first donor to the second closed month."""
        towns = [Town(self, city, number) for number, city in enumerate(CITIES)]
        await asyncio.gather(*(self._join(number) for number in range(DONORS)))
        await self._each(town.arrive() for town in towns)
        await self.turn(1)
        await self._each(town.bill("2026-12") for town in towns)
        await self._each(town.pay("2026-12") for town in towns)
        await self._each(town.change() for town in towns)
        await self.turn(15)
        await self._each(town.pay_late("2026-12") for town in towns)
        await self._each(town.prove_late("2026-12") for town in towns)
        await self._each(town.close("2026-12") for town in towns)
        await self._each(town.bill("2027-01") for town in towns)
        await self._each(town.pay("2027-01", late=False) for town in towns)
        await self.turn(11)
        await self._each(town.close("2027-01") for town in towns)

    async def _each(self, steps: Any) -> None:
        await asyncio.gather(*steps)
        await self.settled()

    async def make(self, label: str, path: str, body: Any) -> str:
        """Have something made that has an id."""
        made = await self.caller.write(label, "POST", path, body)
        self.name(made["id"], label)
        return str(made["id"])

    def name(self, identity: str, label: str) -> None:
        """Remember what an id stands for; one thing has one id."""
        known = self.names.setdefault(identity, label)
        assert known == label, f"{identity} is {known} and {label}"
        assert self.ids.setdefault(label, identity) == identity, f"{label} was made twice"

    async def turn(self, days: int) -> None:
        """Turn the clock, and see that it shows the day that it should."""
        while days:
            step = min(days, _DAYS_AT_ONCE)
            self.day += timedelta(days=step)
            days -= step
            await self.caller.write(f"turn {next(self._turns)}", "POST", "/v1/clock/advance", {"days": step})
            shown = (await self.caller.read("/v1/clock"))["day"]
            assert shown == self.day.isoformat(), f"the clock shows {shown} and not {self.day}"
        await self.settled()

    async def _join(self, number: int) -> None:
        kind, language = ("person", "id") if number % 3 == 2 else ("company", "en")
        body = {"kind": kind, "name": f"Pemberi {number}", "language": language, "email": f"csr{number}@baja.example"}
        await self.make(f"donor {number}", "/v1/donors", body)


class Town:
    """One city's stream of requests."""

    def __init__(self, load: Load, city: str, number: int) -> None:
        self.load = load
        self.city = city
        self.number = number
        self.chance = random.Random(f"{load.seed}/{city}")  # noqa: S311 - nothing secret
        self.kecamatan = regions.children(city)
        self._born = count(number * 10_000)

    def label(self, what: str) -> str:
        """A name within this city."""
        return f"{what} of {self.city}"

    def donor(self, number: int) -> str:
        """A donor's id."""
        return self.load.ids[f"donor {number}"]

    # -- people and pledges --------------------------------------------------------------------------------------

    async def arrive(self) -> None:
        """Workers and pledges come as chance has it, one by one; a crowd comes at the same time, all at once."""
        crowd = [self.register(f"crowd {number}", crowd=True, again=number % 2) for number in range(CROWD)]
        await asyncio.gather(self._stream(), *crowd)

    async def _stream(self) -> None:
        coming: list[Callable[[], Awaitable[Any]]] = [
            partial(self.register, f"worker {number}") for number in range(WORKERS)
        ]
        for number in range(5):
            coming.insert(self.chance.randint(5, len(coming)), partial(self.pledge, number))
        for step in coming:
            await step()
        await self.pledge(5)

    async def register(self, what: str, *, crowd: bool = False, again: int = 0) -> str:
        """Register a worker; the same person `again` more times, at the same moment."""
        body = self._person(crowd=crowd)
        label = self.label(what)
        calls = [self.load.caller.write(f"{label}/{n}", "POST", "/v1/workers", body) for n in range(1 + again)]
        for answer in await asyncio.gather(*calls):
            self.load.name(answer["id"], label)
        return label

    def _person(self, *, crowd: bool = False) -> dict[str, Any]:
        row = person(next(self._born))
        day, month, year = row["Tgl Lahir"].split("/")
        place = self.kecamatan[3] if crowd else self.kecamatan[self.chance.randrange(3)]
        return {
            "nik": row["NIK"],
            "name": row["Nama"],
            "born": f"{year}-{month}-{day}",
            "sex": "f" if row["L/P"] == "P" else "m",
            "phone": row["No HP"],
            "area": regions.children(place)[0 if crowd else self.chance.randrange(2)],
            "occupation": _ELSEWHERE if crowd else self.chance.choice(_OCCUPATIONS),
            "desil": 9 if crowd else self.chance.randint(1, 10),
            "consent": {"given_at": "2026-12-01T03:00:00Z", "by": "rt"},
        }

    async def pledge(self, number: int) -> None:
        """One of six kinds of pledge."""
        first, second, third = self.kecamatan[:3]
        near = regions.children(first)[1]
        named = self.load.ids[self.label("worker 2")]
        kinds: list[dict[str, Any]] = [
            {"donor": 0, "slots": 4, "scope": {"areas": [self.city], "occupations": ["ojek", "kurir"]}},
            {"donor": _LATE, "slots": 3, "scope": {"areas": [first], "near": near}},
            {"donor": _NEVER, "slots": 3, "scope": {"areas": [first, second, third]}, "keep": True},
            {"donor": 3, "slots": 1, "scope": {"areas": [self.city], "workers": [named]}, "months": 6},
            {"donor": 4, "amount_idr": 700_000, "scope": {"areas": [second, third]}, "payment": "pooled"},
            {"donor": 5, "slots": 3, "scope": {"areas": [self.city], "occupations": list(_OCCUPATIONS[2:])}},
        ]
        body = {"starts": "2026-12" if number < 5 else "2027-01", "reference": f"baris {number}"} | kinds[number]
        await self.load.make(self.label(f"pledge {number}"), "/v1/pledges", body | {"donor": self.donor(body["donor"])})

    async def change(self) -> None:
        """Workers die, move, are erased; a pledge grows, one is withdrawn; a list is imported."""
        write, ids = self.load.caller.write, self.load.ids
        gone = self.chance.sample([n for n in range(WORKERS) if n != 2], 2)
        for number, reason in zip(gone, ("died", "moved"), strict=True):
            body = {"reason": reason, "on": self.load.day.isoformat()}
            path = f"/v1/workers/{ids[self.label(f'worker {number}')]}/end"
            await write(self.label(f"end {number}"), "POST", path, body)
        erased = ids[self.label("crowd 0")]
        await write(self.label("erase"), "DELETE", f"/v1/workers/{erased}/personal-data")
        grown, withdrawn = ids[self.label("pledge 0")], ids[self.label("pledge 5")]
        await write(self.label("amend"), "POST", f"/v1/pledges/{grown}/amend", {"slots": 6})
        await write(self.label("cancel"), "POST", f"/v1/pledges/{withdrawn}/cancel", {"from": "2027-02"})
        prefers = {"language": "id", "opted_out": self.number == 1}
        await write(self.label("prefer"), "PUT", f"/v1/donors/{self.donor(3 + self.number)}/preferences", prefers)
        rows = [self._row() for _ in range(4)]
        report = await self._import("workers", as_csv(rows))
        for number, line in enumerate(report):
            self.load.name(line["detail"], self.label(f"listed {number}"))
        await self.register("worker last")

    def _row(self) -> dict[str, str]:
        number = next(self._born)
        return person(number, **{"Kode Wilayah": regions.children(self.kecamatan[0])[number % 2]})

    async def _import(self, of: str, content: bytes) -> list[dict[str, str]]:
        """Send a file and wait until its last row is done. Returns the report."""
        label = self.label(f"import of {of} {next(self._born)}")
        taken = await self.load.caller.upload(label, f"/v1/imports/{of}", content)
        self.load.name(taken["id"], label)
        path = f"/v1/imports/{taken['id']}"
        async with asyncio.timeout(120):
            while (status := await self.load.caller.read(path))["status"] != "done":
                await asyncio.sleep(0.05)
        report = (await self.load.caller.file(f"{path}/report")).decode("utf-8-sig")
        assert status["accepted"] == status["rows"] > 0, report
        return list(csv.DictReader(io.StringIO(report)))

    # -- months --------------------------------------------------------------------------------------------------

    async def bill(self, month: str) -> None:
        """Have a month billed, and wait until it is."""
        body = {"city": self.city}
        await self.load.caller.write(self.label(f"bill {month}"), "POST", f"/v1/cycles/{month}/bill", body)
        await self._until(month, "billed")

    async def close(self, month: str) -> None:
        """Have a month closed, and wait until it is."""
        body = {"city": self.city}
        await self.load.caller.write(self.label(f"close {month}"), "POST", f"/v1/cycles/{month}/close", body)
        await self._until(month, "closed")

    async def _until(self, month: str, state: str) -> None:
        async with asyncio.timeout(120):
            while (await self.load.caller.read(f"/v1/cycles/{month}?city={self.city}"))["state"] != state:
                await asyncio.sleep(0.05)

    async def pay(self, month: str, *, late: bool = True) -> None:
        """All donors who pay in time pay, the first one a wrong amount at first. Then BPJS sends its receipt."""
        paid = []
        for remittance in await self._remittances(month):
            donor = int(self.load.names[remittance["payer"]].removeprefix("donor "))
            if late and donor in (_LATE, _NEVER):
                continue
            if donor == 0:
                await self._pay(remittance, remittance["total_idr"] + 1, "wrong")
            await self._pay(remittance, remittance["total_idr"], "right")
            paid.append(remittance)
        await self._prove(paid, rejected=1)

    async def pay_late(self, month: str) -> None:
        """Late donors pay; donors who never pay do not."""
        for remittance in await self._late(month):
            await self._pay(remittance, remittance["total_idr"], "late")

    async def prove_late(self, month: str) -> None:
        """BPJS's receipt of what was paid late."""
        await self._prove(await self._late(month), rejected=0)

    async def _late(self, month: str) -> list[dict[str, Any]]:
        return [one for one in await self._remittances(month) if one["payer"] == self.donor(_LATE)]

    async def _remittances(self, month: str) -> list[dict[str, Any]]:
        found = (await self.load.caller.read(f"/v1/remittances?month={month}&city={self.city}"))["items"]
        if not found:
            raise Unanswered(f"{self.city} has no remittance of {month}")
        return sorted(found, key=lambda one: self.load.names[one["payer"]])

    async def _pay(self, remittance: dict[str, Any], idr: int, how: str) -> None:
        body = {"amount_idr": idr, "paid_on": self.load.day.isoformat(), "channel": "bank"}
        label = f"pay {how} {self.load.names[remittance['payer']]} {remittance['month']} {self.city}"
        path = f"/v1/remittances/{remittance['id']}/payments"
        # what the ledger has prepared is to be seen at the gateway within a moment
        await self.load.caller.write(label, "POST", path, body, also=["remittance.unknown"])

    async def _prove(self, paid: Sequence[dict[str, Any]], *, rejected: int) -> None:
        """BPJS's receipt of what was paid: all confirmed but a few."""
        rows: list[dict[str, str]] = []
        for remittance in paid:
            path = f"/v1/remittances/{remittance['id']}/file?columns=pay_code,worker,month,idr"
            text = (await self.load.caller.file(path)).decode("utf-8-sig")
            lines = list(csv.DictReader(io.StringIO(text)))
            rows += sorted(lines, key=lambda line: self.load.names[line["worker"]])
        unhappy = self.chance.sample(range(len(rows)), min(rejected, len(rows)))
        for number, row in enumerate(rows):
            row["status"] = "gagal" if number in unhappy else "berhasil"
            row["keterangan"] = "NIK tidak cocok" if number in unhappy else ""
        if rows:
            await self._import("receipts", as_csv(rows))
