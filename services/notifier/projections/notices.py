"""Keeps the notifier's tables: notices, their deliveries, webhooks that are gone, and what people chose.

Promises that the tables depend on the logs alone, whatever the size of the batches in which those are folded: a
notice's state follows from its deliveries, never from the order of arrival of two sources. Must not read a clock.
"""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.base import Fact
from schemas.facts.gateway import DonorRegistered, PersonErased, PreferencesSet, WorkerEnded
from schemas.facts.notifier import (
    NoticeLines,
    NoticesDelayed,
    NoticesFailed,
    NoticesRequested,
    NoticesSent,
    NoticesSuppressed,
)
from services.notifier.domain.identity import Place, id_at, key_number, uuid_of
from services.runtime.base.postgres import Connection, Queries
from services.runtime.contract import Received, Recorded

_SQL = Queries(__package__, "notices.sql")
#: The code of a final failure after which a webhook is not called again.
WEBHOOK_GONE: Final = "webhook.gone"

Tried = NoticesSent | NoticesDelayed | NoticesFailed
Row = tuple[Any, ...]
_STATES: Final[dict[str, str]] = {"notices.sent": "sent", "notices.delayed": "delayed", "notices.failed": "failed"}


class NoticesProjector:
    """The projector of the notifier; see the module's promise."""

    tables: tuple[str, ...] = ("owed", "notices", "deliveries", "webhooks_gone", "people")

    async def project(self, tx: Connection, recorded: Sequence[Recorded]) -> None:
        """Fold facts of the own log."""
        changes = _Changes()
        for one in recorded:
            if isinstance(one.fact, NoticesRequested):
                changes.request(one, one.fact)
        changes.requested_at |= await _requested_at(tx, recorded, changes.requested_at)
        for one in recorded:
            match one.fact:
                case NoticesSent() | NoticesDelayed() | NoticesFailed() as fact:
                    changes.attempt(one, fact)
                case NoticesSuppressed() as fact:
                    changes.suppress(one, fact)
                case _:
                    pass
        await changes.write(tx)

    async def receive(self, tx: Connection, received: Sequence[Received]) -> None:
        """Fold the gateway's facts about people; others change nothing."""
        for one in received:
            fold = PEOPLE.get(type(one.fact))
            if fold is not None:
                await fold(tx, one.fact)


async def _requested_at(
    tx: Connection, recorded: Sequence[Recorded], known: dict[tuple[int, int], datetime]
) -> dict[tuple[int, int], datetime]:
    """When the requests that these facts name were recorded, except for those known."""
    asked: dict[int, set[int]] = {}
    for one in recorded:
        if isinstance(one.fact, NoticesSent | NoticesDelayed | NoticesFailed | NoticesSuppressed):
            seqs = {notices.of for notices in one.fact.notices if (one.shard, notices.of) not in known}
            asked.setdefault(one.shard, set()).update(seqs)
    found: dict[tuple[int, int], datetime] = {}
    for shard, seqs in asked.items():
        if seqs:
            rows = await tx.fetch(_SQL["requested_at"], shard, list(seqs))
            found |= {(shard, row["seq"]): row["at"] for row in rows}
    return found


@dataclass
class _Changes:
    """What some facts change in the tables, the newest outcome per target."""

    requested_at: dict[tuple[int, int], datetime] = field(default_factory=dict)
    _requested: list[Row] = field(default_factory=list)
    _deliveries: dict[tuple[UUID, str, str], Row] = field(default_factory=dict)
    #: when a notice was put into the mailbox, and why it is suppressed; each tried notice is here
    _tried: dict[UUID, tuple[datetime | None, str | None]] = field(default_factory=dict)
    _mailbox_again: list[UUID] = field(default_factory=list)
    _suppressed: list[UUID] = field(default_factory=list)
    _gone: list[Row] = field(default_factory=list)

    def request(self, one: Recorded, fact: NoticesRequested) -> None:
        """Notices are owed."""
        self.requested_at[one.shard, one.seq] = one.at
        for number, line in enumerate(fact.lines):
            notice = id_at(Place(one.shard, one.seq, number), one.at)
            key = key_number(fact.template, line.subject)
            self._requested.append((notice, uuid_of(line.recipient), key, fact.not_before, one.shard))

    def attempt(self, one: Recorded, fact: Tried) -> None:
        """Targets were tried."""
        code = None if isinstance(fact, NoticesSent) else fact.code
        retry_at = fact.retry_at if isinstance(fact, NoticesDelayed) else None
        for notice in self._ids(one, fact.notices):
            mailbox_at, reason = self._tried.get(notice, (None, None))
            if fact.channel == "mailbox" and isinstance(fact, NoticesSent):
                self._tried[notice] = (one.at, reason)
                self._deliveries.pop((notice, "mailbox", ""), None)
                if fact.attempt > 1:
                    self._mailbox_again.append(notice)
                continue
            self._tried[notice] = (mailbox_at, reason)
            target = (notice, fact.channel, fact.webhook or "")
            self._deliveries[target] = (
                *target, _STATES[fact.kind], fact.attempt, one.shard, one.at, retry_at, code,
            )  # fmt: skip
        if fact.webhook and isinstance(fact, NoticesFailed) and fact.code == WEBHOOK_GONE:
            self._gone.append((fact.webhook, one.at))

    def suppress(self, one: Recorded, fact: NoticesSuppressed) -> None:
        """Notices are suppressed, or go to no further target."""
        for notice in self._ids(one, fact.notices):
            self._tried[notice] = (self._tried.get(notice, (None, None))[0], fact.code)
            self._suppressed.append(notice)

    def _ids(self, one: Recorded, notices: Iterable[NoticeLines]) -> Iterator[UUID]:
        for some in notices:
            at = self.requested_at[one.shard, some.of]
            for line in some.lines:
                yield id_at(Place(one.shard, some.of, line), at)

    async def write(self, tx: Connection) -> None:
        """Write all changes."""
        await _write(tx, "request", self._requested)
        await _write(tx, "deliver", self._deliveries.values())
        await _write(tx, "lose_webhooks", self._gone)
        if self._mailbox_again:
            await tx.execute(_SQL["deliver_mailbox"], self._mailbox_again)
        if self._suppressed:
            await tx.execute(_SQL["suppress_deliveries"], self._suppressed)
        await _write(tx, "settle", [(notice, *stands) for notice, stands in self._tried.items()])


async def _write(tx: Connection, statement: str, rows: Iterable[Row]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        await tx.execute(_SQL[statement], *columns)


async def _register(tx: Connection, fact: DonorRegistered) -> None:
    await tx.execute(_SQL["register"], uuid_of(fact.donor), fact.language)


async def _prefer(tx: Connection, fact: PreferencesSet) -> None:
    channels = None if fact.channels is None else list(fact.channels)
    await tx.execute(_SQL["prefer"], uuid_of(fact.person), fact.language, channels, fact.opted_out)


async def _end(tx: Connection, fact: WorkerEnded) -> None:
    await tx.execute(_SQL["end"], uuid_of(fact.worker), fact.reason)


async def _erase(tx: Connection, fact: PersonErased) -> None:
    await tx.execute(_SQL["erase"], uuid_of(fact.person))


#: kind of fact of the gateway to the function that changes a person's row
PEOPLE: Final[dict[type[Fact], Callable[[Connection, Any], Coroutine[Any, Any, None]]]] = {
    DonorRegistered: _register,
    PreferencesSet: _prefer,
    WorkerEnded: _end,
    PersonErased: _erase,
}
