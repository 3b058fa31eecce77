"""Stories with their books, to be read by somebody who keeps books."""

from tests.support.ledger_story import books, play, table

CHAIN = """
    2026-11-25 pledge P1 by D1: 2 slots, 2026-12 to 2027-01
    2026-11-26 match P1 with W1, pedagang, 2026-12 to 2027-01
    2026-11-26 match P1 with W2, ojek, 2026-12 to 2027-01
"""


def test_a_promise_is_the_highest_price_of_every_slot_and_month() -> None:
    story = play("2026-11-25 pledge P1 by D1: 2 slots, 2026-12 to 2027-01")
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1       50,400         .         .         .         .         .
    """)


def test_a_transport_pledge_promises_less_until_march_2027() -> None:
    story = play("2026-11-25 pledge P1 by D1: 1 slots, 2027-02 to 2027-05, transport")
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1       50,400         .         .         .         .         .
    """)


def test_matches_hold_what_their_own_months_cost_across_the_change_of_tariff() -> None:
    assert books(play(CHAIN), "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400    42,000         .         .         .         .
    """)


def test_december_is_billed_paid_and_confirmed_at_half_the_price_of_january() -> None:
    story = play(CHAIN)
    play("2026-12-01 bill 2026-12", story)
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400    25,200    16,800         .         .         .
    """)
    play("2026-12-10 pay D1 2026-12", story)
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400    25,200         .    16,800         .         .
    """)
    play("2026-12-12 receipt D1 2026-12: W1 confirmed, W2 confirmed", story)
    play("2027-01-02 bill 2027-01", story)
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400         .    25,200         .    16,800         .
    """)


def test_what_no_month_needed_is_released_at_the_end() -> None:
    story = play(CHAIN)
    play(
        """
        2026-12-01 bill 2026-12
        2026-12-10 pay D1 2026-12
        2026-12-12 receipt D1 2026-12: W1 confirmed, W2 confirmed
        2027-01-02 bill 2027-01
        2027-01-10 pay D1 2027-01
        2027-01-12 receipt D1 2027-01: W1 confirmed, W2 rejected
        2027-02-01 end P1 after 2027-01
        """,
        story,
    )
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1            .         .         .         .    33,600    16,800
    """)


def test_the_months_of_a_worker_who_dies_pass_to_the_next_one() -> None:
    story = play(CHAIN)
    play(
        """
        2026-12-01 bill 2026-12
        2026-12-05 part P1 and W1 after 2026-12
        """,
        story,
    )
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1       25,200     8,400    16,800         .         .         .
    """)
    play("2026-12-06 match P1 with W3, art, 2027-01 to 2027-01", story)
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400    25,200    16,800         .         .         .
    """)


def test_a_pledge_that_ends_before_its_last_bill_keeps_the_money_of_that_bill() -> None:
    story = play(CHAIN)
    play(
        """
        2026-12-01 bill 2026-12
        2026-12-31 end P1 after 2027-01
        """,
        story,
    )
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400    25,200    16,800         .         .         .
    """)
    play("2027-01-02 bill 2027-01", story)
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1            .         .    42,000         .         .     8,400
    """)


def test_a_cancelled_pledge_releases_the_months_after_its_last() -> None:
    story = play(CHAIN)
    play(
        """
        2026-12-01 bill 2026-12
        2026-12-05 part P1 and W1 after 2026-12
        2026-12-05 part P1 and W2 after 2026-12
        2026-12-05 end P1 after 2026-12
        """,
        story,
    )
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1            .         .    16,800         .         .    33,600
    """)


def test_a_cancelled_pledge_releases_the_same_when_its_matches_end_after_it() -> None:
    story = play(CHAIN)
    play(
        """
        2026-12-01 bill 2026-12
        2026-12-05 end P1 after 2026-12
        2026-12-05 part P1 and W1 after 2026-12
        2026-12-05 part P1 and W2 after 2026-12
        """,
        story,
    )
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1            .         .    16,800         .         .    33,600
    """)


def test_a_pledge_that_grows_promises_more_and_one_that_shrinks_releases() -> None:
    story = play(CHAIN)
    play("2026-11-27 reshape P1 to 3 slots until 2027-02", story)
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1       84,000    42,000         .         .         .         .
    """)
    play("2026-11-28 reshape P1 to 2 slots until 2027-01", story)
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400    42,000         .         .         .    75,600
    """)


def test_a_month_that_is_never_paid_ends_as_released_and_owes_nothing() -> None:
    story = play(CHAIN)
    play(
        """
        2026-12-01 bill 2026-12
        2026-12-16 day
        2026-12-31 close 2026-12
        """,
        story,
    )
    assert books(story, "P1") == table("""
               promised      held       due  remitted confirmed  released
        P1        8,400    25,200         .         .         .    16,800
    """)
    assert all(idr == 0 for account, idr in story.balances.items() if account.startswith(("payer:", "bpjs:")))
