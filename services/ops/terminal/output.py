"""What commands print: data to standard output, everything else to standard error.

Promises that `--json` prints JSON alone. Must not print secrets or personal data that the gateway did not show.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from services.ops.terminal import views

#: what is read by another program has as long lines as it needs
_WIDE: Final = 300
STDOUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
STDERR = Console(stderr=True, highlight=False, soft_wrap=True)


def note(line: str) -> None:
    """Print a line about progress to standard error."""
    STDERR.print(Text(line))


def line(words: str, style: str = "") -> None:
    """Print one line of data for people."""
    text(Text(words, style=style))


def text(styled: Text) -> None:
    """Print one line of data for people, flushed."""
    STDOUT.print(styled)
    sys.stdout.flush()


def as_json(document: Any) -> None:
    """Print one JSON document, indented on a terminal."""
    _write(orjson.dumps(document, option=orjson.OPT_INDENT_2 if STDOUT.is_terminal else 0))


def as_json_line(document: Any) -> None:
    """Print one JSON document on one line, for streams."""
    _write(orjson.dumps(document))


def _write(text: bytes) -> None:
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = ()) -> None:
    """Print rows under heads; the columns numbered in `right` hold quantities."""
    made = views.table(heads, right=right)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    STDOUT.print(made)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal that counts; the function moves it forward."""
    columns = (SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=STDERR, transient=True, disable=not STDERR.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda number: bar.advance(task, number)


@contextmanager
def waiting(for_what: str) -> Iterator[None]:
    """A spinner on a terminal while something takes its time."""
    if not STDERR.is_terminal:
        yield
        return
    with STDERR.status(for_what):
        yield
