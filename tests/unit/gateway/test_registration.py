"""What a worker's registration says, against reference data."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.http.workers import NewWorker
from services.gateway.domain.registration import Registration, read

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "nik": "3672010101900001",
    "name": " Budi Santoso ",
    "born": "1990-01-01",
    "sex": "m",
    "phone": "0812-3456-7890",
    "area": "36.72.01.1001",
    "occupation": "ojek",
    "desil": 3,
    "consent": {"given_at": "2026-11-20T01:00:00Z", "by": "rt"},
}


def found(**changes: Any) -> Registration | list[tuple[str, str]]:
    """What is found of a good body with some fields changed."""
    result = read(NewWorker.model_validate(GOOD | changes, strict=False), NOW)
    return result if isinstance(result, Registration) else [(p.pointer, p.code) for p in result]


def test_a_good_registration_is_tidied_for_the_vault() -> None:
    registration = found()
    assert isinstance(registration, Registration)
    assert registration.record == {
        "name": "Budi Santoso", "nik": "3672010101900001", "born": "1990-01-01", "sex": "m", "phone": "+6281234567890",
    }  # fmt: skip
    assert (registration.band, registration.eligible_until) == (1, "2054-12")


def test_without_a_desil_nobody_goes_first() -> None:
    registration = found(desil=None)
    assert isinstance(registration, Registration)
    assert registration.band == 2


def test_people_from_elsewhere_are_welcome() -> None:
    assert isinstance(found(nik="3201010101900001"), Registration)


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"nik": "36720101"}, "/nik", "nik.not_16_digits"),
        ({"nik": "0072010101900001"}, "/nik", "nik.unknown_region"),
        ({"nik": "3672013113900001"}, "/nik", "nik.no_such_date"),
        ({"nik": "3672010101900000"}, "/nik", "nik.serial_zero"),
        ({"nik": "3,67201E+15"}, "/nik", "nik.damaged_by_spreadsheet"),
        ({"born": "1991-01-01"}, "/nik", "nik.born_differs"),
        ({"sex": "f"}, "/nik", "nik.sex_differs"),
        ({"phone": "112"}, "/phone", "phone.invalid"),
        ({"area": "36.72.01.9999"}, "/area", "area.unknown"),
        ({"area": "36.72.01"}, "/area", "area.not_kelurahan"),
        ({"occupation": "pilot"}, "/occupation", "occupation.unknown"),
        ({"consent": {"given_at": "2026-12-01T00:00:00Z", "by": "rt"}}, "/consent/given_at", "consent.in_future"),
    ],
)
def test_what_cannot_be_accepted_is_reported_with_its_place(changes: dict[str, Any], place: str, code: str) -> None:
    assert found(**changes) == [(place, code)]


@pytest.mark.parametrize(
    ("nik", "born", "code"),
    [
        ("3672012511110001", "2011-11-25", "age.too_young"),
        ("3672012411610001", "1961-11-24", "age.too_old"),
        ("3672012511260001", "2026-11-25", "age.not_born"),
    ],
)
def test_only_who_is_at_least_15_and_younger_than_65_is_taken(nik: str, born: str, code: str) -> None:
    assert ("/born", code) in found(nik=nik, born=born)  # type: ignore[operator]


@pytest.mark.parametrize(("nik", "born"), [("3672012411110001", "2011-11-24"), ("3672012511610001", "1961-11-25")])
def test_the_birthday_itself_decides(nik: str, born: str) -> None:
    assert isinstance(found(nik=nik, born=born), Registration)


def test_no_word_of_a_problem_holds_what_was_typed() -> None:
    secrets = {"nik": "3672019999900001", "phone": "0254123", "name": "Budi"}
    result = read(NewWorker.model_validate(GOOD | secrets, strict=False), NOW)
    assert isinstance(result, list)
    words = " ".join(problem.detail for problem in result)
    assert [secret for secret in secrets.values() if secret in words] == []
