"""Ports are remembered, are replaced only when they were not requested, and lie below those of outgoing connections."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from zlib import crc32

import pytest

from services.ops.embedded import process as module
from services.ops.embedded.process import PORTS, Child, free_ports, remembered_port
from services.runtime.base.errors import Defect


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_is_found_again(tmp_path: Path) -> None:
    assert remembered_port(tmp_path / "port") == remembered_port(tmp_path / "port")


def test_ports_lie_below_those_of_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="utf-8").split()[0])
    assert max(PORTS) < lowest


def test_a_remembered_port_that_is_taken_is_replaced(tmp_path: Path, taken: int) -> None:
    (tmp_path / "port").write_text(str(taken), encoding="utf-8")
    assert remembered_port(tmp_path / "port") != taken


def test_a_wanted_port_that_is_taken_is_refused(tmp_path: Path, taken: int) -> None:
    with pytest.raises(Defect, match=f"port {taken} is in use"):
        remembered_port(tmp_path / "port", taken)


def test_several_free_ports_differ() -> None:
    assert len(set(free_ports("a seed", 4))) == 4


def test_two_seeds_that_lead_to_one_port_get_two() -> None:
    places: dict[int, str] = {}
    seeds = (f"seed {number}" for number in count())
    first, second = next(
        (former, seed)
        for seed in seeds
        if (former := places.setdefault(crc32(seed.encode()) % len(PORTS), seed)) is not seed
    )
    assert free_ports(first) != free_ports(second)
    assert free_ports(first) == free_ports(first)


def test_a_port_that_another_process_reserved_is_not_returned() -> None:
    port = free_ports("two processes")[0]
    look = "from services.ops.embedded.process import free_ports; print(*free_ports('two processes', 2))"
    other = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=30, check=True)
    assert str(port) not in other.stdout.split()


async def test_a_stalled_child_can_be_stopped(tmp_path: Path) -> None:
    child = Child("sleeper", ["sleep", "60"], log=tmp_path / "log")
    child.spawn()
    child.send(signal.SIGSTOP)
    await child.stop(timeout_s=5)
    assert child.exit_code == -signal.SIGTERM


async def test_the_last_words_of_a_child_are_kept(tmp_path: Path) -> None:
    child = Child("talker", ["sh", "-c", "echo so long; exit 3"], log=tmp_path / "log")
    child.spawn()
    assert await child.ended(5)
    assert (child.exit_code, child.last_words()) == (3, "so long")


async def test_a_program_lets_others_go_first_only_once_it_has_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_NICE_AFTER_S", 0.3)
    child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], log=tmp_path / "log", niceness=19)
    child.spawn()
    try:
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == os.getpriority(os.PRIO_PROCESS, 0)
        async with asyncio.timeout(10):
            while os.getpriority(os.PRIO_PROCESS, child.pid) != 19:
                await asyncio.sleep(0.01)
    finally:
        child.kill()
