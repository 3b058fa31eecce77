"""The home of asyncpg: pools, and the few calls of a connection that the services use.

Must not hold a statement of any service; those lie in `.sql` files beside their users.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields
from importlib import resources
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[Any] | PoolConnectionProxy[Any]
    Pool = asyncpg.Pool[Any]
    Row = asyncpg.Record
else:
    Connection, Pool, Row = asyncpg.Connection, asyncpg.Pool, asyncpg.Record

_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.LockNotAvailableError,
    TimeoutError,
)

#: what a statement raises that waited for a row for longer than `lock_timeout`
Locked = asyncpg.LockNotAvailableError

#: A stalled process that has a transaction open holds a shard's head against its next owner. The server ends such a
#: transaction after these many milliseconds, but for one that waits in the middle of a COPY: it ignores both limits.
_IDLE_MS, _TRANSACTION_MS = "10000", "30000"

#: up to so many rows one statement over arrays is cheaper than COPY, which takes two round trips
SMALL = 500

#: the header of a binary COPY without flags and extensions, and its end
_COPY_HEAD, _COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"

_TITLE = re.compile(r"(?:\A|(?<=\n\n))-- ([a-z_]+): (.+)$", re.MULTILINE)


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database is away for now, not that a statement or its data is wrong."""
    if type(error) in {asyncpg.InterfaceError, asyncpg.InternalClientError}:
        # The driver's own errors show by their words alone whether a connection was lost or a call was wrong. One that
        # breaks in the middle of a statement leaves the driver's records of it in disorder: "another operation".
        return any(words in str(error) for words in ("closed", "closing", "another operation"))
    return isinstance(error, _AWAY)


def columns(rows: Sequence[Any]) -> list[list[Any]]:
    """The fields of equal dataclasses (two fields or more) as columns, in the order of the fields."""
    values = attrgetter(*(field.name for field in fields(rows[0])))
    return [list(column) for column in zip(*map(values, rows), strict=True)]


async def copy_rows(tx: Connection, table: str, rows: Sequence[Any]) -> None:
    """COPY equal dataclasses (two fields or more), whose fields are columns of the table."""
    if rows:
        names = [field.name for field in fields(rows[0])]
        await tx.copy_records_to_table(table, records=map(attrgetter(*names), rows), columns=names)


async def copy_packed(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[bytes]) -> None:
    """COPY rows that are tuples of the binary format already."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"".join((_COPY_HEAD, *rows, _COPY_END))

    if rows:
        await tx.copy_to_table(table, source=chunks(), columns=columns, format="binary")


async def _keep(_connection: Connection) -> None:
    """Spare the round trip that resets a session: no statement of ours sets, listens, locks or declares anything.

    A transaction that was left open has been rolled back before.
    """


@asynccontextmanager
async def open_pool(url: str, *, schema: str, size: int = 8, name: str = "sekul") -> AsyncIterator[Pool]:
    """A pool whose connections see `schema` alone; unqualified names in statements mean its tables."""
    async with asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        command_timeout=60,
        server_settings={
            "search_path": schema,
            "application_name": name,
            "jit": "off",
            "idle_in_transaction_session_timeout": _IDLE_MS,
            "transaction_timeout": _TRANSACTION_MS,
        },
        reset=_keep,
    ) as pool:
        yield pool


async def connect(url: str, **options: Any) -> Connection:
    """One connection outside any pool."""
    connection: Connection = await asyncpg.connect(url, **options)
    return connection


class Queries(Mapping[str, str]):
    """The statements of a package's `.sql` file; an unknown name raises `KeyError` when it is used.

    The tests hold that each name in the code exists, that each statement has a user and that it prepares.

    Each statement begins with `-- name: why it is there`, behind a blank line; more lines of comment may follow.
    """

    def __init__(self, package: str, file: str) -> None:
        text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
        parts = _TITLE.split(text)
        self._statements = {parts[i]: parts[i + 2].strip() for i in range(1, len(parts), 3)}
        if len(self._statements) != len(parts) // 3 or not all(self._statements.values()):
            raise ValueError(f"{package}/{file}: a statement is empty or its name is taken twice")

    def __getitem__(self, name: str) -> str:
        return self._statements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._statements)

    def __len__(self) -> int:
        return len(self._statements)
