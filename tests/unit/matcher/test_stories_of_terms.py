"""What a pledge's terms do to its workers: late, cut, cancelled, unpaid; see `tables.py` for how to read them."""

from tests.unit.matcher.tables import check


def test_a_pledge_that_begins_later_fills_when_its_month_comes_near() -> None:
    check("""
        worker W1 ojek Gerem
          W1 waits
        pledge P1 1 slots kota from 2027-01 for 6
        day 2026-11-30
        day 2026-12-01
          W1 has P1 2027-01..2027-06 (new)
          P1 fills 1 of 1
        day 2026-12-02
    """)


def test_workers_of_a_cancelled_pledge_are_matched_again() -> None:
    check("""
        pledge P1 2 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 has P1 2026-11..2027-10 (new)
        pledge P2 1 slots kota
        cancel P1 from 2026-12
          W2 loses P1 after 2026-11 (cancelled)
          W1 loses P1 after 2026-11 (cancelled)
          P1 ends after 2026-11 (cancelled)
          W1 has P2 2026-12..2027-10 (rematch)
        cancel P1 from 2027-01
          P1 is refused: pledge.ended
        cancel P9 from 2027-01
          P9 is refused: pledge.unknown
    """)


def test_a_pledge_cancelled_for_later_covers_its_workers_until_then() -> None:
    check("""
        pledge P1 1 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        cancel P1 from 2027-03
          W1 loses P1 after 2027-02 (cancelled)
          P1 ends after 2027-02 (cancelled)
        pledge P2 1 slots kota
        day 2027-01-01
          W1 has P2 2027-03..2027-10 (rematch)
          P2 fills 1 of 1
        bill 2027-02
          roster 2027-02 P1: W1
          2027-02 is fixed: 1 pledges, 1 workers
    """)


def test_a_pledge_that_does_not_pay_loses_its_workers_to_others_and_fills_again_when_it_pays() -> None:
    check("""
        pledge P1 2 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 has P1 2026-11..2027-10 (new)
        bill 2026-11
          roster 2026-11 P1: W1 W2
          2026-11 is fixed: 1 pledges, 2 workers
        pledge P2 1 slots kota
        day 2026-12-16
          P1 fills 2 of 2
        unpaid P1
          P1 is suspended
          W2 loses P1 after 2026-11 (suspended)
          W1 loses P1 after 2026-11 (suspended)
          W1 has P2 2026-12..2027-10 (rematch)
        day 2026-12-17
          W2 may lapse after 2026-11
          P2 fills 1 of 1
        paid P1
          P1 goes on
          W2 has P1 2026-12..2027-10 (rematch)
    """)


def test_fewer_slots_end_the_newest_matches_first() -> None:
    check("""
        pledge P1 3 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 has P1 2026-11..2027-10 (new)
        worker W3 ojek Gerem
          W3 has P1 2026-11..2027-10 (new)
        bill 2026-11
          roster 2026-11 P1: W1 W2 W3
          2026-11 is fixed: 1 pledges, 3 workers
        amend P1 1 slots
          W3 loses P1 after 2026-11 (amended)
          W2 loses P1 after 2026-11 (amended)
          P1 has 1 slots until 2027-10
        amend P1 2 slots
          P1 has 2 slots until 2027-10
          W2 has P1 2026-12..2027-10 (rematch)
    """)


def test_a_longer_pledge_takes_its_workers_on_when_their_matches_end() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-01 (new)
        amend P1 12 months
          P1 has 1 slots until 2027-10
        worker W2 ojek Gerem band 1
          W2 waits
        day 2026-12-01
          P1 fills 1 of 1
        day 2027-01-01
          W1 loses P1 after 2027-01 (term_over)
          W1 has P1 2027-02..2027-10 (renewal)
    """)


def test_a_worker_of_a_longer_pledge_moves_where_a_slot_is_free_when_his_match_is_about_to_end() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-01 (new)
        amend P1 12 months
          P1 has 1 slots until 2027-10
        pledge P2 1 slots kota
        worker W2 ojek Gerem until 2026-12
          W2 has P2 2026-11..2026-12 (new)
        day 2026-12-01
          W2 loses P2 after 2026-12 (age)
          W1 has P2 2027-02..2027-10 (renewal)
          P1 fills 1 of 1
          P2 fills 1 of 1
    """)


def test_a_shorter_pledge_ends_its_matches_with_its_new_term() -> None:
    check("""
        pledge P1 1 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        amend P1 4 months
          W1 loses P1 after 2027-02 (amended)
          P1 has 1 slots until 2027-02
        day 2027-01-28
        day 2027-01-29
          W1 may lapse after 2027-02
    """)


def test_a_pledge_whose_term_is_over_or_that_lies_elsewhere_is_refused() -> None:
    check("""
        worker W1 ojek Gerem
          W1 waits
        pledge P1 1 slots kota from 2026-06 for 6
          P1 is refused: pledge.term_past
    """)


def test_a_pledge_that_does_not_pay_loses_workers_in_their_last_month_too() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-01 (new)
        bill 2026-11
          roster 2026-11 P1: W1
          2026-11 is fixed: 1 pledges, 1 workers
        day 2026-12-16
        unpaid P1
          P1 is suspended
          W1 loses P1 after 2026-11 (suspended)
        pledge P2 1 slots kota
          W1 has P2 2026-12..2027-10 (rematch)
    """)
