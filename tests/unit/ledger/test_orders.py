"""The ledger reads two logs, and which of them comes first is chance: where no cause forces an order, none matters."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Fact
from schemas.facts.gateway import CycleClosingRequested, PaymentReported, ReceiptReceived
from schemas.facts.matcher import MonthFixed
from services.ledger.domain.state import State
from tests.support.ledger import World, kinds
from tests.support.ledger_story import Story, play

if TYPE_CHECKING:
    from services.runtime.contract import Received

STORY = """
    2026-11-25 pledge P1 by D1: 3 slots, 2026-12 to 2027-02
    2026-11-25 pledge P2 by D2: 1 slots, 2026-12 to 2027-02, pooled
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-02
    2026-11-26 match P1 with W2, art, 2026-12 to 2027-02
    2026-11-27 match P2 with W3, ojek, 2026-12 to 2027-02
    2026-12-01 bill 2026-12
    2026-12-10 pay D1 2026-12
    2026-12-11 receipt D1 2026-12: W1 confirmed, W2 rejected
    2026-12-16 part P1 and W1 after 2026-12
    2026-12-17 match P1 with W4, sopir, 2027-01 to 2027-02
    2026-12-20 close 2026-12
    2027-01-02 bill 2027-01
    2027-01-05 pay D1 2027-01
    2027-01-06 receipt D1 2027-01: W4 confirmed, W2 confirmed
    2027-01-07 reshape P1 to 2 slots until 2027-02
    2027-01-20 end P2 after 2027-01
    2027-01-21 close 2027-01
"""


def played() -> Story:
    """The story as it happened."""
    return play(STORY)


def needs(fact: Fact, fixed: set[str], months: dict[str, str]) -> bool:
    """Whether all that a fact's author had to know has happened."""
    match fact:
        case PaymentReported(remittance=remittance) | ReceiptReceived(remittance=remittance):
            return months[remittance] in fixed
        case CycleClosingRequested(month=month):
            return month in fixed
        case _:
            return True


def reordered(story: Story, choices: list[bool]) -> World:
    """The same facts in the same order per log, and the logs in another order with each other."""
    months = {due.remittance: due.month for due in story.remittances.values()}
    logs: dict[str, list[Received]] = {"gateway": [], "matcher": []}
    for received in story.inputs:
        logs[received.source].append(received)
    world, fixed = World(), set[str]()
    for gateway_first in [*choices, *[True] * len(story.inputs)]:
        ready = bool(logs["gateway"]) and needs(logs["gateway"][0].fact, fixed, months)
        name = "gateway" if ready and (gateway_first or not logs["matcher"]) else "matcher"
        if not logs[name]:
            continue
        received = logs[name].pop(0)
        if isinstance(received.fact, MonthFixed):
            fixed.add(received.fact.month)
        world.answer(received)
    assert not logs["gateway"]
    assert not logs["matcher"]
    return world


def end_state(state: State) -> dict[str, Any]:
    """What must not depend on the order; tables as sets, for their order may differ."""
    return {
        "day": state.day,
        "pledges": {
            name: (pledge.books, pledge.ended, pledge.slots, pledge.until, sorted(pledge.overdue))
            for name, pledge in state.pledges.items()
        },
        "remittances": {
            name: (one.workers, one.idr, one.phase, one.confirmed, one.rejected)
            for name, one in state.remittances.items()
        },
        "cities": {name: (city.fixed, city.closed, city.cover) for name, city in state.cities.items()},
    }


@given(st.lists(st.booleans(), max_size=60))
def test_both_logs_in_any_order_lead_to_the_same_books(choices: list[bool]) -> None:
    story = played()
    world = reordered(story, choices)
    assert world.balances == story.balances
    assert end_state(world.state) == end_state(story.state)
    compared = {"pledge.overdue", "worker.lapsed", "cycle.closed", "remittance.paid", "iuran.confirmed"}
    mine, theirs = (Counter(kinds([one.fact for one in each.log])) for each in (story, world))
    assert {kind: mine[kind] for kind in compared} == {kind: theirs[kind] for kind in compared}
