"""What is due now: reads notices and targets whose time has come, with contacts where a channel needs them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.facts.notifier import Channel
from services.notifier.outbound.contacts import Contact, Contacts
from services.notifier.outbound.plan import Notice, Target, channels_of, targets
from services.runtime.postgres import Pool, Queries

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

    def __init__(self, pool: Pool, contacts: Contacts, enabled: Sequence[Channel]) -> None:
        self._pool = pool
        self._contacts = contacts
        self._enabled = enabled

    async def busy(self, shards: Sequence[int], now: datetime) -> list[int]:
        """Those of the shards where something is due."""
        return [row["shard"] for row in await self._pool.fetch(_SQL["busy"], shards, now)]

    async def jobs(self, shard: int, now: datetime, *, but: Iterable[str], limit: int) -> list[Job]:
        """What is due on a shard, longest due first; notices named by `but` are in other hands."""
        names = list(but)
        fresh = [Notice.of(row, shard) for row in await self._pool.fetch(_SQL["owed"], shard, now, names, limit)]
        again: dict[str, tuple[Notice, list[Target]]] = {}
        for row in await self._pool.fetch(_SQL["delayed"], shard, now, names, limit):
            notice = Notice.of(row, shard)
            target = Target(row["channel"], row["webhook"] or None, row["attempt"] + 1)
            again.setdefault(notice.id, (notice, []))[1].append(target)
        jobs = await self._first(fresh)
        return jobs + await self._further(list(again.values()))

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

    async def _further(self, again: list[tuple[Notice, list[Target]]]) -> list[Job]:
        contacts = await self._contacts_of([notice for notice, _ in again])
        gone = await self._gone(contacts.values())
        found = []
        for notice, tried in again:
            contact = contacts.get(notice.recipient, _NOBODY)
            hooks = {hook.id: hook for hook in contact.webhooks if hook.id not in gone}
            now = () if notice.silence else tuple(replace(one, hook=hooks.get(one.webhook or "")) for one in tried)
            found.append(Job(notice, contact, now))
        return found

    async def _contacts_of(self, notices: list[Notice]) -> dict[str, Contact]:
        persons = dict.fromkeys(notice.recipient for notice in notices if notice.silence is None)
        return await self._contacts.of(persons) if persons else {}

    async def _gone(self, contacts: Iterable[Contact]) -> set[str]:
        hooks = [hook.id for contact in contacts for hook in contact.webhooks]
        return {row["webhook"] for row in await self._pool.fetch(_SQL["webhooks_gone"], hooks)} if hooks else set()
