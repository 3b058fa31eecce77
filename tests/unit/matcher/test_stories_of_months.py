"""What months do to matches: deaths, ages, fixed months, lapses; see `tables.py`. They begin on 2 November 2026."""

from tests.unit.matcher.tables import check


def test_the_slot_of_a_worker_who_dies_goes_to_another_from_the_next_month() -> None:
    check("""
        pledge P1 1 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 waits
        leaves W1 died 2026-11-20
          W1 loses P1 after 2026-11 (died)
          W2 has P1 2026-12..2027-10 (substitution)
    """)


def test_a_worker_who_left_before_his_match_began_frees_the_whole_slot() -> None:
    check("""
        pledge P1 1 slots kota from 2026-12
        worker W1 ojek Gerem
          W1 has P1 2026-12..2027-11 (new)
        worker W2 ojek Gerem
          W2 waits
        leaves W1 moved 2026-11-20
          W1 loses P1 after 2026-11 (moved)
          W2 has P1 2026-12..2027-11 (substitution)
    """)


def test_fixed_months_stay_as_they_are() -> None:
    check("""
        pledge P1 1 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 waits
        bill 2026-11
          roster 2026-11 P1: W1
          2026-11 is fixed: 1 pledges, 1 workers
        bill 2026-12
          roster 2026-12 P1: W1
          2026-12 is fixed: 1 pledges, 1 workers
        leaves W1 died 2026-11-20
          W1 loses P1 after 2026-12 (died)
          W2 has P1 2027-01..2027-10 (substitution)
        bill 2026-11
    """)


def test_who_leaves_next_month_stays_covered_until_then() -> None:
    check("""
        pledge P1 1 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 waits
        leaves W1 formal_job 2026-12-10
          W1 loses P1 after 2026-12 (formal_job)
        day 2026-12-01
          W2 has P1 2027-01..2027-10 (new)
          P1 fills 1 of 1
        bill 2026-12
          roster 2026-12 P1: W1
          2026-12 is fixed: 1 pledges, 1 workers
    """)


def test_a_worker_about_to_lapse_is_matched_again_ahead_of_new_ones() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem band 2
          W1 has P1 2026-11..2027-01 (new)
        worker W2 ojek Gerem band 1
          W2 waits
        day 2026-12-01
        pledge P2 1 slots kota from 2027-01
          W1 has P2 2027-02..2027-12 (renewal)
        day 2026-12-02
          P2 fills 1 of 1
        day 2027-01-01
          W1 loses P1 after 2027-01 (term_over)
          P1 ends after 2027-01 (term_over)
    """)


def test_a_lapse_is_foreseen_once_when_nobody_follows() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-01 (new)
        day 2026-12-31
        day 2027-01-01
          W1 loses P1 after 2027-01 (term_over)
          P1 ends after 2027-01 (term_over)
          W1 may lapse after 2027-01
        day 2027-01-02
        day 2027-02-01
        pledge P2 1 slots kota from 2027-02
          W1 has P2 2027-02..2028-01 (renewal)
    """)


def test_who_lapsed_waits_like_everybody_else() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem band 2
          W1 has P1 2026-11..2027-01 (new)
        worker W2 ojek Gerem band 1
          W2 waits
        day 2027-02-01
          W1 loses P1 after 2027-01 (term_over)
          P1 ends after 2027-01 (term_over)
          W1 may lapse after 2027-01
        bill 2027-02
          2027-02 is fixed: 0 pledges, 0 workers
        pledge P2 1 slots kota from 2027-03
          W2 has P2 2027-03..2028-02 (new)
    """)


def test_a_worker_near_65_is_covered_to_the_last_month_and_then_another() -> None:
    check("""
        pledge P1 1 slots kota
        worker W1 ojek Gerem until 2027-03
          W1 has P1 2026-11..2027-03 (new)
        worker W2 ojek Gerem
          W2 waits
        day 2027-02-28
          P1 fills 1 of 1
        day 2027-03-01
          W1 loses P1 after 2027-03 (age)
          W2 has P1 2027-04..2027-10 (new)
        worker W3 ojek Gerem until 2026-12
          W3 waits
        pledge P2 1 slots kota from 2027-04
    """)


def test_who_comes_back_after_leaving_is_the_same_person_and_never_covered_twice() -> None:
    check("""
        pledge P1 2 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        leaves W1 formal_job 2026-11-10
          W1 loses P1 after 2026-11 (formal_job)
        worker W1 ojek Suralaya
          W1 has P1 2026-12..2027-10 (new)
    """)


def test_nobody_is_billed_for_months_after_his_death_even_by_the_pledge_that_he_was_swapped_from() -> None:
    check("""
        pledge P1 1 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Suralaya
          W2 waits
        pledge P2 1 slots Gerem
          W1 loses P1 after 2026-11 (swapped)
          W1 has P2 2026-12..2027-10 (swap)
          W2 has P1 2026-12..2027-10 (new)
        leaves W1 died 2026-10-30
          W1 loses P2 after 2026-10 (died)
          W1 loses P1 after 2026-10 (died)
        bill 2026-11
          2026-11 is fixed: 0 pledges, 0 workers
    """)


def test_a_lapse_that_was_foreseen_is_foreseen_again_only_for_a_later_month() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-01 (new)
        day 2027-01-01
          W1 loses P1 after 2027-01 (term_over)
          P1 ends after 2027-01 (term_over)
          W1 may lapse after 2027-01
        pledge P2 1 slots kota for 3 from 2027-02
          W1 has P2 2027-02..2027-04 (renewal)
        day 2027-03-01
        day 2027-03-31
          W1 may lapse after 2027-04
        day 2027-04-01
          W1 loses P2 after 2027-04 (term_over)
          P2 ends after 2027-04 (term_over)
    """)


def test_the_end_of_a_match_is_recorded_even_if_its_last_month_was_billed_ahead() -> None:
    check("""
        pledge P1 1 slots kota for 3
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-01 (new)
        day 2026-12-01
        bill 2027-01
          roster 2027-01 P1: W1
          2027-01 is fixed: 1 pledges, 1 workers
          W1 loses P1 after 2027-01 (term_over)
          P1 ends after 2027-01 (term_over)
    """)
