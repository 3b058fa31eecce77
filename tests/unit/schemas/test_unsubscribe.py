"""Tokens for opting out name one person and cannot be forged."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.unsubscribe import person_of, token

KEY = bytes(range(32))
WORKER = "wrk_01jdq3v8e5f6g7h8j9k0m1n2p3"


def test_a_token_leads_back_to_its_person() -> None:
    assert person_of(KEY, token(KEY, WORKER)) == WORKER


def test_a_token_of_another_key_is_nobodys() -> None:
    assert person_of(bytes(32), token(KEY, WORKER)) is None


def test_a_token_is_fit_for_a_path() -> None:
    assert token(KEY, WORKER).replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=80))
def test_no_other_text_is_anybodys_token(text: str) -> None:
    assert person_of(KEY, text) is None


@given(st.integers(0, 79), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_token_is_nobodys_or_the_same(position: int, character: str) -> None:
    good = token(KEY, WORKER)
    position %= len(good)
    changed = good[:position] + character + good[position + 1 :]
    assert person_of(KEY, changed) in ((None,) if changed != good else (WORKER,))
