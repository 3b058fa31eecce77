"""NIK, telephone numbers, ages and desil: typed problems, and no person refused without a reason."""

from datetime import date, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import months
from schemas.export import examples
from schemas.export.kinds import kinds
from schemas.reference import people
from schemas.reference.desil import band
from schemas.reference.people import Problem, check_nik, parse_phone

BORN = date(1990, 8, 5)


def codes(nik: people.Nik) -> list[str]:
    return [problem.code for problem in nik.problems]


def test_a_womans_nik_has_forty_added_to_her_day_of_birth() -> None:
    nik = check_nik("3672014508900001", born=BORN, sex="f")
    assert (nik.digits, nik.issued_in, nik.born, nik.sex, nik.problems) == (
        "3672014508900001",
        "36.72.01",
        BORN,
        "f",
        (),
    )


@pytest.mark.parametrize(
    "written", ["3672 0105 0890 0001", "3672.0105.0890.0001", "'3672010508900001", " 3672010508900001 "]
)
def test_a_nik_may_be_written_with_blanks_and_signs(written: str) -> None:
    assert check_nik(written, born=BORN, sex="m").digits == "3672010508900001"


@pytest.mark.parametrize(
    ("nik", "expected"),
    [
        ("367201050890001", ["nik.not_16_digits"]),
        ("36720105089000011", ["nik.not_16_digits"]),
        ("36720105O8900001", ["nik.not_16_digits"]),
        ("", ["nik.not_16_digits"]),
        ("٣٦٧٢٠١٠٥٠٨٩٠٠٠٠١", ["nik.not_16_digits"]),
        ("3,67201E+15", ["nik.damaged_by_spreadsheet"]),
        ("3.67201050890000E+15", ["nik.damaged_by_spreadsheet"]),
        ("9999990508900001", ["nik.unknown_region"]),
        ("3699010508900001", ["nik.unknown_region"]),
        ("3600010508900001", ["nik.unknown_region"]),
        ("3672003102900001", ["nik.unknown_region", "nik.no_such_date"]),
        ("3672013102900001", ["nik.no_such_date"]),
        ("3672017202900001", ["nik.no_such_date"]),
        ("3672010013900001", ["nik.no_such_date"]),
        ("3672010508900000", ["nik.serial_zero"]),
        ("3672010608900001", ["nik.born_differs"]),
        ("3672014508900001", ["nik.sex_differs"]),
        ("3672014608900000", ["nik.serial_zero", "nik.born_differs", "nik.sex_differs"]),
    ],
)
def test_all_that_is_wrong_with_a_nik_is_listed_at_once(nik: str, expected: list[str]) -> None:
    assert codes(check_nik(nik, born=BORN, sex="m")) == expected


@pytest.mark.parametrize(
    ("prefix", "who"),
    [
        ("357801", "Surabaya"),
        ("360401", "Kabupaten Serang, which Cilegon was part of"),
        ("910101", "Merauke by its code before South Papua"),
        ("640401", "Bulungan by its code before North Kalimantan"),
        ("367299", "a kecamatan that is no longer, or not yet, on the list"),
    ],
)
def test_people_from_elsewhere_and_old_codes_are_welcome(prefix: str, who: str) -> None:
    assert check_nik(f"{prefix}0508900001", born=BORN, sex="m").valid, who


@pytest.mark.parametrize(
    ("born", "nik"),
    [
        (date(2000, 2, 29), "3672012902000001"),
        (date(2009, 8, 5), "3672010508090001"),
        (date(1961, 12, 31), "3672013112610001"),
        (date(1999, 1, 1), "3672010101990001"),
    ],
)
def test_the_century_is_that_of_the_declared_date(born: date, nik: str) -> None:
    assert check_nik(nik, born=born).born == born
    assert check_nik(nik, born=born).valid


def test_a_person_a_hundred_years_apart_is_not_the_same() -> None:
    assert codes(check_nik("3672010508900001", born=date(1991, 8, 5))) == ["nik.born_differs"]


def test_words_and_representations_hold_no_personal_data() -> None:
    nik = check_nik("3672014508900001", born=date(1985, 3, 2), sex="m")
    shown = repr(nik) + " ".join(problem.detail for problem in nik.problems)
    assert "3672014508900001" not in shown
    assert "1990" not in shown
    assert "1985" not in shown


@given(st.dates(date(1930, 1, 1), date(2025, 12, 31)), st.sampled_from(["m", "f"]), st.integers(1, 9999))
def test_a_nik_that_fits_its_owner_has_no_problem(born: date, sex: people.Sex, serial: int) -> None:
    day = born.day + (40 if sex == "f" else 0)
    nik = f"367203{day:02d}{born:%m%y}{serial:04d}"
    assert check_nik(nik, born=born, sex=sex).problems == ()


@given(st.text(max_size=40))
def test_no_text_makes_the_checks_raise(text: str) -> None:
    assert isinstance(check_nik(text, born=BORN, sex="f").problems, tuple)
    assert isinstance(parse_phone(text), str | Problem)


@pytest.mark.parametrize(
    "written",
    ["0812-3456-7890", "812 3456 7890", "6281234567890", "62081234567890", "+62 812-3456-7890", "'081234567890"],
)
def test_a_telephone_number_has_one_form_however_it_is_written(written: str) -> None:
    assert parse_phone(written) == "+6281234567890"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("8.12346E+11", "phone.damaged_by_spreadsheet"),
        ("0812", "phone.invalid"),
        ("+65 8123 4567", "phone.invalid"),
        ("saya", "phone.invalid"),
        ("(0254) 391234", "phone.not_mobile"),
    ],
)
def test_what_takes_no_messages_is_refused_with_a_reason(written: str, code: str) -> None:
    problem = parse_phone(written)
    assert isinstance(problem, Problem)
    assert problem.code == code


def test_a_land_line_is_accepted_where_mobile_is_not_required() -> None:
    assert parse_phone("(0254) 391234", mobile=False) == "+62254391234"


@pytest.mark.parametrize(
    ("born", "day", "code"),
    [
        (date(2011, 11, 25), date(2026, 11, 24), "age.too_young"),
        (date(2011, 11, 24), date(2026, 11, 24), None),
        (date(1961, 11, 25), date(2026, 11, 24), None),
        (date(1961, 11, 24), date(2026, 11, 24), "age.too_old"),
        (date(2027, 1, 1), date(2026, 11, 24), "age.not_born"),
        (date(2012, 2, 29), date(2027, 2, 28), "age.too_young"),
        (date(2012, 2, 29), date(2027, 3, 1), None),
    ],
)
def test_workers_enrol_from_15_until_the_day_before_65(born: date, day: date, code: str | None) -> None:
    problem = people.check_age(born, day)
    assert (problem.code if problem else None) == code


@pytest.mark.parametrize(
    ("born", "until"),
    [
        (date(1990, 1, 31), "2054-12"),
        (date(1990, 8, 1), "2055-09"),
        (date(1990, 12, 31), "2055-12"),
        (date(1964, 2, 29), "2029-03"),
    ],
)
def test_a_worker_may_be_covered_until_the_end_of_the_quarter_before_the_65th_birthday(born: date, until: str) -> None:
    assert people.eligible_until(born) == until


@given(st.dates(date(1940, 1, 1), date(2020, 12, 31)))
def test_the_65th_birthday_lies_in_the_last_eligible_quarter_or_the_month_after_it(born: date) -> None:
    until = people.eligible_until(born)
    assert people.age_on(born, months.last_day(months.add(until, -3))) == 64
    assert people.age_on(born, months.last_day(months.add(until, 1)) + timedelta(days=1)) == 65


@pytest.mark.parametrize(("kind", "month"), [("worker.registered", "2054-11"), ("worker.listed", "2054-10")])
def test_facts_about_workers_have_a_quarter_and_no_month_of_birth(kind: str, month: str) -> None:
    fact = kinds()[kind].fact
    [example] = [orjson.loads(file.read_bytes()) for name, _, file in examples() if name == kind]
    with pytest.raises(ValidationError):
        fact.model_validate_json(orjson.dumps(example | {"eligible_until": month}))


def test_the_bottom_forty_per_cent_go_first() -> None:
    assert [band(desil) for desil in range(1, 11)] == [1, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert band(None) == 2


@pytest.mark.parametrize("desil", [0, 11, -1])
def test_a_desil_outside_one_to_ten_is_refused(desil: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 10"):
        band(desil)
