"""Who gets which slot, told as stories; see `tables.py` for how to read them. They begin on 2 November 2026."""

from tests.unit.matcher.tables import check


def test_a_slot_goes_to_a_worker_in_its_scope() -> None:
    check("""
        pledge P1 1 slots kec.Gerogol ojek
        worker W1 pedagang Gerem
          W1 waits
        worker W2 ojek Suralaya
          W2 waits
        worker W3 ojek Gerem
          W3 has P1 2026-11..2027-10 (new)
    """)


def test_the_vulnerable_come_first_then_who_waits_longest() -> None:
    check("""
        worker W1 ojek Gerem band 2
          W1 waits
        worker W2 ojek Gerem band 2
          W2 waits
        worker W3 ojek Gerem band 1
          W3 waits
        pledge P1 2 slots kota
          W3 has P1 2026-11..2027-10 (new)
          W1 has P1 2026-11..2027-10 (new)
    """)


def test_the_kecamatan_furthest_below_its_target_comes_before_who_waits_longer() -> None:
    check("""
        pledge P1 1 slots kec.Gerogol
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 waits
        worker W3 ojek Suralaya
          W3 waits
        pledge P2 1 slots kota
          W3 has P2 2026-11..2027-10 (new)
    """)


def test_a_swap_makes_room_and_uncovers_nobody() -> None:
    check("""
        pledge P1 1 slots Gerem
        pledge P2 1 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 has P2 2026-11..2027-10 (new)
        worker W3 ojek Suralaya
          W3 waits
        pledge P3 1 slots Gerem ojek
          W2 loses P2 after 2026-11 (swapped)
          W2 has P3 2026-12..2027-10 (swap)
          W3 has P2 2026-12..2027-10 (new)
    """)


def test_a_match_that_had_not_begun_moves_as_a_whole() -> None:
    check("""
        pledge P1 1 slots kota from 2026-12
        worker W1 ojek Gerem
          W1 has P1 2026-12..2027-11 (new)
        worker W2 ojek Suralaya
          W2 waits
        pledge P2 1 slots Gerem from 2026-12
          W1 loses P1 after 2026-11 (swapped)
          W1 has P2 2026-12..2027-11 (swap)
          W2 has P1 2026-12..2027-11 (new)
    """)


def test_workers_of_a_pledge_that_keeps_them_are_never_swapped() -> None:
    check("""
        pledge P1 1 slots kota keep
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Suralaya
          W2 waits
        pledge P2 1 slots Gerem
    """)


def test_my_driver_is_protected_by_the_pledge_that_names_him() -> None:
    check("""
        pledge P1 1 slots kota only W2
        worker W1 ojek Gerem
          W1 waits
        worker W2 ojek Gerem
          W2 has P1 2026-11..2027-10 (named)
    """)


def test_a_named_worker_leaves_his_old_slot_to_another() -> None:
    check("""
        pledge P1 1 slots kec.Gerogol
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 waits
        pledge P2 1 slots kota only W1
          W1 loses P1 after 2026-11 (swapped)
          W1 has P2 2026-12..2027-10 (named)
          W2 has P1 2026-12..2027-10 (new)
    """)


def test_of_several_named_workers_those_who_wait_come_first() -> None:
    check("""
        pledge P1 1 slots kec.Gerogol
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 waits
        pledge P2 1 slots kota only W1,W2
          W2 has P2 2026-11..2027-10 (named)
        leaves W2 moved
          W2 loses P2 after 2026-11 (moved)
          W1 loses P1 after 2026-11 (swapped)
          W1 has P2 2026-12..2027-10 (named)
    """)


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


def test_whoever_is_about_to_lapse_is_matched_again_ahead_of_newcomers() -> None:
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
        worker W1 ojek Gerem until 2027-01
          W1 has P1 2026-11..2027-01 (new)
        worker W2 ojek Gerem
          W2 waits
        day 2026-12-31
          P1 fills 1 of 1
        day 2027-01-01
          W1 loses P1 after 2027-01 (age)
          W2 has P1 2027-02..2027-10 (new)
        worker W3 ojek Gerem until 2026-12
          W3 waits
        pledge P2 1 slots kota from 2027-02
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


def test_near_the_plant_the_nearest_of_the_equally_urgent_come_first() -> None:
    check("""
        worker W1 ojek Kotasari
          W1 waits
        worker W2 ojek Gerem
          W2 waits
        worker W3 ojek Kotasari band 1
          W3 waits
        pledge P1 2 slots kec.Gerogol near Gerem
          W3 has P1 2026-11..2027-10 (new)
          W2 has P1 2026-11..2027-10 (new)
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
