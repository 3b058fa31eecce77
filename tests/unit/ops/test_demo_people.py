"""The demonstration's people could be real, are invented, and are the same for the same seed."""

from datetime import date

import pytest

from schemas.http.donors import NewDonor
from schemas.http.pledges import NewPledge
from schemas.reference import people as numbers
from schemas.reference import regions
from services.gateway.domain import terms
from services.ops.demo import donors, files, people
from services.ops.demo.chance import Chance

SEED = 7


@pytest.fixture(scope="module")
def workers() -> list[people.Person]:
    return people.workers(SEED, 400)


def test_every_worker_has_a_nik_that_fits_him(workers: list[people.Person]) -> None:
    assert [w for w in workers if not numbers.check_nik(w.nik, born=w.born, sex=w.sex).valid] == []


def test_no_two_workers_share_a_nik(workers: list[people.Person]) -> None:
    assert len({worker.nik for worker in workers}) == len(workers)


def test_every_worker_is_of_an_age_to_enrol(workers: list[people.Person]) -> None:
    assert [w for w in workers if numbers.check_age(w.born, date(2026, 11, 1))] == []


def test_every_telephone_number_can_be_called(workers: list[people.Person]) -> None:
    phones = [worker.phone for worker in workers if worker.phone]
    assert [phone for phone in phones if not isinstance(numbers.parse_phone(phone), str)] == []


def test_workers_live_all_over_the_city(workers: list[people.Person]) -> None:
    assert {worker.kelurahan for worker in workers} == set(regions.kelurahan_in(people.CITY))


def test_niks_were_issued_in_several_cities(workers: list[people.Person]) -> None:
    assert len({worker.nik[:4] for worker in workers}) > 3


def test_the_same_seed_makes_the_same_people(workers: list[people.Person]) -> None:
    assert people.workers(SEED, 400) == workers


def test_another_seed_makes_other_people(workers: list[people.Person]) -> None:
    assert {w.nik for w in people.workers(SEED + 1, 400)}.isdisjoint({w.nik for w in workers})


def test_more_workers_leave_the_first_ones_as_they_are(workers: list[people.Person]) -> None:
    assert people.workers(SEED, 410)[:400] == workers


@pytest.mark.parametrize("given", [donors.companies, donors.people])
def test_every_donor_and_pledge_is_one_that_the_gateway_takes(given: object) -> None:
    made: list[donors.Donor] = given(SEED, 400, "2026-11")  # type: ignore[operator]
    for donor in made:
        NewDonor.model_validate(donor.body)
        scope = donor.pledge["scope"] | ({"workers": [f"wrk_{'0' * 26}"]} if donor.names_worker else {})
        body = donor.pledge | {"donor": f"don_{'0' * 26}", "scope": scope}
        pledge = NewPledge.model_validate(body, strict=False)
        assert not isinstance(terms.read(pledge, date(2026, 11, 1)), list)


def test_some_donors_pay_late_or_not_at_all() -> None:
    assert {donor.habit for donor in donors.people(SEED, 2_000, "2026-11")} == {"prompt", "late", "stops", "never"}


def test_lists_differ_in_how_they_are_written(workers: list[people.Person]) -> None:
    lists = [files.of_kelurahan(SEED, area, here) for area, here in people.by_kelurahan(workers)]
    assert {b";" in file.content.splitlines()[0] for file in lists} == {True, False}


def test_a_draw_for_one_purpose_changes_nothing_for_another() -> None:
    busy = Chance(SEED, "a")
    for _ in range(10):
        busy.below(6)
    assert Chance(SEED, "b").below(10**9) == Chance(SEED, "b").below(10**9)


def test_weights_are_kept_roughly() -> None:
    chance = Chance(SEED, "weights")
    drawn = [chance.weighed({"often": 9, "seldom": 1}) for _ in range(1_000)]
    assert 860 < drawn.count("often") < 940


def test_some_of_many_are_taken_once_each_and_in_order() -> None:
    taken = Chance(SEED, "some").some(range(100), 20)
    assert taken == sorted(set(taken))
    assert len(taken) == 20
