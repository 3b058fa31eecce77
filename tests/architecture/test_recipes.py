"""What a new service or a new kind of fact still needs: each missing place is a failure that names its file.

To add one, begin with the first place and follow the failures. The last test holds the recipes themselves: an invented
service and an invented kind must miss every place.
"""

import importlib.util
import json
import re
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import yaml

from schemas.base import ServiceName
from schemas.export.kinds import kinds
from schemas.logs import CATALOGUE
from services.settings import Http

ROOT: Final = Path(__file__).parents[2]
LANGUAGES: Final = ("id", "en")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _has_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _app_has(service: str, *names: str) -> bool:
    return _has_module(f"services.{service}.app") and all(
        hasattr(import_module(f"services.{service}.app"), name) for name in names
    )


def _in_layers(service: str) -> bool:
    contracts: list[dict[str, Any]] = tomllib.loads(_text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = [
        layer for contract in contracts if contract.get("containers") == ["services"] for layer in contract["layers"]
    ]
    return any(service in re.split(r"\s*\|\s*", layer) for layer in layers)


def _in_compose(service: str) -> bool:
    services = yaml.safe_load(_text("deploy/compose.yaml"))["services"].values()
    return any(one.get("command") == ["serve", service] for one in services)


#: place and what to do there, in the order in which a service is added
SERVICE: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "name": (lambda name: name in get_args(ServiceName), "schemas/base.py: add the name to ServiceName"),
    "facts": (
        lambda name: _has_module(f"schemas.facts.{name}"),
        "schemas/facts/<name>.py: declare its facts and their union",
    ),
    "log": (
        lambda name: name in CATALOGUE,
        "schemas/logs.py: add its Log to CATALOGUE, and the name to its sources' readers",
    ),
    "app": (
        lambda name: _app_has(name, "service", "asgi", "background"),
        "services/<name>/app.py: define service(), asgi() and background()",
    ),
    "tables": (
        lambda name: any((ROOT / f"services/{name}/migrations").glob("0001_pre_*.sql")),
        "services/<name>/migrations/0001_pre_<what>.sql: create its tables",
    ),
    "port": (
        lambda name: f"{name}_port" in Http.model_fields,
        "services/settings.py: add <name>_port to Http",
    ),
    "layer": (_in_layers, "pyproject.toml: add it to the layer of the services in the import contracts"),
    "container": (_in_compose, "deploy/compose.yaml: add a container with the command [serve, <name>]"),
    "settings": (
        lambda name: f"SEKUL_HTTP__{name.upper()}_PORT" in _text("deploy/settings.md"),
        "deploy/settings.md: add a row for its port",
    ),
    "document": (
        lambda name: f"`services/{name}/`" in _text("ARCHITECTURE.md"),
        "ARCHITECTURE.md: add a row of what it does and what it must not do",
    ),
    "tests": (
        lambda name: any((ROOT / f"tests/unit/{name}").glob("test_*.py")),
        "tests/unit/<name>/test_decider.py: test its decider",
    ),
}

#: a fact declares its kind in schemas/facts/; the union of its log makes it known
KIND: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "union": (
        lambda kind: kind in kinds(),
        "schemas/facts/<service>.py: declare the fact and add it to the service's union",
    ),
    "published": (
        lambda kind: (
            (ROOT / f"schemas/json/{kind}.v1.json").exists()
            and any((ROOT / f"schemas/examples/{kind}/v1").glob("*.json"))
        ),
        "schemas/json/, schemas/examples/: run sekul schemas --write",
    ),
    "sentences": (
        lambda kind: all(f"fact.{kind}" in _words(language) for language in LANGUAGES),
        "services/console/words/id.json and en.json: add fact.<kind>",
    ),
}


def _words(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(_text(f"services/console/words/{language}.json"))
    return found


@pytest.mark.parametrize("place", SERVICE)
@pytest.mark.parametrize("service", get_args(ServiceName))
def test_a_service_has_all_its_places(service: str, place: str) -> None:
    there, sentence = SERVICE[place]
    assert there(service), sentence.replace("<name>", service)


@pytest.mark.parametrize("place", KIND)
@pytest.mark.parametrize("kind", kinds())
def test_a_kind_of_fact_has_all_its_places(kind: str, place: str) -> None:
    there, sentence = KIND[place]
    assert there(kind), sentence.replace("<kind>", kind)


@pytest.mark.parametrize("place", SERVICE)
def test_an_invented_service_misses_every_place(place: str) -> None:
    assert not SERVICE[place][0]("invented")


@pytest.mark.parametrize("place", KIND)
def test_an_invented_kind_misses_every_place(place: str) -> None:
    assert not KIND[place][0]("invented.happened")
