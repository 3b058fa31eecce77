"""`sekul up` as a supervisor: a part that dies is started again, an end stops all parts, bad options are refused.

The services are stand-ins; Kafka and PostgreSQL are real.
"""

import asyncio
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.logs import CATALOGUE
from services.ops.doctor import examine
from services.ops.embedded.kafka import Kafka
from services.ops.local import Folder, settings_of
from services.ops.supervisor import Stack, Wanted
from services.runtime.base.errors import Defect, RetryLater
from services.runtime.base.postgres import connect
from tests.support.postgres import MASTER_KEY
from tests.support.stack import alive, becomes_true

_STAND_IN = (sys.executable, "-m", "tests.support.stand_in")
_PARTS = (*CATALOGUE, "kafka", "postgres")
_UP = """
import asyncio, sys
from pathlib import Path
from services.ops.supervisor import Wanted, up
wanted = Wanted(Path(sys.argv[1]), port=0, serve=(sys.executable, "-m", "tests.support.stand_in"))
asyncio.run(up(wanted, lambda line: print(line, flush=True)))
"""


def _pids(data: Path) -> dict[str, int]:
    return {name: int(Folder(data).pid(name).read_text(encoding="utf-8")) for name in _PARTS}


def _wanted(data: Path) -> Wanted:
    return Wanted(data, port=0, clock="virtual", shards=4, serve=_STAND_IN)


async def test_a_killed_part_is_started_again_at_the_same_address(data: Path) -> None:
    lines: list[str] = []
    async with Stack(_wanted(data), lines.append) as stack:
        servers, url = stack.settings.kafka.servers, stack.settings.database.url
        before = _pids(data)
        for name in _PARTS:
            stack.kill(name)
        await becomes_true(lambda: all(_pids(data)[name] != before[name] for name in _PARTS))
        await stack.ready()
        database = await connect(settings_of(data).database_url("ledger"))
        assert await database.fetchval("SELECT count(*) FROM ledger.facts") == 0
        await database.close()
        assert (settings_of(data).kafka.servers, settings_of(data).database.url) == (servers, url)
        assert all(alive(pid) for pid in _pids(data).values())
    assert sum("has ended; starting it again" in line for line in lines) == len(_PARTS)


async def test_a_folder_keeps_its_shape_and_secrets_from_run_to_run(data: Path) -> None:
    async with Stack(_wanted(data)) as stack:
        assert stack.operator_key_is_new
        key = stack.operator_key
    files = [data / "secrets/master.key", data / "secrets/operator.key", data / "database.url"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * 3, "readable by their owner alone"
    async with Stack(Wanted(data, port=0, serve=_STAND_IN)) as stack:
        assert (stack.operator_key, stack.settings.shards, stack.settings.clock) == (key, 4, "virtual")
        assert not stack.operator_key_is_new
        assert [finding for finding in await examine(data) if finding.state == "bad"] == []
        with pytest.raises(Defect, match="another sekul runs from"):
            await Stack(_wanted(data)).__aenter__()
    with pytest.raises(Defect, match="was made with 4 shards"):
        await Stack(Wanted(data, port=0, shards=8, serve=_STAND_IN)).__aenter__()


async def test_the_doctor_names_what_does_not_run_and_how_to_repair_it(data: Path) -> None:
    async with Stack(_wanted(data)) as stack:
        await stack.hold("ledger")
        (data / "secrets/master.key").chmod(0o644)
        found = {finding.what: finding for finding in await examine(data) if finding.state == "bad"}
    assert set(found) == {"ledger", "secrets"}
    assert found["secrets"].fix == f"chmod 600 {data}/secrets/master.key"
    assert "logs/ledger.log" in found["ledger"].fix


async def test_a_port_in_use_fails_with_one_line(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as rival:
        port = rival.getsockname()[1]
        with pytest.raises(Defect) as refused:
            await Stack(Wanted(data, port=port, serve=_STAND_IN)).__aenter__()
    assert refused.value.detail == f"port {port}, for the gateway, is in use; take another with --port"


async def test_servers_elsewhere_that_do_not_answer_fail_at_once(data: Path, kafka: Kafka) -> None:
    nowhere = Wanted(data, port=0, kafka="127.0.0.1:1", database="postgresql://me:word@127.0.0.1:1/sekul")
    with pytest.raises(RetryLater, match=r"Kafka cannot be reached: 127\.0\.0\.1:1: .*Connect call failed"):
        await Stack(nowhere).__aenter__()
    with pytest.raises(RetryLater) as away:
        await Stack(replace(nowhere, kafka=kafka.servers)).__aenter__()
    assert away.value.detail.startswith("the database postgresql://127.0.0.1:1/sekul cannot be used: ")
    assert "word" not in away.value.detail


async def test_the_failure_of_a_service_that_cannot_start_quotes_its_output(
    data: Path, kafka: Kafka, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKUL_MASTER_KEY", MASTER_KEY)
    broken = (sys.executable, "-c", "raise SystemExit('no disk left')")
    with pytest.raises(Defect, match="no disk left"):
        await Stack(Wanted(data, port=0, kafka=kafka.servers, database=postgres_url, serve=broken)).__aenter__()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_no_process_outlives_the_supervisor(data: Path, number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _UP, str(data), stdout=subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(90):
        while b"is up" not in (line := await process.stdout.readline()):
            assert line, "the supervisor ended at its start"
    pids = _pids(data).values()
    process.send_signal(number)
    async with asyncio.timeout(60):
        code = await process.wait()
    await becomes_true(lambda: not any(alive(pid) for pid in pids))
    assert code == (-signal.SIGKILL if number is signal.SIGKILL else 0)
