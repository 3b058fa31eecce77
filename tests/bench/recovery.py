"""How soon the chain matches again after `kill -9` of a part, and how soon a stack starts on an existing folder.

Measured over the public API of a running stack: from the signal to the answer that shows a pledge filled that was made
after it. The end state is checked: every pledge that was accepted is filled by one worker of its own.
"""

import asyncio
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import httpx

from schemas.reference import regions
from services.ops.supervisor import Stack, Wanted
from tests.support.files import person

PARTS: Final = ("matcher", "kafka")
_CITY: Final = "36.72"
_KELURAHAN: Final = regions.kelurahan_in(_CITY)
_BEGINS: Final = "2026-11-24"
_STARTS: Final = "2026-12"
_PATIENCE_S: Final = 60
#: between two kills, so that the second meets a system at rest and not one that still recovers
_REST_S: Final = 4


async def measure(data: Path, *, kills: int = 5) -> dict[str, Any]:
    """Seconds to the next match, median and worst, for each part that is killed; then a start on the same folder."""
    found: dict[str, Any] = {}
    async with (
        Stack(Wanted(data, port=0, clock="virtual", env={"SEKUL_CLOCK_START": _BEGINS})) as stack,
        _client(stack) as client,
    ):
        city = await City.founded(client, workers=len(PARTS) * kills + 1)
        await city.match()
        for part in PARTS:
            seconds = []
            for _ in range(kills):
                await asyncio.sleep(_REST_S)
                begun = perf_counter()
                stack.kill(part)
                await city.match()
                seconds.append(perf_counter() - begun)
            found[f"recovery_{part}_s"] = round(median(seconds), 2)
            found[f"recovery_{part}_worst_s"] = round(max(seconds), 2)
        await city.check()
    begun = perf_counter()
    async with Stack(Wanted(data, port=0)):
        found["start_existing_s"] = round(perf_counter() - begun, 2)
    return found


def _client(stack: Stack) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {stack.operator_key}"}
    return httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=_PATIENCE_S)


class City:
    """One city, its waiting workers and one donor, who pledges for one of them at a time."""

    def __init__(self, client: httpx.AsyncClient, donor: str) -> None:
        self._client = client
        self._donor = donor
        self._pledges: list[str] = []

    @classmethod
    async def founded(cls, client: httpx.AsyncClient, *, workers: int) -> "City":
        """Register a donor and as many workers."""
        donor = await _made(client, "/v1/donors", {"kind": "company", "name": "PT Contoh", "language": "id"})
        for number in range(workers):
            await _made(client, "/v1/workers", _worker(number))
        return cls(client, donor)

    async def match(self) -> None:
        """Make a pledge of one slot and wait until it is filled. Raises `TimeoutError` after a minute."""
        pledge = {"donor": self._donor, "slots": 1, "months": 12, "starts": _STARTS, "scope": {"areas": [_CITY]}}
        async with asyncio.timeout(_PATIENCE_S):
            self._pledges.append(await _made(self._client, "/v1/pledges", pledge))
            while await self._filled(self._pledges[-1]) != 1:
                await asyncio.sleep(0.02)

    async def _filled(self, pledge: str) -> int:
        answer = await self._client.get(f"/v1/pledges/{pledge}")
        return int(answer.json()["filled"]) if answer.is_success else 0

    async def check(self) -> None:
        """See that every pledge is still filled."""
        assert [await self._filled(pledge) for pledge in self._pledges] == [1] * len(self._pledges)


async def _made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    """The id of what a request makes; 503 is tried again with the same key, as a client would."""
    headers = {"Idempotency-Key": f"bench-{path}-{perf_counter()}"}
    while True:
        try:
            answer = await client.post(path, json=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.02)
            continue
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            assert answer.status_code == httpx.codes.CREATED, answer.text
            return str(answer.json()["id"])
        await asyncio.sleep(0.02)


def _worker(number: int) -> dict[str, Any]:
    row = person(number)
    day, month, year = row["Tgl Lahir"].split("/")
    return {
        "nik": row["NIK"],
        "name": row["Nama"],
        "born": f"{year}-{month}-{day}",
        "sex": "f" if row["L/P"] == "P" else "m",
        "phone": row["No HP"],
        "area": _KELURAHAN[number % len(_KELURAHAN)],
        "occupation": "ojek",
        "desil": 3,
        "consent": {"given_at": "2026-11-01T03:00:00Z", "by": "rt"},
    }
