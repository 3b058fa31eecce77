"""`sekul doctor`: examines the machine and what runs from a data folder, and reports how to fix what is wrong.

Must not change anything, and must not raise where a finding can name the reason.
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import httpx

from schemas import COMPILED, STALE
from schemas.logs import CATALOGUE
from services.ops.embedded import jars
from services.ops.local import Folder, settings_of
from services.ops.migrate import pending
from services.ops.parts import out_of_reach
from services.runtime.base.errors import Defect
from services.runtime.base.postgres import connect, is_away
from services.settings import Settings

State = Literal["good", "doubtful", "bad"]
_DISK_BAD_MB, _DISK_DOUBTFUL_MB = 200, 2_000
_MEMORY_DOUBTFUL_MB = 2_000
_TIMEOUT_S = 5


@dataclass(frozen=True)
class Finding:
    """The state of one thing; `fix` is empty when nothing is to be done."""

    what: str
    state: State
    detail: str
    fix: str = ""


async def examine(data: Path) -> list[Finding]:
    """All findings about this machine and the stack of a data folder."""
    found = [*_machine(data), *_parts(), *_secrets(data)]
    if found[-1].what == "data":
        return found
    try:
        settings = settings_of(data)
    except Defect as defect:
        return [*found, Finding("data", "bad", defect.detail, "see the text")]
    return [*found, await _kafka(settings), await _database(settings), *await _services(settings)]


def healthy(findings: list[Finding]) -> bool:
    """Whether nothing is bad."""
    return all(finding.state != "bad" for finding in findings)


def running() -> str:
    """Whether the hot path of this process is compiled."""
    if COMPILED:
        return f"{COMPILED} compiled modules"
    return f"plain Python; there are compiled modules, but {STALE}" if STALE else "plain Python"


def _machine(data: Path) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", "good", version)
    yield Finding("hot path", "doubtful" if STALE else "good", running(), "make compile" if STALE else "")
    place = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(place).free // 2**20
    state: State = "bad" if free < _DISK_BAD_MB else "doubtful" if free < _DISK_DOUBTFUL_MB else "good"
    yield Finding("disk", state, f"{free:,} MB free at {place}", "" if state == "good" else "make room, or move --data")
    memory = Path("/proc/meminfo")
    if memory.exists():
        lines = dict(line.split(":", 1) for line in memory.read_text(encoding="utf-8").splitlines())
        room = int(lines["MemAvailable"].split()[0]) // 1024
        state = "doubtful" if room < _MEMORY_DOUBTFUL_MB else "good"
        fix = "" if state == "good" else f"all parts together need about {_MEMORY_DOUBTFUL_MB:,} MB"
        yield Finding("memory", state, f"{room:,} MB available", fix)


def _parts() -> Iterator[Finding]:
    if sys.platform == "linux" and shutil.which("setpriv") is None:
        yield Finding("setpriv", "bad", "absent", "install the package util-linux")
    home = jars.folder()
    if not home.exists():
        yield Finding("Kafka's jars", "doubtful", "not fetched yet", "make jars; or the first start fetches them")
        return
    wrong = [jar.file for jar in jars.locked() if not _is(home / jar.file, jar.sha256)]
    fix = f"rm -r {home}, then: make jars" if wrong else ""
    detail = ", ".join(wrong) + " differ from the lock" if wrong else f"{len(jars.locked())}, all as locked"
    yield Finding("Kafka's jars", "bad" if wrong else "good", detail, fix)


def _is(file: Path, wanted: str) -> bool:
    return file.exists() and sha256(file.read_bytes()).hexdigest() == wanted


def _secrets(data: Path) -> Iterator[Finding]:
    if not data.exists():
        yield Finding("data", "doubtful", f"nothing has run from {data} yet", "sekul up")
        return
    open_files = [file for file in (data / "secrets").glob("*") if file.stat().st_mode & 0o077]
    fix = "chmod 600 " + " ".join(map(str, open_files)) if open_files else ""
    detail = "others than their owner can read them" if open_files else "readable by their owner alone"
    yield Finding("secrets", "bad" if open_files else "good", detail, fix)


async def _kafka(settings: Settings) -> Finding:
    why = await out_of_reach(settings.kafka.servers)
    if why:
        return Finding("Kafka", "bad", why, "sekul up starts one; or correct SEKUL_KAFKA__SERVERS")
    return Finding("Kafka", "good", f"{settings.kafka.servers} takes connections")


async def _database(settings: Settings) -> Finding:
    admin = settings.database.admin_url
    if admin is None:
        return Finding("PostgreSQL", "doubtful", "no owner's login known", "set SEKUL_DATABASE__ADMIN_URL")
    url = admin.get_secret_value()
    try:
        connection = await connect(url, timeout=_TIMEOUT_S)
        version = await connection.fetchval("SHOW server_version")
        await connection.close()
        waiting = await pending(url)
    except Exception as error:  # noqa: BLE001 - the finding names any error
        fix = "sekul up starts one; or correct SEKUL_DATABASE__ADMIN_URL" if is_away(error) else "see its log"
        return Finding("PostgreSQL", "bad", f"{type(error).__name__}: {error}", fix)
    if waiting:
        return Finding("PostgreSQL", "bad", f"{version}, not migrated: {', '.join(waiting)}", "sekul up migrates")
    return Finding("PostgreSQL", "good", f"{version}, migrated")


async def _services(settings: Settings) -> list[Finding]:
    found = []
    async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
        for name in CATALOGUE:
            url = settings.http.url_of(name)
            try:
                answer = await client.get(f"{url}/readyz")
            except httpx.HTTPError as error:
                fix = f"sekul up; its log: {Folder(settings.data).log(name)}"
                found.append(Finding(name, "bad", f"{url}: {error or type(error).__name__}", fix))
                continue
            good = answer.status_code == httpx.codes.OK
            words = "ready" if good else answer.text
            found.append(
                Finding(name, "good" if good else "bad", f"{url}: {words}", "" if good else "wait, or see its log")
            )
    return found
