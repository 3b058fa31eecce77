"""Who gets a slot, and who moves for whom, as stories; see `tables.py`. They begin on 2 November 2026."""

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


def test_who_came_last_moves_first() -> None:
    check("""
        pledge P1 2 slots kota
        worker W1 ojek Gerem
          W1 has P1 2026-11..2027-10 (new)
        worker W2 ojek Gerem
          W2 has P1 2026-11..2027-10 (new)
        worker W3 ojek Suralaya
          W3 waits
        pledge P2 1 slots Gerem
          W2 loses P1 after 2026-11 (swapped)
          W2 has P2 2026-12..2027-10 (swap)
          W3 has P1 2026-12..2027-10 (new)
    """)
