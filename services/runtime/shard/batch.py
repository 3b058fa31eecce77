"""One batch: its inputs, the facts that they lead to, and the one transaction that commits all of it.

Promises that numbers and hashes follow the head without a gap, and that a batch that fails leaves no trace except in
the decider's state, which is then loaded again. All facts are recorded before the first of them is written, so the
head that a commit leaves is known before the commit: that is how one whose answer was lost is recognised.
"""

import asyncio
from asyncio import Task
from collections.abc import Sequence
from datetime import datetime

from schemas.base import Fact
from schemas.envelope import COMMAND, Envelope, chain_hash
from schemas.facts.common import DeadLetterRecorded, DeadLetterRedriven
from services.runtime.base.errors import Defect, Poison
from services.runtime.base.telemetry import count, log, observe
from services.runtime.contract import Outcome, Portions, Received, Recorded, Service
from services.runtime.eventlog.store import DeadLetter, Head, Store, Transaction
from services.runtime.shard.commands import Answer, Waiting, refuse
from services.runtime.shard.inbox import SortedRecords, brief
from services.runtime.shard.state import Place, ShardState

#: how many inputs are decided before the event loop gets a turn
SLICE = 250
#: for how long portions of one answer are decided before it gets one
TURN_S = 0.01


class Undecidable(Exception):
    """Deciding an input failed half-way, so the state in memory is void; the input is to become a dead letter."""

    def __init__(self, received: Received, code: str, detail: str) -> None:
        super().__init__(f"{received.position}: {code}")
        self.place: Place = received.source, received.seq
        self.code = code
        self.detail = detail


class Batch:
    """See the module. Begins at the tip of `own`, whose decider state it folds into; changes nothing else of it."""

    def __init__(
        self,
        shard: int,
        service: Service,
        own: ShardState,
        taken: SortedRecords | None = None,
        commands: Sequence[Waiting] = (),
    ) -> None:
        self.shard = shard
        self.service = service
        self.taken = taken or SortedRecords()
        self.commands = list(commands)
        self.recorded: list[Recorded] = []
        self.applied: list[Received] = []
        #: a dead letter that this batch decides after all
        self.redriven: DeadLetter | None = None
        #: streams whose dead letters are to be decided again
        self.redrives: list[str] = []
        #: the transaction, once it has begun
        self.task: Task[None] | None = None
        #: what a commit of this batch makes the head; None until all facts are recorded
        self.expected: Head | None = None
        self._own = own
        self._base = own.tip
        self._seq, self._chain = own.tip.seq, own.tip.chain
        self._name = service.name
        self._actor = f"service/{service.name}"
        self._encode = service.log.codec.encode

    def __bool__(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.taken.cursors or self.taken.dead or self.commands)

    @property
    def inputs(self) -> int:
        """How many records and commands it is made of."""
        return len(self.taken.records) + len(self.commands)

    @property
    def head(self) -> Head:
        """Where the log ends with what has been recorded so far."""
        return Head(self._base.epoch, self._seq, self._chain)

    @property
    def may_overlap(self) -> bool:
        """Whether the next batch may be decided while this one is written."""
        return not (self.commands or self.taken.dead or self.redrives)

    async def decide(self) -> None:
        """Decide the records in their order. Raises `Undecidable` when one fails."""
        own, blocked = self._own, set(self._own.blocked)
        self.taken.dead = own.unseen(self.taken.dead)
        for number, one in enumerate(self.taken.received):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            reason = own.poison.get((one.source, one.seq)) if own.poison else None
            if reason is not None:
                blocked.add(one.stream)
                self.taken.dead.append(DeadLetter(one.envelope, one.body, *reason, "dead"))
            elif one.stream in blocked and self.service.redrive(one.fact) is None:
                detail = "an earlier input of this stream is a dead letter"
                self.taken.dead.append(DeadLetter(one.envelope, one.body, "stream.waits", detail, "waiting"))
            else:
                await self.answer(one)
        for dead in self.taken.dead:
            if dead.state != "waiting":
                self._record_dead(dead)

    async def answer(self, received: Received) -> None:
        """Record the facts that answer one input; the decider has folded them."""
        envelope = received.envelope
        try:
            facts = self.service.decider.decide(self._own.state, received)
            if isinstance(facts, Portions):
                await self._record_portions(facts, envelope)
            elif facts:
                self._record_answer(facts, envelope)
        except Poison as error:
            raise Undecidable(received, error.code, error.detail) from error
        except Exception as error:
            log.exception("decide.failed", service=self._name, position=received.position)
            raise Undecidable(received, "decide.failed", brief(error)) from error
        self.applied.append(received)
        self._note_redrive(received.fact)

    async def _record_portions(self, facts: Portions, envelope: Envelope) -> None:
        """Record an answer portion by portion, with turns for the event loop between them."""
        loop = asyncio.get_running_loop()
        self._own.whole.clear()
        turn = loop.time()
        try:
            for portion in facts.portions:
                self._record_answer(portion, envelope)
                if loop.time() - turn > TURN_S:
                    await asyncio.sleep(0)
                    turn = loop.time()
        finally:
            self._own.whole.set()

    def _record_answer(self, facts: Sequence[Fact], envelope: Envelope) -> None:
        at, trace, cause = envelope.at, envelope.trace, envelope.position
        for fact in facts:
            self._record(fact, at, self._actor, cause, trace)

    async def redrive(self, dead: DeadLetter, received: Received) -> None:
        """Decide a dead letter after all. Raises `Undecidable` when it fails again."""
        await self.answer(received)
        self.redriven = dead
        fact = DeadLetterRedriven(about=dead.stream, source=dead.service, source_seq=dead.seq)  # type: ignore[arg-type]
        self._fold_and_record(fact, dead)
        self.expected = self.head

    def _note_redrive(self, fact: Fact) -> None:
        about = self.service.redrive(fact)
        if about is not None:
            self.redrives.append(about)

    def _record_dead(self, dead: DeadLetter) -> None:
        """Record in the own log that an input is a dead letter, so that operators see it."""
        fact = DeadLetterRecorded(
            about=dead.stream,
            source=dead.service,  # type: ignore[arg-type]
            source_seq=dead.seq,
            code=dead.code,
            detail=dead.detail,
        )
        self._fold_and_record(fact, dead)

    def _fold_and_record(self, fact: Fact, dead: DeadLetter) -> None:
        self.service.decider.evolve(self._own.state, fact, dead.at)
        self._record(fact, dead.at, self._actor, dead.position if dead.seq else COMMAND, dead.trace)

    def _record(self, fact: Fact, at: datetime, actor: str, cause: str, trace: str) -> None:
        """Number a fact and chain it to the one before it."""
        body = self._encode(fact)
        self._seq += 1
        kind: str = fact.kind  # type: ignore[attr-defined]
        envelope = Envelope(self._name, self.shard, self._seq, fact.stream, kind, fact.VERSION, at, actor, cause, trace)
        self._chain = envelope.chain = chain_hash(self._chain, envelope, body)
        self.recorded.append(Recorded(envelope, body, fact))

    # -- the transaction -----------------------------------------------------------------------------------------

    async def write(self, store: Store) -> Sequence[Outcome | Exception]:
        """The whole of rule 3: fence, cursors, facts, projections, head; all or nothing. Returns the outcomes."""
        taken = self.taken
        async with store.transaction(self.shard) as tx:
            outcomes = await self._handle(tx)
            self.expected = self.head
            await tx.advance(self._base, self.expected, self.recorded, taken.cursors)
            if taken.dead:
                await tx.store_dead(taken.dead)
            if self.redriven is not None:
                await tx.mark_redriven(self.redriven)
            if self.applied and self.service.keeps_inbox:
                await tx.keep(self.applied)
            if self.applied:
                await self.service.projector.receive(tx.connection, self.applied)
            if self.recorded:
                await self.service.projector.project(tx.connection, self.recorded)
        return outcomes

    async def _handle(self, tx: Transaction) -> Sequence[Outcome | Exception]:
        """Decide the commands; what a handler writes by the transaction commits with everything else."""
        if not self.commands:
            return []
        handler, decider = self.service.handler, self.service.decider
        if handler is None:
            raise Defect("service.no_handler", f"{self._name} takes no commands")
        commands = [command for command, _ in self.commands]
        outcomes = await handler.handle(tx.connection, self.shard, self._own.state, commands)
        for command, outcome in zip(commands, outcomes, strict=True):
            if isinstance(outcome, Outcome):
                for fact in outcome.facts:
                    decider.evolve(self._own.state, fact, command.at)
                    self._record(fact, command.at, command.made_by, COMMAND, command.trace)
                    self._note_redrive(fact)
        return outcomes

    # -- afterwards ----------------------------------------------------------------------------------------------

    def count(self) -> None:
        """Count what is committed."""
        observe("shard.batch_facts", len(self.recorded))
        count("facts.appended", len(self.recorded))
        count("facts.applied", len(self.applied))

    def reply(self, outcomes: Sequence[Outcome | Exception]) -> None:
        """Answer the commands once they are committed."""
        position = f"{self._name}/{self.shard}/{self._seq}"
        for (_, future), outcome in zip(self.commands, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(Answer(outcome.answer, position))

    def refuse(self, error: Exception) -> None:
        """Refuse all commands."""
        refuse(self.commands, error)
