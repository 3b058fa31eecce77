"""Every problem that HTTP may answer with: code, status, title and how to mend it. The one place of these words.

`PROBLEMS` are codes of whole answers, `FIELDS` codes of single places in a body. The table in `PROBLEMS.md` is made
from both, and a test holds them together. Answers follow RFC 9457; their `type` leads to `/v1/problems/<code>`.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.responses import Response

from services.runtime.base.errors import Problem, Refused

MEDIA_TYPE: Final = "application/problem+json"
#: how many places of a body are named at once
ERRORS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """What one code means."""

    status: int
    title: str
    mend: str


PROBLEMS: Final[dict[str, Kind]] = {
    "request.malformed": Kind(400, "The request cannot be read", "Send what the OpenAPI document describes."),
    "body.malformed": Kind(400, "The body is no JSON", "Send one JSON value in UTF-8; `detail` names the place."),
    "idempotency.key_invalid": Kind(
        400, "The Idempotency-Key cannot be taken", "Send 1 to 128 visible ASCII characters, in quotes or without."
    ),
    "position.invalid": Kind(
        400, "The position in Sekul-After is none", "Send back the `Sekul-Position` of a write as it was given."
    ),
    "cursor.invalid": Kind(400, "The cursor is invalid", "Send back `next` or the id of an event, unchanged."),
    "key.missing": Kind(401, "No API key", "Send `Authorization: Bearer <key>`."),
    "key.unknown": Kind(401, "The API key is not known", "Ask the operator for a key; a revoked one stays revoked."),
    "role.forbidden": Kind(403, "The role of this key may not do this", "Use a key with a role that may."),
    "area.forbidden": Kind(403, "The area is not one of this key's", "Use a key for this area."),
    "route.unknown": Kind(404, "There is nothing here", "See /openapi.json for what there is."),
    "donor.unknown": Kind(404, "No such donor", "Check the id; donors of others are not shown."),
    "pledge.unknown": Kind(404, "No such pledge", "Check the id; pledges of other donors are not shown."),
    "worker.unknown": Kind(404, "No such worker", "Check the id; workers of other areas are not shown."),
    "remittance.unknown": Kind(404, "No such remittance", "Check the id; remittances of other payers are not shown."),
    "import.unknown": Kind(404, "No such import", "Check the id that the upload was answered with."),
    "city.unknown": Kind(404, "No such city here", "Give the code of a kabupaten or kota, such as 36.72."),
    "cycle.unknown": Kind(404, "Nothing is known of this month", "Bill the month first."),
    "dead_letter.unknown": Kind(404, "No such dead letters", "List them with GET /v1/deadletters."),
    "apikey.unknown": Kind(404, "No such API key", "Check the id that the key was made with."),
    "problem.unknown": Kind(404, "No such problem code", "List them with GET /v1/problems."),
    "resource.unknown": Kind(404, "There is no such thing", "Check the id in the path."),
    "clock.not_virtual": Kind(404, "The clock cannot be turned", "Start with `--clock virtual` to turn days by hand."),
    "method.unsupported": Kind(405, "Not with this method", "The header `Allow` names the methods."),
    "idempotency.running": Kind(409, "The first request still runs", "Wait a moment and send the same request again."),
    "idempotency.secret_shown_once": Kind(
        409, "The secret was shown once", "Make another one with a new Idempotency-Key, and withdraw this one."
    ),
    "pledge.ended": Kind(409, "The pledge has ended", "Make a new pledge."),
    "worker.already_ended": Kind(409, "The worker has left the list", "Nothing is left to do; see the worker."),
    "webhook.too_many": Kind(409, "Too many webhooks", "One webhook can inform all others."),
    "cycle.not_billed": Kind(409, "The month is not billed", "Bill it first: POST /v1/cycles/{month}/bill."),
    "cycle.passed": Kind(409, "A later month is billed already", "Months are billed in their order."),
    "cycle.too_early": Kind(409, "The month cannot be billed yet", "Wait for the month before it."),
    "cycle.open_exceptions": Kind(
        409, "The month has open exceptions", "`exceptions` lists them: see that they are paid, confirmed or rejected."
    ),
    "cycle.nothing_to_bill": Kind(409, "No city has a pledge", "Register a pledge first."),
    "explain.not_yet": Kind(409, "The matcher has not seen it yet", "Ask again in a moment."),
    "body.too_large": Kind(413, "The body is too large", "Send less, or in parts; `detail` has the limit."),
    "body.media_type": Kind(
        415, "Not this media type", "Send `Content-Type: application/json` (imports: CSV or XLSX)."
    ),
    "body.invalid": Kind(422, "Fields cannot be taken", "`errors` names each place, what is wrong and how to mend it."),
    "query.invalid": Kind(422, "Parameters cannot be taken", "`errors` names each parameter and what is wrong."),
    "file.empty": Kind(422, "The file is empty", "Send a file with a header row and rows under it."),
    "file.unknown_header": Kind(
        422, "The header row is not known", "`detail` shows what was found and how the columns must be named."
    ),
    "file.column_twice": Kind(422, "Two columns mean the same", "Leave one of them."),
    "file.not_a_spreadsheet": Kind(422, "The file is no CSV or XLSX", "Save it as CSV (UTF-8) or XLSX and send that."),
    "file.encoding": Kind(422, "The text encoding cannot be read", "Save the file as CSV UTF-8 or as XLSX."),
    "file.broken": Kind(
        422, "The XLSX file is damaged", "Open it in a spreadsheet program, save it again and send that."
    ),
    "file.too_large": Kind(422, "The file holds too much", "Send it in parts; `detail` has the limit."),
    "idempotency.body_differs": Kind(
        422, "The Idempotency-Key belongs to another request", "Take a new key for a new request."
    ),
    "rate.exceeded": Kind(429, "Too many requests", "Wait as many seconds as `Retry-After` says."),
    "internal.defect": Kind(500, "Our mistake", "Nothing was done. Tell the operator the `traceparent` of the answer."),
    "shard.unavailable": Kind(503, "This city cannot be written right now", "Send it again after `Retry-After`."),
    "shard.elsewhere": Kind(503, "Another process serves this city", "Send it again after `Retry-After`."),
    "answer.lost": Kind(
        503, "Done, but the answer was lost", "Send it again with the same Idempotency-Key; it is not done twice."
    ),
    "database.away": Kind(503, "The database is away", "Send it again after `Retry-After`."),
    "peer.away": Kind(503, "A service that knows the answer is away", "Ask again after `Retry-After`."),
    "read.not_yet": Kind(503, "What you wrote is not to be seen yet", "Ask again after `Retry-After`."),
    "request.timeout": Kind(503, "The request took too long", "Send it again with the same Idempotency-Key."),
    "days.not_settled": Kind(503, "The day has begun, but not everybody has done it", "Ask again after `Retry-After`."),
    "stream.full": Kind(503, "Too many live streams", "Close one, or wait."),
}

FIELDS: Final[dict[str, str]] = {
    "field.missing": "The field is required.",
    "field.unknown": "There is no such field.",
    "field.type": "The value has another type; numbers are whole and not in quotes.",
    "field.range": "The value is too small, too large, too short or too long.",
    "field.form": "The value is not written as it must be.",
    "area.unknown": "Kemendagri's list has no such area.",
    "area.not_kelurahan": "A worker lives in a kelurahan or desa: four levels of the code.",
    "occupation.unknown": "There is no such occupation group.",
    "month.past": "The month is over.",
    "month.too_far": "The month is too far ahead.",
    "date.future": "The day has not come yet.",
    "nik.damaged_by_spreadsheet": "A spreadsheet turned the NIK into a number and lost its end.",
    "nik.not_16_digits": "A NIK has 16 digits.",
    "nik.unknown_region": "The NIK begins with no region.",
    "nik.no_such_date": "The NIK holds no date.",
    "nik.serial_zero": "A NIK never ends in 0000.",
    "nik.born_differs": "The NIK holds another birth date than the one declared.",
    "nik.sex_differs": "The NIK holds another sex than the one declared.",
    "nik.number_cell": "The NIK is in a number cell, so a spreadsheet has changed its last digits.",
    "nik.known": "The NIK is on record already; `detail` names its worker.",
    "phone.damaged_by_spreadsheet": "A spreadsheet turned the telephone number into a number.",
    "phone.invalid": "Not an Indonesian telephone number.",
    "phone.not_mobile": "A land line takes no messages.",
    "age.not_born": "The birth date lies in the future.",
    "age.too_young": "A worker must be at least 15.",
    "age.too_old": "A worker must be younger than 65.",
    "cell.error": "The cell shows an error of a formula.",
    "row.quotes": "The quotation marks of the row do not match.",
    "row.too_many_cells": "The row has more cells than the header; a cell may be cut in two.",
    "file.too_many_rows": "The file has more rows than are read; send the rest by itself.",
    "consent.absent": "The list asks for the worker's consent, and the row has none.",
    "consent.in_future": "The consent was given after now.",
    "donor.unknown": "There is no such donor.",
    "worker.unknown": "There is no such worker.",
    "worker.ended": "The worker has left the list.",
    "worker.other_city": "The worker is of another city than the pledge.",
    "area.forbidden": "The area is not one of the key's.",
    "remittance.unknown": "No remittance has this pay code or id.",
    "month.differs": "The remittance is of another month.",
    "iuran.known": "The worker-month is confirmed already, or stands in the file twice.",
    "pledge.known": "The same terms under the same reference are registered already; `detail` names the pledge.",
    "import.failed": "Reading stopped by our mistake; send the rows that are not in the report again.",
    "pledge.slots_or_amount": "Give either `slots` or `amount_idr`.",
    "pledge.two_cities": "A pledge lies in one city; make one pledge for each, under one reference.",
    "pledge.area_too_wide": "A province is more than one city.",
    "pledge.near_elsewhere": "`near` lies in another province than the pledge's city.",
    "pledge.programmes_incomplete": "`jkk` and `jkm` go together.",
    "pledge.amount_too_small": "The amount does not cover one worker for the whole term.",
    "pledge.amount_too_large": "The amount buys more slots than a pledge may have.",
    "pledge.more_slots_than_workers": "The scope names fewer workers than there are slots.",
    "pledge.nothing_to_amend": "Give `slots`, `months` or both.",
    "reference.personal_data": "A reference must not hold personal data.",
    "webhook.insecure": "The address must begin with https.",
    "key.donor_missing": "A key for a donor needs `donor`; other roles must not have it.",
    "key.areas_missing": "A key for field workers needs `areas`; other roles must not have them.",
}


def refuse(code: str, detail: str, errors: Sequence[Problem] = ()) -> Refused:
    """A refusal, to be raised."""
    return Refused(code, detail, tuple(errors))


def refuse_fields(errors: Sequence[Problem]) -> Refused:
    """A refusal that names all places of a body that cannot be taken."""
    return refuse("body.invalid", f"{len(errors)} field(s) cannot be taken: see errors", errors)


def answer(refused: Refused, instance: str) -> Response:
    """The problem document. An unknown code is answered as our mistake, which a test finds first."""
    kind = PROBLEMS.get(refused.code)
    code = refused.code if kind else "internal.defect"
    kind = kind or PROBLEMS[code]
    document: dict[str, Any] = {
        "type": f"/v1/problems/{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": refused.detail,
        "instance": instance,
        "code": code,
        **refused.extra,
    }
    if refused.errors:
        document["errors"] = [
            {"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in refused.errors[:ERRORS_MAX]
        ]
    headers = {}
    if kind.status == 503:
        headers["Retry-After"] = "1"
    if kind.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="sekul"'
    return Response(orjson.dumps(document), kind.status, headers, MEDIA_TYPE)


def table() -> Iterator[str]:
    """The lines of `PROBLEMS.md`."""
    yield "# Problems"
    yield ""
    yield "Made from `services/gateway/api/problems.py`. Errors are `application/problem+json` (RFC 9457): `type`,"
    yield "`title`, `status`, `detail`, `instance`, `code`, and for bodies `errors` of `pointer`, `code`, `detail`."
    yield ""
    yield "| status | code | what it means | what to do |"
    yield "|---|---|---|---|"
    for code, kind in sorted(PROBLEMS.items(), key=lambda item: (item[1].status, item[0])):
        yield f"| {kind.status} | `{code}` | {kind.title} | {kind.mend} |"
    yield ""
    yield "## Codes of single fields"
    yield ""
    yield "| code | what it means |"
    yield "|---|---|"
    for code, meaning in sorted(FIELDS.items()):
        yield f"| `{code}` | {meaning} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
