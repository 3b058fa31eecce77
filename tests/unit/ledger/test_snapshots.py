"""Snapshots: a state as bytes is the same state, and so are the decisions that follow."""

from datetime import date

from services.ledger.domain import snapshot
from tests.support.ledger import kinds
from tests.support.ledger_story import Story, play

LONG = """
    2026-11-25 pledge P1 by D1: 3 slots, 2026-12 to 2027-02
    2026-11-25 pledge P2 by D2: 1 slots, 2026-12 to 2027-02, pooled
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-02
    2026-11-26 match P1 with W2, art, 2026-12 to 2027-02
    2026-11-26 match P1 with W4, sopir, 2026-12 to 2027-02
    2026-11-26 match P2 with W3, ojek, 2026-12 to 2027-02
    2026-12-01 bill 2026-12
    2026-12-10 pay D1 2026-12
    2026-12-11 receipt D1 2026-12: W1 confirmed, W2 rejected, W4 9999
    2026-12-16 day
"""


def test_a_state_is_the_same_after_a_snapshot() -> None:
    story = play(LONG)
    assert snapshot.load(snapshot.dump(story.state)) == story.state


def test_a_ledger_goes_on_from_a_snapshot_as_it_would_have_gone_on() -> None:
    straight, again = play(LONG), play(LONG)
    again.state = snapshot.load(snapshot.dump(again.state))
    assert rest(again) == rest(straight)


def test_a_snapshot_of_empty_books_is_empty_books() -> None:
    assert snapshot.load(snapshot.dump(Story().state)) == Story().state


def rest(story: Story) -> list[str]:
    """What follows when all is paid, answered and closed."""
    facts = story.pay("D2", "2026-12")
    facts += story.receipt("D1", "2026-12", {"W2": "confirmed", "W4": "confirmed"})
    facts += story.receipt("D2", "2026-12", {"W3": "confirmed"})
    story.day(date(2026, 12, 31))
    return [*kinds(facts + story.close("2026-12") + story.bill("2027-01")), repr(story.state)]
