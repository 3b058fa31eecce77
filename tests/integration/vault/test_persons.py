"""The vault on a real PostgreSQL: one person per NIK, nothing plain in any column, and what is erased stays so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.runtime.base.errors import Defect
from services.runtime.base.keys import Keys
from services.runtime.base.postgres import Connection, Pool, connect, open_pool
from services.runtime.vault import Vault
from services.runtime.vault.rotation import rotate
from tests.support.postgres import KEYS, MASTER_KEY, role_url

AT = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
OTHER_MASTER_KEY = "YW5vdGhlciBtYXN0ZXIga2V5LCBmb3IgdGVzdHMgdG8="
SITI = {"name": "Siti Nurhaliza", "nik": "3672014101900001", "phone": "+6281234567890", "born": "1990-01-01"}


@pytest.fixture(scope="module")
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    async with open_pool(role_url(postgres_url, "gateway"), schema="gateway") as opened:
        yield opened


@pytest.fixture
async def tx(pool: Pool) -> AsyncIterator[Connection]:
    """A transaction that is undone after the test."""
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


@pytest.fixture
def vault() -> Vault:
    return Vault(KEYS)


async def put(vault: Vault, tx: Connection, person: str, record: dict[str, Any]) -> None:
    await vault.store(tx, vault.seal([(person, record)]))
    if "nik" in record:
        await vault.claim(tx, [(record["nik"], person)])


async def every_byte(tx: Connection) -> bytes:
    """All columns of both tables."""
    rows = [*await tx.fetch("SELECT * FROM vault.persons"), *await tx.fetch("SELECT * FROM vault.lookups")]
    return b"|".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row.values())


async def test_what_is_stored_can_be_read(vault: Vault, tx: Connection) -> None:
    people = [(f"wrk_{number}", {"name": f"Person {number}"}) for number in range(3)]
    await vault.store(tx, vault.seal(people))
    assert await vault.read(tx, ["wrk_0", "wrk_2", "wrk_9"]) == {"wrk_0": {"name": "Person 0"}, "wrk_2": people[2][1]}


async def test_no_plain_byte_of_a_person_is_in_any_column(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    await vault.update(tx, "wrk_1", SITI | {"email": "siti@example.id"})
    stored = await every_byte(tx)
    assert [value for value in [*SITI.values(), "siti@example.id", "Nurhaliza"] if value.encode() in stored] == []


async def test_a_nik_is_found_only_with_the_key(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    other = Vault(Keys.derive(OTHER_MASTER_KEY))
    assert await vault.find(tx, [SITI["nik"], "3672014101900002"]) == {SITI["nik"]: "wrk_1"}
    assert await other.find(tx, [SITI["nik"]]) == {}


async def test_the_first_claim_of_a_nik_counts(vault: Vault, tx: Connection) -> None:
    first = await vault.claim(tx, [("1", "wrk_a"), ("2", "wrk_b"), ("1", "wrk_c")])
    later = await vault.claim(tx, [("2", "wrk_d"), ("3", "wrk_e")])
    assert (first, later) == ({"1": "wrk_a", "2": "wrk_b"}, {"2": "wrk_b", "3": "wrk_e"})


async def test_claiming_nothing_is_nothing(vault: Vault, tx: Connection) -> None:
    assert await vault.claim(tx, []) == {}


async def test_twenty_registrations_of_one_nik_at_once_give_one_person(vault: Vault, pool: Pool) -> None:
    async def register(number: int) -> str:
        async with pool.acquire() as connection, connection.transaction():
            owners = await vault.claim(
                connection, [("3672014101900077", f"wrk_{number}"), (str(number), f"x_{number}")]
            )
            await asyncio.sleep(0.01)
            return owners["3672014101900077"]

    assert len(set(await asyncio.gather(*map(register, range(20))))) == 1


async def test_opposite_orders_of_the_same_claims_do_not_deadlock(vault: Vault, pool: Pool) -> None:
    niks = [f"32720141019{number:05d}" for number in range(300)]

    async def claim(order: list[str], prefix: str) -> dict[str, str]:
        async with pool.acquire() as connection, connection.transaction():
            return await vault.claim(connection, [(nik, f"{prefix}_{nik}") for nik in order])

    one, other = await asyncio.gather(claim(niks, "one"), claim(niks[::-1], "other"))
    assert one == other


async def test_a_registration_that_is_undone_leaves_the_nik_free(vault: Vault, pool: Pool) -> None:
    async with pool.acquire() as connection:
        undone = connection.transaction()
        await undone.start()
        await vault.claim(connection, [("3672014101900088", "wrk_undone")])
        await undone.rollback()
        async with connection.transaction():
            assert await vault.claim(connection, [("3672014101900088", "wrk_kept")]) == {"3672014101900088": "wrk_kept"}


async def test_an_updated_record_takes_the_place_of_the_last(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "don_1", {"name": "PT Baja"})
    assert await vault.update(tx, "don_1", {"name": "PT Baja", "email": "csr@baja.example"})
    assert await vault.read(tx, ["don_1"]) == {"don_1": {"name": "PT Baja", "email": "csr@baja.example"}}


async def test_an_unknown_person_is_not_updated(vault: Vault, tx: Connection) -> None:
    assert not await vault.update(tx, "wrk_9", SITI)


async def test_an_erased_person_cannot_be_read_found_or_updated(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    await vault.erase(tx, "wrk_1", AT)
    assert await vault.read(tx, ["wrk_1"]) == {}
    assert await vault.find(tx, [SITI["nik"]]) == {}
    assert not await vault.update(tx, "wrk_1", SITI)


async def test_an_erased_persons_key_is_gone_and_the_tombstone_stays(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    await vault.erase(tx, "wrk_1", AT)
    row = await tx.fetchrow("SELECT key_version, wrapped_key, erased_at, length(sealed) > 0 AS left FROM vault.persons")
    assert row is not None
    assert tuple(row.values()) == (None, None, AT, True)


async def test_erasing_again_returns_the_same_tombstone(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    first = await vault.erase(tx, "wrk_1", AT)
    assert first is not None
    assert await vault.erase(tx, "wrk_1", AT.replace(day=9)) == first


async def test_an_unknown_person_has_no_tombstone(vault: Vault, tx: Connection) -> None:
    assert await vault.erase(tx, "wrk_9", AT) is None


async def test_the_nik_of_an_erased_person_can_be_registered_again(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    await vault.erase(tx, "wrk_1", AT)
    assert await vault.claim(tx, [(SITI["nik"], "wrk_2")]) == {SITI["nik"]: "wrk_2"}


async def test_rows_exchanged_in_the_database_are_noticed(vault: Vault, tx: Connection) -> None:
    await vault.store(tx, vault.seal([("wrk_1", SITI), ("wrk_2", {"name": "Budi"})]))
    await tx.execute(
        "UPDATE vault.persons SET (wrapped_key, sealed) = (SELECT wrapped_key, sealed FROM vault.persons p"
        " WHERE p.person = 'wrk_2') WHERE person = 'wrk_1'"
    )
    with pytest.raises(Defect, match=r"vault\.tampered"):
        await vault.read(tx, ["wrk_1"])


async def test_after_rewrapping_the_old_master_key_is_not_needed(vault: Vault, tx: Connection) -> None:
    people = [(f"wrk_{number:03d}", {"name": f"Person {number}"}) for number in range(25)]
    await vault.store(tx, vault.seal(people))
    await vault.erase(tx, "wrk_007", AT)
    rotated = Vault(Keys.derive(OTHER_MASTER_KEY, [MASTER_KEY]))
    assert await rotated.rewrap(tx, batch_persons_max=10) == 24
    assert await Vault(Keys.derive(OTHER_MASTER_KEY)).read(tx, [person for person, _ in people]) == {
        person: record for person, record in people if person != "wrk_007"
    }


async def test_rewrapping_again_finds_nothing_to_do(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    rotated = Vault(Keys.derive(OTHER_MASTER_KEY, [MASTER_KEY]))
    assert (await rotated.rewrap(tx), await rotated.rewrap(tx)) == (1, 0)


async def test_a_start_with_a_new_master_key_turns_all_keys_over(vault: Vault, pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await put(vault, connection, "wrk_turned", {"name": "Siti"})
    await rotate(pool, Vault(Keys.derive(OTHER_MASTER_KEY, [MASTER_KEY])))
    async with pool.acquire() as connection:
        assert await Vault(Keys.derive(OTHER_MASTER_KEY)).read(connection, ["wrk_turned"]) == {
            "wrk_turned": {"name": "Siti"}
        }


async def test_a_person_is_stored_once(vault: Vault, tx: Connection) -> None:
    await put(vault, tx, "wrk_1", SITI)
    with pytest.raises(Exception, match="persons_pkey"):
        await vault.store(tx, vault.seal([("wrk_1", SITI)]))


async def test_the_notifier_can_read_persons(vault: Vault, pool: Pool, postgres_url: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await put(vault, connection, "wrk_7", {"name": "Siti"})
    notifier = await connect(role_url(postgres_url, "notifier"))
    assert await vault.read(notifier, ["wrk_7"]) == {"wrk_7": {"name": "Siti"}}
    await notifier.close()
