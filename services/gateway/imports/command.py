"""What imports ask of a lane. Both commands may be asked again: what is done already changes nothing.

Must not hold a plain byte of a person: NIKs travel as keyed hashes, records sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from schemas.reference import regions
from services.gateway.domain.roles import Actor
from services.gateway.imports.layouts import Of
from services.gateway.imports.lines import Line
from services.gateway.imports.pledges import Promise
from services.gateway.imports.receipts import Proof
from services.runtime.contract import Command
from services.runtime.vault import Sealed


class Newcomer(NamedTuple):
    """A worker of a list, ready to be put on record unless the NIK has an owner already.

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
class Entry:
    """A line of a receipt whose remittance is known."""

    proof: Proof
    remittance: str
    month: str


#: What a row asks for.
Ask = Newcomer | Promise | Entry


@dataclass(frozen=True, kw_only=True)
class ImportChunk(Command):
    """Take those rows of one chunk of a file that belong to this shard. `lines` are refused already."""

    import_id: str
    chunk: int
    actor: Actor
    day: date
    asks: Sequence[Ask]
    lines: Sequence[Line]

    @property
    def made_by(self) -> str:
        """Who handed the file in."""
        return self.actor.identity


@dataclass(frozen=True, kw_only=True)
class FinishImport(Command):
    """Close an import all of whose parts are done, and destroy the file. `parts` is how many there must be."""

    import_id: str
    of: Of
    parts: int
    actor: Actor
    code: str | None = None
    detail: str | None = None

    @property
    def made_by(self) -> str:
        """Who handed the file in."""
        return self.actor.identity


ImportCommand = ImportChunk | FinishImport
