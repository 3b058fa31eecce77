"""From a row of BPJS's receipt to a line of it, or to its errors.

A row names the remittance by its pay code or id, the worker by NIK or id. BPJS's free words about a rejection become a
code of this service; the words themselves may hold a name and are not kept. Pure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from schemas.base import BASE32
from services.gateway.imports.cell_reader import CellReader, ReportLine, refused
from services.gateway.imports.pledges import idr
from services.gateway.imports.tabular import Cell, Row, folded, month, text, whole

Verdict = Literal["confirmed", "rejected"]

_CONFIRMED: Final = ("confirmed", "ok", "berhasil", "sukses", "lunas", "diterima", "terkonfirmasi", "aktif", "paid",
                     "terbayar", "valid", "success", "accepted", "sah", "1", "ya")  # fmt: skip
_REJECTED: Final = ("rejected", "gagal", "ditolak", "tolak", "batal", "failed", "nonaktif", "tidakvalid", "invalid",
                    "tidaksah", "dikembalikan", "0", "tidak")  # fmt: skip
_VERDICTS: Final[dict[str, Verdict]] = {
    **dict.fromkeys(_CONFIRMED, "confirmed"),
    **dict.fromkeys(_REJECTED, "rejected"),
}
#: Code to stems of BPJS's words; the first match applies.
_REASONS: Final = (
    ("bpjs.nik", ("nik", "ktp", "dukcapil", "identitas", "identity")),
    ("bpjs.died", ("meninggal", "wafat", "died", "dead")),
    ("bpjs.age", ("usia", "umur", "age")),
    ("bpjs.not_working", ("tidakbekerja", "tidakaktifbekerja", "notworking", "sakit")),
    ("bpjs.other_member", ("sudahterdaftar", "ganda", "pesertalain", "dobel", "double", "duplicate")),
    ("bpjs.amount", ("nominal", "jumlah", "kurang", "lebih", "amount")),
)
_WORKER: Final = re.compile(f"wrk_{BASE32}")
_REMITTANCE: Final = re.compile(f"rem_{BASE32}")
_NIK: Final = re.compile(r"[0-9]{16}")
_PAY_CODE_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A row of the receipt. `remittance` is an id, or a pay code still to be looked up.

    The worker is named by an id or by the keyed hash of the NIK.
    """

    number: int
    remittance: str
    worker: str | None
    nik_hash: bytes | None = field(repr=False)
    month: str | None
    amount_idr: int
    verdict: Verdict
    reason: str | None


def read(row: Row, columns: frozenset[str], lookup: Callable[[str], bytes]) -> ReceiptRow | ReportLine:
    """The line of the receipt, or the refusal. `columns` are those of the file, `lookup` hashes a NIK."""
    cells = CellReader(row)
    remittance = _remittance(cells)
    worker, nik = _worker(cells)
    of = cells.read("month", month, "field.form", "a month is written like 2026-12")
    amount = cells.read("amount_idr", idr, "field.form", "an amount is a whole number of rupiah")
    if not cells.has("amount_idr"):
        cells.error("amount_idr", "field.missing", "the cell is empty")
    verdict: Verdict | None = cells.read("status", _verdict, "field.form", "write berhasil or ditolak")
    if "status" in columns and not cells.has("status"):
        cells.error("status", "field.missing", "the cell is empty")
    reason = _reason(cells.text("reason", length_max=2_000)) if verdict == "rejected" else None
    if cells.errors or remittance is None or amount is None:
        return refused(row.number, cells.errors)
    nik_hash = lookup(nik) if nik else None
    return ReceiptRow(row.number, remittance, worker, nik_hash, of, amount, verdict or "confirmed", reason)


def _remittance(cells: CellReader) -> str | None:
    """The id or, if there is none, the pay code; a number cell has lost the zeros in front of it."""
    named = cells.text("remittance")
    if named:
        if not _REMITTANCE.fullmatch(named):
            cells.error("remittance", "field.form", "a remittance's id is rem_ and 26 characters")
        return named
    cell = cells.cell("pay_code")
    if cell is None:
        cells.error("pay_code", "field.missing", "neither a pay code nor the id of a remittance")
        return None
    code = str(whole(cell) or "").zfill(_PAY_CODE_DIGITS) if isinstance(cell, float) else text(cell).replace(" ", "")
    if len(code) != _PAY_CODE_DIGITS or not (code.isascii() and code.isdigit()):
        cells.error("pay_code", "field.form", f"a pay code has {_PAY_CODE_DIGITS} digits")
    return code


def _worker(cells: CellReader) -> tuple[str | None, str | None]:
    named = cells.text("worker")
    if named:
        if not _WORKER.fullmatch(named):
            cells.error("worker", "field.form", "a worker's id is wrk_ and 26 characters")
        return named, None
    nik = cells.nik(required=True)
    if nik and not _NIK.fullmatch(nik):
        cells.error("nik", "nik.not_16_digits", "a NIK has 16 digits")
    return None, nik


def _verdict(cell: Cell) -> Verdict | None:
    return _VERDICTS.get(folded(cell))


def _reason(words: str) -> str:
    if any(words == code for code, _ in _REASONS):
        return words
    found = folded(words)
    return next((code for code, stems in _REASONS if any(stem in found for stem in stems)), "bpjs.rejected")
