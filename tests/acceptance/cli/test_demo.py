"""`sekul demo`, small: Cilegon survives two crashes, every law holds, and no person is revealed."""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.ops.demo import donors, people
from services.ops.local import Folder, settings_of
from tests.acceptance.cli.conftest import ROOT

#: the demonstration has `_DEMO_S`
pytestmark = pytest.mark.timeout(900)
_DEMO_S = 600
WORKERS, SEED = 60, 11
LAWS = 14


@dataclass
class Played:
    """What a demonstration printed, and the folder of its data."""

    text: str
    data: Path
    console: int
    code: int


@pytest.fixture(scope="module")
async def played() -> AsyncIterator[Played]:
    """A demonstration of one month that stayed up until Ctrl-C."""
    home = Path(tempfile.mkdtemp(prefix="sekul-demo-"))
    words = ("demo", "--workers", str(WORKERS), "--months", "1", "--seed", str(SEED), "--data", str(home))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", *words),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    lines = []
    try:
        async with asyncio.timeout(_DEMO_S):
            while not (line := (await process.stdout.readline()).decode()).startswith("Ctrl-C") and line:
                lines.append(line)
        data = _data_in(home)
        console = await _console(data) if line else 0
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            code = await process.wait()
        yield Played("".join(lines), data, console, code)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _data_in(home: Path) -> Path:
    (data,) = home.glob("demo-*")
    return data


async def _console(data: Path) -> int:
    async with httpx.AsyncClient(follow_redirects=True) as client:
        return (await client.get(f"{settings_of(data).http.url_of('gateway')}/console")).status_code


def test_it_ends_with_0_after_all_laws_held(played: Played) -> None:
    assert "all laws hold" in played.text, played.text
    assert sum(line.startswith("✓ ") and line[2:].split()[0].islower() for line in played.text.splitlines()) >= LAWS
    assert played.code == 0


def test_it_survives_a_killed_service_and_a_killed_kafka(played: Played) -> None:
    assert "the matcher is killed by -9" in played.text
    assert "Kafka is killed by -9" in played.text
    assert "November 2026 is closed" in played.text


def test_it_shows_the_board_the_books_and_notices(played: Played) -> None:
    assert "toward the target" in played.text
    assert "sum of all accounts" in played.text
    assert "***" in played.text.partition("Some notices")[2]


def test_a_company_is_called_with_signatures_that_are_valid(played: Played) -> None:
    assert re.search(r"received [1-9]\d* webhooks with a valid signature, 0 without", played.text)


def test_the_console_is_there_until_the_end(played: Played) -> None:
    assert played.console == httpx.codes.OK


def _secrets() -> Iterator[str]:
    """What must not lie in any file in plain: of workers and donors of the demonstration."""
    for person in people.workers(SEED, WORKERS):
        yield from (person.nik, *([person.phone, f"+62{person.phone[1:]}"] if person.phone else []))
        yield from [person.name] if " " in person.name else []
    starts = "2026-11"
    for donor in (*donors.people(SEED, WORKERS, starts), *donors.companies(SEED, WORKERS, starts)):
        yield from (donor.body["email"], *([donor.body["name"]] if " " in donor.body["name"] else []))


def test_no_file_of_the_run_names_the_people(played: Played) -> None:
    assert Folder(played.data).log("gateway").stat().st_size > 0
    wanted = "\n".join(_secrets())
    assert _files_with(wanted, played.data) == ""
    assert _files_with("aggregate", played.data) != "", "the search itself finds what is there"


def _files_with(words: str, folder: Path) -> str:
    """The files that hold one of the words, a line each; byte for byte, whatever they are."""
    search = ("grep", "--recursive", "--text", "--fixed-strings", "--files-with-matches", "--file=-", str(folder))
    return subprocess.run(search, input=words, capture_output=True, text=True, check=False).stdout
