"""`sekul verify` on a real system: it holds, and whatever is touched is found and named."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from schemas.logs import CATALOGUE
from services.ops.client import Gateway
from services.ops.demo import people
from services.ops.demo.founding import imported
from services.ops.local import settings_of
from services.ops.supervisor import Stack
from services.ops.verify.run import verify
from services.runtime.base.postgres import Connection, connect
from tests.acceptance.cli.conftest import Sekul, settled

LAWS = {
    "log", "head", "slots", "books", "sides", "iuran", "notices", "snapshot", "matching", "tables", "cursors", "inbox",
    "topics", "deadletters",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
async def something(gateway: Gateway) -> None:
    """Workers, a pledge, and a day that all tests here read."""
    here = [one for one in people.workers(5, 300) if one.kelurahan.startswith("36.72.08")][:6]
    rows = [f"{one.nik},{one.name},{one.kelurahan},{one.occupation}" for one in here]
    content = "\n".join(["nik,nama,kode_wilayah,pekerjaan", *rows]).encode()
    sent = await gateway.upload("/v1/imports/workers", content, "text/csv")
    await imported(gateway, sent["id"], lambda _: None)
    donor = await gateway.post("/v1/donors", {"kind": "person", "name": "Ibu Contoh", "language": "en"})
    pledge = {"donor": donor["id"], "slots": 3, "months": 6, "starts": "2026-12", "scope": {"areas": ["36.72.08"]}}
    await gateway.post("/v1/pledges", pledge)
    await gateway.post("/v1/clock/advance", {"days": 2})
    await settled(gateway)


@pytest.fixture
async def owner(stack: Stack) -> AsyncIterator[Connection]:
    """The database with its owner's login."""
    admin = stack.settings.database.admin_url
    assert admin is not None
    connection = await connect(admin.get_secret_value())
    yield connection
    await connection.close()


async def broken(stack: Stack) -> dict[str, str]:
    """The laws that are broken, with their details; without a process for each check."""
    found = [finding async for finding in verify(settings_of(stack.folder.data))]
    return {finding.law: finding.detail for finding in found if finding.state == "broken"}


async def test_every_law_has_a_line_and_holds(sekul: Sekul) -> None:
    ended = await sekul("verify")
    assert ended.code == 0
    assert {line.split()[1] for line in ended.out.splitlines()} == LAWS
    assert {line[0] for line in ended.out.splitlines()} == {"✓"}


async def test_an_auditor_can_verify_with_rights_to_read_alone(stack: Stack) -> None:
    password = stack.settings.keys.role_password("auditor")
    scheme, _, rest = stack.settings.database.url.partition("://")
    former = stack.folder.database_url.read_text(encoding="utf-8")
    try:
        stack.folder.database_url.write_text(f"{scheme}://sekul_auditor:{password}@{rest}", encoding="utf-8")
        assert await broken(stack) == {}
    finally:
        stack.folder.database_url.write_text(former, encoding="utf-8")


@pytest.mark.parametrize(
    ("law", "touch"),
    [
        (
            "tables",
            "UPDATE matcher.matches SET until = 0 WHERE match = (SELECT match FROM matcher.matches LIMIT 1)",
        ),
        ("tables", "DELETE FROM gateway.workers WHERE worker = (SELECT max(worker) FROM gateway.workers)"),
        ("tables", "UPDATE ledger.balances SET idr = idr + 1 WHERE account LIKE 'pledge:%:held'"),
        (
            "cursors",
            "UPDATE ledger.cursors SET chain = sha256(chain) WHERE shard = 0 AND source = 'matcher'",
        ),
        ("inbox", "UPDATE gateway.inbox SET cause = 'command' WHERE source = 'matcher' AND cause <> 'command'"),
        ("log", "UPDATE matcher.facts SET body = body || ' ' WHERE shard = 0 AND seq = 2"),
        ("head", "UPDATE notifier.head SET seq = seq + 1 WHERE shard = 1"),
    ],
)
async def test_what_was_touched_behind_the_back_of_the_services_is_found(
    stack: Stack, owner: Connection, law: str, touch: str
) -> None:
    table = touch.split()[2] if touch.startswith("DELETE") else touch.split()[1]
    await owner.execute(f"CREATE TABLE public.kept AS TABLE {table}")
    try:
        await owner.execute(touch)
        found = await broken(stack)
    finally:
        async with owner.transaction():
            await owner.execute(f"DELETE FROM {table}")
            await owner.execute(f"INSERT INTO {table} TABLE public.kept")
        await owner.execute("DROP TABLE public.kept")
    assert law in found


async def test_a_foreign_record_on_a_topic_is_counted_and_breaks_no_law(sekul: Sekul, stack: Stack) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stack.settings.kafka.servers)
    await producer.start()
    await producer.send_and_wait("ledger.facts", b"{}", key=b"plg_x", partition=0)
    await producer.stop()
    ended = await sekul("verify", "--json")
    assert ended.code == 0
    assert "1 foreign records skipped" in {line["law"]: line["detail"] for line in ended.lines}["topics"]


async def test_a_broken_law_ends_with_1(sekul: Sekul, owner: Connection) -> None:
    await owner.execute("UPDATE notifier.head SET seq = seq + 1 WHERE shard = 0")
    ended = await sekul("verify")
    await owner.execute("UPDATE notifier.head SET seq = seq - 1 WHERE shard = 0")
    assert (ended.code, "✗ head" in ended.out) == (1, True)


async def test_an_export_is_verified_without_any_server_and_a_change_is_found(sekul: Sekul, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert (await sekul("export", str(folder))).code == 0
    assert (await sekul("verify", "--offline", str(folder))).code == 0
    file = max(folder.glob("matcher.*.jsonl"), key=lambda one: one.stat().st_size)
    file.write_bytes(file.read_bytes().replace(b'"worker.listed"', b'"worker.lusted"', 1))
    ended = await sekul("verify", "--offline", str(folder))
    assert (ended.code, "✗ log" in ended.out) == (1, True)


async def test_an_export_goes_into_a_new_folder_only(sekul: Sekul, tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    ended = await sekul("export", str(tmp_path))
    assert (ended.code, ended.err.count("\n"), "is not empty" in ended.err) == (1, 1, True)


@pytest.mark.parametrize("service", list(CATALOGUE))
async def test_tables_that_were_spoilt_are_made_again_while_the_service_runs(
    sekul: Sekul, stack: Stack, gateway: Gateway, owner: Connection, service: str
) -> None:
    spoilt = {"gateway": "workers", "matcher": "matches", "ledger": "balances", "notifier": "notices"}[service]
    await owner.execute(f"DELETE FROM {service}.{spoilt}")
    assert "tables" in await broken(stack)
    assert (await sekul("rebuild", service)).code == 0
    await gateway.post("/v1/clock/advance", {"days": 1})
    await settled(gateway)
    assert await broken(stack) == {}


async def test_a_snapshot_of_another_state_is_found(stack: Stack, owner: Connection) -> None:
    head: Any = await owner.fetchrow("SELECT seq FROM gateway.head WHERE shard = 0")
    await owner.execute(
        "INSERT INTO gateway.snapshots (shard, seq, format, data, at) VALUES (0, $1, 1, 'nonsense', now())"
        " ON CONFLICT (shard) DO NOTHING",
        head["seq"],
    )
    found = await broken(stack)
    await owner.execute("DELETE FROM gateway.snapshots WHERE shard = 0 AND data = 'nonsense'")
    assert "gateway/0: the snapshot" in found["snapshot"]
