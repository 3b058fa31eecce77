"""A certificate is accepted for what the matcher does, and refused when anything in it or around it is wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from schemas import months
from services.matcher.domain.certificate import certify
from services.ops.certify import Instance, Worker, check
from tests.simulation.matcher.oracle import Book
from tests.simulation.matcher.world import CITY, World, name

Tampered = Callable[[Instance, dict[str, Any]], Instance]
# some tamper with the matching, some with the certificate
# ruff: noqa: ARG001


def a_city() -> tuple[Instance, dict[str, Any]]:
    """W1, W2 and W4 hold P1, P2 and P5, W3 waits; P3 has a slot out of reach; P4 names W9, who never came."""
    world, book = World(), Book()
    for facts in (
        world.pledge(1, 1, areas=["36.72.01"]),
        world.pledge(2, 1, areas=["36.72.02"]),
        world.pledge(3, 1, areas=["36.72.03"]),
        world.pledge(4, 1, workers=[9]),
        world.pledge(5, 1, areas=["36.72.01.1001", "36.72.02.1001"]),
        world.worker(1, "36.72.01.1001"),
        world.worker(2, "36.72.02.1001"),
        world.worker(4, "36.72.02.1001"),
        world.worker(3, "36.72.01.1001"),
    ):
        book.fold(facts, months.of(world.today))
    return book.check(), certify(world.state.cities[CITY])


def test_the_certificate_of_a_maximal_matching_is_accepted() -> None:
    instance, certificate = a_city()
    assert check(instance, certificate) == []
    assert len(certificate["pledges"]) == 3


def _less_cells(instance: Instance, certificate: dict[str, Any]) -> Instance:
    certificate["cells"].pop()
    return instance


def _less_pledges(instance: Instance, certificate: dict[str, Any]) -> Instance:
    certificate["pledges"].pop()
    return instance


def _other_counts(instance: Instance, certificate: dict[str, Any]) -> Instance:
    certificate["waiting"] += 1
    return instance


def _a_free_slot(instance: Instance, certificate: dict[str, Any]) -> Instance:
    first = certificate["pledges"][0]
    roomy = replace(instance.pledges[first], slots=instance.pledges[first].slots + 1)
    return replace(instance, pledges={**instance.pledges, first: roomy})


def _too_many_on_one(instance: Instance, certificate: dict[str, Any]) -> Instance:
    first = certificate["pledges"][0]
    return replace(instance, pledges={**instance.pledges, first: replace(instance.pledges[first], slots=0)})


def _out_of_scope(instance: Instance, certificate: dict[str, Any]) -> Instance:
    return replace(instance, seats={**instance.seats, name("wrk", 1): name("plg", 2)})


def _unknown_worker(instance: Instance, certificate: dict[str, Any]) -> Instance:
    return replace(instance, workers={key: value for key, value in instance.workers.items() if key != name("wrk", 1)})


def _a_seat_less(instance: Instance, certificate: dict[str, Any]) -> Instance:
    return replace(instance, seats={key: seat for key, seat in instance.seats.items() if key != name("wrk", 2)})


def _a_worker_more(instance: Instance, certificate: dict[str, Any]) -> Instance:
    return replace(instance, workers={**instance.workers, "new": Worker("new", "36.72.03.1001", "ojek", 1)})


def _a_name_to_come(instance: Instance, certificate: dict[str, Any]) -> Instance:
    named = replace(instance.pledges[name("plg", 4)], workers=(name("wrk", 3),))
    return replace(instance, pledges={**instance.pledges, named.id: named})


@pytest.mark.parametrize(
    ("tamper", "complaint"),
    [
        (_less_cells, "outside the certificate's cells"),
        (_less_pledges, "is not in the certificate"),
        (_other_counts, "not as the certificate counts"),
        (_a_free_slot, "has a free slot"),
        (_too_many_on_one, "on 0 slots"),
        (_out_of_scope, "may not protect such workers"),
        (_unknown_worker, "is not in the graph"),
        (_a_seat_less, "has a free slot"),
        (_a_worker_more, "waits outside"),
        (_a_name_to_come, "keeps for him"),
    ],
)
def test_a_wrong_certificate_or_matching_is_refused(tamper: Tampered, complaint: str) -> None:
    instance, certificate = a_city()
    found = check(tamper(instance, certificate), certificate)
    assert any(complaint in sentence for sentence in found), found
