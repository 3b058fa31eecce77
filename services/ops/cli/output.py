"""What commands print: data to standard output, everything else to standard error.

Promises that `--json` prints JSON alone, and that people read rupiah as `Rp16.800`, months by name and times in
Jakarta. Must not print secrets or personal data that the gateway did not show.
"""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas import money
from schemas.reference import calendar
from services.runtime.clock import JAKARTA

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


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = (), title: str = "") -> None:
    """Rows under heads; the columns numbered in `right` hold quantities."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        made.add_column(head, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    STDOUT.print(made)


def rupiah(idr: int) -> str:
    """Whole rupiah: Rp16.800."""
    return ("-" if idr < 0 else "") + money.format_rupiah(abs(idr))


def count(number: int) -> str:
    """A whole number with its thousands apart, as rupiah have them."""
    return f"{number:,}".replace(",", ".")


def month(value: str | None) -> str:
    """A month by its name; a dash for none."""
    return "-" if value is None else calendar.month_name(value, "en")


def moment(value: str) -> str:
    """An instant as a day and a time in Jakarta."""
    at = datetime.fromisoformat(value).astimezone(JAKARTA)
    return f"{at:%Y-%m-%d %H:%M:%S} WIB"
