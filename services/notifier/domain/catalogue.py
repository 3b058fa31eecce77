"""The notices that exist: for whom, under which name CSR systems know them, and which words they are made of.

Promises that a notice can only be made with exactly the parameters its template needs. Must not hold a sentence of any
language (those are templates), a name of a person or any I/O.
"""

from dataclasses import dataclass
from typing import Final, Literal

#: How a parameter is shown: months and days by name, rupiah and counts with separators, the rest as it stands.
Shape = Literal["month", "day", "idr", "count", "city", "id", "code"]


@dataclass(frozen=True)
class Template:
    """A kind of notice. `event` is its type in webhooks; workers have no systems, hence no event.

    `for_leavers`: whether it still concerns a worker who has left the list, as the receipt for his last month does.
    """

    audience: Literal["worker", "donor"]
    params: dict[str, Shape]
    event: str | None = None
    for_leavers: bool = False


CATALOGUE: Final[dict[str, Template]] = {
    "matched": Template("worker", {"pledge": "id", "from_month": "month"}),
    "continued": Template("worker", {"pledge": "id", "from_month": "month"}),
    "covered": Template(
        "worker",
        {"pledge": "id", "month": "month", "covered_until": "month", "spell_months": "count", "iuran_idr": "idr"},
        for_leavers=True,
    ),
    "lapse": Template("worker", {"pledge": "id", "last_month": "month"}),
    "lapsed": Template("worker", {"month": "month", "covered_until": "month"}),
    "pledge_accepted": Template(
        "donor",
        {"pledge": "id", "city": "city", "slots": "count", "starts": "month", "until": "month", "payment": "code"},
        event="pledge.accepted",
    ),
    "pledge_refused": Template("donor", {"pledge": "id", "code": "code"}, event="pledge.refused"),
    "pledge_matched": Template("donor", {"pledge": "id", "filled": "count", "slots": "count"}, event="pledge.matched"),
    "bill_due": Template(
        "donor",
        {
            "remittance": "id",
            "city": "city",
            "month": "month",
            "workers": "count",
            "total_idr": "idr",
            "pay_code": "code",
            "due_on": "day",
            "payment": "code",
        },
        event="bill.due",
    ),
    "paid": Template(
        "donor",
        {
            "remittance": "id",
            "city": "city",
            "month": "month",
            "workers": "count",
            "total_idr": "idr",
            "paid_on": "day",
        },
        event="bill.paid",
    ),
    "overdue": Template(
        "donor",
        {"pledge": "id", "remittance": "id", "month": "month", "total_idr": "idr", "due_on": "day"},
        event="bill.overdue",
    ),
    "summary": Template(
        "donor",
        {"city": "city", "month": "month", "workers": "count", "confirmed_idr": "idr", "rejected": "count"},
        event="month.summary",
    ),
}


def data_of(template: str, params: dict[str, str]) -> dict[str, str | int]:
    """The parameters as a webhook carries them: amounts and counts as integers, all else as text."""
    shapes = CATALOGUE[template].params
    return {name: int(text) if shapes.get(name) in ("idr", "count") else text for name, text in params.items()}
