"""What is due now: reads notices and targets whose time has come, with contacts where a channel needs them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from schemas.facts.notifier import Channel
from services.notifier.domain.quiet import QuietHours
from services.notifier.outbound.contacts import Contact, Contacts
from services.notifier.outbound.plan import Notice, Target, channels_of, targets
from services.notifier.outbound.requests import requests
from services.runtime.base.postgres import Pool, Queries, Row

_SQL = Queries(__package__, "due.sql")
_NOBODY = Contact()


@dataclass(frozen=True)
class Job:
    """A notice that is due, its recipient's contact, and the targets to try now; none for a notice to suppress."""

    notice: Notice
    contact: Contact
    targets: tuple[Target, ...]


class Due:
    """Reads what is due from the tables. `enabled` are the channels in use."""

    def __init__(self, pool: Pool, contacts: Contacts, enabled: Sequence[Channel], quiet: QuietHours) -> None:
        self._pool = pool
        self._contacts = contacts
        self._enabled = enabled
        self._quiet = quiet

    async def busy(self, shards: Sequence[int], now: datetime) -> list[int]:
        """Those of the shards where something is due."""
        return [row["shard"] for row in await self._pool.fetch(_SQL["busy"], shards, now, self._is_quiet(now))]

    async def jobs(self, shard: int, now: datetime, *, excluding: Collection[UUID], limit: int) -> list[Job]:
        """What is due on a shard, longest due first, except for notices that are being sent."""
        names, quiet = list(excluding), self._is_quiet(now)
        fresh = [] if quiet else await self._pool.fetch(_SQL["owed"], shard, now, names, limit)
        delayed = await self._pool.fetch(_SQL["delayed"], shard, now, names, limit, quiet)
        notices = await self._notices([*fresh, *delayed])
        return await self._first([notices[row["notice"]] for row in fresh]) + await self._further(delayed, notices)

    def _is_quiet(self, now: datetime) -> bool:
        """Whether it is night: what was due by day and is late, after a stop, must not wake anybody either."""
        return self._quiet.end(now) > now

    async def _notices(self, rows: Sequence[Row]) -> dict[UUID, Notice]:
        requested = await requests(self._pool, {row["notice"] for row in rows})
        return {row["notice"]: Notice.of(requested[row["notice"]], row) for row in rows}

    async def _first(self, notices: list[Notice]) -> list[Job]:
        wanted = {n.id: channels_of(n, self._enabled) if n.suppress_reason is None else [] for n in notices}
        outward = [notice for notice in notices if any(channel != "mailbox" for channel in wanted[notice.id])]
        contacts = await self._contacts_of(outward)
        gone = await self._gone(contacts.values())
        found = []
        for notice in notices:
            contact = contacts.get(notice.recipient, _NOBODY)
            found.append(Job(notice, contact, tuple(targets(wanted[notice.id], contact, gone))))
        return found

    async def _further(self, rows: list[Row], notices: dict[UUID, Notice]) -> list[Job]:
        again: dict[UUID, list[Target]] = {}
        for row in rows:
            target = Target(row["channel"], row["webhook"] or None, row["attempt"] + 1)
            again.setdefault(row["notice"], []).append(target)
        contacts = await self._contacts_of([notices[notice] for notice in again])
        gone = await self._gone(contacts.values())
        found = []
        for name, tried in again.items():
            notice = notices[name]
            contact = contacts.get(notice.recipient, _NOBODY)
            hooks = {hook.id: hook for hook in contact.webhooks if hook.id not in gone}
            allowed = channels_of(notice, self._enabled)
            now = [
                replace(t, hook=hooks.get(t.webhook or ""), channel_disabled=t.channel not in allowed) for t in tried
            ]
            found.append(Job(notice, contact, () if notice.suppress_reason else tuple(now)))
        return found

    async def _contacts_of(self, notices: list[Notice]) -> dict[str, Contact]:
        persons = dict.fromkeys(notice.recipient for notice in notices if notice.suppress_reason is None)
        return await self._contacts.of(persons) if persons else {}

    async def _gone(self, contacts: Iterable[Contact]) -> set[str]:
        hooks = [hook.id for contact in contacts for hook in contact.webhooks]
        return {row["webhook"] for row in await self._pool.fetch(_SQL["webhooks_gone"], hooks)} if hooks else set()
