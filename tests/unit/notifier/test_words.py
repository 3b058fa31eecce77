"""What each notice tells in both languages, and what none may claim."""

import itertools

import pytest

from schemas.facts.gateway import Language
from services.notifier.domain.catalogue import CATALOGUE
from services.notifier.outbound.render import render
from tests.support.notices import sample_params

#: template: key sentences in Bahasa Indonesia and in English, of subject or body
SENTENCES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "matched": (
        ("Ada donatur untuk iuran BPJS Ketenagakerjaan Anda mulai Januari 2027", "Anda tidak dipungut biaya apa pun."),
        ("A donor has been found for your contributions from January 2027", "You will not be charged anything."),
    ),
    "continued": (
        ("Ada donatur untuk iuran Anda selanjutnya, mulai Januari 2027", "lebih dari tiga bulan, BPJS mengharuskan"),
        ("A donor has been found for your further contributions, from January 2027", "requires you to enrol again."),
    ),
    "covered": (
        ("Terlindungi sampai akhir: Januari 2027", "Jumlah iuran: Rp16.800", "bukan bukti resmi BPJS."),
        ("Protected until the end of: January 2027", "Contribution: Rp16.800", "not an official BPJS document."),
    ),
    "lapse": (
        ("Belum ada donatur untuk iuran Anda setelah Januari 2027", "supaya iuran bulan yang sama tidak dibayar dua"),
        ("No donor yet for your contributions after January 2027", "so that the same month is not paid twice."),
    ),
    "lapsed": (
        ("Iuran Januari 2027 belum dikonfirmasi BPJS", "iurannya belum dibayar atau ditolak BPJS."),
        ("BPJS has not confirmed your contribution for January 2027", "it was not paid, or BPJS rejected it."),
    ),
    "pledge_accepted": (
        ("Komitmen Anda untuk 1.200 pekerja sudah kami terima", "Cara bayar: langsung ke BPJS Ketenagakerjaan"),
        ("Your pledge for 1,200 workers has been accepted", "Payment: directly to BPJS Ketenagakerjaan"),
    ),
    "pledge_refused": (
        ("Permintaan tentang komitmen Anda tidak dapat diproses", "tidak ada yang ditagihkan karenanya."),
        ("Your request about a pledge could not be processed", "nothing will be billed because of it."),
    ),
    "pledge_matched": (
        ("1.200 dari 1.200 pekerja sudah dipasangkan", "baru terlindungi setelah iurannya dikonfirmasi BPJS."),
        ("1,200 of 1,200 workers matched to your pledge", "only once BPJS has confirmed their contributions."),
    ),
    "bill_due": (
        ("paling lambat 15 Januari 2027", "Nomor setoran bukan kode iuran.", "setelah BPJS mengonfirmasi."),
        ("payable by 15 January 2027", "Our reference is not a BPJS billing code.", "once BPJS has confirmed."),
    ),
    "paid": (
        ("Pembayaran Rp16.800 untuk Januari 2027 sudah tercatat", "Dibayar pada: 15 Januari 2027"),
        ("Your payment of Rp16.800 for January 2027 is on record", "Paid on: 15 January 2027"),
    ),
    "overdue": (
        ("Iuran Januari 2027 sebesar Rp16.800 sudah lewat jatuh tempo", "jika pembayaran tercatat sebelum bulan itu"),
        ("Contributions of Rp16.800 for January 2027 are overdue", "is recorded before the month is closed."),
    ),
    "summary": (
        ("Ringkasan Januari 2027: iuran 1.200 pekerja dikonfirmasi BPJS", "Terima kasih atas kepedulian Anda."),
        ("contributions of 1,200 workers confirmed by BPJS", "Thank you for your support."),
    ),
}
CASES = [
    (template, language, sentence)
    for template, both in SENTENCES.items()
    for language, sentences in zip(("id", "en"), both, strict=True)
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
    message = render(template, sample_params(template) | changed, language=language, name="Budi Santoso")
    return f"{message.subject}\n{message.text}"


def test_every_notice_has_its_key_sentences() -> None:
    assert set(SENTENCES) == set(CATALOGUE)


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
