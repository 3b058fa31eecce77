"""A ledger's tables in a real PostgreSQL, filled by stories."""

from collections.abc import AsyncIterator

import pytest

from schemas.logs import LEDGER
from services.ledger.domain.decider import Ledger
from services.ledger.inbound.books import Books
from services.ledger.projections.projector import BooksProjector
from services.runtime.base.postgres import Pool, connect
from services.runtime.contract import Service
from services.runtime.eventlog.store import Head
from tests.support.ledger_story import Story, play
from tests.support.stage import Stage, stage


class StoredBooks:
    """A story, and its books in the database."""

    def __init__(self, on_stage: Stage, url: str) -> None:
        self.stage = on_stage
        self.url = url
        self.story = Story()
        self.written = 0

    @property
    def pool(self) -> Pool:
        """The ledger's own connections."""
        return self.stage.pool

    @property
    def questions(self) -> Books:
        """What others may ask."""
        return Books(self.pool)

    async def play(self, text: str) -> None:
        """Let more of the story happen, and write what follows, one transaction per seven facts."""
        play(text, self.story)
        await self.write()

    async def write(self, at_a_time: int = 7) -> None:
        """Write what the log has and the database has not."""
        new = self.story.log[self.written :]
        head = await self.stage.store.take_over(self.stage.shard, "story")
        for first in range(0, len(new), at_a_time):
            part = new[first : first + at_a_time]
            async with self.stage.store.transaction(self.stage.shard) as tx:
                old, head = head, Head(head.epoch, part[-1].seq, part[-1].chain)
                await tx.advance(old, head, part)
                await self.stage.service.projector.project(tx.connection, part)
        self.written = len(self.story.log)


@pytest.fixture
async def books(postgres_url: str) -> AsyncIterator[StoredBooks]:
    """Empty books."""
    owner = await connect(postgres_url, server_settings={"search_path": "ledger"})
    await owner.execute(f"truncate head, facts, {', '.join(BooksProjector.tables)}")
    await owner.close()
    async with stage(Service(LEDGER, Ledger(), BooksProjector()), postgres_url) as on_stage:
        yield StoredBooks(on_stage, postgres_url)
