"""Every committed example loads, by our codec and by the schema of its version."""

import json
from pathlib import Path

import jsonschema
import pytest

from schemas.export import ROOT, examples
from schemas.export.kinds import kinds

EXAMPLES = examples()
EVERY_EXAMPLE = pytest.mark.parametrize(
    ("kind", "version", "file"), EXAMPLES, ids=[str(file.relative_to(ROOT / "examples")) for *_, file in EXAMPLES]
)


def test_there_is_an_example_of_every_kind() -> None:
    assert {(name, it.version) for name, it in kinds().items()} <= {(kind, version) for kind, version, _ in EXAMPLES}


@EVERY_EXAMPLE
def test_an_example_loads(kind: str, version: int, file: Path) -> None:
    for log in kinds()[kind].logs:
        fact = log.codec.decode(file.read_bytes(), kind=kind, version=version)
        assert log.codec.decode(log.codec.encode(fact), kind=kind, version=type(fact).VERSION) == fact


@EVERY_EXAMPLE
def test_an_example_fits_the_schema_of_its_version(kind: str, version: int, file: Path) -> None:
    schema = json.loads((ROOT / "json" / f"{kind}.v{version}.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    assert list(validator.iter_errors(json.loads(file.read_text("utf-8")))) == []


@EVERY_EXAMPLE
def test_an_example_without_its_kind_fits_no_schema(kind: str, version: int, file: Path) -> None:
    schema = json.loads((ROOT / "json" / f"{kind}.v{version}.json").read_text("utf-8"))
    body = json.loads(file.read_text("utf-8"))
    del body["kind"]
    assert not jsonschema.Draft202012Validator(schema).is_valid(body)
