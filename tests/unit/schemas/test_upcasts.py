"""Old bytes become new facts by small steps, and bytes without a way to the present are refused, not thrown at us."""

import pytest

from schemas.upcasts import Json, Upcasts


@pytest.fixture
def upcasts() -> Upcasts:
    """A kind that was counted in thousands, then in rupiah, then in rupiah with a currency."""
    steps = Upcasts()

    @steps.upcast("pledge.registered", from_version=1)
    def thousands_became_rupiah(old: Json) -> Json:
        return {k: v for k, v in old.items() if k != "thousands"} | {"idr": old["thousands"] * 1000}

    @steps.upcast("pledge.registered", from_version=2)
    def the_currency_is_told(old: Json) -> Json:
        return {**old, "currency": "IDR"}

    return steps


def test_all_steps_are_taken_in_order(upcasts: Upcasts) -> None:
    old = {"pledge": "P1", "thousands": 201}
    assert upcasts.to_version("pledge.registered", old, version=1, wanted=3) == {
        "pledge": "P1",
        "idr": 201_000,
        "currency": "IDR",
    }
    assert old == {"pledge": "P1", "thousands": 201}


def test_a_body_of_the_wanted_version_stays_as_it_is(upcasts: Upcasts) -> None:
    assert upcasts.to_version("pledge.registered", {"idr": 1}, version=3, wanted=3) == {"idr": 1}


@pytest.mark.parametrize(
    ("kind", "body", "version", "told"),
    [
        ("pledge.registered", {"thousands": 1}, 0, "no step leads from pledge.registered v0"),
        ("worker.ended", {}, 1, "no step leads from worker.ended v1"),
        ("pledge.registered", {"idr": 1}, 1, "not in the form of its version"),
        ("pledge.registered", {"thousands": None}, 1, "not in the form of its version"),
        ("pledge.registered", [1, 2], 1, "is no JSON object"),
        ("pledge.registered", None, 1, "is no JSON object"),
    ],
)
def test_what_has_no_way_to_the_present_is_refused(
    upcasts: Upcasts, kind: str, body: object, version: int, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        upcasts.to_version(kind, body, version=version, wanted=3)


def test_two_steps_from_one_version_are_a_mistake(upcasts: Upcasts) -> None:
    with pytest.raises(TypeError, match="two steps"):
        upcasts.upcast("pledge.registered", from_version=1)(lambda old: old)


def test_it_is_known_which_steps_exist(upcasts: Upcasts) -> None:
    assert upcasts.knows("pledge.registered", 2)
    assert not upcasts.knows("pledge.registered", 3)
