"""Four services in one process: real shard processors, relays and gap search on logs and topics in memory.

Everything that happens by chance comes from one seed: which topic a reader meets next and how far, what fails before or
after it was done, who crashes, which record is lost. `Chaos` decides; without it the same parts run undisturbed.
"""

import asyncio
import random  # noqa: TID251 -- seeded: the same seed makes the same run
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from schemas.base import Fact
from schemas.envelope import parse
from schemas.logs import CATALOGUE, ServiceName, sources_of
from services.runtime.base.clock import SystemClock
from services.runtime.base.errors import RetryLater
from services.runtime.base.settings import Loop
from services.runtime.contract import Recorded, Service
from services.runtime.eventlog.control import ControlMessage, ProgressReport, RepublishRequest
from services.runtime.eventlog.memory import MemoryLog
from services.runtime.eventlog.progress import Progress
from services.runtime.eventlog.relay import Relay
from services.runtime.kafka.memory import MemoryBroker, MemoryClient, MemorySubscription
from services.runtime.process.gaps import Gaps
from services.runtime.shard.inbox import RawRecord
from services.runtime.shard.processor import ShardProcessor
from services.runtime.shard.resources import ProcessResources
from services.runtime.shard.state import Status
from tests.simulation.system.script import Say

SHARD = 0
LOOP = Loop(batch_facts_max=7, queue_facts_max=15, snapshot_every_facts=25, retry_first_ms=5, retry_longest_ms=50)
SETTLED_WITHIN_S = 120.0
GAPS_EVERY_S, AUDIT_EVERY_S, READ_EVERY_S = 0.25, 2.0, 0.02


class Chaos:
    """What goes wrong, and when. `rate` is how often a passage of a point at which something can fail fails."""

    def __init__(self, seed: int, rate: float) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- nothing secret
        self.rate = rate

    def fault(self, point: str) -> None:
        """Fail now and then."""
        if self.chance.random() < self.rate:
            raise ConnectionResetError(f"away at {point}")


class Node:
    """One process of a service. `crash` ends it in the middle of whatever it does."""

    def __init__(self, world: "World", service: Service) -> None:
        self._world = world
        self.service = service
        name = service.log.owner
        sources = sources_of(name)
        store = world.stores[name]
        client = MemoryClient(world.broker, service.log, world.chaos.fault)
        self.progress = Progress(SystemClock(), 1)
        self.relay = Relay(store, client, LOOP, partial(self.progress.note, name))
        world.owners += 1
        owner = f"{name}-{world.owners}"
        resources = ProcessResources(service, sources, store, self.relay, LOOP, SystemClock(), owner)
        self.processor = ShardProcessor(SHARD, resources)
        self._subscription = MemorySubscription(world.broker, sources, self._deliver)
        self._gaps = Gaps(self._subscription, client, self.progress)
        self._client = client
        self._stop_listening = world.broker.listen(self._receive)
        before = asyncio.all_tasks()
        self.processor.start()
        for loop in (self._read, self._search_gaps, self._audit):
            asyncio.get_running_loop().create_task(loop())
        self._tasks = sorted(asyncio.all_tasks() - before, key=lambda task: (len(task.get_name()), task.get_name()))

    def crash(self) -> None:
        """End at once; nothing that is in memory survives."""
        self._stop_listening()
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """End in order."""
        await self.processor.close()
        await self.relay.drop(SHARD)
        self.crash()

    def _receive(self, message: ControlMessage) -> None:
        match message:
            case ProgressReport(service=service, shard=shard, seq=seq, cursors=cursors):
                self.progress.note(service, shard, seq, cursors)
            case RepublishRequest(service=service, shard=shard, from_seq=from_seq) if service == self.service.name:
                self.relay.republish(shard, from_seq)
            case _:
                pass

    def _deliver(self, shard: int, records: Sequence[RawRecord]) -> None:
        self.processor.offer(records)
        for source in dict.fromkeys(record.source for record in records):
            if self.processor.is_full(source):
                self._subscription.pause(shard, source)
                self._tasks.append(asyncio.get_running_loop().create_task(self._resume_later(source)))

    async def _resume_later(self, source: str) -> None:
        await self.processor.drained(source)
        self._subscription.resume(SHARD, source)

    async def _read(self) -> None:
        await self.processor.opened()
        self._subscription.read_from(SHARD, {s: cursor.offset + 1 for s, cursor in self.processor.cursors.items()})
        chance = self._world.chaos.chance
        while True:
            await asyncio.sleep(READ_EVERY_S * chance.random())
            if readable := self._subscription.readable():
                shard, source = chance.choice(readable)
                self._subscription.poll(shard, source, chance.randint(1, 12))
            if self._world.chaos.rate and chance.random() < 0.02:
                source = chance.choice([log.owner for log in sources_of(self.service.log.owner)])
                self._subscription.reread(SHARD, source, chance.randint(0, 20))

    async def _search_gaps(self) -> None:
        while True:
            await asyncio.sleep(GAPS_EVERY_S)
            if self.processor.status is Status.LIVE and self._subscription.owns(SHARD):
                for log in sources_of(self.service.log.owner):
                    await self._gaps.look(self.processor, log.owner)

    async def _audit(self) -> None:
        while True:
            await asyncio.sleep(AUDIT_EVERY_S)
            for shard, published in self.relay.published().items():
                _, end = (await self._client.ranges([shard]))[shard]
                if end < published:
                    self.relay.republish_all(shard)
            self.relay.announce_again()


@dataclass
class World:
    """All services, what they have committed, and the topics between them."""

    services: dict[ServiceName, Service]
    chaos: Chaos
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    stores: dict[ServiceName, MemoryLog] = field(default_factory=dict)
    nodes: dict[ServiceName, Node] = field(default_factory=dict)
    #: foreign records, wherever they are now
    forged: list[RawRecord] = field(default_factory=list)
    owners: int = 0

    def __post_init__(self) -> None:
        """Start everything."""
        self.stores = {name: MemoryLog(CATALOGUE[name], self.chaos.fault) for name in self.services}
        for name, service in self.services.items():
            self.nodes[name] = Node(self, service)

    async def play(self, rounds: Sequence[Sequence[Fact]], at: Callable[[int], datetime]) -> None:
        """Let the gateway record facts, round by round, and wait after each until every service has done its part."""
        begin = 0
        for number, facts in enumerate(rounds):
            await self._say(Say(at=at(number), begin=begin, facts=tuple(facts)))
            begin += len(facts)
            await self.settled()

    async def _say(self, command: Say) -> None:
        while True:
            try:
                await self.nodes["gateway"].processor.submit(command)
            except RetryLater:
                await asyncio.sleep(0.05)
            else:
                return

    async def settled(self) -> None:
        """Wait until every service has applied all events of its sources."""
        async with asyncio.timeout(SETTLED_WITHIN_S):
            while behind := await self.behind():
                del behind
                await asyncio.sleep(0.1)

    async def behind(self) -> list[str]:
        """Where a service has not applied all of a source."""
        found = []
        for name, store in self.stores.items():
            cursors = await store.cursors(SHARD)
            for source in sources_of(name):
                has = cursors[source.owner].seq if source.owner in cursors else 0
                head = (await self.stores[source.owner].head(SHARD)).seq
                if has != head:
                    found.append(f"{name}<{source.owner}: {has}/{head}")
        return found

    async def disturb(self) -> None:
        """Let things go wrong, for ever."""
        chance = self.chaos.chance
        while True:
            await asyncio.sleep(chance.uniform(0.1, 1.5))
            name = chance.choice(list(self.services))
            wrongs: list[Callable[[], None]] = [
                partial(self._crash, name),
                partial(self._usurp, name),
                self._lose,
                self.broker.wipe,
            ]
            chance.choices(wrongs, [4, 2, 6, 1])[0]()
            self._forge()

    def _crash(self, name: ServiceName) -> None:
        self.nodes[name].crash()
        self.nodes[name] = Node(self, self.services[name])

    def _usurp(self, name: ServiceName) -> None:
        """Let a second process take the shard while the first still believes that it is the owner."""
        former, self.nodes[name] = self.nodes[name], Node(self, self.services[name])
        asyncio.get_running_loop().call_later(3.0, former.crash)

    def _lose(self) -> None:
        source = self.chaos.chance.choice(list(self.services))
        end = self.broker.partition(source, SHARD).end
        if end:
            self.broker.lose(source, SHARD, self.chaos.chance.randrange(end))

    def _forge(self) -> None:
        """Write a foreign record on a topic, or an old one again."""
        chance = self.chaos.chance
        source = chance.choice(list(self.services))
        newest = list(self.broker.partition(source, SHARD).records.values())[-10:]
        own = [record for record in newest if record not in self.forged]
        if not own:
            return
        number = max(parse(dict(record.headers)).seq for record in own)
        claims = [
            {"ce_sequence": b"\xff"},
            {"ce_source": b"/sekul/%s/%d" % (source.encode(), SHARD + 1)},
            {"ce_sequence": b"%020d" % (number + 1)},
            {"ce_sequence": b"%020d" % (number + 1_000)},
            {},
        ]
        copied, claim = chance.choice(own), chance.choice(claims)
        headers = tuple((name, claim.get(name, value)) for name, value in copied.headers)
        self.broker.append_raw(source, SHARD, copied.key or b"", copied.value, headers)
        if claim:
            self.forged.append(list(self.broker.partition(source, SHARD).records.values())[-1])

    async def logs(self) -> dict[ServiceName, list[Recorded]]:
        """What every service has committed."""
        return {
            name: [one async for chunk in store.fold(SHARD) for one in chunk] for name, store in self.stores.items()
        }

    async def close(self) -> None:
        """End all processes in order."""
        for node in self.nodes.values():
            await node.close()
