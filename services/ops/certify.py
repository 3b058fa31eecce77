"""Checks a certificate that a city's matching is maximum; shares no code with the matcher that issues it.

Why it suffices: the pledges of the certificate are the only ones in whose scope its cells are, all of them are full,
and every worker who could be moved out of one is in one of the cells, too. So no augmenting path leads from a waiting
worker to a free slot, and by Berge's theorem no other assignment covers more (pinned workers stay in place).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Cell = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker who has a seat or seeks one in the horizon month."""

    id: str
    area: str
    occupation: str
    band: int

    @property
    def cell(self) -> Cell:
        """What makes workers interchangeable."""
        return self.area, self.occupation, self.band


@dataclass(frozen=True, slots=True)
class Pledge:
    """A pledge that may fill slots in the horizon month; `slots` are those that no ended match still takes."""

    id: str
    slots: int
    areas: Sequence[str]
    occupations: Sequence[str]
    workers: Sequence[str]
    keep: bool

    def admits(self, worker: Worker) -> bool:
        """Whether a worker lies in its scope."""
        if self.workers:
            return worker.id in self.workers
        in_area = any(worker.area == area or worker.area.startswith(area + ".") for area in self.areas)
        return in_area and (not self.occupations or worker.occupation in self.occupations)

    @property
    def pins(self) -> bool:
        """Whether its workers stay where they are."""
        return self.keep or bool(self.workers)


@dataclass(frozen=True, slots=True)
class Instance:
    """Workers, pledges and the assignment: `seats` maps workers to pledges."""

    workers: Mapping[str, Worker]
    pledges: Mapping[str, Pledge]
    seats: Mapping[str, str]


def check(instance: Instance, certificate: Mapping[str, Any]) -> list[str]:
    """Returns what is wrong, in sentences; an empty list if the matching is valid and maximum."""
    found = list(_seats(instance))
    if found:
        return found
    waiting = [worker for worker in instance.workers.values() if worker.id not in instance.seats]
    if (len(instance.seats), len(waiting)) != (certificate["seated"], certificate["waiting"]):
        found.append(f"{len(instance.seats)} are seated and {len(waiting)} wait, not as the certificate counts")
    cells = {(cell["area"], cell["occupation"], cell["band"]) for cell in certificate["cells"]}
    border = set(certificate["pledges"])
    found += [f"{worker.id} waits outside the certificate's cells" for worker in waiting if worker.cell not in cells]
    taken = Counter(instance.seats.values())
    for pledge in _bordering(instance, cells):
        if pledge.id not in border:
            found.append(f"{pledge.id} borders the cells and is not in the certificate")
        if taken[pledge.id] < pledge.slots:
            found.append(f"{pledge.id} borders the cells and has a free slot")
    movable = list(waiting)
    for name, seat in instance.seats.items():
        if seat in border and not instance.pledges[seat].pins:
            movable.append(instance.workers[name])
            if instance.workers[name].cell not in cells:
                found.append(f"{name} could leave {seat} and is outside the certificate's cells")
    return found + list(_named(instance, movable, taken))


def _seats(instance: Instance) -> Iterator[str]:
    for name, seat in instance.seats.items():
        worker, pledge = instance.workers.get(name), instance.pledges.get(seat)
        if worker is None or pledge is None:
            yield f"{name} has a seat on {seat}, but one of them is not in the graph"
        elif not pledge.admits(worker):
            yield f"{name} has a seat on {seat}, which may not protect such workers"
    for seat, count in Counter(instance.seats.values()).items():
        if seat in instance.pledges and count > instance.pledges[seat].slots:
            yield f"{seat} has {count} workers on {instance.pledges[seat].slots} slots"


def _bordering(instance: Instance, cells: set[Cell]) -> Iterator[Pledge]:
    by_area: dict[str, set[str]] = {}
    for area, occupation, _ in cells:
        while area:
            by_area.setdefault(area, set()).add(occupation)
            area = area.rpartition(".")[0]  # noqa: PLW2901 - a walk up the tree
    for pledge in instance.pledges.values():
        near = set().union(*(by_area.get(area, ()) for area in pledge.areas))
        if not pledge.workers and near and (not pledge.occupations or not near.isdisjoint(pledge.occupations)):
            yield pledge


def _named(instance: Instance, movable: Sequence[Worker], taken: Mapping[str, int]) -> Iterator[str]:
    free = [pledge for pledge in instance.pledges.values() if pledge.workers and taken.get(pledge.id, 0) < pledge.slots]
    named = {name: pledge.id for pledge in free for name in pledge.workers}
    for worker in movable:
        if worker.id in named:
            yield f"{worker.id} could take the slot that {named[worker.id]} keeps for him"


def instance_of(
    horizon: str,
    workers: Sequence[Mapping[str, Any]],
    pledges: Sequence[Mapping[str, Any]],
    matches: Sequence[Mapping[str, Any]],
) -> Instance:
    """A city at its horizon month, from the rows of the matcher's tables `workers`, `pledges` and `matches`."""
    active = {
        row["pledge"]: row for row in pledges if row["status"] == "open" and row["starts"] <= horizon < row["until"]
    }
    eligible_until = {row["worker"]: row["eligible_until"] for row in workers}
    terms = {row["pledge"]: row["until"] for row in pledges}
    covered: dict[str, str] = {}
    seats: dict[str, str] = {}
    blocked: Counter[str] = Counter()
    for row in matches:
        until = row["until"]
        if until < row["from_month"]:
            continue
        goes_on = until > horizon or (until == horizon == eligible_until.get(row["worker"]))
        if row["ended"] is None and goes_on and terms.get(row["pledge"], "") > horizon:
            seats[row["worker"]] = row["pledge"]
        else:
            covered[row["worker"]] = max(until, covered.get(row["worker"], ""))
            blocked[row["pledge"]] += until >= horizon
    return Instance(
        workers={row["worker"]: _worker(row) for row in workers if _seeks(row, horizon, covered, seats)},
        pledges={
            name: Pledge(
                *(name, row["slots"] - blocked[name], row["areas"], row["occupations"], row["workers"], row["keep"])
            )
            for name, row in active.items()
        },
        seats=seats,
    )


def _worker(row: Mapping[str, Any]) -> Worker:
    return Worker(row["worker"], row["area"], row["occupation"], row["band"])


def _seeks(row: Mapping[str, Any], horizon: str, covered: Mapping[str, str], seats: Mapping[str, str]) -> bool:
    if row["unlisted"] is not None:
        return False
    last = covered.get(row["worker"], "")
    old_enough_to_go_on = row["eligible_until"] > last if last == horizon else row["eligible_until"] >= horizon
    return row["worker"] in seats or (last <= horizon and old_enough_to_go_on)
