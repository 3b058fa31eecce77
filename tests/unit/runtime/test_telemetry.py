"""Signals: each has a meaning, and reporting never fails what it reports on."""

import errno
import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from services.runtime.base import telemetry
from services.runtime.base.settings import Telemetry


class FullDisk(io.StringIO):
    """What standard error is when it is a file on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(telemetry, "log", structlog.get_logger("test"))
    telemetry.set_up(Telemetry(), "gateway")
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.usefixtures("configured")
def test_a_log_line_that_cannot_be_written_is_dropped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as full:
        full.setattr(sys, "stderr", FullDisk())
        telemetry.log.warning("shard.failed", shard=8)
    telemetry.log.warning("shard.recovered", shard=8)
    written = capsys.readouterr().err
    assert "shard.recovered" in written
    assert "shard.failed" not in written


def test_the_help_of_a_metric_is_a_sentence() -> None:
    helps = [line for line in telemetry.exposition().decode().splitlines() if line.startswith("# HELP sekul_")]
    assert len(helps) > 20
    assert [line for line in helps if not (line.endswith(".") and len(line.split()) > 6)] == []
