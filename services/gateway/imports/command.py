"""The commands of imports. Both may be submitted again: what is done already changes nothing.

Must not hold a plain byte of a person: NIKs travel as keyed hashes, records sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from schemas.reference import regions
from services.gateway.domain.roles import Actor
from services.gateway.imports.cell_reader import ReportLine
from services.gateway.imports.layouts import Of
from services.gateway.imports.pledges import PledgeRow
from services.gateway.imports.receipts import ReceiptRow
from services.runtime.contract import Command
from services.runtime.vault import Sealed


class WorkerRow(NamedTuple):
    """A worker of a list, ready for registration unless the NIK has an owner already.

    A tuple, because a hundred thousand of them travel between two processes.
    """

    number: int
    worker: str
    area: str
    occupation: str
    band: int
    eligible_until: str
    consent_by: Literal["self", "rt"]
    consent_at: datetime
    nik_hash: bytes
    sealed: Sealed

    @property
    def city(self) -> str:
        """The kabupaten or kota, which names the shard."""
        return regions.city_of(self.area)


@dataclass(frozen=True, slots=True)
class RoutedReceiptRow:
    """A row of a receipt whose remittance is known."""

    row: ReceiptRow
    remittance: str
    month: str


RowRequest = WorkerRow | PledgeRow | RoutedReceiptRow


@dataclass(frozen=True, kw_only=True)
class ImportCommand(Command):
    """A command of one import. `actor` sent the file."""

    import_id: str
    actor: Actor

    @property
    def made_by(self) -> str:
        """The sender of the file."""
        return self.actor.identity


@dataclass(frozen=True, kw_only=True)
class ImportChunk(ImportCommand):
    """Apply the rows of one chunk of a file that belong to this shard. `lines` are of rows refused already."""

    chunk: int
    day: date
    requests: Sequence[RowRequest]
    lines: Sequence[ReportLine]


@dataclass(frozen=True, kw_only=True)
class FinishImport(ImportCommand):
    """Finish an import whose parts are all done, and destroy the file. `parts` is their expected number."""

    of: Of
    parts: int
    code: str | None = None
    detail: str | None = None
