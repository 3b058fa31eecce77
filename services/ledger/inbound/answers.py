"""Rows of the books as the answers that others get. Pure; must not ask the database."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import orjson

from schemas import months
from services.ledger.domain import accounts, pricing

Row = Mapping[str, Any]
Answer = dict[str, Any]

_ABOUT: Final = {kind.pattern: kind.about for kind in accounts.CHART}
#: A month's state is that of its least advanced city.
_STATES: Final = ("billed", "paid", "confirmed", "closed")


def page(items: list[Answer], limit: int, cursor: Callable[[Answer], str]) -> Answer:
    """A page of a list; a full one names where the next begins."""
    return {"items": items, "next": cursor(items[-1]) if len(items) == limit else None}


def cycle(month: str, city: str | None, rows: Sequence[Row], exceptions: Sequence[Row]) -> Answer:
    """A month. `billed` and `paid` count up; due, awaiting, confirmed, rejected and unpaid share `billed` out."""
    total: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        for name in ("billed", "paid", "confirmed", "rejected", "unpaid"):
            total[name] += row[name]
        for name in ("billed_idr", "paid_idr", "confirmed_idr", "rejected_idr"):
            total[name] += row[name]
        total["unpaid_idr"] += row["not_paid_idr"] if row["closed_at"] else 0
    workers = {name: total[name] for name in ("billed", "paid", "confirmed", "rejected", "unpaid")}
    workers["due"] = workers["billed"] - workers["paid"] - workers["unpaid"]
    workers["awaiting"] = workers["paid"] - workers["confirmed"] - workers["rejected"]
    idr = {name: total[f"{name}_idr"] for name in ("billed", "paid", "confirmed", "rejected", "unpaid")}
    idr["due"] = idr["billed"] - idr["paid"] - idr["unpaid"]
    idr["awaiting"] = idr["paid"] - idr["confirmed"] - idr["rejected"]
    states = [_state(row) for row in rows]
    return {
        "month": month,
        "city": city,
        "state": min(states, key=_STATES.index) if states else "open",
        "worker_months": workers,
        "idr": idr,
        "exceptions": [_exception(row) for row in exceptions],
    }


def _state(row: Row) -> str:
    if row["closed_at"] is not None:
        return "closed"
    if row["billed"] == row["confirmed"] + row["rejected"]:
        return "confirmed"
    return "paid" if row["billed"] == row["paid"] else "billed"


def _exception(row: Row) -> Answer:
    """What is open, whose turn it is, and since when. What is overdue does not keep a month open: it ends unpaid."""
    paid = row["paid_on"] is not None
    code = "not_answered" if paid else "overdue" if row["overdue"] else "not_paid"
    return {
        "code": code,
        "blocks": code != "overdue",
        "owner": "bpjs" if paid else row["donor"],
        "remittance": row["remittance"],
        "city": row["city"],
        "worker_months": row["unanswered"] if paid else row["workers"],
        "idr": row["unanswered_idr"] if paid else row["idr"],
        "since": row["paid_on"] if paid else row["prepared_at"].date(),
        "due_on": row["due_on"],
        "misfits": row["misfits"],
    }


def remittance(row: Row) -> Answer:
    """A remittance."""
    answered = row["confirmed"] + row["rejected"]
    if row["paid_at"] is not None:
        state = "confirmed" if answered == row["workers"] else "paid"
    elif row["closed_at"] is not None:
        state = "unpaid"
    else:
        state = "overdue" if row["overdue_at"] else "due"
    return {
        "id": row["remittance"],
        "payer": row["donor"],
        "city": row["city"],
        "month": row["month"],
        "payment": row["payment"],
        "state": state,
        "pledges": row["pledges"],
        "worker_months": row["workers"],
        "total_idr": row["idr"],
        "pay_code": row["pay_code"],
        "due_on": row["due_on"],
        "prepared_at": row["prepared_at"],
        "paid_on": row["paid_on"],
        "channel": row["channel"],
        "confirmed": row["confirmed"],
        "confirmed_idr": row["confirmed_idr"],
        "rejected": row["rejected"],
        "rejected_idr": row["rejected_idr"],
    }


def line(row: Row, remittance: Row, outcome: Row | None, recorded_by: datetime | None) -> Answer:
    """A worker-month of a remittance in its one state: due, paid, confirmed, rejected or unpaid."""
    if outcome is not None:
        state = "confirmed" if outcome["reason"] is None else "rejected"
    elif _happened(remittance["paid_at"], recorded_by):
        state = "paid"
    else:
        state = "unpaid" if _happened(remittance["closed_at"], recorded_by) else "due"
    return {
        "worker": row["worker"],
        "month": remittance["month"],
        "idr": row["idr"],
        "tariff": row["tariff"],
        "bill_seq": row["bill_seq"],
        "pledge": row["pledge"],
        "reason": outcome["reason"] if outcome else None,
        "receipt": outcome["receipt"] if outcome else None,
        "state": state,
    }


def _happened(at: datetime | None, by: datetime | None) -> bool:
    return at is not None and (by is None or at <= by)


def account(name: str, idr: int) -> Answer:
    """An account with its balance."""
    kind = accounts.kind_of(name)
    return {"account": name, "kind": kind, "about": _ABOUT[kind], "balance_idr": idr}


def trial_balance(balances: Mapping[str, int], as_of: date | None, recorded_by: datetime | None) -> Answer:
    """All balances, by account and by kind of account."""
    kinds: defaultdict[str, int] = defaultdict(int)
    for name, idr in balances.items():
        kinds[accounts.kind_of(name)] += idr
    return {
        "as_of": as_of,
        "recorded_by": recorded_by,
        "plus_idr": sum(idr for idr in balances.values() if idr > 0),
        "minus_idr": sum(idr for idr in balances.values() if idr < 0),
        "sum_idr": sum(balances.values()),
        "broken": accounts.broken(balances),
        "kinds": [
            {"kind": kind.pattern, "about": kind.about, "balance_idr": kinds.get(kind.pattern, 0)}
            for kind in accounts.CHART
        ],
        "items": [{"account": name, "balance_idr": idr} for name, idr in balances.items()],
    }


def entry(row: Row) -> Answer:
    """A journal entry; its position in the log is its id."""
    log, holding = f"ledger/{row['shard']}", orjson.loads(row["holding"])
    return {
        "position": f"{log}/{row['seq']}",
        "id": f"{log}/{row['seq']}",
        "pledge": row["pledge"],
        "what": row["what"],
        "about": row["about"],
        "month": row["month"],
        "corrects": None if row["corrected"] is None else f"{log}/{row['corrected']}",
        "effective": row["effective"],
        "recorded_at": row["recorded_at"],
        "worker": holding[0]["workers"][0] if len(holding) == 1 and len(holding[0]["workers"]) == 1 else None,
        "postings": [{"account": account, "amount_idr": idr} for account, idr in orjson.loads(row["postings"]).items()],
    }


def pledge(terms: Row, balances: Mapping[str, int], rows: Sequence[Row]) -> Answer:
    """A pledge: what became of each month of its term, and its books."""
    known = {row["month"]: row for row in rows}
    billed = [month for month, row in known.items() if row["workers"]]
    last = terms["until"] if terms["ended"] is None else min(terms["until"], terms["ended"])
    return {
        "pledge": terms["pledge"],
        "months": [
            _billed_month(known[month])
            if month in billed
            else _coming_month(month, terms, known[month]["held"] if month in known else 0)
            for month in sorted({*months.span(terms["starts"], last), *billed})
        ],
        "balances": {book: balances.get(accounts.book(terms["pledge"], book), 0) for book in accounts.BOOKS},
    }


def _billed_month(row: Row) -> Answer:
    answered = row["confirmed"] + row["rejected"]
    if answered == row["workers"]:
        state = "confirmed"
    elif row["paid_idr"] == row["idr"]:
        state = "paid"
    else:
        state = "unpaid" if row["closed"] else "due"
    return {
        "month": row["month"],
        "state": state,
        "workers": row["workers"],
        "idr": row["idr"],
        "paid_idr": row["paid_idr"],
        "confirmed": row["confirmed"],
        "confirmed_idr": row["confirmed_idr"],
        "rejected": row["rejected"],
        "rejected_idr": row["rejected_idr"],
        "unpaid_idr": row["unpaid_idr"],
    }


def _coming_month(month: str, terms: Row, held: int) -> Answer:
    """A month that is not billed: how many slots have a worker, and what all of them cost at most."""
    ceiling = pricing.ceiling(month, tuple(terms["programmes"]), transport_only=terms["transport_only"])
    return {
        "month": month,
        "state": "held" if held else "promised",
        "workers": held,
        "idr": terms["slots"] * ceiling,
    }
