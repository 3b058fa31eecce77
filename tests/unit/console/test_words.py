"""Both catalogues are complete: each kind, code, reason and problem has words in both languages."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from schemas.facts.gateway import EndReason
from schemas.facts.matcher import MatchEnd, MatchReason
from schemas.languages import Language
from services.console.app import HERE
from services.console.event_kinds import GROUPS
from services.console.words import PLACEHOLDER, words
from services.gateway.api.problems import PROBLEMS

KINDS = sorted(kind for kinds in GROUPS.values() for kind in kinds)
EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
SERVICES = HERE.parent
#: where codes are made that screens show
DECIDERS = [
    *SERVICES.glob("ledger/domain/*.py"),
    *SERVICES.glob("matcher/domain/*.py"),
    SERVICES / "gateway/imports/receipts.py",
]
CODES = re.compile(r'"((?:payment|receipt|pledge|bpjs|iuran|matches|pool|slots|scope|worker|match)[.][a-z_]+)"')
CODE = [*HERE.rglob("*.html"), *HERE.rglob("*.py")]


def holes(text: str) -> list[str]:
    return sorted(f"{hole[1]}|{hole[2]}" for hole in PLACEHOLDER.finditer(text))


def examples() -> list[tuple[str, dict[str, Any]]]:
    found = [(path.parts[-3], json.loads(path.read_text())) for path in sorted(EXAMPLES.glob("*/v*/*.json"))]
    assert len(found) >= len(KINDS)
    return found


def test_both_languages_have_the_same_keys() -> None:
    assert list(words("id")) == list(words("en"))


def test_both_languages_fill_the_same_holes() -> None:
    assert [key for key in words("id") if holes(words("id")[key]) != holes(words("en")[key])] == []


def test_every_kind_of_fact_has_a_sentence_and_no_other_has() -> None:
    assert sorted(key.removeprefix("fact.") for key in words("id") if key.startswith("fact.")) == KINDS


def lacking(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """The names without a message, with the file and key to add."""
    return {
        f"services/console/words/{language}.json": f"{prefix}.{name}"
        for language in get_args(Language)
        for name in names
        if f"{prefix}.{name}" not in words(language)
    }


def test_every_kind_has_a_label() -> None:
    assert lacking("kind", KINDS) == {}


def test_every_problem_of_the_api_has_words() -> None:
    assert lacking("problem", PROBLEMS) == {}


def test_every_code_in_the_deciders_has_words() -> None:
    found = {code for file in DECIDERS for code in CODES.findall(file.read_text(encoding="utf-8"))}
    assert len(found) > 40
    explained = {key.removeprefix("why.") for key in words("id") if key.startswith("why.")}
    assert lacking("code", sorted(found - explained - set(KINDS))) == {}


def test_every_reason_of_a_match_or_an_end_has_words() -> None:
    ends = {*get_args(MatchEnd), *get_args(EndReason)}
    assert lacking("code", sorted(ends | set(get_args(MatchReason)))) == {}
    assert lacking("why.match", get_args(MatchReason)) == {}


def test_sentences_fill_their_holes_with_fields_that_the_facts_have() -> None:
    strange = [
        (kind, hole)
        for kind, data in examples()
        for hole in PLACEHOLDER.finditer(words("id")[f"fact.{kind}"])
        if hole[1] not in data
    ]
    assert strange == []


def test_every_key_that_pages_use_is_in_the_catalogue() -> None:
    used = {key for path in CODE for key in re.findall(r"""\b(?:t|text)\(["']([\w.]+)["']\s*[,)]""", path.read_text())}
    assert len(used) > 100
    assert sorted(used - set(words("id"))) == []


def test_a_kind_without_a_label_is_shown_by_its_name() -> None:
    assert words("id").label("moon.rose") == "moon.rose"


def test_a_fact_of_a_kind_unknown_to_the_console_is_shown_by_its_kind() -> None:
    assert [part.text for part in words("id").sentence("moon.rose", {})] == ["moon.rose"]


def test_one_and_many_differ_in_english() -> None:
    assert words("en").text("books.worker_months", count=1) == "1 worker"
    assert words("en").text("books.worker_months", count=2014) == "2,014 workers"
