"""Rows of a list of workers, cell by cell."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.roles import Actor
from services.gateway.imports import workers
from services.gateway.imports.cell_reader import ReportLine
from services.gateway.imports.tabular import Cell, ErrorCell, Row
from services.gateway.imports.workers import Context, WorkerDraft

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
SITI: dict[str, Cell] = {
    "nik": "3672014101900001",
    "name": "Siti",
    "born": "01/01/1990",
    "sex": "P",
    "area": "36.72.01.1001",
    "occupation": "ojek",
}


def read(asked: frozenset[str] = frozenset(), **changed: Cell | None) -> WorkerDraft | ReportLine:
    values = {field: cell for field, cell in (SITI | changed).items() if cell is not None}
    return workers.read(Row(7, values), Context(Actor("k", "operator"), "36.72", AT, asked))


def taken(asked: frozenset[str] = frozenset(), **changed: Cell | None) -> WorkerDraft:
    result = read(asked, **changed)
    assert isinstance(result, WorkerDraft), result
    return result


def refusal(asked: frozenset[str] = frozenset(), **changed: Cell | None) -> ReportLine:
    result = read(asked, **changed)
    assert isinstance(result, ReportLine)
    return result


def test_what_the_vault_keeps_is_what_the_row_says() -> None:
    record = taken(phone="0812-3456-7890").found.record
    assert record == {
        "name": "Siti",
        "nik": "3672014101900001",
        "born": "1990-01-01",
        "sex": "f",
        "phone": "+6281234567890",
    }


@pytest.mark.parametrize(
    "written", ["01/01/1990", "1-1-1990", "1990-01-01", "1 Januari 1990", "01/01/90", date(1990, 1, 1)]
)
def test_a_birth_date_is_read_in_all_its_forms(written: Cell) -> None:
    assert taken(born=written).found.record["born"] == "1990-01-01"


def test_a_short_year_that_the_nik_does_not_bear_out_is_refused() -> None:
    assert refusal(born="02/01/90").code == "field.form"


def test_birth_date_and_sex_come_from_the_nik_where_the_row_is_silent() -> None:
    record = taken(born=None, sex=None).found.record
    assert (record["born"], record["sex"]) == ("1990-01-01", "f")


def test_a_bad_nik_is_reported_once_where_the_row_is_silent() -> None:
    assert refusal(born=None, sex=None, nik="3672019901900001").detail.count("nik:") == 1


@pytest.mark.parametrize("cell", ["L", "laki-laki", "Pria", "M"])
def test_a_mans_word_for_a_womans_nik_is_refused(cell: str) -> None:
    assert refusal(sex=cell).code == "nik.sex_differs"


@pytest.mark.parametrize("cell", [81234567890.0, "0812 3456 7890", "62812-3456-7890", "+62 812 3456 7890"])
def test_a_telephone_number_is_read_in_all_its_forms(cell: Cell) -> None:
    assert taken(phone=cell).found.record["phone"] == "+6281234567890"


@pytest.mark.parametrize("cell", [None, "-", "--"])
def test_no_telephone_is_no_flaw(cell: Cell | None) -> None:
    assert "phone" not in taken(phone=cell).found.record


@pytest.mark.parametrize("cell", [3672014101900001.0, 3.67201e15])
def test_a_nik_from_a_number_cell_is_refused(cell: float) -> None:
    assert refusal(nik=cell).code == "nik.number_cell"


def test_all_cells_that_cannot_be_read_are_reported_at_once() -> None:
    line = refusal(nik=None, name=None, born="x", occupation="?")
    assert [part.split(":")[0] for part in line.detail.split("; ")] == ["nik", "born", "name", "occupation"]


def test_an_error_cell_is_not_an_empty_one() -> None:
    assert refusal(desil=ErrorCell("#N/A")).code == "cell.error"


@pytest.mark.parametrize(("age_date", "code"), [("24/11/2012", "age.too_young"), ("24/11/1961", "age.too_old")])
def test_who_is_too_young_or_too_old_is_refused(age_date: str, code: str) -> None:
    day, month, year = age_date.split("/")
    nik = f"367201{int(day) + 40}{month}{year[2:]}0001"
    assert refusal(nik=nik, born=age_date).code == code


def test_consent_is_by_rt_at_the_sending_unless_the_row_says_otherwise() -> None:
    silent, explicit = taken(), taken(consent_by="sendiri", consent_at="20/11/2026")
    assert (silent.consent_by, silent.consent_at) == ("rt", AT)
    assert (explicit.consent_by, explicit.consent_at) == ("self", datetime(2026, 11, 19, 17, tzinfo=UTC))


@pytest.mark.parametrize("column", ["consent", "consent_at"])
def test_a_column_for_consent_that_is_left_empty_means_that_there_is_none(column: str) -> None:
    assert refusal(frozenset({column})).code == "consent.absent"


def test_consent_is_not_given_in_the_future() -> None:
    assert refusal(consent_at="2026-12-24").code == "consent.in_future"


def test_field_workers_list_their_own_areas_only() -> None:
    context = Context(Actor("k", "field", areas=("36.72.02",)), "36.72", AT, frozenset())
    result = workers.read(Row(1, SITI), context)
    assert isinstance(result, ReportLine)
    assert result.code == "area.forbidden"


odd = st.text(max_size=30) | st.floats() | st.dates() | st.just(ErrorCell("#REF!"))


@given(st.dictionaries(st.sampled_from([*SITI, "phone", "desil", "consent", "consent_at", "consent_by", "city"]), odd))
def test_any_cells_give_a_registration_or_a_refusal_with_a_code(cells: dict[str, Cell]) -> None:
    result = read(frozenset(), **cells)
    assert isinstance(result, WorkerDraft) or result.code


@given(
    st.text(st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"]), min_size=8, max_size=30),
    st.sampled_from(list(SITI)),
)
def test_a_refusal_never_quotes_a_cell(secret: str, field: str) -> None:
    result = read(frozenset(), **{field: secret + "Zq"})
    assert isinstance(result, WorkerDraft) or secret not in result.detail
