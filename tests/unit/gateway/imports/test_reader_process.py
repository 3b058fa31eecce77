"""The reader in a process of its own: it returns what a thread returns, ends with its parent, and leaks no words."""

import pickle
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from services.gateway.domain.roles import Actor
from services.gateway.imports import reader_process, row_reader
from services.gateway.imports.row_reader import Job, Portion
from services.runtime.base.errors import Poison
from tests.support.files import as_csv, person
from tests.support.postgres import KEYS

JOB = Job("imp_x", "workers", Actor("operator", "operator"), None, datetime(2026, 11, 24, tzinfo=UTC), KEYS)
LIST = as_csv(person(number) for number in range(2_500))


def asked(portion: Portion) -> tuple[int, list[int]]:
    return portion.chunk, [request.number for request in portion.requests]


@pytest.mark.parametrize("small_bytes", [0, 10**9])
async def test_a_process_returns_what_a_thread_returns(monkeypatch: pytest.MonkeyPatch, small_bytes: int) -> None:
    monkeypatch.setattr(reader_process, "SMALL_BYTES", small_bytes)
    expected = [asked(portion) for portion in row_reader.portions(JOB, LIST)]
    assert [asked(portion) async for portion in reader_process.read(JOB, LIST)] == expected


@pytest.mark.parametrize("small_bytes", [0, 10**9])
async def test_a_file_that_stays_shut_is_refused_by_either(monkeypatch: pytest.MonkeyPatch, small_bytes: int) -> None:
    monkeypatch.setattr(reader_process, "SMALL_BYTES", small_bytes)
    with pytest.raises(Poison, match=r"file\.unknown_header"):
        await anext(reader_process.read(JOB, b"a;b\n1;2\n"))


def test_the_child_ends_when_its_parent_does() -> None:
    body = pickle.dumps((JOB, as_csv(person(number) for number in range(20_000))))
    with subprocess.Popen(
        [sys.executable, "-m", "services.gateway.imports.reader_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(len(body).to_bytes(8, "big") + body)
        child.stdin.flush()
        child.stdout.read(1)
        child.stdin.close()
        assert child.wait(timeout=30) == 0


def test_a_child_that_has_read_everything_ends_without_a_word() -> None:
    body = pickle.dumps((JOB, LIST))
    command = [sys.executable, "-m", "services.gateway.imports.reader_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write(len(body).to_bytes(8, "big") + body)
        child.stdin.flush()
        child.stdout.read()
        assert (child.stderr.read(), child.wait(timeout=30)) == (b"", 0)


def test_the_places_of_an_error_come_without_its_words() -> None:
    try:
        int("3672014101900001x")
    except ValueError as error:
        places = reader_process.where(error)
    assert places.startswith("test_the_places_of_an_error_come_without_its_words:")
    assert "3672014101900001" not in places


def test_chunks_that_are_done_are_not_read_again() -> None:
    job = Job(JOB.import_id, JOB.of, JOB.actor, None, JOB.at, KEYS, frozenset({0, 2}))
    assert [portion.chunk for portion in row_reader.portions(job, LIST)] == [1]
