"""The files of `deploy/` fit the code: settings, services, names of metrics."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, SecretStr

from schemas.logs import CATALOGUE
from services.runtime.base import telemetry
from services.runtime.base.settings import Section
from services.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
_ROW = re.compile(r"^\| `(SEKUL_\w+)` \| (?:`(.*?)`|(secret))? ?\|", re.MULTILINE)


def _settings(model: type[BaseModel] = Settings, prefix: str = "SEKUL_") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from _settings(kind, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}", field.default


def _written(default: Any) -> str:
    if isinstance(default, SecretStr):
        return "secret"
    if isinstance(default, bool | tuple):
        return json.dumps(default)
    return "" if default is None else str(default)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_the_table_of_settings_is_complete_and_true() -> None:
    rows = _ROW.findall((DEPLOY / "settings.md").read_text(encoding="utf-8"))
    table = {name: default or secret for name, default, secret in rows}
    assert table == {name: _written(default) for name, default in _settings()}


def test_compose_runs_every_service(compose: dict[str, Any]) -> None:
    commands = [service.get("command") for service in compose["services"].values()]
    assert [name for name in CATALOGUE if ["serve", name] not in commands] == []


def test_compose_sets_only_settings_that_exist(compose: dict[str, Any]) -> None:
    known = {name for name, _ in _settings()}
    used = {name for service in compose["services"].values() for name in service.get("environment", {})}
    assert {name for name in used if name.startswith("SEKUL_")} - known == set()


def test_services_do_not_get_the_owners_login(compose: dict[str, Any]) -> None:
    environments = {name: compose["services"][name]["environment"] for name in CATALOGUE}
    assert [name for name, settings in environments.items() if "SEKUL_DATABASE__ADMIN_URL" in settings] == []


def test_alerts_watch_metrics_that_exist() -> None:
    alerts = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))
    words = " ".join(rule["expr"] for group in alerts["groups"] for rule in group["rules"])
    for name in CATALOGUE:
        import_module(f"services.{name}.app")
    known = {one.name + "_total" * (one.type == "counter") for one in telemetry.REGISTRY.collect()}
    assert set(re.findall(r"\bsekul_\w+", words)) - known == set()


def test_every_alert_names_an_action() -> None:
    alerts = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert [rule["alert"] for rule in rules if not rule["annotations"].get("action")] == []
