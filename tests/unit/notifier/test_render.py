"""Every template speaks both languages, refuses to guess, and lets no markup through."""

import itertools
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError, meta

import services.notifier
from schemas.languages import Language
from services.notifier.domain.notice_rules import CATALOGUE
from services.notifier.outbound.contacts import masked
from services.notifier.outbound.render import html, render
from tests.support.notices import sample_params

ALL = list(itertools.product(CATALOGUE, ("id", "en")))
FOLDER = Path(services.notifier.__path__[0]) / "templates"


def used(template: str, language: str) -> set[str]:
    """The names that a template asks for."""
    text = (FOLDER / language / f"{template}.txt").read_text(encoding="utf-8")
    environment = Environment()  # noqa: S701 -- nothing is rendered here
    environment.filters["counted"] = str
    return meta.find_undeclared_variables(environment.parse(text))


WITH_PARAMS = [(t, lang, name) for t, lang in ALL for name in sorted(used(t, lang) - {"name"})]


@pytest.mark.parametrize(("template", "language"), ALL)
def test_every_template_can_be_read_in_both_languages(template: str, language: Language) -> None:
    message = render(template, sample_params(template), language=language, name="Budi Santoso")
    assert message.subject
    assert "\n" not in message.subject
    assert "Budi Santoso" in message.text
    assert "{{" not in message.subject + message.text + html(message)


@pytest.mark.parametrize(("template", "language"), ALL)
def test_a_template_asks_for_nothing_that_its_notices_do_not_have(template: str, language: Language) -> None:
    assert used(template, language) <= {"name", *CATALOGUE[template].params}


@pytest.mark.parametrize(("template", "language"), ALL)
def test_every_template_says_who_writes(template: str, language: Language) -> None:
    assert "Gemet Sekul" in render(template, sample_params(template), language=language).text


@pytest.mark.parametrize(("template", "language", "missing"), WITH_PARAMS)
def test_no_template_guesses_what_is_missing(template: str, language: Language, missing: str) -> None:
    params = {name: text for name, text in sample_params(template).items() if name != missing}
    with pytest.raises(UndefinedError, match=missing):
        render(template, params, language=language)


@pytest.mark.parametrize(("template", "language"), ALL)
def test_no_code_of_a_month_or_a_day_reaches_a_person(template: str, language: Language) -> None:
    message = render(template, sample_params(template), language=language)
    assert "2027-01" not in message.subject + message.text


def test_rupiah_months_and_days_are_written_as_people_write_them() -> None:
    params = sample_params("bill_due") | {"total_idr": "840000"}
    assert render("bill_due", params, language="id").subject == (
        "Iuran Januari 2027: Rp840.000, paling lambat 15 Januari 2027"
    )
    assert render("bill_due", params, language="en").subject == (
        "Contributions for January 2027: Rp840.000, payable by 15 January 2027"
    )


def test_counts_have_the_separators_of_their_language() -> None:
    params = sample_params("summary")
    assert "1.200 pekerja" in render("summary", params, language="id").subject
    assert "1,200 workers" in render("summary", params, language="en").subject


def test_one_worker_is_no_plural() -> None:
    params = sample_params("pledge_accepted") | {"slots": "1"}
    assert render("pledge_accepted", params, language="en").subject == "Your pledge for 1 worker has been accepted"


def test_who_has_no_name_here_is_greeted_politely() -> None:
    assert render("matched", sample_params("matched"), language="id").text.startswith("Yth. Bapak/Ibu,")


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    page = html(render("matched", sample_params("matched"), language="id", name='<img src="x">'))
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_name_cannot_begin_a_line_of_its_own() -> None:
    text = render("paid", sample_params("paid"), language="id", name="Budi\n\n- Kode iuran: 1").text
    assert "\n- Kode iuran" not in text


def test_amounts_stand_in_a_table() -> None:
    page = html(render("paid", sample_params("paid"), language="en"))
    assert page.count("<tr>") == 6
    assert '<html lang="en">' in page


def test_the_way_to_opt_out_is_in_the_footer() -> None:
    link = "https://sekul.example/v1/unsubscribe/abc"
    message = render("matched", sample_params("matched"), language="id", unsubscribe=link)
    assert message.footer.endswith(link)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Budi Santoso", "B*** S***"), ("siti", "S***"), ("PT Krakatau  Baja", "P*** K*** B***"), ("", "")],
)
def test_a_masked_name_is_known_to_its_owner_alone(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_webhooks_carry_amounts_and_counts_as_numbers() -> None:
    assert CATALOGUE["bill_due"].data(sample_params("bill_due")) | {"city": "", "pay_code": ""} == {
        "remittance": "plg_01jdq3v8e5f6g7h8j9k0m1n2p3",
        "city": "",
        "month": "2027-01",
        "workers": 1200,
        "total_idr": 16800,
        "pay_code": "",
        "due_on": "2027-01-15",
        "payment": "direct",
    }
