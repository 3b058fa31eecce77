"""CSV as it comes: UTF-8, UTF-16 or cp1252; comma, semicolon, tab or bar; with or without a line `sep=;`.

Promises that a quotation mark without its partner costs one row, not the rest of the file. Must not guess an encoding
beyond those three, nor hold more of the file than a record.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Final

from services.gateway.imports.tabular.layout import Layout
from services.gateway.imports.tabular.rows import BrokenRow, Limits, Records
from services.runtime.base.errors import Poison

DELIMITERS: Final = (";", ",", "\t", "|")
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_PIECE: Final = 1 << 20
_SAMPLE: Final = 1 << 16
#: A cell may hold line breaks, but one that runs over more lines than this is a quotation mark without its partner.
_LINES_MAX: Final = 20


def encoding_of(source: BinaryIO) -> str:
    """The encoding: by a byte order mark, else UTF-8 if the whole file is that, else cp1252."""
    head = source.read(_PIECE)
    mark = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if mark is None and b"\0" in head:
        raise Poison("file.not_a_spreadsheet", "the file is no text: send CSV (UTF-8) or XLSX")
    for name in [mark] if mark else ["utf-8", "cp1252"]:
        source.seek(0)
        if _decodes(source, name):
            source.seek(0)
            return name
    raise Poison("file.encoding", "the text is neither UTF-8, UTF-16 nor Windows-1252: save the file as CSV UTF-8")


def _decodes(source: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := source.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def records(source: BinaryIO, layout: Layout, limits: Limits) -> Records:
    """The rows of a CSV file, from its first line on."""
    text = io.TextIOWrapper(source, encoding_of(source), newline="")
    sample = text.read(_SAMPLE)
    text.seek(0)
    lines = iter(text)
    if found := _SEPARATOR_LINE.fullmatch(sample.split("\n", 1)[0]):
        next(lines)
        delimiter = found[1]
    else:
        delimiter = _delimiter(sample, layout, limits)
    return _records(_Lines(lines), delimiter)


def _delimiter(sample: str, layout: Layout, limits: Limits) -> str:
    """The delimiter by which the most columns of the layout are found; if none are, the commonest one."""

    def score(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        fields = 0
        try:
            for _, row in zip(range(limits.header_within_rows), rows, strict=False):
                fields = max(fields, len(layout.match(row).columns))
        except csv.Error:
            return fields, 0
        return fields, sample.count(delimiter)

    return max(DELIMITERS, key=score)


class _Lines:
    """The lines of a file, some of which may be given back to be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._ahead: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) == _LINES_MAX:
            raise StopIteration
        line = self._ahead.popleft() if self._ahead else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """All but the first line since the last record will come again."""
        self._ahead.extendleft(reversed(self.taken[1:]))


def _records(lines: _Lines, delimiter: str) -> Records:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        lines.taken = []
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.give_back()
            yield BrokenRow(number, "row.quotes", "the quotation marks of this row do not match")
