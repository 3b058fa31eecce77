"""What commands print: data to standard output, everything else to standard error.

Promises that `--json` prints JSON alone. Must not print secrets or personal data that the gateway did not show.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from services.ops import boards

STDOUT = Console(highlight=False, soft_wrap=True)
STDERR = Console(stderr=True, highlight=False, soft_wrap=True)


def note(line: str) -> None:
    """Tell what is going on, beside the data."""
    STDERR.print(Text(line))


def line(text: str, style: str = "") -> None:
    """One line of data for people."""
    STDOUT.print(Text(text, style=style))


def as_json(document: Any) -> None:
    """One JSON document, on one line when nobody looks at it."""
    option = orjson.OPT_INDENT_2 if STDOUT.is_terminal else 0
    sys.stdout.buffer.write(orjson.dumps(document, option=option) + b"\n")
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = ()) -> None:
    """Rows under heads; the columns numbered in `right` hold quantities."""
    made = boards.table(heads, right=right)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    STDOUT.print(made)
