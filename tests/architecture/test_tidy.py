"""House rules that no linter knows: short files and functions, a promise on each module, owners for what is left."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
#: who cannot do a thing now says who will: `TODO(name): ...`
_OWNERLESS = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\([a-z]+\):)")


def _sources() -> list[Path]:
    return [file for folder in ("schemas", "services", "tests") for file in sorted((ROOT / folder).rglob("*.py"))]


def _named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {_named(file): file.read_text(encoding="utf-8") for file in _sources()}


@pytest.fixture(scope="module")
def trees(texts: dict[str, str]) -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in texts.items()}


def test_no_file_is_long(texts: dict[str, str]) -> None:
    lengths = {name: len(text.splitlines()) for name, text in texts.items()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES_MAX} == {}


def test_no_function_is_long(trees: dict[str, ast.Module]) -> None:
    lengths = {
        f"{name}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for name, tree in trees.items()
        for function in _functions(tree)
    }
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX} == {}


def test_the_runtime_knows_no_word_of_the_domain() -> None:
    words = re.compile(
        r"\bniks?\b|jakarta|smtp|donor|pledge|worker|notices|months?\b|bpjs|iuran|certificate|unsubscribe"
        r"|gateway|matcher|ledger|notifier|console\b",
        re.IGNORECASE,
    )
    files = [file for file in (ROOT / "services/runtime").rglob("*") if file.suffix in {".py", ".sql"}]
    found = {_named(file): words.findall(file.read_text(encoding="utf-8")) for file in files}
    assert {name: words for name, words in found.items() if words} == {}


def test_each_module_says_what_it_promises(trees: dict[str, ast.Module]) -> None:
    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_what_is_left_to_do_has_an_owner(texts: dict[str, str]) -> None:
    here = _named(Path(__file__))
    assert [name for name, text in texts.items() if name != here and _OWNERLESS.search(text)] == []


def test_no_migration_was_named_by_chance() -> None:
    files = [file.name for file in (ROOT / "services").rglob("migrations/**/*.sql")]
    assert [name for name in files if not re.match(r"^\d{4}_(pre|post)_[a-z0-9_]+\.sql$", name)] == []
