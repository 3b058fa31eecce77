"""A certificate that a city's matching is maximal: who could be reached from the waiting, and that all of it is full.

Promises what the checker in `services/ops/certify.py` needs, no more: the set of cells that a search from the waiting
workers reaches, and the pledges that border it. By Berge's theorem the matching is maximum when all of them are full.
"""

from typing import Any

from schemas import months
from services.matcher.domain.city import City
from services.matcher.domain.graph import bits


def certify(city: City) -> dict[str, Any]:
    """The certificate of a city as it is now, as plain data."""
    waiting_list = city.waiting_list
    cells, supplies = waiting_list.graph.reachable_from(waiting_list.returning_cells | waiting_list.plain_cells)
    on_list = [worker for worker in city.workers.values() if not worker.left]
    border = set(bits(supplies))
    full = [pledge for pledge in city.pledges if pledge.active and pledge.supply and pledge.supply.index in border]
    return {
        "city": city.code,
        "horizon": months.from_number(city.horizon),
        "fixed": months.from_number(city.fixed) if city.fixed else None,
        "listed": len(on_list),
        "seated": sum(worker.seat is not None for worker in on_list),
        "waiting": sum(worker.queue is not None for worker in on_list),
        "cells": [
            {"area": city.cells[cell].area, "occupation": city.cells[cell].occupation, "band": city.cells[cell].band}
            for cell in bits(cells)
        ],
        "pledges": [pledge.id for pledge in full],
    }
