"""Topics that lose everything, and topics with foreign records: the logs are what counts, the end is the same."""

import asyncio
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaProducer

from schemas.envelope import parse
from schemas.logs import CATALOGUE, Log
from services.runtime.base.sharding import shard_of
from services.runtime.kafka.reading import Record, reader
from tests.integration.faults.conftest import Disturbed
from tests.support.load import CITIES, SHARDS, TURNS
from tests.support.scene import Scene

#: the first of them plays the undisturbed life, too
pytestmark = pytest.mark.timeout(900)
#: logs that are read by services which decide
READ = (CATALOGUE["gateway"], CATALOGUE["matcher"], CATALOGUE["ledger"])
#: what a reader may report about a foreign record
FOREIGN = {"envelope.unreadable", "envelope.misplaced", "chain.broken"}


async def wiped(here: Scene) -> None:
    """Kafka loses all its data, once anywhere and once while days are turned."""
    await here.moment(20, 100)
    await here.stack.wipe_kafka()
    await here.during("turn", TURNS)
    await here.stack.wipe_kafka()


async def test_a_broker_that_loses_everything_is_filled_again(disturbed: Disturbed) -> None:
    await disturbed(wiped)


class Intruder:
    """Somebody with a connection to Kafka and no business there."""

    def __init__(self, here: Scene) -> None:
        self.here = here
        #: what was put on which log
        self.wrote: list[tuple[str, str]] = []

    async def meddle(self) -> None:
        """Write all kinds of things on all kinds of partitions, at moments of the load."""
        kinds = ("repeat", "rubbish", "beyond", "next", "elsewhere", "repeat", "next")
        for number, kind in enumerate(kinds, start=1):
            await self.here.moment(20 * number, 20 * number + 30)
            for log in READ:
                shard = shard_of(self.here.chance.choice(CITIES), SHARDS)
                await self._put(log, shard, kind, await self._last(log, shard))
                self.wrote.append((log.owner, kind))

    async def _last(self, log: Log, shard: int) -> Sequence[Record]:
        """The newest records of a partition, once there are some."""
        async with asyncio.timeout(60), reader(self.here.stack.settings.kafka) as topics:
            while True:
                records = [one async for chunk in topics.read(log.topic, shard) for one in chunk if _is_ours(one)]
                if records:
                    return records[-30:]
                await asyncio.sleep(0.1)

    async def _put(self, log: Log, shard: int, kind: str, last: Sequence[Record]) -> None:
        newest = last[-1]
        seq = max(parse(dict(one.headers)).seq for one in last)
        match kind:
            case "repeat":
                records = last
            case "rubbish":
                records = [Record(0, b"\xff\x00", self.here.chance.randbytes(60), ())]
            case "beyond":
                records = [_numbered(newest, seq + 1_000)]
            case "next":
                records = [_numbered(newest, seq + 1)]
            case _:
                headers = tuple((n, b"/sekul/notifier/0" if n == "ce_source" else v) for n, v in newest.headers)
                records = [Record(0, newest.key, newest.value, headers)]
        producer = AIOKafkaProducer(bootstrap_servers=self.here.stack.settings.kafka.servers)
        await producer.start()
        try:
            for one in records:
                await producer.send_and_wait(log.topic, one.value, one.key, shard, headers=list(one.headers))
        finally:
            await producer.stop()


def _is_ours(record: Record) -> bool:
    try:
        return bool(parse(dict(record.headers)))
    except (ValueError, UnicodeDecodeError):
        return False


def _numbered(record: Record, seq: int) -> Record:
    """A record that claims another number."""
    claims = {"ce_sequence": b"%020d" % seq}
    return Record(0, record.key, record.value, tuple((name, claims.get(name, text)) for name, text in record.headers))


async def test_foreign_records_on_the_topics_change_nothing(disturbed: Disturbed) -> None:
    intruders: list[Intruder] = []

    async def meddling(here: Scene) -> None:
        intruders.append(Intruder(here))
        await intruders[0].meddle()

    end = await disturbed(meddling, foreign=True)
    assert {owner for owner, kind in intruders[0].wrote if kind == "rubbish"} == {log.owner for log in READ}
    recorded = {tuple(one.split(": ")) for one in end.dead_letters}
    assert {code for _, code in recorded} <= FOREIGN
    met = {reader for log in CATALOGUE if (log, "rubbish") in intruders[0].wrote for reader in CATALOGUE[log].readers}
    assert {reader for reader, code in recorded if code == "envelope.unreadable"} == met
