"""The codes of problems: one list, known to the documents and to the code."""

import re
from pathlib import Path

import pytest

from services.gateway.api import problems
from services.gateway.api.problems import FIELDS, PROBLEMS, answer
from services.runtime.base.errors import Problem, Refused

ROOT = Path(__file__).parents[3]
#: codes that are made where they cannot be read as words of the source
MADE = {"route.unknown", "method.unsupported", "body.too_large", "body.media_type", "request.malformed"}
MENDED = "; make it again with: python -m services.gateway.api.problems > PROBLEMS.md"


def sources() -> str:
    """All that the gateway and the reference data say."""
    folders = ("services/gateway", "schemas/reference", "services/runtime")
    files = (path for folder in folders for path in (ROOT / folder).rglob("*.py") if path.name != "problems.py")
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_the_table_in_the_documents_is_the_list_in_the_code() -> None:
    written = (ROOT / "PROBLEMS.md").read_text(encoding="utf-8")
    assert written == "\n".join(problems.table()) + "\n", MENDED


@pytest.mark.parametrize("code", sorted(PROBLEMS.keys() - MADE))
def test_each_problem_is_made_somewhere(code: str) -> None:
    assert f'"{code}"' in sources()


@pytest.mark.parametrize("code", sorted(FIELDS))
def test_each_field_code_is_made_somewhere(code: str) -> None:
    assert f'"{code}"' in sources()


def test_each_refusal_that_the_gateway_words_is_on_the_list() -> None:
    used = set(re.findall(r'(?:refuse|Refused)\(\s*"([a-z_.]+)"', sources()))
    assert used - PROBLEMS.keys() == set()


def test_each_problem_of_a_field_that_the_gateway_words_is_on_the_list() -> None:
    used = set(re.findall(r'Problem\(\s*(?:f?"[^"]*"|pointer), "([a-z_.]+)"', sources()))
    assert len(used) > 20
    assert used - FIELDS.keys() == set()


def test_a_problem_document_has_all_members_of_rfc_9457_and_ours() -> None:
    response = answer(Refused("body.invalid", "one field", (Problem("/a~1b", "field.type", "no"),)), "/v1/pledges")
    assert response.headers["content-type"] == "application/problem+json"
    assert bytes(response.body).decode() == (
        '{"type":"/v1/problems/body.invalid","title":"Fields cannot be taken","status":422,"detail":"one field",'
        '"instance":"/v1/pledges","code":"body.invalid",'
        '"errors":[{"pointer":"/a~1b","code":"field.type","detail":"no"}]}'
    )


def test_who_must_wait_learns_how_long_and_who_has_no_key_how_to_show_one() -> None:
    assert answer(Refused("shard.elsewhere", ""), "/").headers["retry-after"] == "1"
    assert answer(Refused("key.missing", ""), "/").headers["www-authenticate"].startswith("Bearer")


def test_a_code_that_nobody_listed_is_our_mistake() -> None:
    assert answer(Refused("what.ever", ""), "/").status_code == 500
