"""The lock files have one Kafka, hashes for everything, and no address of any registry."""

import re
import tomllib
from pathlib import Path

import pytest

from services.ops.embedded import jars

ROOT = Path(__file__).parents[2]
KAFKA = "4.3.1"


def test_kafka_and_its_clients_are_of_one_version() -> None:
    versions = {jar.artifact: jar.version for jar in jars.locked()}
    assert versions["kafka-clients"] == KAFKA
    assert versions["kafka_2.13"] == KAFKA


def test_the_containers_run_the_same_kafka() -> None:
    assert f"apache/kafka:{KAFKA}" in (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")


def test_every_jar_has_a_hash() -> None:
    assert [jar.file for jar in jars.locked() if not re.fullmatch("[0-9a-f]{64}", jar.sha256)] == []


@pytest.mark.parametrize("name", ["bootstrap.lock", "requirements.lock", "requirements-run.lock"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert [line.split()[0] for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("name", ["bootstrap.lock", "requirements.lock", "requirements-run.lock", "jgo.lock.toml"])
def test_no_lock_names_a_registry(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_what_runs_is_locked_alike_for_tests_and_containers() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-zA-Z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE))

    tests, containers = pins("requirements.lock"), pins("requirements-run.lock")
    assert {name: pin for name, pin in containers.items() if tests.get(name) != pin} == {}


def test_direct_dependencies_are_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[\[=>]", words)[0] for words in project["dependencies"]}
    text = (ROOT / "requirements-run.lock").read_text(encoding="utf-8")
    assert [name for name in sorted(named) if not re.search(rf"^{re.escape(name)}==", text, re.MULTILINE)] == []
