"""Folds the dead letters of all services into one table for operators."""

from collections.abc import Iterable
from datetime import datetime

from schemas.base import Fact
from schemas.facts.common import DeadLetterRecorded, DeadLetterRedriven
from services.runtime.base.postgres import Connection, Queries

_SQL = Queries(__package__, "dead_letters.sql")


async def fold(tx: Connection, service: str, shard: int, facts: Iterable[tuple[Fact, datetime]]) -> None:
    """Fold one service's facts of one shard, in order."""
    for fact, at in facts:
        match fact:
            case DeadLetterRecorded():
                await tx.execute(
                    _SQL["record"], service, shard, fact.source, fact.source_seq, fact.about, fact.code,
                    fact.detail, at,
                )  # fmt: skip
            case DeadLetterRedriven():
                await tx.execute(_SQL["redrive"], service, shard, fact.source, fact.source_seq, fact.about)
            case _:
                pass
