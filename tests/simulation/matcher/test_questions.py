"""What the matcher answers when it is asked is what then comes true, and asking changes nothing."""

from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas import months
from schemas.facts.gateway import PledgeRegistered, Scope
from schemas.facts.matcher import MatchesMade
from services.matcher.domain.explain import explain_pledge, explain_worker
from services.matcher.domain.preview import PledgeRehearsal
from tests.simulation.matcher.test_histories import LEVELS, OCCUPATIONS, PEOPLE, PLEDGES, Move, moves
from tests.simulation.matcher.world import CITY, World, name, of_kind

NEW = PLEDGES + 1


def pledge_of(world: World, slots: int, scope: Scope, *, keep: bool) -> PledgeRegistered:
    """A pledge that begins this month."""
    return PledgeRegistered(
        pledge=name("plg", NEW),
        donor=name("don", 1),
        donor_kind="person",
        language="id",
        city=CITY,
        slots=slots,
        starts=(starts := f"{world.today:%Y-%m}"),
        until=months.add(starts, 11),
        scope=scope,
        payment="direct",
        programmes=("jkk",),
        keep=keep,
    )


def a_world(history: list[Move]) -> World:
    world = World()
    for move in history:
        move(world)
    # whatever was billed ahead lies behind: a pledge of this month is within the horizon
    city = world.state.cities.get(CITY)
    if city is not None and city.horizon > city.now + 1:
        world.day((city.horizon - city.now) * 31)
    return world


scopes = st.builds(
    Scope,
    areas=st.lists(st.sampled_from(LEVELS), min_size=1, max_size=2, unique=True).map(tuple),
    occupations=st.lists(st.sampled_from(OCCUPATIONS), max_size=2, unique=True).map(tuple),
    workers=st.one_of(
        st.just(()),
        st.just(()),
        st.lists(st.integers(1, PEOPLE), min_size=1, max_size=4, unique=True).map(
            lambda numbers: tuple(name("wrk", number) for number in numbers)
        ),
    ),
    near=st.sampled_from([None, LEVELS[0], LEVELS[3]]),
)


@settings(max_examples=80)
@given(st.lists(moves(near=True), min_size=20, max_size=80), scopes, st.integers(1, 8), st.sampled_from(["keep", ""]))
def test_a_preview_says_what_the_pledge_will_do(history: list[Move], scope: Scope, slots: int, keep: str) -> None:
    world = a_world(history)
    pledge = pledge_of(world, slots, scope, keep=bool(keep))
    before = world.decider.dump(world.state)
    preview = PledgeRehearsal(world.state, pledge).run()
    assert world.decider.dump(world.state) == before

    made = of_kind(world.tell(pledge), MatchesMade)

    assert preview.fills == sum(fact.workers for fact in made if fact.pledge == pledge.pledge)
    tallies = {tally.code: tally for tally in world.state.cities[CITY].waiting_list.tallies}
    assert {row.area: (row.workers, row.after) for row in preview.coverage} == {
        code: (tally.registered, tally.matched) for code, tally in tallies.items()
    }


@settings(max_examples=80)
@given(st.lists(moves(), min_size=20, max_size=80), st.data())
def test_the_change_named_to_a_waiting_worker_does_help(history: list[Move], data: st.DataObject) -> None:
    world = a_world(history)
    waiting = [worker for worker in world.state.workers.values() if worker.queue is not None]
    assume(waiting)
    worker = data.draw(st.sampled_from(waiting))
    explained = explain_worker(world.state, worker.id)
    assert explained is not None
    assert explained.change is not None
    needed = int(explained.change.detail.split()[0])

    if needed > 1:
        fewer = pledge_of(world, needed - 1, Scope(areas=(worker.cell.area,)), keep=True)
        other = World()
        other.state = world.decider.load(0, world.decider.dump(world.state))
        other.today, other.seq = world.today, world.seq
        other.tell(fewer)
        assert other.state.workers[worker.id].seat is None
    world.tell(pledge_of(world, needed, Scope(areas=(worker.cell.area,)), keep=True))
    assert worker.seat is not None


@settings(max_examples=60)
@given(st.lists(moves(), min_size=20, max_size=80))
def test_everybody_and_everything_can_be_explained(history: list[Move]) -> None:
    world = a_world(history)
    world.today += timedelta(days=1)
    for worker in world.state.workers:
        explained = explain_worker(world.state, worker)
        assert explained is not None
        assert explained.why
    for pledge in world.state.pledges:
        explained = explain_pledge(world.state, pledge)
        assert explained is not None
        assert explained.why
