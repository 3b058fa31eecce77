"""What is due now: reads notices and targets whose time has come, with contacts where a channel needs them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.facts.notifier import Channel
from services.notifier.domain.quiet import QuietHours
from services.notifier.outbound.contacts import Contact, Contacts
from services.notifier.outbound.plan import Notice, Target, channels_of, targets
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

    async def jobs(self, shard: int, now: datetime, *, but: Iterable[str], limit: int) -> list[Job]:
        """What is due on a shard, longest due first; notices named by `but` are in other hands."""
        names, quiet = list(but), self._is_quiet(now)
        fresh = [] if quiet else await self._pool.fetch(_SQL["owed"], shard, now, names, limit)
        delayed = await self._pool.fetch(_SQL["delayed"], shard, now, names, limit, quiet)
        return await self._first([Notice.of(row, shard) for row in fresh]) + await self._further(delayed, shard)

    def _is_quiet(self, now: datetime) -> bool:
        """Whether it is night: what was due by day and is late, after a stop, must not wake anybody either."""
        return self._quiet.end(now) > now

    async def _first(self, notices: list[Notice]) -> list[Job]:
        wanted = {notice.id: channels_of(notice, self._enabled) if notice.silence is None else [] for notice in notices}
        outward = [notice for notice in notices if any(channel != "mailbox" for channel in wanted[notice.id])]
        contacts = await self._contacts_of(outward)
        gone = await self._gone(contacts.values())
        found = []
        for notice in notices:
            contact = contacts.get(notice.recipient, _NOBODY)
            found.append(Job(notice, contact, tuple(targets(wanted[notice.id], contact, gone))))
        return found

    async def _further(self, rows: list[Row], shard: int) -> list[Job]:
        again: dict[str, tuple[Notice, list[Target]]] = {}
        for row in rows:
            target = Target(row["channel"], row["webhook"] or None, row["attempt"] + 1)
            again.setdefault(row["notice"], (Notice.of(row, shard), []))[1].append(target)
        contacts = await self._contacts_of([notice for notice, _ in again.values()])
        gone = await self._gone(contacts.values())
        found = []
        for notice, tried in again.values():
            contact = contacts.get(notice.recipient, _NOBODY)
            hooks = {hook.id: hook for hook in contact.webhooks if hook.id not in gone}
            allowed = channels_of(notice, self._enabled)
            now = [replace(t, hook=hooks.get(t.webhook or ""), barred=t.channel not in allowed) for t in tried]
            found.append(Job(notice, contact, () if notice.silence else tuple(now)))
        return found

    async def _contacts_of(self, notices: list[Notice]) -> dict[str, Contact]:
        persons = dict.fromkeys(notice.recipient for notice in notices if notice.silence is None)
        return await self._contacts.of(persons) if persons else {}

    async def _gone(self, contacts: Iterable[Contact]) -> set[str]:
        hooks = [hook.id for contact in contacts for hook in contact.webhooks]
        return {row["webhook"] for row in await self._pool.fetch(_SQL["webhooks_gone"], hooks)} if hooks else set()
