"""The shard processor applies every input once, whatever fails around it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from schemas.base import Fact
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.gateway import DonorRegistered
from schemas.logs import GATEWAY
from services.runtime.base.errors import RetryLater
from services.runtime.base.settings import Loop
from services.runtime.contract import Command, Outcome, Received, Recorded
from services.runtime.eventlog.memory import MemoryLog
from services.runtime.shard.inbox import RawRecord
from services.runtime.shard.recovery import TRIES
from services.runtime.shard.state import Status
from tests.support import toys
from tests.support.shard import AT, QUICK, Bench, Faults, SilentRelay, bench, processor


def donors(numbers: range) -> list[Fact]:
    return [DonorRegistered(donor=toys.donor(n, AT), donor_kind="person", language="id") for n in numbers]


def ids(numbers: range) -> list[str]:
    return [toys.donor(n, AT) for n in numbers]


def rubbish(offset: int = 0) -> RawRecord:
    """A record that no log has written."""
    return RawRecord("gateway", offset, b"don_x", b"{}", ())


async def test_every_input_is_answered_once_and_in_order() -> None:
    async with bench(toys.matcher(), loop=Loop(batch_facts_max=7)) as one:
        one.processor.offer(one.records("gateway", *donors(range(50))))
        await one.applied("gateway", 50)
        assert await one.answered() == ids(range(50))


async def test_the_relay_is_offered_what_is_committed() -> None:
    async with bench(toys.matcher(), loop=Loop(batch_facts_max=7)) as one:
        one.processor.offer(one.records("gateway", *donors(range(50))))
        await one.applied("gateway", 50)
        assert one.relay.offered == await one.log()


@pytest.mark.parametrize("point", ["begin", "commit", "committed"])
async def test_a_store_that_is_away_delays_and_changes_nothing(point: str) -> None:
    faults = Faults()
    async with bench(toys.matcher(), faults, loop=QUICK.model_copy(update={"batch_facts_max": 7})) as one:
        faults.plan(point, 2)
        one.processor.offer(one.records("gateway", *donors(range(50))))
        await one.applied("gateway", 50)
        assert await one.answered() == ids(range(50))


@pytest.mark.parametrize("point", ["take_over", "taken", "read"])
async def test_a_store_that_is_away_again_while_the_shard_is_loaded_fences_nobody(point: str) -> None:
    faults = Faults()
    async with bench(toys.matcher(), faults) as one:
        one.processor.offer(one.records("gateway", *donors(range(5))))
        await one.applied("gateway", 5)
        faults.plan("commit")
        faults.plan(point, 2)
        one.processor.offer(one.records("gateway", *donors(range(5, 9))))
        await one.applied("gateway", 9)
        assert await one.answered() == ids(range(9))


async def test_a_command_whose_answer_was_lost_is_not_run_again() -> None:
    faults = Faults()
    async with bench(toys.gateway(), faults) as one:
        faults.plan("committed")
        with pytest.raises(RetryLater, match="answer was lost"):
            await one.processor.submit(toys.Register(at=AT, donor=toys.donor(1, AT)))
        assert len(await one.log()) == 1


async def test_a_command_beside_a_dead_letter_is_not_run_again_when_the_answer_was_lost() -> None:
    faults = Faults()
    async with bench(toys.gateway(), faults) as one:
        faults.plan("committed")
        one.processor.offer([replace(rubbish(), source="matcher")])
        with pytest.raises(RetryLater, match="answer was lost"):
            await one.processor.submit(toys.Register(at=AT, donor=toys.donor(1, AT)))
        assert [type(recorded.fact) for recorded in await one.log()] == [DeadLetterRecorded, DonorRegistered]


async def test_a_command_is_answered_with_the_position_of_its_fact() -> None:
    async with bench(toys.gateway()) as one:
        answers = await asyncio.gather(
            *(one.processor.submit(toys.Register(at=AT, donor=donor)) for donor in ids(range(3)))
        )
        assert [answer.value for answer in answers] == ids(range(3))
        assert {answer.position for answer in answers} == {"gateway/0/3"}


async def test_a_fact_names_the_actor_of_its_command() -> None:
    async with bench(toys.gateway()) as one:
        await one.processor.submit(toys.Register(at=AT, donor=toys.donor(1, AT)))
        assert [(fact.actor, fact.cause) for fact in await one.log()] == [("operator/key", "command")]


async def test_a_fact_names_the_service_that_answers_and_the_input_that_it_answers() -> None:
    async with bench(toys.matcher()) as one:
        one.processor.offer(one.records("gateway", *donors(range(2))))
        await one.applied("gateway", 2)
        assert [(fact.actor, fact.cause) for fact in await one.log()] == [
            ("service/matcher", "gateway/0/1"),
            ("service/matcher", "gateway/0/2"),
        ]


async def test_an_undecidable_input_becomes_a_dead_letter_and_its_stream_waits() -> None:
    poisoned = toys.donor(3, AT)
    async with bench(toys.matcher(toys.Echo(lambda received: received.stream == poisoned))) as one:
        one.processor.offer(one.records("gateway", *donors(range(6)), *donors(range(3, 5))))
        await one.applied("gateway", 8)
        assert await one.answered() == [*ids(range(3)), *ids(range(4, 6)), toys.donor(4, AT)]
        assert await one.died() == [(4, "toy.poison")]
        assert [dead.state for dead in await one.store.dead_letters(0)] == ["dead", "waiting"]


async def test_a_foreign_record_that_is_read_again_is_recorded_once() -> None:
    async with bench(toys.matcher()) as one:
        for number in range(1, 4):
            one.processor.offer([rubbish(7), rubbish(8), *one.records("gateway", *donors(range(number, number + 1)))])
            await one.applied("gateway", number)
        assert sum(isinstance(each.fact, DeadLetterRecorded) for each in await one.log()) == 2


async def test_a_foreign_record_is_recorded_and_blocks_nothing() -> None:
    async with bench(toys.matcher()) as one:
        one.processor.offer([rubbish(), *one.records("gateway", *donors(range(2)))])
        await one.applied("gateway", 2)
        assert await one.answered() == ids(range(2))
        assert await one.died() == [(0, "envelope.unreadable")]


class Moody(toys.Nothing):
    """Fails so often when it meets one stream alone, with an error that nobody knows."""

    def __init__(self, stream: str, times: int) -> None:
        self.stream = stream
        self.times = times

    async def receive(self, tx: object, received: Sequence[Received]) -> None:
        """Fail, or keep nothing."""
        if self.times and self.stream in {one.stream for one in received}:
            self.times -= len(received) == 1
            raise LookupError("nobody knows this error")


@pytest.mark.parametrize(("times", "died"), [(TRIES - 1, []), (TRIES, [(4, "apply.failed")])])
async def test_an_input_is_to_blame_when_it_fails_three_times_alone(times: int, died: list[tuple[int, str]]) -> None:
    service = replace(toys.matcher(), projector=Moody(toys.donor(3, AT), times))
    async with bench(service) as one:
        one.processor.offer(one.records("gateway", *donors(range(8))))
        await one.applied("gateway", 8)
        assert await one.died() == died
        assert await one.answered() == [donor for donor in ids(range(8)) if not died or donor != toys.donor(3, AT)]


class Fussy(toys.RegisterHandler):
    """Fails whenever one donor is among the commands."""

    async def handle(
        self, tx: object, shard: int, state: toys.Tally, commands: Sequence[Command]
    ) -> Sequence[Outcome | Exception]:
        """Fail, or register."""
        if any(isinstance(c, toys.Register) and c.donor == toys.donor(1, AT) for c in commands):
            raise LookupError("nobody knows this error")
        return await super().handle(tx, shard, state, commands)  # type: ignore[arg-type]


async def test_a_command_that_fails_takes_no_other_with_it() -> None:
    async with bench(replace(toys.gateway(), handler=Fussy())) as one:
        outcomes = await asyncio.gather(
            *(one.processor.submit(toys.Register(at=AT, donor=donor)) for donor in ids(range(3))),
            return_exceptions=True,
        )
        assert [type(outcome).__name__ for outcome in outcomes] == ["Answer", "LookupError", "Answer"]
        assert len(await one.log()) == 2


async def test_a_fenced_processor_ends_and_refuses_commands() -> None:
    async with bench(toys.gateway()) as one:
        await one.store.take_over(0, "another")
        with pytest.raises(RetryLater, match="fenced"):
            await one.processor.submit(toys.Register(at=AT, donor=toys.donor(1, AT)))
        assert one.processor.status is Status.FENCED
        assert not await one.processor.opened()
        assert await one.log() == []


async def test_a_closed_processor_refuses_commands() -> None:
    async with bench(toys.gateway()) as one:
        await one.processor.close()
        with pytest.raises(RetryLater, match="closed"):
            await one.processor.submit(toys.Register(at=AT, donor=toys.donor(1, AT)))


async def test_a_processor_that_never_reached_its_store_can_be_closed() -> None:
    faults = Faults()
    faults.plan("take_over", 1_000)
    one = processor(toys.gateway(), MemoryLog(GATEWAY, faults), SilentRelay())
    one.start()
    async with asyncio.timeout(10):
        while one.status is not Status.AWAY:
            await asyncio.sleep(0.001)
    await one.close()
    assert not await one.opened()


async def test_the_next_owner_continues_from_what_is_committed() -> None:
    async with bench(toys.matcher()) as one:
        records = one.records("gateway", *donors(range(30)))
        one.processor.offer(records[:20])
        await one.applied("gateway", 20)
        second = processor(one.service, one.store, one.relay, owner="second")
        second.start()
        assert await second.opened()
        second.offer(records[15:])
        await one.until(lambda: second.cursors["gateway"].seq == 30)
        assert await one.answered() == ids(range(30))
        await second.close()


async def test_a_state_is_loaded_from_a_snapshot_and_the_rest_of_the_log() -> None:
    async with bench(toys.matcher(), loop=Loop(snapshot_every_facts=20, batch_facts_max=7)) as one:
        one.processor.offer(one.records("gateway", *donors(range(50))))
        await one.applied("gateway", 50)
        snapshot = await one.store.snapshot(0)
        assert snapshot is not None
        assert 0 < snapshot.seq < 50
        second = processor(one.service, one.store, one.relay)
        second.start()
        assert await second.opened()
        assert second.state.folded == 50
        await second.close()


async def test_a_redrive_decides_the_dead_letters_of_a_stream_in_their_order() -> None:
    poisoned, sick = toys.donor(3, AT), [True]
    async with bench(toys.matcher(toys.Echo(lambda received: sick[0] and received.stream == poisoned))) as one:
        one.processor.offer(one.records("gateway", *donors(range(6)), *donors(range(3, 4))))
        await one.applied("gateway", 7)
        sick[0] = False
        await redriven(one, poisoned)
        assert (await one.answered())[-2:] == [poisoned, poisoned]
        assert not one.processor.blocked


async def test_a_redrive_ends_at_the_first_that_still_fails() -> None:
    poisoned = toys.donor(3, AT)
    async with bench(toys.matcher(toys.Echo(lambda received: received.stream == poisoned))) as one:
        one.processor.offer(one.records("gateway", *donors(range(6)), *donors(range(3, 4))))
        await one.applied("gateway", 7)
        await redriven(one, poisoned)
        assert [dead.state for dead in await one.store.dead_letters(0)] == ["dead", "waiting"]
        assert one.processor.blocked == {poisoned}


@pytest.mark.parametrize("point", ["begin", "commit", "committed"])
async def test_a_redrive_that_is_interrupted_goes_on(point: str) -> None:
    poisoned, sick, faults = toys.donor(3, AT), [True], Faults()
    async with bench(toys.matcher(toys.Echo(lambda r: sick[0] and r.stream == poisoned)), faults) as one:
        one.processor.offer(one.records("gateway", *donors(range(6)), *donors(range(3, 4))))
        await one.applied("gateway", 7)
        sick[0] = False

        class Strikes:
            def committed(self, _shard: int, recorded: Sequence[Recorded], _received: object) -> None:
                if any(isinstance(one.fact, DeadLetterRedriven) for one in recorded):
                    faults.plan(point)

        one.processor.service = replace(one.service, listeners=(Strikes(),))
        await redriven(one, poisoned)
        assert (await one.answered())[-2:] == [poisoned, poisoned]
        assert await one.store.dead_letters(0) == []


async def redriven(one: Bench, about: str) -> None:
    """Request a redrive and wait until it is over: what is offered after it is decided after it."""
    one.processor.offer(one.records("gateway", toys.redrive("matcher", about)))
    await one.applied("gateway", 8)
    one.processor.offer(one.records("gateway", DayBegan(day=AT.date())))
    await one.applied("gateway", 9)
