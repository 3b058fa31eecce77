"""An XLSX file as a package of parts: what it holds, within limits that are checked before anything is unpacked.

Promises that no part is unpacked beyond the size that the package declares, and that the declared sizes together stay
within the limit. Must not read any sheet.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from services.gateway.imports.tabular.markup import SharedStrings, broken_is_poison, elements
from services.gateway.imports.tabular.rows import Limits
from services.runtime.base.errors import Poison

_PIECE: Final = 1 << 16
_SMALL_PART_BYTES_MAX: Final = 16 * 1024 * 1024
#: Built-in number formats that show a day.
_DAY_FORMATS: Final = frozenset([*range(14, 18), 22, *range(27, 37), *range(50, 59)])
#: What in a format code is shown as it stands, or does not show at all.
_LITERAL: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')


@dataclass(frozen=True)
class Workbook:
    """The parts of a package that a reader of its sheets needs."""

    package: zipfile.ZipFile
    sheets: tuple[str, ...]
    strings: list[str]
    #: the styles whose numbers are days
    day_styles: frozenset[str]
    since_1904: bool

    def pieces(self, part: str) -> Iterator[bytes]:
        """A part, piece by piece."""
        with self.package.open(part) as stream:
            while piece := stream.read(_PIECE):
                yield piece


def open_workbook(source: BinaryIO, limits: Limits) -> Workbook:
    """Open a package and read all but its sheets."""
    with broken_is_poison():
        package = zipfile.ZipFile(source)
        if sum(part.file_size for part in package.infolist()) > limits.unzipped_bytes_max:
            raise Poison(
                "file.too_large", f"unpacked, the file would take more than {limits.unzipped_bytes_max >> 20} MiB"
            )
        root = _target(package, "", "officeDocument")
        if root is None:
            raise Poison("file.not_a_spreadsheet", "the file is a package, but no XLSX workbook: save it as XLSX")
        styles = _target(package, root, "styles")
        strings = _target(package, root, "sharedStrings")
        document = elements(_read_small(package, root))
        return Workbook(
            package=package,
            sheets=_sheets(document, _relations(package, root)),
            strings=_strings(package, strings, limits.strings_max) if strings else [],
            day_styles=_day_styles(_read_small(package, styles)) if styles else frozenset(),
            since_1904=any(
                name == "workbookPr" and attributes.get("date1904") in {"1", "true"} for _, name, attributes in document
            ),
        )


def _read_small(package: zipfile.ZipFile, part: str) -> bytes:
    if package.getinfo(part).file_size > _SMALL_PART_BYTES_MAX:
        raise Poison("file.too_large", f"{posixpath.basename(part)} in the file is larger than in any spreadsheet")
    return package.read(part)


def _relations(package: zipfile.ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Id, kind and target of what a part refers to."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package.NameToInfo:
        return []
    return [
        (
            attributes.get("Id", ""),
            attributes.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/"),
        )
        for _, name, attributes in elements(_read_small(package, path))
        if name == "Relationship"
    ]


def _target(package: zipfile.ZipFile, part: str, kind: str) -> str | None:
    return next((target for _, found, target in _relations(package, part) if found == kind), None)


def _sheets(document: list[tuple[str, str, dict[str, str]]], relations: list[tuple[str, str, str]]) -> tuple[str, ...]:
    """The parts of the sheets that are shown, in their order."""
    targets = {relation: target for relation, kind, target in relations if kind == "worksheet"}
    shown = []
    for _, name, attributes in document:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            if relation in targets:
                shown.append(targets[relation])
    return tuple(shown)


def _strings(package: zipfile.ZipFile, part: str, strings_max: int) -> list[str]:
    shared = SharedStrings(strings_max)
    with package.open(part) as stream:
        shared.parser.ParseFile(stream)
    return shared.strings


def _day_styles(document: bytes) -> frozenset[str]:
    """The numbers of the cell styles that show a day."""
    days = set(_DAY_FORMATS)
    styles: list[int] = []
    for above, name, attributes in elements(document):
        if name == "numFmt" and _shows_day(attributes.get("formatCode", "")):
            days.add(int(attributes["numFmtId"]))
        elif (above, name) == ("cellXfs", "xf"):
            styles.append(int(attributes.get("numFmtId", 0)))
    return frozenset(str(number) for number, style in enumerate(styles) if style in days)


def _shows_day(code: str) -> bool:
    fields = _LITERAL.sub("", code).casefold()
    if fields == "general":
        return False
    return "d" in fields or "y" in fields or ("m" in fields and "h" not in fields and "s" not in fields)
