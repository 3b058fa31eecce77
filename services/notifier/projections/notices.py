"""Keeps the notifier's tables: notices, their deliveries, webhooks that are gone, and what people chose.

Promises that the tables depend on the logs alone, whatever the size of the batches in which those are folded: a
notice's state is worked out from its deliveries, never from the order of arrival of two sources. Must not read a clock.
"""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Final

import orjson

from schemas.base import Fact
from schemas.facts.gateway import DonorRegistered, PersonErased, PreferencesSet, WorkerEnded
from schemas.facts.notifier import NoticeDelayed, NoticeFailed, NoticeRequested, NoticeSent, NoticeSuppressed
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Received, Recorded

_SQL = Queries(__package__, "notices.sql")
#: The code of a final failure after which a webhook is called no more.
WEBHOOK_GONE: Final = "webhook.gone"

Outcome = NoticeSent | NoticeDelayed | NoticeFailed
Row = tuple[Any, ...]
_STATES: Final[dict[str, str]] = {"notice.sent": "sent", "notice.delayed": "delayed", "notice.failed": "failed"}


class NoticesProjector:
    """The projector of the notifier; see the module's promise."""

    tables: tuple[str, ...] = ("notices", "deliveries", "webhooks_gone", "people")

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold facts of the own log."""
        requested: list[Row] = []
        deliveries: dict[tuple[str, str, str], Row] = {}
        suppressed: dict[str, str] = {}
        gone: list[Row] = []
        for one in recorded:
            match one.fact:
                case NoticeRequested() as fact:
                    requested.append(_notice(fact, one))
                case NoticeSent() | NoticeDelayed() | NoticeFailed() as fact:
                    row = _delivery(fact, one)
                    deliveries[row[0], row[1], row[2]] = row
                    if fact.webhook and isinstance(fact, NoticeFailed) and fact.code == WEBHOOK_GONE:
                        gone.append((fact.webhook, one.at))
                case NoticeSuppressed(notice=notice, code=code):
                    suppressed[notice] = code
                case _:
                    pass
        await _write(tx, "insert_notices", requested)
        await _write(tx, "upsert_deliveries", deliveries.values())
        await _write(tx, "lose_webhooks", gone)
        if suppressed:
            await _write(tx, "suppress", suppressed.items())
            await tx.execute(_SQL["suppress_deliveries"], list(suppressed))
        touched = {row[0]: None for row in deliveries.values()} | dict.fromkeys(suppressed)
        if touched:
            await tx.execute(_SQL["settle"], list(touched))

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Fold what the gateway tells of people; all else leaves no trace here."""
        for one in received:
            fold = PEOPLE.get(type(one.fact))
            if fold is not None:
                await fold(tx, one.fact)


def _notice(fact: NoticeRequested, one: Recorded) -> Row:
    params = orjson.dumps(fact.params).decode()
    return (
        *(fact.notice, fact.key, one.shard, fact.recipient, fact.template, fact.language),
        *(params, one.at, fact.not_before),
    )


def _delivery(fact: Outcome, one: Recorded) -> Row:
    code = None if isinstance(fact, NoticeSent) else fact.code
    retry_at = fact.retry_at if isinstance(fact, NoticeDelayed) else None
    state = _STATES[fact.kind]
    return (fact.notice, fact.channel, fact.webhook or "", one.shard, state, fact.attempt, one.at, code, retry_at)


async def _write(tx: Connection, statement: str, rows: Iterable[Row]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        await tx.execute(_SQL[statement], *columns)


async def _register(tx: Connection, fact: Any) -> None:
    await tx.execute(_SQL["register"], fact.donor, fact.language)


async def _prefer(tx: Connection, fact: Any) -> None:
    channels = None if fact.channels is None else list(fact.channels)
    await tx.execute(_SQL["prefer"], fact.person, fact.language, channels, fact.opted_out)


async def _end(tx: Connection, fact: Any) -> None:
    await tx.execute(_SQL["end"], fact.worker, fact.reason)


async def _erase(tx: Connection, fact: Any) -> None:
    await tx.execute(_SQL["erase"], fact.person)


#: what the gateway tells of people, and what it changes here
PEOPLE: Final[dict[type[Fact], Callable[[Connection, Any], Coroutine[Any, Any, None]]]] = {
    DonorRegistered: _register,
    PreferencesSet: _prefer,
    WorkerEnded: _end,
    PersonErased: _erase,
}
