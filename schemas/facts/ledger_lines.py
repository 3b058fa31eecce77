"""The lines of which the ledger's facts are made: postings, holdings, worker-months on bills and receipts."""

from typing import Annotated

from pydantic import Field

from schemas.base import Code, Idr, MatchGroup, Month, PledgeId, Record, Text, WorkerId

Moved = Annotated[int, Field(ge=-(10**15), le=10**15)]
#: accounts, and by how much each balance moves (negative: out of it)
Postings = dict[Text, Moved]


class Holding(MatchGroup):
    """The months, both included, for which an entry holds money for matches (negative: frees it), `idr` for each."""

    occupation: Code
    from_month: Month
    until: Month
    idr: Moved


class BillLine(MatchGroup):
    """Worker-months on a bill at one price: `idr` for each of the workers, by the tariff row `tariff`."""

    idr: Idr
    tariff: Code


class RejectedLine(Record):
    """One worker-month that BPJS did not take, or that does not fit what was billed.

    A `reason` that begins with `receipt.` is a misfit: it moves no money and leaves the worker-month as it was. For the
    others, an entry per pledge follows.
    """

    worker: WorkerId
    pledge: PledgeId | None
    idr: Idr
    reason: Code
