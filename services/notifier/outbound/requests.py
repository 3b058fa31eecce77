"""Reads the words of notices from the log, at the place encoded in a notice's id.

Must not keep what it read, nor write anything.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schemas.facts.notifier import NoticesRequested
from schemas.languages import Language
from schemas.logs import NOTIFIER
from services.notifier.domain.identity import place_of
from services.notifier.domain.notice_rules import CATALOGUE
from services.notifier.domain.templates import Template, key_of
from services.runtime.base.postgres import Pool, Queries

_SQL = Queries(__package__, "requests.sql")


@dataclass(frozen=True)
class Request:
    """A notice as it was requested."""

    notice: UUID
    recipient: str
    template: Template
    language: Language
    params: dict[str, str]
    subject: str
    requested_at: datetime
    not_before: datetime

    @property
    def key(self) -> str:
        """The notice's key, unique for ever."""
        return key_of(self.template.name, self.recipient, self.subject)


async def requests(pool: Pool, notices: Collection[UUID]) -> dict[UUID, Request]:
    """The requests of some notices."""
    places = {notice: place_of(notice) for notice in notices}
    facts = dict.fromkeys((place.shard, place.seq) for place in places.values())
    if not facts:
        return {}
    shards, seqs = zip(*facts, strict=True)
    found = {}
    for row in await pool.fetch(_SQL["bodies"], shards, seqs):
        fact = NOTIFIER.codec.decode(row["body"], kind=row["kind"], version=row["version"])
        if isinstance(fact, NoticesRequested):
            found[row["shard"], row["seq"]] = (fact, row["at"])
    return {notice: _request(notice, *found[place.shard, place.seq], place.line) for notice, place in places.items()}


def _request(notice: UUID, fact: NoticesRequested, at: datetime, number: int) -> Request:
    line = fact.lines[number]
    return Request(
        notice=notice,
        recipient=line.recipient,
        template=CATALOGUE[fact.template],
        language=fact.language,
        params=fact.params | line.params,
        subject=line.subject,
        requested_at=at,
        not_before=fact.not_before,
    )
