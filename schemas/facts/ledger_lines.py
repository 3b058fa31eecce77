"""The lines of which the ledger's facts are made: legs of entries, holdings, worker-months on bills and receipts."""

from typing import Annotated

from pydantic import Field

from schemas.base import Code, EntryId, Idr, MatchId, Month, PledgeId, Record, Text, WorkerId


class Posting(Record):
    """One leg of an entry: the account's balance moves by `idr` (negative: out of it)."""

    account: Text
    idr: Annotated[int, Field(ge=-(10**15), le=10**15)]


class Holding(Record):
    """The months of a match for which an entry sets money aside, both included; as they stand after the entry."""

    match: MatchId
    worker: WorkerId
    occupation: Code
    from_month: Month
    until: Month


class BillLine(Record):
    """One worker-month on a bill, priced by the tariff row `tariff`."""

    worker: WorkerId
    match: MatchId
    idr: Idr
    tariff: Code


class RejectedLine(Record):
    """One worker-month that BPJS did not take, or that does not fit what was billed.

    A `reason` that begins with `receipt.` is a misfit: it moves no money and leaves the worker-month as it was. For the
    others, `entry` books the rejection.
    """

    worker: WorkerId
    pledge: PledgeId | None
    idr: Idr
    reason: Code
    entry: EntryId | None = None
