"""What each notice states in both languages, and what none may claim."""

import itertools

import pytest

from schemas.languages import Language
from services.notifier.domain.notice_rules import CATALOGUE
from services.notifier.outbound.render import render
from tests.support.notice_samples import SAMPLES
from tests.support.notices import Shard

CASES = [
    (template, language, sentence)
    for template, sample in SAMPLES.items()
    for language, sentences in (("id", sample.id), ("en", sample.en))
    for sentence in sentences
]
#: what is true only once BPJS has confirmed, and promises that nobody can keep
CLAIMS = (
    "janji",
    "melindungi",
    "terdepan",
    "tanda terima",
    "kode iuran:",
    "receipt for",
    "front of the queue",
    "pay code",
)


def written(template: str, language: Language, **changed: str) -> str:
    """A sample notice as its recipient reads it."""
    params = Shard().when(SAMPLES[template].fact).notice.params
    message = render(template, params | changed, language=language, name="Budi Santoso")
    return f"{message.subject}\n{message.text}"


@pytest.mark.parametrize(("template", "language", "sentence"), CASES)
def test_a_notice_contains_its_key_sentences(template: str, language: Language, sentence: str) -> None:
    assert sentence in written(template, language)


@pytest.mark.parametrize(("template", "language"), list(itertools.product(CATALOGUE, ("id", "en"))))
def test_no_notice_claims_what_may_not_hold(template: str, language: Language) -> None:
    text = written(template, language).lower()
    assert [claim for claim in CLAIMS if claim in text] == []


@pytest.mark.parametrize("code", ["pledge.outside_city", "pledge.term_past", "pledge.ended"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_refusal_has_its_reason_in_words(code: str, language: Language) -> None:
    assert code not in written("pledge_refused", language, code=code)


def test_a_refusal_without_words_shows_its_code() -> None:
    assert "(kode pledge.new)" in written("pledge_refused", "id", code="pledge.new")


def test_a_donor_who_pays_by_the_pool_is_not_sent_to_bpjs() -> None:
    text = written("bill_due", "id", payment="pooled")
    assert "ke dana bersama" in text
    assert "portal BPJS" not in text


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_donor_whose_month_was_not_confirmed_is_not_thanked(language: Language) -> None:
    text = written("summary", language, workers="0", confirmed_idr="0")
    assert "Terima kasih" not in text
    assert "Thank you" not in text
