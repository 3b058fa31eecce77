"""API keys: 256 random bits, of which only the SHA-256 is stored.

Promises that a key is compared in constant time and that a revoked one is refused within `REMEMBERED_S`. The operator's
key of the settings is known without the database. Must not log or store a key.
"""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from services.gateway.domain.roles import Actor, Role
from services.runtime.base import ids
from services.runtime.base.postgres import Connection, Pool, Queries
from services.settings import Settings

_SQL = Queries(__package__, "api_keys.sql")
REMEMBERED_S: Final = 5.0
_REMEMBERED_MAX: Final = 10_000
OPERATOR: Final = "operator"


class Keyring:
    """Finds actors by their keys; remembers each for a moment."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        own = settings.operator_key.get_secret_value()
        self._own = _hash(own) if own else None
        self._pool = pool
        self._remembered: OrderedDict[bytes, tuple[Actor, float]] = OrderedDict()

    async def find(self, key: str) -> Actor | None:
        """Who holds a key; `None` for a key that nobody holds any more, or ever did."""
        hashed = _hash(key)
        if self._own is not None and hmac.compare_digest(hashed, self._own):
            return Actor(OPERATOR, "operator")
        now = asyncio.get_running_loop().time()
        known = self._remembered.get(hashed)
        if known is not None and now - known[1] < REMEMBERED_S:
            return known[0]
        row = await self._pool.fetchrow(_SQL["find"], hashed)
        if row is None or not hmac.compare_digest(row["hash"], hashed):
            self._remembered.pop(hashed, None)
            return None
        actor = Actor(row["id"], row["role"], row["donor"], tuple(row["areas"]))
        self._remembered[hashed] = (actor, now)
        while len(self._remembered) > _REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return actor

    async def add(
        self, tx: Connection, role: Role, donor: str | None, areas: Sequence[str], at: datetime
    ) -> tuple[str, str]:
        """Make a key. Returns its id and the key itself, which is not stored."""
        identity, key = ids.new("key", at), ids.secret("sekul")
        await tx.execute(_SQL["add"], identity, role, _hash(key), donor, list(areas), at)
        return identity, key

    async def revoke(self, identity: str, at: datetime) -> bool:
        """Take a key away; False when there is none with this id."""
        self._remembered.clear()
        return await self._pool.fetchval(_SQL["revoke"], identity, at) is not None

    async def list(self, after: str, limit: int) -> list[dict[str, Any]]:
        """Keys in the order of their ids, without what is secret."""
        return [dict(row) for row in await self._pool.fetch(_SQL["list"], after, limit)]


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()
