"""Every named statement of every `.sql` file is used by its name, and every name that is used exists."""

import ast
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from services.runtime.base.postgres import Queries

ROOT: Final = Path(__file__).parents[3]
#: `.sql` files with names, as `package/file`
Source = tuple[str, str]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _package(module: str) -> str:
    return module.rpartition(".")[0]


def _owned(module: str, tree: ast.Module) -> dict[str, Source]:
    """The names under which a module makes its `Queries`."""
    found: dict[str, Source] = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        call = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(call, ast.Call) and ast.unparse(call.func) == "Queries":
            package, file = call.args
            name = package.value if isinstance(package, ast.Constant) else _package(module)
            assert isinstance(file, ast.Constant)
            found[target.id] = (str(name), str(file.value))
    return found


def _names() -> tuple[dict[Source, set[str]], list[tuple[str, Source, str]]]:
    """All words of the modules that hold a file's statements, and all names by which they ask for one."""
    trees = {_module(path): ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.glob("services/**/*.py")}
    owned = {module: _owned(module, tree) for module, tree in trees.items()}
    words: defaultdict[Source, set[str]] = defaultdict(set)
    asked: list[tuple[str, Source, str]] = []
    for module, tree in trees.items():
        known = dict(owned[module])
        #: the modules that import from one with statements may name them to it
        users = set(known.values())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                there = owned.get(node.module or "", {})
                users |= set(there.values())
                known |= {alias.asname or alias.name: there[alias.name] for alias in node.names if alias.name in there}
        constants = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        for source in users:
            words[source] |= constants
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in known:
                literals = [n.value for n in ast.walk(node.slice) if isinstance(n, ast.Constant)]
                if isinstance(node.slice, ast.Constant | ast.IfExp):
                    asked += [(module, known[node.value.id], str(name)) for name in literals if isinstance(name, str)]
    return words, asked


WORDS, ASKED = _names()
FILES: Final = sorted(WORDS)


def test_no_file_of_statements_is_without_a_user() -> None:
    packages = {".".join(path.parent.relative_to(ROOT).parts): path.name for path in ROOT.glob("services/**/*.sql")}
    unused = {f"{package}/{file}" for package, file in packages.items()} - {f"{p}/{f}" for p, f in FILES}
    assert {one for one in unused if ".migrations" not in one} == set()


@pytest.mark.parametrize(("package", "file"), FILES)
def test_every_statement_is_used_by_its_name(package: str, file: str) -> None:
    assert set(Queries(package, file)) - WORDS[package, file] == set()


def test_every_name_that_is_used_exists() -> None:
    missing = [
        f"{module}: {file}: {name}" for module, (package, file), name in ASKED if name not in Queries(package, file)
    ]
    assert missing == []
