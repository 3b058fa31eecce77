"""Worker lists as RT, RW and the manpower office write them: any delimiter, any date form, and some wrong rows.

Promises bytes in memory and never a file on disk: the lists hold people's data.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import xlsxwriter

from schemas.reference import occupations, regions
from services.ops.demo.chance import Chance
from services.ops.demo.people import Person

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: the titles that three volunteers use for the same columns
_HEADS: Final = (
    ("No", "NIK", "Nama Lengkap", "Tgl Lahir", "L/P", "No HP", "Kelurahan", "Kecamatan", "Pekerjaan", "Desil",
     "Setuju"),
    ("No.", "Nomor KTP", "NAMA", "Tanggal Lahir", "JK", "WhatsApp", "Desa/Kelurahan", "Kec", "Jenis Pekerjaan",
     "Desil DTSEN", "Persetujuan"),
    ("no", "nik", "nama", "tgl_lahir", "jenis_kelamin", "no_hp", "kelurahan", "kecamatan", "pekerjaan", "desil",
     "persetujuan"),
)  # fmt: skip
_DATES: Final = ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d")
_DELIMITERS: Final = (";", ",")
Cells = list[str]


@dataclass(frozen=True)
class WorkerFile:
    """A list to be sent. `area` is the kelurahan or city of its authors."""

    area: str
    media: str
    content: bytes


def of_kelurahan(seed: int, area: str, people: Sequence[Person]) -> WorkerFile:
    """A kelurahan's list as CSV; about one row in fifty is wrong."""
    chance = Chance(seed, "file", area)
    form, date_form = chance.one(_HEADS), chance.one(_DATES)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=chance.one(_DELIMITERS), lineterminator=chance.one(("\r\n", "\n")))
    writer.writerow(form)
    for number, person in enumerate(people, start=1):
        writer.writerow(_cells(number, person, date_form))
        if chance.percent(2):
            writer.writerow(_corrupted(chance, _cells(number, _twin(chance, person), date_form)))
    encoding = chance.one(("utf-8", "utf-8-sig", "cp1252"))
    return WorkerFile(area, CSV, out.getvalue().encode(encoding))


def of_office(seed: int, people: Sequence[Person]) -> WorkerFile:
    """The manpower office's workbook: people whom the RTs have listed, too, and NIKs that Excel has corrupted."""
    chance = Chance(seed, "office")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Pekerja rentan")
        sheet.write_row(0, 0, _HEADS[0])
        for number, person in enumerate(people, start=1):
            cells = _cells(number, person, _DATES[0])
            sheet.write_row(number, 0, cells)
            if chance.percent(6):
                sheet.write_number(number, 1, float(cells[1]))
    return WorkerFile(regions.city_of(people[0].kelurahan), XLSX, out.getvalue())


def _cells(number: int, person: Person, date_form: str) -> Cells:
    return [
        str(number),
        person.nik,
        person.name,
        person.born.strftime(date_form),
        "L" if person.sex == "m" else "P",
        person.phone or "",
        regions.name(person.kelurahan),
        regions.name(regions.kecamatan_of(person.kelurahan)),
        occupations.name(person.occupation),
        "" if person.desil is None else str(person.desil),
        "ya",
    ]


def _twin(chance: Chance, person: Person) -> Person:
    """Somebody else of the same street, for a row that will be refused."""
    return replace(person, nik=f"{person.nik[:12]}9{chance.below(1000):03d}")


def _with(index: int, change: Callable[[str], str]) -> Callable[[Cells], Cells]:
    return lambda cells: [*cells[:index], change(cells[index]), *cells[index + 1 :]]


#: what goes wrong in lists: a digit forgotten, a spreadsheet's number, a day that is none, no consent, ...
_CORRUPTIONS: Final = (
    _with(1, lambda nik: nik[:-1]),
    _with(1, lambda nik: f"{nik[0]},{nik[1:6]}E+15"),
    _with(1, lambda nik: f"{nik[:6]}3902{nik[10:]}"),
    _with(1, lambda nik: f"99{nik[2:]}"),
    _with(3, lambda _: "17 Agustus"),
    _with(6, lambda _: "Kampung Tengah"),
    _with(8, lambda _: "pilot"),
    _with(10, lambda _: "tidak"),
)


def _corrupted(chance: Chance, cells: Cells) -> Cells:
    return chance.one(_CORRUPTIONS)(cells)
