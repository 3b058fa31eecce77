"""Answers of the gateway as tables for a terminal: coverage toward 80%, the books, notices.

Promises that people read rupiah as `Rp16.800`, months by name and times in Jakarta. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from schemas import money
from schemas.days import JAKARTA
from schemas.reference import calendar
from services.ops.verify.finding import Finding

_BAR: Final = 34
_EXCEPTIONS: Final = {
    "not_paid": "not paid yet",
    "not_answered": "paid, not answered by BPJS",
    "overdue": "overdue, ends as unpaid",
}
_MARKS: Final = {"holds": ("✓", "green"), "broken": ("✗", "bold red"), "look": ("!", "yellow")}


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
    return f"{datetime.fromisoformat(value).astimezone(JAKARTA):%Y-%m-%d %H:%M:%S} WIB"


def table(heads: Sequence[str], *, right: Sequence[int] = (), whole: bool = False) -> Table:
    """An empty table; `right` numbers the columns that hold quantities, `whole` keeps every cell on one line."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        made.add_column(
            head, justify="right" if number in right else "left", overflow="fold", no_wrap=whole or number == 0
        )
    return made


def coverage(answer: Mapping[str, Any]) -> Table:
    """Coverage: solid for protected, shaded for those with a donor, a mark at the target."""
    made = table(
        ("area", "workers", "matched", "covered", "share", "toward the target"), right=(1, 2, 3, 4), whole=True
    )
    areas = [area for area in answer["areas"] if area["workers"]] or answer["areas"]
    total = {name: sum(area[name] for area in areas) for name in ("workers", "matched", "covered")}
    target = areas[0]["target"] if areas else 0.0
    everywhere = {**total, "name": "all", "target": target}
    for area in [*areas, everywhere]:
        share = area["covered"] / area["workers"] if area["workers"] else 0.0
        style = "bold green" if share >= area["target"] else ""
        cells = (count(area["workers"]), count(area["matched"]), count(area["covered"]))
        made.add_row(area["name"], *cells, Text(f"{int(share * 100)}%", style=style), _bar(area))
    return made


def _bar(area: Mapping[str, Any]) -> Text:
    workers = area["workers"] or 1
    covered, matched = (area[name] * _BAR // workers for name in ("covered", "matched"))
    mark = int(area["target"] * _BAR)
    made = Text()
    for place in range(_BAR):
        sign, style = ("█", "green") if place < covered else ("▒", "cyan") if place < matched else ("·", "dim")
        if place == mark:
            sign, style = "┃", "bold yellow"
        made.append(sign, style=style)
    return made


def exceptions(found: Iterable[Mapping[str, Any]]) -> Table:
    """What is still open in a month, and who has to act."""
    made = table(
        ("exception", "whose turn", "workers", "iuran", "since", "due on", "remittance"), right=(2, 3), whole=True
    )
    for one in found:
        words = _EXCEPTIONS[one["code"]]
        if one["misfits"]:
            words += f", payments that do not fit: {count(one['misfits'])}"
        cells = (count(one["worker_months"]), rupiah(one["idr"]), one["since"], one["due_on"], one["remittance"])
        made.add_row(words, "BPJS" if one["owner"] == "bpjs" else one["owner"], *cells)
    return made


def trial_balance(answer: Mapping[str, Any]) -> Table:
    """The books by kind of account; the sum is zero."""
    made = table(("account", "about", "balance"), right=(2,))
    for kind in answer["kinds"]:
        if kind["balance_idr"]:
            made.add_row(kind["kind"], kind["about"], rupiah(kind["balance_idr"]))
    made.add_section()
    style = "bold green" if answer["sum_idr"] == 0 else "bold red"
    made.add_row("", "sum of all accounts", Text(rupiah(answer["sum_idr"]), style=style))
    return made


def notice(answer: Mapping[str, Any]) -> Padding:
    """A notice as its receiver reads it, the name masked."""
    words = Text()
    words.append(f"{answer['subject']}\n", style="bold")
    words.append(str(answer["text"]).strip())
    return Padding(words, (0, 2, 1, 2))


def law(finding: Finding) -> Text:
    """A law and whether it holds."""
    mark, style = _MARKS[finding.state]
    return Text.assemble((f"{mark} {finding.law:<12}", style), finding.detail)
