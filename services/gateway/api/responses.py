"""Rows of the read models as the JSON that HTTP answers with. Pure; who may see what was asked before."""

from collections.abc import Mapping
from typing import Any, Final

from schemas import months
from schemas.envelope import instant
from services.gateway.domain.command_context import WorkerRow
from services.gateway.domain.terms import quote_of, shown
from services.runtime.base.postgres import Row

Fields = Mapping[str, Any]
PERSONAL: Final = ("name", "nik", "born", "sex", "phone")


def donor(row: Row, person: Fields | None = None) -> dict[str, Any]:
    """A donor; with the personal fields when they may be seen."""
    fields = {
        "id": row["donor"],
        "kind": row["kind"],
        "language": row["language"],
        "status": "erased" if row["erased"] else "active",
    }
    if person is not None:
        fields |= {name: person.get(name) for name in ("name", "email", "phone")}
    return fields


def quote(row: Row) -> dict[str, Any]:
    """What a pledge costs by its present terms, in its donor's language."""
    priced = quote_of(row["slots"], row["occupations"], row["programmes"], starts=row["starts"], count=row["months"])
    return shown(priced, row["language"])


def pledge(row: Row, books: Fields | None) -> dict[str, Any]:
    """A pledge, with its books if the ledger has sent them."""
    refused = row["refused_code"]
    return {
        "id": row["pledge"],
        "donor": row["donor"],
        "status": row["matching_status"] or "registered",
        "city": row["city"],
        "slots": row["slots"],
        "filled": row["filled"] or 0,
        "term_months": row["months"],
        "starts": row["starts"],
        "until": row["until"] or months.add(row["starts"], row["months"] - 1),
        "scope": {
            "areas": row["areas"],
            "occupations": row["occupations"],
            "workers": row["workers"],
            "near": row["near"],
        },
        "payment": row["payment"],
        "programmes": row["programmes"],
        "keep": row["keep"],
        "amount_idr": row["amount_idr"],
        "reference": row["reference"],
        "cancelled_from": row["cancelled_from"],
        "refusal": {"code": refused, "detail": row["refused_detail"]} if refused else None,
        "quote": quote(row),
        "months": books["months"] if books else [],
        "balances": books["balances"] if books else None,
        "incomplete": [] if books else ["ledger"],
    }


def worker(row: WorkerRow, month: str, person: Fields | None = None) -> dict[str, Any]:
    """A worker as of a month; with the personal fields when they may be seen."""
    matched = row.matched_until is not None and row.matched_until >= month and not row.gone
    fields: dict[str, Any] = {
        "id": row.worker,
        "status": row.status(month),
        "area": row.area,
        "occupation": row.occupation,
        "pledge": row.pledge if matched else None,
        "matched_until": row.matched_until if matched else None,
        "covered_until": row.covered_until,
        "spell_months": row.spell_months,
        "ended_reason": "erased" if row.erased else row.ended_reason,
    }
    if person is not None:
        fields |= {name: person.get(name) for name in PERSONAL}
    return fields


def pledge_worker(row: Row, month: str) -> dict[str, Any]:
    """One worker of a pledge, without personal data."""
    state = WorkerRow(
        worker=row["worker"], city="", area=row["area"], occupation=row["occupation"], eligible_until="",
        ended_reason=row["worker_ended"], erased=row["erased"], matched_until=row["until"],
        covered_until=row["covered_until"], lapsed_month=row["lapsed_month"],
    )  # fmt: skip
    return {
        "match": row["match"],
        "worker": row["worker"],
        "area": row["area"],
        "occupation": row["occupation"],
        "from": row["from_month"],
        "until": row["until"],
        "reason": row["reason"],
        "ended_reason": row["ended_reason"],
        "status": state.status(month),
        "covered_until": row["covered_until"],
    }


def match(row: Row) -> dict[str, Any]:
    """A match."""
    return {
        "match": row["match"],
        "worker": row["worker"],
        "pledge": row["pledge"],
        "from": row["from_month"],
        "until": row["until"],
        "reason": row["reason"],
        "ended_reason": row["ended_reason"],
    }


def dead_letter(row: Row) -> dict[str, Any]:
    """A dead letter."""
    return dict(row) | {"at": instant(row["at"])}
