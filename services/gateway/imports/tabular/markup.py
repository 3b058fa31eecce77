"""The little XML that a workbook needs, by expat, with every door shut that a hostile file knocks at.

Promises that a document type, and with it every entity of one's own, is refused. Must not build trees.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from services.runtime.base.errors import Poison

_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_SURROGATES: Final = range(0xD800, 0xE000)
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    EOFError,
    LookupError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


@contextmanager
def broken_is_poison() -> Iterator[None]:
    """Turns every error of an incomplete package into one `Poison`."""
    try:
        yield
    except _BROKEN as error:
        raise Poison(
            "file.broken",
            "the XLSX file is damaged or holds what no spreadsheet holds: save it and send it again",
        ) from error


def parser() -> XMLParserType:
    """A parser that refuses document types."""

    def refuse(*_: object) -> None:
        raise ValueError("a document type in a spreadsheet")

    created = ParserCreate()
    created.buffer_text = True
    created.StartDoctypeDeclHandler = refuse
    return created


def local_names() -> Callable[[str], str]:
    """A function that takes the prefix from an element's name, remembering what it has seen."""
    known: dict[str, str] = {}

    def local(name: str) -> str:
        found = known.get(name)
        if found is None:
            found = known[name] = name.rpartition(":")[2]
        return found

    return local


def elements(document: bytes) -> list[tuple[str, str, dict[str, str]]]:
    """All elements of a small document in their order: the parent's name, the own name, the attributes."""
    found: list[tuple[str, str, dict[str, str]]] = []
    above = [""]
    local = local_names()

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((above[-1], local(name), attributes))
        above.append(local(name))

    def end(_: str) -> None:
        above.pop()

    created = parser()
    created.StartElementHandler, created.EndElementHandler = start, end
    created.Parse(document, True)  # noqa: FBT003  expat takes its arguments by position
    return found


def unescaped(content: str) -> str:
    """A text without the escapes by which spreadsheets write control characters, such as `_x000D_`.

    Half a surrogate pair, which no encoding can write, is left out.
    """
    return _ESCAPE.sub(_character, content) if "_x" in content else content


def _character(escape: re.Match[str]) -> str:
    number = int(escape[1], 16)
    return "" if number in _SURROGATES else chr(number)


class SharedStrings:
    """Folds the part of shared texts into a list, without the phonetic runs that East Asian spreadsheets add."""

    def __init__(self, strings_max: int) -> None:
        self.strings: list[str] = []
        self.parser = parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._strings_max = strings_max
        self._local = local_names()
        self._runs: list[str] = []
        self._reading = False
        self._phonetic = False

    def _start(self, name: str, _: object) -> None:
        match self._local(name):
            case "t":
                self._reading = not self._phonetic
            case "rPh":
                self._phonetic = True

    def _end(self, name: str) -> None:
        match self._local(name):
            case "t":
                self._reading = False
            case "rPh":
                self._phonetic = False
            case "si":
                self.strings.append(unescaped("".join(self._runs)))
                self._runs.clear()
                if len(self.strings) > self._strings_max:
                    raise Poison("file.too_large", f"more than {self._strings_max:,} different texts in the file")

    def _characters(self, data: str) -> None:
        if self._reading:
            self._runs.append(data)
