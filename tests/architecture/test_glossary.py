"""Words that the glossary rules out appear nowhere: not in code, not in messages, not in documents."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("schemas", "services", "tests", "deploy")
SUFFIXES = {".py", ".sql", ".md", ".html", ".j2", ".js", ".json", ".yaml", ".txt", ".toml"}
HERE = {"GLOSSARY.md", "tests/architecture/test_glossary.py"}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _rules() -> dict[str, str]:
    """The last table of the glossary: each word with the expression in which it is allowed."""
    table = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").partition("## Words that we do not use")[2]
    lines = [line.strip("|") for line in table.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {word.strip(): but for not_, _, but in rows[2:] for word in not_.split(",")}


def _texts() -> Iterator[tuple[str, str]]:
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*")) if file.suffix in SUFFIXES]
    for file in [*files, *ROOT.glob("*.md")]:
        name = str(file.relative_to(ROOT))
        if name not in HERE:
            text = file.read_text(encoding="utf-8")
            yield name, " ".join(_CAMEL.sub(" ", text).replace("_", " ").replace("-", " ").lower().split())


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    return list(_texts())


@pytest.mark.parametrize(("word", "but"), _rules().items())
def test_a_word_that_the_glossary_rules_out_is_not_used(word: str, but: str, texts: list[tuple[str, str]]) -> None:
    pattern = re.compile(rf"\b{re.escape(word)}\b")
    found = [name for name, text in texts if pattern.search(text.replace(but, "") if but else text)]
    assert found == [], "see the last table of GLOSSARY.md for the word to write"


def test_every_word_of_the_table_has_another_to_write() -> None:
    assert "lane" in _rules()
    assert _rules()["letter"] == "dead letter"
