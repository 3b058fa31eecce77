"""The published face of the facts: JSON Schema per kind and version, an index, AsyncAPI, and an example of each.

`check` promises to name all that is stale, missing or broken; `write` makes the generated files again. Both refuse a
change that would break readers. Until 1.0 facts change in place: such a change is written once the changelog names its
kind. An example that still loads is never rewritten. Must not know any service.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

import schemas
from schemas.export import asyncapi, json_schema, samples
from schemas.export.compatibility import broken_promises
from schemas.export.kinds import Kind, kinds

Json = dict[str, Any]

ROOT: Final = Path(schemas.__file__).parent
#: The version of the AsyncAPI document; raised when topics or headers change, not with each kind.
API_VERSION: Final = "1.0.0"
_PUBLISHED: Final = re.compile(r"([a-z_.]+)\.v([0-9]+)\.json")


def generated() -> dict[str, Json]:
    """All generated files by their path below `schemas/`."""
    known = kinds()
    files = {f"json/{kind.file}": json_schema.document(kind) for kind in known.values()}
    files["json/index.json"] = {"kinds": [_index_entry(kind) for kind in known.values()]}
    files["asyncapi.json"] = asyncapi.document(known, API_VERSION)
    return files


def _index_entry(kind: Kind) -> Json:
    return {
        "kind": kind.name,
        "version": kind.version,
        "type": kind.type,
        "schema": f"/schemas/json/{kind.file}",
        "logs": [log.topic for log in kind.logs],
        "stream": kind.fact.STREAM,
        "about": kind.about,
    }


def check(root: Path = ROOT) -> list[str]:
    """All that is wrong with the files on disk, one sentence each; nothing when all is well."""
    problems = []
    for path, wanted in generated().items():
        file = root / path
        if not file.exists():
            problems.append(f"{path} is missing: sekul schemas --write")
        elif file.read_text("utf-8") != _text(wanted):
            problems += [f"{path}: {broken}" for broken in _broken(file, wanted)]
            problems.append(f"{path} is stale: sekul schemas --write")
    for kind in kinds().values():
        problems += _examples(kind, root)
    return problems + _orphans(root)


def write(root: Path = ROOT, *, breaking: bool = False, changelog: Path = ROOT.parent / "CHANGELOG.md") -> list[str]:
    """Write the generated files, and an example for each kind that has none.

    Returns the changes that it did not write because they would break readers. With `breaking` it writes those of kinds
    that the changelog names under Unreleased, and removes the files of kinds that are gone.
    """
    named = _unreleased(changelog) if breaking else set()
    refused = []
    for path, wanted in generated().items():
        file = root / path
        broken = _broken(file, wanted) if file.exists() else []
        kind = str(wanted.get("title", "")).removeprefix("sekul.").rpartition(".v")[0]
        if broken and kind not in named:
            refused += [f"{path}: {change}" for change in broken]
            if breaking:
                refused.append(_not_named(kind))
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_text(wanted), encoding="utf-8")
    for known in kinds().values():
        _write_example(known, root, again=known.name in named)
    return refused + (_remove_unknown(root, named) if breaking else [])


def _unreleased(changelog: Path) -> set[str]:
    """What the section of the next release names between backticks."""
    section = changelog.read_text("utf-8").partition("## [Unreleased]")[2].partition("\n## ")[0]
    return set(re.findall("`([a-z_.]+)`", section))


def _not_named(kind: str) -> str:
    return f"{kind} changes its shape: name `{kind}` and how it changes under [Unreleased] in CHANGELOG.md"


def _remove_unknown(root: Path, named: set[str]) -> list[str]:
    """Remove the files of kinds that are gone; returns the kinds that the changelog does not name."""
    refused = []
    for kind, file in _unknown_files(root):
        if kind in named:
            file.unlink()
        else:
            refused.append(_not_named(kind))
    return refused


def examples(root: Path = ROOT) -> list[tuple[str, int, Path]]:
    """Every example on disk: its kind, its version, its file."""
    found = sorted((root / "examples").glob("*/v*/*.json"))
    return [(file.parts[-3], int(file.parts[-2][1:]), file) for file in found]


def _text(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _broken(file: Path, wanted: Json) -> list[str]:
    """What `wanted` would break, when the file is the schema of a kind."""
    if "x-sekul-stream" not in wanted:
        return []
    return broken_promises(json.loads(file.read_text("utf-8")), wanted)


def _examples(kind: Kind, root: Path) -> list[str]:
    problems = []
    folder = root / "examples" / kind.name / f"v{kind.version}"
    files = sorted(folder.glob("*.json"))
    if not files:
        problems.append(f"examples/{kind.name}/v{kind.version} has no example: sekul schemas --write")
    for file in files:
        try:
            kind.logs[0].codec.decode(file.read_bytes(), kind=kind.name, version=kind.version)
        except ValueError as error:
            problems.append(f"examples/{kind.name}/v{kind.version}/{file.name} does not load: {_first_line(error)}")
    return problems


def _first_line(error: ValueError) -> str:
    return "; ".join(str(error).splitlines()[:3])


def _write_example(kind: Kind, root: Path, *, again: bool) -> None:
    file = root / "examples" / kind.name / f"v{kind.version}" / "example.json"
    if file.exists() and not (again and _examples(kind, root)):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    fact = samples.sample(kind.fact)
    file.write_text(_text(fact.model_dump(mode="json")), encoding="utf-8")


def _orphans(root: Path) -> list[str]:
    unknown = [file for _, file in _unknown_files(root)]
    return [f"{file.relative_to(root)} belongs to no kind, though facts of it may be stored" for file in unknown]


def _unknown_files(root: Path) -> list[tuple[str, Path]]:
    """Schemas and examples of kinds or versions that the catalogue does not know, each with its kind."""
    newest = {kind.name: kind.version for kind in kinds().values()}
    published = [(_PUBLISHED.fullmatch(file.name), file) for file in sorted((root / "json").glob("*.json"))]
    on_disk = [*((found[1], int(found[2]), file) for found, file in published if found), *examples(root)]
    return [(name, file) for name, version, file in on_disk if version > newest.get(name, 0)]
