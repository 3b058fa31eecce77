"""How to reach people: a small view of the vault, which alone holds names, numbers and addresses.

Must not keep what it read, nor write anything: the notifier's role may only SELECT there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.runtime.base.postgres import Pool
from services.runtime.vault import Vault


@dataclass(frozen=True, slots=True)
class Webhook:
    """A donor's system that wants signed calls."""

    id: str
    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """What the vault knows of a person, as far as notices need it."""

    name: str = field(repr=False, default="")
    email: str = field(repr=False, default="")
    phone: str = field(repr=False, default="")
    webhooks: tuple[Webhook, ...] = ()


class Contacts(Protocol):
    """Who knows how people are reached."""

    async def of(self, persons: Iterable[str]) -> dict[str, Contact]:
        """The contacts of these persons; who is erased or unknown is absent."""
        ...


class VaultContacts:
    """Contacts from the vault."""

    def __init__(self, vault: Vault, pool: Pool) -> None:
        self._vault = vault
        self._pool = pool

    async def of(self, persons: Iterable[str]) -> dict[str, Contact]:
        """The contacts of these persons; who is erased or unknown is absent."""
        async with self._pool.acquire() as connection:
            records = await self._vault.read(connection, dict.fromkeys(persons))
        return {person: _contact(record) for person, record in records.items()}


def _contact(record: dict[str, Any]) -> Contact:
    return Contact(
        name=record.get("name") or "",
        email=record.get("email") or "",
        phone=record.get("phone") or "",
        webhooks=tuple(Webhook(hook["id"], hook["url"], hook["secret"]) for hook in record.get("webhooks") or ()),
    )


def masked(name: str) -> str:
    """A name that only its owner recognises: `Budi Santoso` as `B*** S***`."""
    return " ".join(f"{word[0].upper()}***" for word in name.split())
