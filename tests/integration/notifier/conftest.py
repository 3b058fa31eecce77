"""What all tests of the notifier on real servers use: its tables, contacts, a clock turned by hand, a receiver."""

from collections.abc import AsyncIterator

import pytest

from services.notifier.outbound.contacts import Contact
from services.notifier.outbound.sender import Sender
from services.notifier.projections.notices import NoticesProjector
from services.ops.embedded.postgres import Postgres
from services.runtime.base.postgres import open_pool
from tests.support.notices import an_id, remittance_prepared
from tests.support.notifier_shards import QUIETLY, Book, Hand, Shards, hook, sender
from tests.support.postgres import fresh_database, role_url
from tests.support.receiver import Receiver, receiver


@pytest.fixture(scope="module")
async def database(postgres: Postgres) -> str:
    """A migrated database of the module's own."""
    return await fresh_database(postgres)


@pytest.fixture
async def shards(database: str) -> AsyncIterator[Shards]:
    """Shards over empty tables, as the notifier's own role sees them."""
    async with open_pool(role_url(database, "notifier"), schema="notifier") as pool:
        for table in NoticesProjector.tables:
            await pool.execute(f"DELETE FROM {table}")
        yield Shards(pool, await pool.fetchval("SELECT coalesce(max(seq), 0) FROM facts"))


@pytest.fixture
def book() -> Book:
    """Contacts that a test fills in."""
    return Book()


@pytest.fixture
def hand() -> Hand:
    """A clock that a test turns."""
    return Hand()


@pytest.fixture
async def there() -> AsyncIterator[Receiver]:
    """A donor's system."""
    async with receiver() as one:
        yield one


@pytest.fixture
async def billing(shards: Shards, book: Book, hand: Hand, there: Receiver) -> Sender:
    """A sender, when a bill is due and the donor's system is to be called."""
    book.pages[an_id("don")] = Contact(webhooks=(hook(there),))
    await shards.tell(remittance_prepared())
    return sender(shards, book, hand, QUIETLY)
