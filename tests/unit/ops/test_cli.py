"""The command line without a gateway: help everywhere, wrong usage, and one line for what can be foreseen."""

import errno
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from rich.console import Console
from typer.testing import CliRunner

from services.cli import app
from services.ops.client import Problem
from services.ops.terminal import errors, views
from services.runtime.base.errors import Defect
from services.settings import Settings

COMMANDS = (
    "demo", "up", "serve", "migrate", "pledge", "workers", "receipts", "remit", "cycle", "coverage", "explain", "watch",
    "keys", "deadletters", "verify", "export", "rebuild", "settings", "doctor", "schemas",
)  # fmt: skip
GROUPS = {
    "pledge": ("submit", "preview", "show", "cancel"),
    "workers": ("import",),
    "receipts": ("import",),
    "remit": ("list", "export", "pay"),
    "cycle": ("bill", "show", "close"),
    "explain": ("worker", "pledge"),
    "deadletters": ("list", "show", "redrive"),
    "keys": ("create",),
}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command as a process of its own, in an empty folder."""
    root = Path(__file__).parents[3]
    monkeypatch.setenv("PYTHONPATH", str(root))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    assert [command for command in COMMANDS if not re.search(rf"\b{command}\b", result.output)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert [name for name in GROUPS.get(command, ()) if name not in result.output] == []


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["serve", "nobody"],
        ["pledge", "submit"],
        ["schemas", "--breaking"],
        ["up", "--port", "70000"],
        ["up", "--port", "65533"],
        ["demo", "--port", "-1"],
    ],
)
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


def test_the_published_schemas_are_as_the_code_has_them() -> None:
    assert CliRunner().invoke(app, ["schemas", "--check"]).exit_code == 0


def test_settings_are_printed_with_secrets_masked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEKUL_DATA", str(tmp_path))
    monkeypatch.setenv("SEKUL_OPERATOR_KEY", "sk_very_secret")
    monkeypatch.setenv("SEKUL_DATABASE__URL", "postgresql://owner:hidden@db.example:5432/sekul")
    result = CliRunner().invoke(app, ["settings"])
    assert "SEKUL_HTTP__GATEWAY_PORT=8700" in result.output
    assert "very_secret" not in result.output
    assert "hidden" not in result.output


def test_a_gateway_that_is_away_fails_with_one_line(run: Run) -> None:
    ended = run("coverage", "--url", "http://127.0.0.1:1", "--key", "k")
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert "http://127.0.0.1:1 does not answer" in ended.stderr
    assert "sekul up" in ended.stderr


def test_a_folder_from_which_nothing_has_run_fails_with_one_line(run: Run) -> None:
    ended = run("coverage")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "no API key: give --key or set SEKUL_KEY" in ended.stderr


def test_nothing_to_verify_fails_with_one_line(run: Run) -> None:
    ended = run("verify")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "SEKUL_DATABASE__ADMIN_URL" in ended.stderr


def test_a_service_without_a_key_or_a_database_fails_with_one_line(run: Run) -> None:
    ended = run("serve", "ledger")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "SEKUL_MASTER_KEY" in ended.stderr


def test_a_setting_that_cannot_be_taken_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKUL_SHARDS", "none")
    ended = run("settings")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "SEKUL_SHARDS" in ended.stderr


def _invalid() -> ValidationError:
    with pytest.raises(ValidationError) as found:
        Settings(shards=0)
    return found.value


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Defect("port.taken", "port 8700 is in use"), "sekul: port 8700 is in use"),
        (Problem(401, {"code": "key.unknown", "detail": "no such key"}), "sekul: no such key (key.unknown)"),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "sekul: the disk is full (/data/x)"),
        (FileNotFoundError(errno.ENOENT, "gone", "list.csv"), "sekul: there is no file list.csv"),
        (PermissionError(errno.EACCES, "Permission denied", "list.csv"), "sekul: Permission denied (list.csv)"),
        (OSError(errno.EROFS, "Read-only file system", "/data"), "sekul: the file system is read-only (/data)"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/data/x"), "sekul: Not a directory (/data/x)"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), "sekul: PostgreSQL or Kafka does not"),
        (httpx.ReadTimeout("slow", request=httpx.Request("GET", "http://a/b")), "sekul: http://a took too long"),
        (ExceptionGroup("two", [Defect("x", "the first"), ValueError("the second")]), "sekul: the first"),
        (_invalid(), "sekul: SEKUL_SHARDS: Input should be greater than or equal to 1"),
    ],
)
def test_a_foreseeable_failure_is_one_line(error: BaseException, line: str) -> None:
    assert (errors.message(error) or "").startswith(line)


def test_an_unforeseen_error_keeps_its_traceback() -> None:
    assert errors.message(KeyError("surprise")) is None


def test_places_of_a_body_are_named_below_the_problem() -> None:
    wrong = [{"pointer": "/slots", "code": "field.range", "detail": "too many"}]
    line = errors.message(Problem(422, {"code": "body.invalid", "detail": "see errors", "errors": wrong}))
    assert line == "sekul: see errors (body.invalid)\n  /slots: too many (field.range)"


def test_an_export_is_checked_without_any_server(tmp_path: Path) -> None:
    (tmp_path / "heads.json").write_text("[]", encoding="utf-8")
    result = CliRunner().invoke(app, ["verify", "--offline", str(tmp_path), "--json"])
    assert result.exit_code == 0
    assert '{"law":"log","state":"holds"' in result.stdout


def test_what_keeps_a_month_open_is_a_row_of_words() -> None:
    exception = {
        "code": "not_answered", "owner": "bpjs", "remittance": "rem_1", "worker_months": 1_200, "idr": 16_800,
        "since": "2026-12-04", "due_on": "2027-01-15", "misfits": 1,
    }  # fmt: skip
    console = Console(width=200)
    with console.capture() as printed:
        console.print(views.exceptions([exception]))
    row = " ".join(printed.get().splitlines()[1].split())
    assert row == (
        "paid, not answered by BPJS, payments that do not fit: 1 BPJS 1.200 Rp16.800 2026-12-04 2027-01-15 rem_1"
    )
