"""A notice's id is made of its place in the log, leads back to it, and is a UUIDv7 like all others."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.identity import LINES_MAX, Place, id_at, key_number, place_of, text_of, uuid_of

AT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
PLACES = st.builds(Place, st.integers(0, 1_023), st.integers(1, 2**52 - 1), st.integers(0, LINES_MAX - 1))


@given(PLACES)
def test_an_id_leads_back_to_its_place(place: Place) -> None:
    assert place_of(id_at(place, AT)) == place


@given(PLACES)
def test_an_id_is_a_uuid_of_version_7(place: Place) -> None:
    notice = id_at(place, AT)
    assert (notice.version, notice.variant) == (7, "specified in RFC 4122")


@given(PLACES)
def test_an_id_is_the_same_in_the_form_of_the_outside(place: Place) -> None:
    notice = id_at(place, AT)
    assert text_of(notice).startswith("ntc_")
    assert uuid_of(text_of(notice)) == notice


@given(PLACES, PLACES, st.integers(1, 10**9))
def test_later_notices_have_greater_ids_in_both_forms(one: Place, other: Place, millis: int) -> None:
    first, second = id_at(one, AT), id_at(other, AT + timedelta(milliseconds=millis))
    assert first < second
    assert text_of(first) < text_of(second)


@given(st.text(max_size=20), st.text(max_size=20))
def test_keys_differ_in_64_bits(one: str, other: str) -> None:
    assert (key_number("lapse", one) == key_number("lapse", other)) == (one == other)
    assert -(2**63) <= key_number("lapse", one) < 2**63
