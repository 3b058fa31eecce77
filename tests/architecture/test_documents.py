"""What the documents name exists: commands, files, contracts."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "DECISIONS.md", "GLOSSARY.md")
#: a command of the documents, in a block or between backticks; what follows two spaces or a comment is prose
_COMMAND = re.compile(r"(?:^ {4}|`|/bin/)(sekul(?: [^\s`#|;,.)]+)*)", re.MULTILINE)
_TARGET = re.compile(r"(?:^ {4}|`)make ([a-z]+(?: [a-z]+)*)", re.MULTILINE)
#: a path from the root of the repository; a name without a folder may lie anywhere
_PATH = re.compile(r"`((?:schemas|services|tests|deploy)/[\w./*{},-]*|[a-z][\w-]*\.(?:py|sql|md|toml|lock|json|yaml))`")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _commands() -> list[str]:
    found = {match[1] for name in DOCUMENTS for match in _COMMAND.finditer(_text(name))}
    return sorted({" ".join(_names(words)) for words in found} - {"sekul"})


def _names(words: str) -> list[str]:
    """The words that name a command: those before the first option or argument."""
    names = ["sekul"]
    for word in shlex.split(words.replace("…", ""))[1:]:
        if not re.fullmatch("[a-z]+", word) or len(names) == 3:
            break
        names.append(word)
    return names


@pytest.mark.parametrize("command", _commands())
def test_a_command_of_the_documents_exists(command: str) -> None:
    words = command.split()[1:]
    result = CliRunner().invoke(app, [*words, "--help"])
    if result.exit_code == 2 and len(words) == 2:
        # the second word is an argument: `sekul serve gateway`
        result = CliRunner().invoke(app, [words[0], "--help"])
    assert result.exit_code == 0, result.output


def test_a_target_of_the_documents_exists() -> None:
    named = {target for name in DOCUMENTS for match in _TARGET.finditer(_text(name)) for target in match[1].split()}
    known = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.MULTILINE))
    assert named - known == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_file_that_a_document_names_exists(name: str) -> None:
    named = {match[1] for match in _PATH.finditer(_text(name))}
    assert sorted(path for path in named if not _exists(path)) == []


def _exists(path: str) -> bool:
    pattern = re.sub(r"\{[^}]*\}|…", "*", path).rstrip("/")
    return any(ROOT.glob(pattern)) if "/" in pattern else any(ROOT.glob(f"*/**/{pattern}")) or (ROOT / pattern).exists()


def test_architecture_quotes_the_import_contracts() -> None:
    contracts = tomllib.loads(_text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    lines = [line for line in _text("ARCHITECTURE.md").splitlines() if line.startswith("> ")]
    quoted = " ".join(line.removeprefix("> ") for line in lines)
    sentences = {sentence.strip().rstrip(".") for sentence in quoted.split(" ·")}
    assert sentences == {contract["name"].rstrip(".") for contract in contracts}
