"""What commands print: data to standard output, everything else to standard error.

Promises that `--json` prints JSON alone. Must not print secrets or personal data that the gateway did not show.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import orjson
from rich.console import Console
from rich.text import Text

from services.ops import boards

#: what is read by another program has as long lines as it needs
_WIDE: Final = 300
STDOUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
STDERR = Console(stderr=True, highlight=False, soft_wrap=True)


def note(line: str) -> None:
    """Tell what is going on, beside the data."""
    STDERR.print(Text(line))


def line(text: str, style: str = "") -> None:
    """One line of data for people."""
    say(Text(text, style=style))


def say(text: Text) -> None:
    """One line of data for people, at once."""
    STDOUT.print(text)
    sys.stdout.flush()


def as_json(document: Any) -> None:
    """One JSON document; indented when somebody looks at it."""
    _write(orjson.dumps(document, option=orjson.OPT_INDENT_2 if STDOUT.is_terminal else 0))


def as_json_line(document: Any) -> None:
    """One JSON document on one line, for streams."""
    _write(orjson.dumps(document))


def _write(text: bytes) -> None:
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = ()) -> None:
    """Rows under heads; the columns numbered in `right` hold quantities."""
    made = boards.table(heads, right=right)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    STDOUT.print(made)


@contextmanager
def waiting(for_what: str) -> Iterator[None]:
    """Show that something goes on, to whoever looks."""
    if not STDERR.is_terminal:
        yield
        return
    with STDERR.status(for_what):
        yield
