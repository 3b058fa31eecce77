"""The published schemas follow the code, and a change that would break readers is found before it is committed."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import Field

from schemas.base import Fact, Idr, Record, Text
from schemas.export import ROOT, check, generated, json_schema, write
from schemas.export.compatibility import broken_promises
from schemas.export.kinds import Kind, kinds
from schemas.logs import CATALOGUE

Json = dict[str, Any]


class Line(Record):
    """A line."""

    idr: Idr


class Before(Fact):
    """A gift as it was first written down."""

    STREAM = "pledge"
    kind: Literal["gift.made"] = "gift.made"
    pledge: Text
    idr: Idr
    by: Literal["company", "person"]
    lines: tuple[Line, ...]
    note: Text | None = None


class WithNewOption(Before):
    """A gift with a colour."""

    colour: Text = "red"


class WithNewWord(Before):
    """A gift that a club may make, too."""

    by: Literal["company", "person", "club"]  # type: ignore[assignment]


class WithNewRequired(Before):
    """A gift that must have a colour."""

    colour: Text


class WithOtherType(Before):
    """A gift whose amount is a text."""

    idr: Text  # type: ignore[assignment]


class WithOtherLimit(Before):
    """A gift of at most a thousand."""

    idr: int = Field(ge=0, le=1000)


class WithWordGone(Before):
    """A gift that only companies make."""

    by: Literal["company"]


class WithRequirementGone(Before):
    """A gift whose amount may be absent."""

    idr: Idr = 0


class WithOtherDefault(Before):
    """A gift with a note where none is written."""

    note: Text | None = "none"


class BrokenLine(Record):
    """A line with a colour that is required."""

    idr: Idr
    colour: Text


class WithBrokenLine(Before):
    """A gift whose lines must have a colour."""

    lines: tuple[BrokenLine, ...]  # type: ignore[assignment]


def published(fact: type[Fact]) -> Json:
    """The schema of a fact as this one log would publish it."""
    return json_schema.document(Kind("gift.made", fact, (CATALOGUE["gateway"],)))


def test_what_is_committed_is_what_the_code_says() -> None:
    assert check() == []


@pytest.mark.parametrize("fact", [Before, WithNewOption, WithNewWord])
def test_a_new_option_and_a_new_word_break_nothing(fact: type[Fact]) -> None:
    assert broken_promises(published(Before), published(fact)) == []


@pytest.mark.parametrize(
    ("fact", "change"),
    [
        (WithNewRequired, "/colour: the field has become required"),
        (WithOtherType, "/idr: type was 'integer' and is 'string'"),
        (WithOtherLimit, "/idr: maximum was 1000000000000000 and is 1000"),
        (WithWordGone, "/by: a list of words came or went"),
        (WithRequirementGone, "/idr: the field is no longer required"),
        (WithOtherDefault, "/note: default was None and is 'none'"),
        (WithBrokenLine, "/lines/items/colour: the field has become required"),
    ],
)
def test_a_change_that_breaks_readers_is_named(fact: type[Fact], change: str) -> None:
    assert change in broken_promises(published(Before), published(fact))


def test_a_field_that_is_gone_is_named() -> None:
    assert broken_promises(published(WithNewOption), published(Before)) == ["/colour: the field is gone"]


def test_a_word_that_is_gone_is_named() -> None:
    assert broken_promises(published(WithNewWord), published(Before)) == ["/by: the word 'club' is gone"]


def test_another_key_of_the_stream_is_named() -> None:
    moved = {**published(Before), "x-sekul-stream": "by"}
    assert broken_promises(published(Before), moved) == ["/: x-sekul-stream was 'pledge' and is 'by'"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of all published files."""
    for folder in ("json", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "asyncapi.json", tmp_path)
    return tmp_path


def edit(file: Path, change: Callable[[Json], None]) -> None:
    """Change a JSON file in place."""
    document = json.loads(file.read_text("utf-8"))
    change(document)
    file.write_text(json.dumps(document), encoding="utf-8")


def test_writing_again_makes_the_same_files(tmp_path: Path, copy: Path) -> None:
    fresh = tmp_path / "fresh"
    assert write(fresh) == []
    assert check(fresh) == []
    for path in generated():
        assert (fresh / path).read_bytes() == (copy / path).read_bytes()


def test_a_missing_schema_a_stale_index_and_a_missing_example_are_named(copy: Path) -> None:
    (copy / "json/pledge.registered.v1.json").unlink()
    (copy / "examples/worker.ended/v1/example.json").unlink()
    edit(copy / "json/index.json", lambda index: index["kinds"].pop())
    assert check(copy) == [
        "json/pledge.registered.v1.json is missing: sekul schemas --write",
        "json/index.json is stale: sekul schemas --write",
        "examples/worker.ended/v1 has no example: sekul schemas --write",
    ]
    assert write(copy) == []
    assert check(copy) == []


def test_an_example_that_no_longer_loads_is_named_and_not_rewritten(copy: Path) -> None:
    example = copy / "examples/pledge.cancelled/v1/example.json"
    edit(example, lambda body: body.update(from_month="soon"))
    before = example.read_bytes()
    assert write(copy) == []
    assert example.read_bytes() == before
    assert [problem.split(":")[0] for problem in check(copy)] == [
        "examples/pledge.cancelled/v1/example.json does not load"
    ]


def test_a_breaking_change_is_named_and_not_written(copy: Path) -> None:
    committed = copy / "json/pledge.cancelled.v1.json"
    edit(committed, lambda schema: schema["properties"].update(refund={"type": "string"}))
    change = "json/pledge.cancelled.v1.json: /refund: the field is gone"
    assert change in check(copy)
    assert write(copy) == [change]
    assert change in check(copy)


@pytest.fixture
def broken(copy: Path) -> Path:
    """Published files that the code breaks: a field is gone from one kind, and another kind altogether."""
    edit(copy / "json/pledge.cancelled.v1.json", lambda schema: schema["properties"].update(refund={"type": "string"}))
    edit(copy / "examples/pledge.cancelled/v1/example.json", lambda body: body.update(refund="all"))
    (copy / "json/gift.made.v1.json").write_text("{}", encoding="utf-8")
    return copy


def changelog(folder: Path, unreleased: str) -> Path:
    """A changelog whose last release names every kind."""
    file = folder / "CHANGELOG.md"
    released = "## [0.2.0]\n\n- `pledge.cancelled`, `gift.made`\n"
    file.write_text(f"# Changelog\n\n## [Unreleased]\n\n{unreleased}\n\n{released}", encoding="utf-8")
    return file


def test_a_breaking_change_of_a_kind_that_the_changelog_names_is_written(broken: Path, tmp_path: Path) -> None:
    named = changelog(tmp_path, "- `pledge.cancelled` has no refund; `gift.made` is gone.")
    assert write(broken, breaking=True, changelog=named) == []
    assert check(broken) == []


def test_a_breaking_change_that_the_changelog_does_not_name_asks_for_a_line(broken: Path, tmp_path: Path) -> None:
    assert write(broken, breaking=True, changelog=changelog(tmp_path, "- Nothing about facts.")) == [
        "json/pledge.cancelled.v1.json: /refund: the field is gone",
        *(
            f"{kind} changes its shape: name `{kind}` and how it changes under [Unreleased] in CHANGELOG.md"
            for kind in ("pledge.cancelled", "gift.made")
        ),
    ]


def test_a_kind_that_left_the_catalogue_is_named(copy: Path) -> None:
    (copy / "json/gift.made.v1.json").write_text("{}", encoding="utf-8")
    assert check(copy) == ["json/gift.made.v1.json belongs to no kind, though facts of it may be stored"]


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_a_schema_is_sound_and_is_called_what_the_facts_call_it(kind: Kind) -> None:
    document = json_schema.document(kind)
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$id"] == f"/schemas/json/{kind.name}.v{kind.version}.json"
    assert document["title"] == f"sekul.{kind.name}.v{kind.version}"


def test_asyncapi_says_what_the_catalogue_says() -> None:
    document = generated()["asyncapi.json"]
    for log in CATALOGUE.values():
        channel = document["channels"][f"{log.owner}Facts"]
        carried = {document["components"]["messages"][message]["title"] for message in channel["messages"]}
        assert channel["address"] == log.topic
        assert carried == set(log.codec.kinds)
        readers = {
            name.partition("Reads")[0]
            for name in document["operations"]
            if name.endswith(f"Reads{log.owner.capitalize()}")
        }
        assert readers == set(log.readers)


def test_every_reference_in_asyncapi_leads_somewhere() -> None:
    document = generated()["asyncapi.json"]
    for reference in references(document):
        path, _, pointer = reference.partition("#/")
        if path:
            assert (ROOT / path).exists()
            continue
        node = document
        for step in pointer.split("/"):
            node = node[step]


def references(node: object) -> Iterator[str]:
    """All values of `$ref` in a document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)
