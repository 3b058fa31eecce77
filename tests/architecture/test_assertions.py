"""Every test can fail: it asserts something, by itself or by a helper of the tests that does.

An assertion is `assert`, `raise AssertionError`, `pytest.raises` or `pytest.fail`, Playwright's `expect`, or (in a
helper) a wait with a limit. Setting up does not count: neither fixtures nor context managers.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
_ASSERTING: Final = frozenset({"raises", "fail", "expect"})
_SETTING_UP: Final = frozenset({"contextmanager", "asynccontextmanager", "fixture"})

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """The functions of a file by name, and what its imported names stand for."""

    functions: dict[str, _Function] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)


class Reader:
    """Finds out which functions assert."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self.modules = {name: _module(tree) for name, tree in trees.items()}
        self.fixtures: dict[str, _Function] = {}
        #: methods of helper classes that assert by themselves
        self.methods: set[str] = set()
        for tree in trees.values():
            for function in _functions(tree):
                if "fixture" in _decorators(function):
                    self.fixtures[function.name] = function
            for owner in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
                self.methods |= {one.name for one in _functions(owner) if _asserts_itself(one, helper=True)}

    def asserts(self, module: str, function: _Function, *, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a function asserts, by itself or by one that it calls."""
        if _asserts_itself(function, helper=bool(seen)):
            return True
        arguments = {one.arg for one in function.args.args}
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            match call.func:
                case ast.Name(id=name) if name in arguments:
                    if name in self.fixtures and _asserts_itself(self.fixtures[name], helper=True):
                        return True
                case ast.Name(id=name) if name not in seen:
                    if self._helper_asserts(module, name, seen | {name}):
                        return True
                case ast.Attribute(attr=name) if name in self.methods:
                    return True
                case _:
                    pass
        return False

    def _helper_asserts(self, module: str, name: str, seen: frozenset[str]) -> bool:
        home, original = self.modules[module].imported.get(name, (module, name))
        helper = self.modules[home].functions.get(original) if home in self.modules else None
        if helper is None or _decorators(helper) & _SETTING_UP:
            return False
        return self.asserts(home, helper, seen=seen | {original})


def _functions(tree: ast.AST) -> Iterator[_Function]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _module(tree: ast.Module) -> Module:
    found = Module({one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)})
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.imported |= {one.asname or one.name: (node.module, one.name) for one in node.names}
    return found


def _called(node: ast.AST) -> str:
    match node:
        case ast.Call(func=function):
            return _called(function)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _decorators(function: _Function) -> set[str]:
    return {_called(one) for one in function.decorator_list}


def _asserts_itself(function: _Function, *, helper: bool) -> bool:
    for node in ast.walk(function):
        match node:
            case ast.Assert():
                return True
            case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
                return True
            case ast.Call() if _called(node) in _ASSERTING or (helper and _called(node) == "timeout"):
                return True
            case _:
                pass
    return False


def _without_assertion(trees: dict[str, ast.Module]) -> list[str]:
    """The tests that cannot fail, by file."""
    reader = Reader(trees)
    return [
        f"{module}: {test.name}"
        for module, tree in trees.items()
        for test in _functions(tree)
        if test.name.startswith("test_") and not reader.asserts(module, test)
    ]


def test_every_test_asserts() -> None:
    files = sorted(TESTS.rglob("*.py"))
    trees = {
        ".".join(file.relative_to(TESTS.parent).with_suffix("").parts): ast.parse(file.read_text(encoding="utf-8"))
        for file in files
    }
    assert _without_assertion(trees) == []


@pytest.mark.parametrize(
    "body",
    [
        "parse(b'x')",
        "with running() as engine:\n        engine.parse()",
        "[helpless(one) for one in ()]",
    ],
)
def test_a_test_without_assertion_is_found(body: str) -> None:
    helpers = "def helpless(one):\n    one()\n\n@contextmanager\ndef running():\n    assert ready\n    yield\n"
    source = f"{helpers}\ndef test_some():\n    {body}\n"
    assert _without_assertion({"tests.some": ast.parse(source)}) == ["tests.some: test_some"]


@pytest.mark.parametrize("body", ["assert parse(b'x')", "is_good(parse(b'x'))", "with raises(ValueError): parse()"])
def test_a_test_that_asserts_is_accepted(body: str) -> None:
    source = f"def is_good(one):\n    assert one\n\ndef test_some():\n    {body}\n"
    assert _without_assertion({"tests.some": ast.parse(source)}) == []
