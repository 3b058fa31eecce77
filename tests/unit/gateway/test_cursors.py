"""Where a reader of all logs stands, as a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.cursors import Cursor, NoCursor, parts

SHARDS = 3
SEQS = st.lists(st.integers(0, 2**40), min_size=SHARDS * 4, max_size=SHARDS * 4)


@given(SEQS)
def test_a_word_leads_back_to_its_place(seqs: list[int]) -> None:
    cursor = Cursor(SHARDS, dict(zip(parts(SHARDS), seqs, strict=True)))
    assert Cursor.read(cursor.word(), SHARDS) == cursor


@given(st.text(max_size=300))
def test_any_other_word_is_a_cursor_or_refused(word: str) -> None:
    try:
        cursor = Cursor.read(word, SHARDS)
    except NoCursor:
        return
    assert set(cursor.seqs) == set(parts(SHARDS))


@pytest.mark.parametrize("word", ["", "AQ", "AgAAAAAAAAAAAAAAAA", "!", "AQCAgICAgICAgICAgICAgICAgIAB"])
def test_what_is_cut_off_or_foreign_is_refused(word: str) -> None:
    with pytest.raises(NoCursor):
        Cursor.read(word, SHARDS)


def test_a_cursor_of_another_number_of_shards_is_refused() -> None:
    with pytest.raises(NoCursor, match="shards"):
        Cursor.read(Cursor.start(4).word(), SHARDS)
