"""One batch of a lane: the facts that its inputs lead to, and the one transaction that writes all of it.

Promises that numbers and hashes follow the head without a gap, and that a batch that fails leaves no trace but in the
lane's memory, which the lane then reloads.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from schemas.base import Fact
from schemas.envelope import COMMAND, Envelope, chain_hash
from schemas.facts.common import DeadLetterRecorded
from schemas.facts.gateway import RedriveRequested
from services.runtime.base.errors import Defect, Poison
from services.runtime.base.postgres import Connection
from services.runtime.base.telemetry import log
from services.runtime.contract import Command, Outcome, Received, Recorded
from services.runtime.eventlog.store import Head
from services.runtime.shard import dead_letters
from services.runtime.shard.dead_letters import DeadLetter
from services.runtime.shard.inbox import SortedRecords, brief

if TYPE_CHECKING:
    from services.runtime.shard.processor import ShardProcessor

#: how many inputs are decided before the event loop gets a turn
SLICE = 250


class Undecidable(Exception):
    """Deciding an input failed half-way, so the state in memory is spoilt; the input is to become a dead letter."""

    def __init__(self, received: Received, code: str, detail: str) -> None:
        super().__init__(f"{received.position}: {code}")
        self.source = received.source
        self.seq = received.seq
        self.code = code
        self.detail = detail


class BatchTransaction:
    """Collects what one transaction will write."""

    def __init__(self, lane: "ShardProcessor", poison: Mapping[tuple[str, int], tuple[str, str]]) -> None:
        self._lane = lane
        self._poison = poison
        self._actor = f"service/{lane.service.name}"
        #: where the log ends before and after this batch
        self._base = lane.tip
        self.head: Head = lane.tip
        self.recorded: list[Recorded] = []
        self.applied: list[Received] = []
        self.letters: list[DeadLetter] = []
        self.redrives: list[str] = []

    async def decide(self, received: Sequence[Received]) -> None:
        """Decide inputs in their order. Raises `Undecidable` when one fails; the lane then reloads and tries again."""
        blocked = set(self._lane.blocked)
        for number, one in enumerate(received):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            reason = self._poison.get((one.source, one.seq))
            if reason is not None:
                blocked.add(one.stream)
                self.letters.append(DeadLetter(one.envelope, one.body, *reason, "dead"))
            elif one.stream in blocked and not isinstance(one.fact, RedriveRequested):
                self.letters.append(
                    DeadLetter(
                        one.envelope, one.body, "stream.waits", "an earlier letter of this stream is dead", "waiting"
                    )
                )
            else:
                self.answer(one)

    def answer(self, received: Received) -> None:
        """Record the facts that answer one input; the decider has folded them."""
        decider, state = self._lane.service.decider, self._lane.state
        try:
            for fact in decider.decide(state, received):
                self.record(fact, received)
        except Poison as error:
            raise Undecidable(received, error.code, error.detail) from error
        except Exception as error:
            log.exception("decide.failed", service=self._lane.service.name, position=received.position)
            raise Undecidable(received, "decide.failed", brief(error)) from error
        self.applied.append(received)
        fact = received.fact
        if isinstance(fact, RedriveRequested) and fact.service == self._lane.service.name:
            self.redrives.append(fact.about)

    async def handle(self, tx: Connection, commands: Sequence[Command]) -> Sequence[Outcome | Exception]:
        """Decide commands; what a handler writes by `tx` commits with everything else."""
        if not commands:
            return []
        handler = self._lane.service.handler
        if handler is None:
            raise Defect("service.no_handler", f"{self._lane.service.name} takes no commands")
        outcomes = await handler.handle(tx, self._lane.shard, self._lane.state, commands)
        for command, outcome in zip(commands, outcomes, strict=True):
            if isinstance(outcome, Outcome):
                for fact in outcome.facts:
                    self._lane.service.decider.evolve(self._lane.state, fact, command.at)
                    self.record(fact, command)
                    if isinstance(fact, RedriveRequested) and fact.service == self._lane.service.name:
                        self.redrives.append(fact.about)
        return outcomes

    def record(self, fact: Fact, source: Received | Command | DeadLetter) -> None:
        """Give a fact its number and link it to the chain."""
        lane = self._lane
        body = lane.log.log.codec.encode(fact)
        envelope = Envelope(
            lane.service.name,
            lane.shard,
            self.head.seq + 1,
            fact.stream,
            fact.kind,  # type: ignore[attr-defined]
            fact.VERSION,
            source.at,
            source.made_by if isinstance(source, Command) else self._actor,
            source.position if isinstance(source, Received) else COMMAND,
            source.trace,
        )
        envelope.chain = chain_hash(self.head.chain, envelope, body)
        self.recorded.append(Recorded(envelope, body, fact))
        self.head = Head(self.head.epoch, envelope.seq, envelope.chain)

    async def write(self, tx: Connection, sorted_: SortedRecords) -> None:
        """The whole of rule 3: fence, cursors, facts, projections, head; all or nothing."""
        lane = self._lane
        sorted_.letters.extend(self.letters)
        for letter in sorted_.letters:
            if letter.state != "waiting":
                self.bury(letter)
        await lane.log.advance(tx, lane.shard, self._base, self.head)
        if self.recorded:
            await lane.log.append(tx, self.recorded)
        if sorted_.cursors:
            await lane.log.move_cursors(tx, lane.shard, sorted_.cursors)
        if sorted_.letters:
            await dead_letters.put_aside(tx, lane.shard, sorted_.letters)
        if self.applied and lane.service.keeps_inbox:
            await lane.log.keep(tx, self.applied)
        if self.applied:
            await lane.service.projector.receive(tx, self.applied)
        if self.recorded:
            await lane.service.projector.project(tx, self.recorded)

    def bury(self, letter: DeadLetter) -> None:
        """Say in the own log that a letter died, so that operators see it."""
        fact = DeadLetterRecorded(
            about=letter.stream,
            source=letter.service,  # type: ignore[arg-type]
            source_seq=letter.seq,
            code=letter.code,
            detail=letter.detail,
        )
        self._lane.service.decider.evolve(self._lane.state, fact, letter.at)
        self.record(fact, letter)
