"""Persons in PostgreSQL: bulk first, always inside the transaction of the caller.

Promises that one identifier has one owner however many claim it at once, and that an erased person stays unreadable.
Must not begin or end a transaction, except in `rewrap`, and must not know who the persons are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.runtime.base.keys import Keys
from services.runtime.base.postgres import Connection, Queries
from services.runtime.vault.crypto import Crypto, Record, Sealed, Wrapped

_SQL = Queries(__package__, "queries.sql")


class Tombstone(NamedTuple):
    """What is left of an erased person: ciphertext that nothing opens."""

    person: str
    erased_at: datetime
    ciphertext: bytes


class Vault:
    """Personal data at rest. One object serves all tasks of a process; `crypto` is its pure half."""

    def __init__(self, keys: Keys) -> None:
        self.crypto = Crypto(keys)

    def seal(self, records: Sequence[tuple[str, Record]]) -> list[Sealed]:
        """Seal records, each under a fresh key; pure CPU, fit for a thread or another process."""
        return self.crypto.seal(records)

    async def store(self, tx: Connection, sealed: Sequence[Sealed]) -> None:
        """Insert new persons. A person who is there already is a defect, and loud.

        Never by COPY: PostgreSQL does not end an owner that stalls in one, and he would keep what was claimed before.
        """
        rows = [(one.person, one.wrapped.version, one.wrapped.key, one.data) for one in sealed]
        if rows:
            await tx.execute(_SQL["store"], *zip(*rows, strict=True))

    async def find(self, tx: Connection, identifiers: Iterable[str]) -> dict[str, str]:
        """Who holds these identifiers; one that nobody holds is absent."""
        hashes = {self.crypto.lookup(identifier): identifier for identifier in identifiers}
        return {hashes[digest]: person for digest, person in (await self.find_hashes(tx, hashes)).items()}

    async def find_hashes(self, tx: Connection, hashes: Iterable[bytes]) -> dict[bytes, str]:
        """The same for keyed hashes that were computed before, so that no identifier need travel."""
        wanted = list(hashes)
        return {row["hash"]: row["person"] for row in await tx.fetch(_SQL["find"], wanted)} if wanted else {}

    async def claim(self, tx: Connection, claims: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Assign each identifier to its person unless somebody holds it already. Returns who holds it now.

        Within one call the first claim of an identifier counts.
        """
        first: dict[str, str] = {}
        for identifier, person in claims:
            first.setdefault(identifier, person)
        hashes = {self.crypto.lookup(identifier): identifier for identifier in first}
        owners = await self.claim_hashes(tx, {digest: first[identifier] for digest, identifier in hashes.items()})
        return {hashes[digest]: owner for digest, owner in owners.items()}

    async def claim_hashes(self, tx: Connection, claims: Mapping[bytes, str]) -> dict[bytes, str]:
        """The same for keyed hashes.

        Against another transaction the one that commits first wins, and the other waits for it: READ COMMITTED is
        enough, since each statement sees what was committed before it.
        """
        owners: dict[bytes, str] = {}
        wanted = dict(claims)
        while wanted:
            for row in await tx.fetch(_SQL["claim"], list(wanted), list(wanted.values())):
                owners[row["hash"]] = row["person"]
                del wanted[row["hash"]]
            held = await self.find_hashes(tx, wanted)
            owners |= held
            wanted = {digest: person for digest, person in wanted.items() if digest not in held}
            # A holder may be erased between the two statements; then the identifier is free and claimed again.
        return owners

    async def read(self, tx: Connection, persons: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The records of these persons; who is erased or unknown is absent."""
        rows = await tx.fetch(_SQL["read"], list(persons))
        wrapped = (Wrapped(row["key_version"], row["wrapped_key"]) for row in rows)
        return {
            row["person"]: self.crypto.open(Sealed(row["person"], key, row["sealed"]))
            for row, key in zip(rows, wrapped, strict=True)
        }

    async def update(self, tx: Connection, person: str, record: Record) -> bool:
        """Put another record in the place of a person's last one; False when there is nobody, or nobody any more."""
        row = await tx.fetchrow(_SQL["lock"], person)
        if row is None or row["wrapped_key"] is None:
            return False
        wrapped = Wrapped(row["key_version"], row["wrapped_key"])
        await tx.execute(_SQL["update"], person, self.crypto.reseal(person, wrapped, record))
        return True

    async def erase(self, tx: Connection, person: str, at: datetime) -> Tombstone | None:
        """Destroy a person's key and look-up; the same tombstone each time, None for nobody.

        Dead row versions, WAL and backups keep the wrapped key until PostgreSQL or their keeper drops them. It opens
        only under the wrapping key, so turning the master key over and forgetting the old one ends that too.
        """
        row = await tx.fetchrow(_SQL["lock"], person)
        if row is None:
            return None
        if row["erased_at"] is not None:
            return Tombstone(person, row["erased_at"], row["sealed"])
        await tx.execute(_SQL["destroy_key"], person, at)
        await tx.execute(_SQL["forget"], person)
        return Tombstone(person, at, row["sealed"])

    async def rewrap(self, conn: Connection, *, batch_persons_max: int = 1_000) -> int:
        """Wrap all keys of former wrapping keys again, a transaction per batch. Returns how many.

        May be stopped and started at any moment. Run again after the last process with an old key has stopped.
        """
        done, last = 0, ""
        while True:
            async with conn.transaction():
                rows = await conn.fetch(_SQL["stale"], last, self.crypto.version, batch_persons_max)
                if not rows:
                    return done
                rewrapped = [
                    self.crypto.rewrap(row["person"], Wrapped(row["key_version"], row["wrapped_key"])) for row in rows
                ]
                persons = [row["person"] for row in rows]
                await conn.execute(_SQL["rewrap"], self.crypto.version, persons, [key.key for key in rewrapped])
            done, last = done + len(rows), persons[-1]
