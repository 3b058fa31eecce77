"""A sample of each notice: the fact that leads to it, to whom and under which key, and its key sentences.

The fourth and last place of a new notice, after its rule and its words in two languages.
"""

from dataclasses import dataclass
from typing import Final

from schemas.base import Fact
from tests.support.notices import (
    an_id,
    confirmed,
    lapse_foreseen,
    lapsed,
    match_made,
    pledge_matched,
    pledge_opened,
    pledge_overdue,
    pledge_refused,
    remittance_paid,
    remittance_prepared,
    summarised,
)

_WORKER, _DONOR, _PLEDGE, _REMITTANCE = an_id("wrk"), an_id("don"), an_id("plg"), an_id("rem")


@dataclass(frozen=True)
class Sample:
    """A fact, the recipient and the subject of its notice, and sentences of it in Bahasa Indonesia and in English."""

    fact: Fact
    recipient: str
    subject: str
    id: tuple[str, ...]
    en: tuple[str, ...]


SAMPLES: Final[dict[str, Sample]] = {
    "matched": Sample(
        match_made(),
        _WORKER,
        an_id("mat"),
        id=(
            "Ada donatur untuk iuran BPJS Ketenagakerjaan Anda mulai Januari 2027",
            "Anda tidak dipungut biaya apa pun.",
        ),
        en=("A donor has been found for your contributions from January 2027", "You will not be charged anything."),
    ),
    "continued": Sample(
        match_made(reason="renewal"),
        _WORKER,
        an_id("mat"),
        id=("Ada donatur untuk iuran Anda selanjutnya, mulai Januari 2027", "BPJS mengharuskan pendaftaran ulang."),
        en=("A donor has been found for your further contributions, from January 2027", "requires you to enrol again."),
    ),
    "covered": Sample(
        confirmed(1),
        _WORKER,
        "2027-01",
        id=("Terlindungi sampai akhir: Januari 2027", "Jumlah iuran: Rp16.800", "bukan bukti resmi BPJS."),
        en=("Protected until the end of: January 2027", "Contribution: Rp16.800", "not an official BPJS document."),
    ),
    "lapse": Sample(
        lapse_foreseen(),
        _WORKER,
        "2026-12/2026-12-01",
        id=("Belum ada donatur untuk iuran Anda setelah Desember 2026", "bulan yang sama tidak dibayar dua kali."),
        en=("No donor yet for your contributions after December 2026", "so that the same month is not paid twice."),
    ),
    "lapsed": Sample(
        lapsed(),
        _WORKER,
        "2027-01",
        id=("Iuran Januari 2027 belum dikonfirmasi BPJS", "iurannya belum dibayar atau ditolak BPJS."),
        en=("BPJS has not confirmed your contribution for January 2027", "it was not paid, or BPJS rejected it."),
    ),
    "pledge_accepted": Sample(
        pledge_opened(),
        _DONOR,
        _PLEDGE,
        id=("Komitmen Anda untuk 50 pekerja sudah kami terima", "Cara bayar: langsung ke BPJS Ketenagakerjaan"),
        en=("Your pledge for 50 workers has been accepted", "Payment: directly to BPJS Ketenagakerjaan"),
    ),
    "pledge_refused": Sample(
        pledge_refused(),
        _DONOR,
        f"{_PLEDGE}/pledge.ended/2026-12-01",
        id=("Permintaan tentang komitmen Anda tidak dapat diproses", "komitmen itu sudah berakhir."),
        en=("Your request about a pledge could not be processed", "the pledge has already ended."),
    ),
    "pledge_matched": Sample(
        pledge_matched(7),
        _DONOR,
        f"{_PLEDGE}/7/2026-12-01",
        id=("7 dari 50 pekerja sudah dipasangkan", "baru terlindungi setelah iurannya dikonfirmasi BPJS."),
        en=("7 of 50 workers matched to your pledge", "only once BPJS has confirmed their contributions."),
    ),
    "bill_due": Sample(
        remittance_prepared(),
        _DONOR,
        _REMITTANCE,
        id=(
            "Iuran Januari 2027: Rp840.000, paling lambat 15 Januari 2027",
            "Nomor setoran (referensi Gemet Sekul): 123456789012",
            "Nomor setoran bukan kode iuran.",
            "Perlindungan berlaku setelah BPJS mengonfirmasi.",
        ),
        en=(
            "Contributions for January 2027: Rp840.000, payable by 15 January 2027",
            "Reference (Gemet Sekul): 123456789012",
            "Our reference is not a BPJS billing code.",
            "Protection begins once BPJS has confirmed.",
        ),
    ),
    "paid": Sample(
        remittance_paid(),
        _DONOR,
        _REMITTANCE,
        id=("Pembayaran Rp840.000 untuk Januari 2027 sudah tercatat", "Dibayar pada: 10 Januari 2027"),
        en=("Your payment of Rp840.000 for January 2027 is on record", "Paid on: 10 January 2027"),
    ),
    "overdue": Sample(
        pledge_overdue(),
        _DONOR,
        f"{_PLEDGE}/{_REMITTANCE}",
        id=("Iuran Januari 2027 sebesar Rp840.000 sudah lewat jatuh tempo", "sebelum bulan itu ditutup."),
        en=("Contributions of Rp840.000 for January 2027 are overdue", "is recorded before the month is closed."),
    ),
    "summary": Sample(
        summarised(),
        _DONOR,
        "36.72/2027-01",
        id=("Ringkasan Januari 2027: iuran 50 pekerja dikonfirmasi BPJS", "Terima kasih atas kepedulian Anda."),
        en=("contributions of 50 workers confirmed by BPJS", "Thank you for your support."),
    ),
}
