"""The state of one city: its workers, pledges and matches, kept in step with the waiting list and graph that decide.

Promises that each operation leaves people, pledges, waiting list and graph consistent. Only `evolve` and `decision` may
call what changes it; must not decide anything.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Final

from schemas.facts.matcher import MatchEnd
from services.matcher.domain.model import NEVER, Cell, Left, Lost, Match, Pledge, Supply, Tier, Worker
from services.matcher.domain.scopes import Scope, ScopeIndex
from services.matcher.domain.waiting_list import Distance, WaitingList

#: how many matches are numbered in a step
_STEP_MATCHES: Final = 4_000
_KECAMATAN_LENGTH = len("36.72.01")
_order = attrgetter("order")
#: Why a worker waits again, by the end of the match; any other end leaves it as it was.
_LOST: Final[dict[str, Lost]] = {
    "cancelled": "rematch",
    "suspended": "rematch",
    "amended": "rematch",
    "term_over": "renewal",
}


class City:
    """One city; `fixed` is its last fixed month, `now` the month of today."""

    def __init__(self, code: str, now: int, distance: Distance) -> None:
        self.code = code
        self.at(fixed=NEVER, now=now)
        self.waiting_list = WaitingList(distance)
        self.index = ScopeIndex()
        self.cells: list[Cell] = []
        self.cell_of: dict[tuple[str, str, int], Cell] = {}
        self.supplies: list[Supply] = []
        self.supply_of: dict[Scope, Supply] = {}
        self.pledges: list[Pledge] = []
        #: supply -> cell -> its movable matches, the oldest first
        self.movable_matches: list[dict[int, list[Match]]] = []
        self.workers: dict[int, Worker] = {}
        self.listed = 0
        self.made = 0
        #: worker id -> pledges that name him
        self.named: dict[str, list[Pledge]] = {}
        #: pledges that name workers and have a free slot
        self.named_open: dict[int, Pledge] = {}
        #: workers who had a sponsor, wait, and whose lapse is not foreseen yet
        self.at_risk: dict[int, Worker] = {}
        #: workers whose match was ended for a month beyond the horizon: covered until then, they need none yet
        self.dormant: dict[int, Worker] = {}

    def at(self, *, fixed: int, now: int) -> None:
        """Take a place in time; `horizon.py` brings all else in line with it."""
        self.fixed, self.now = fixed, now
        self.horizon = max(fixed + 1, now + 1)

    @property
    def first_open(self) -> int:
        """The first month in which a new match may begin."""
        return max(self.fixed + 1, self.now)

    def cell(self, area: str, occupation: str, band: int) -> Cell:
        """The cell of such workers, made when it is new."""
        key = (area, occupation, band)
        found = self.cell_of.get(key)
        if found is None:
            adjacent = self.index.supplies_for(area, occupation)
            number = self.waiting_list.add_cell(adjacent, area, area[:_KECAMATAN_LENGTH], vulnerable=band == 1)
            found = Cell(number, area, occupation, band, self.waiting_list.tally_of[number])
            self.index.add_cell(number, area, occupation)
            self.cells.append(found)
            self.cell_of[key] = found
        return found

    def list_worker(self, worker: Worker) -> None:
        """A worker comes on the list, or back to it from a snapshot."""
        self.listed = max(self.listed, worker.number + 1)
        self.workers[worker.number] = worker
        self.waiting_list.tallies[worker.cell.tally].registered += 1
        self.place(worker)

    def unlist(self, worker: Worker, reason: str) -> None:
        """A worker leaves the list; his match was ended before."""
        self._unqueue(worker)
        worker.standing = Left(reason)
        self.waiting_list.tallies[worker.cell.tally].registered -= 1

    def add_pledge(self, pledge: Pledge) -> None:
        """A pledge comes into the books; it offers its slots when it is active."""
        self.pledges.append(pledge)
        if pledge.workers:
            for worker in pledge.workers:
                self.named.setdefault(worker, []).append(pledge)
        else:
            pledge.supply = self._supply(Scope.of(pledge.areas, pledge.occupations, pledge.near))
        self.refresh(pledge)

    def _supply(self, scope: Scope) -> Supply:
        found = self.supply_of.get(scope)
        if found is None:
            found = Supply(self.waiting_list.add_supply(self.index.cells_for(scope), scope.width, scope.near))
            self.index.add_supply(found.index, scope)
            self.supplies.append(found)
            self.movable_matches.append({})
            self.supply_of[scope] = found
        return found

    def refresh(self, pledge: Pledge) -> None:
        """Bring a pledge's place in the graph in line with its status, its term and the horizon."""
        pledge.active = pledge.status == "open" and pledge.starts <= self.horizon < pledge.until
        self._offer(pledge)

    def _offer(self, pledge: Pledge) -> None:
        offered = max(0, pledge.free) if pledge.active else 0
        change = offered - pledge.offered
        if not change:
            return
        supply = pledge.supply
        if supply is None:
            if offered:
                self.named_open[pledge.index] = pledge
            else:
                del self.named_open[pledge.index]
        else:
            self.waiting_list.grow(supply.index, change)
            if not offered:
                del supply.open[bisect_left(supply.open, pledge.index)]
            elif not pledge.offered:
                insort(supply.open, pledge.index)
        pledge.offered = offered

    def place(self, worker: Worker) -> None:
        """Put a worker without a seat where he belongs: in a queue, or nowhere while he cannot take a slot."""
        self._unqueue(worker)
        covered = worker.covered_until
        if worker.standing is not None:
            return
        if covered > self.horizon:
            self.dormant[worker.number] = worker
        elif worker.eligible_until >= max(self.horizon, covered + 1):
            tier: Tier = "returning" if covered and covered >= self.fixed else "plain"
            worker.standing = tier
            self.waiting_list.put(worker.cell.index, worker.number, tier)
            if covered and worker.foreseen != covered:
                self.at_risk[worker.number] = worker

    def _unqueue(self, worker: Worker) -> None:
        tier = worker.queue
        if tier is not None:
            self.waiting_list.take(worker.cell.index, worker.number, tier)
            worker.standing = None
        if worker.covered_until:  # the others never had a sponsor
            self.at_risk.pop(worker.number, None)
            self.dormant.pop(worker.number, None)

    def first_month(self, worker: Worker, pledge: Pledge) -> int:
        """The first month that a new match of these two may cover: both the worker and a slot are free from then on."""
        first = max(pledge.starts, self.first_open, worker.covered_until + 1)
        if pledge.ending_matches:
            for month in range(self.horizon - 1, first - 1, -1):
                if pledge.used(month) >= pledge.slots:
                    return month + 1
        return first

    def seat(self, match: Match) -> None:
        """A match takes a slot; its worker waits no longer."""
        worker, pledge = match.worker, match.pledge
        self._unqueue(worker)
        self.made = max(self.made, match.order + 1)
        worker.standing = match
        worker.lost = ""
        pledge.seats[match.id] = match
        pledge.load[match.first] = pledge.load.get(match.first, 0) + 1
        self.waiting_list.tallies[worker.cell.tally].matched += 1
        if pledge.supply is not None and not pledge.pins:
            supply, cell = pledge.supply.index, worker.cell.index
            self.movable_matches[supply].setdefault(cell, []).append(match)
            self.waiting_list.graph.hold(supply, cell)
        self._offer(pledge)

    def number(self, matches: Sequence[Match], first: int) -> Iterator[None]:
        """Number all matches made since there were `first` again, in this order; yields after steps."""
        self.made = first + len(matches)
        regroup: set[tuple[int, int]] = set()
        for order, match in enumerate(matches, start=first):
            if match.order != order:
                match.order = order
                if match.worker.seat is match and match.pledge.supply is not None and not match.pledge.pins:
                    regroup.add((match.pledge.supply.index, match.worker.cell.index))
            if order % _STEP_MATCHES == 0:
                yield
        for supply, cell in regroup:
            self.movable_matches[supply][cell].sort(key=_order)

    def end(self, match: Match, last: int, reason: MatchEnd) -> None:
        """A match ends after `last`; the worker waits again, unless he moves to another seat."""
        worker, pledge = match.worker, match.pledge
        seated = worker.seat is match
        if seated:
            self._leave(match)
        else:
            self._remove_ending(match)
        match.end_recorded = True
        if last < match.first:
            pledge.load[match.first] = pledge.load.get(match.first, 0) - 1
        else:
            match.last = min(match.last, last)
            self._add_ending(match)
        if not seated:
            covered = [ending.last for ending in worker.ending_matches]
            worker.covered_until = max(covered, default=min(worker.covered_until, max(last, match.first - 1)))
        self._offer(pledge)
        if worker.seat is None and reason != "swapped":
            worker.lost = _LOST.get(reason, worker.lost)
            self.place(worker)

    def expire(self, match: Match) -> None:
        """A seat whose last month has come into the horizon: the worker seeks a sponsor for the time after it."""
        self._leave(match)
        self._add_ending(match)
        match.worker.lost = "renewal"

    def _leave(self, match: Match) -> None:
        worker, pledge = match.worker, match.pledge
        worker.standing = None
        del pledge.seats[match.id]
        self.waiting_list.tallies[worker.cell.tally].matched -= 1
        if pledge.supply is not None and not pledge.pins:
            supply, cell = pledge.supply.index, worker.cell.index
            group = self.movable_matches[supply][cell]
            del group[bisect_left(group, match.order, key=_order)]
            if not group:
                del self.movable_matches[supply][cell]
            self.waiting_list.graph.release(supply, cell)

    def _add_ending(self, match: Match) -> None:
        worker, pledge = match.worker, match.pledge
        pledge.load[match.last + 1] = pledge.load.get(match.last + 1, 0) - 1
        # of two matches with the same last month the newer pledge counts, whichever of them ended first
        if (match.last, pledge.index) >= (worker.covered_until, worker.sponsor.index if worker.sponsor else -1):
            worker.covered_until, worker.sponsor = match.last, pledge
        if match.last > self.fixed or not match.end_recorded:
            pledge.ending_matches[match.id] = match
            worker.ending_matches += (match,)
            pledge.blocked += match.last >= self.horizon

    def restore_ending(self, match: Match) -> None:
        """A match that has left the graph comes back from a snapshot."""
        pledge = match.pledge
        pledge.load[match.first] = pledge.load.get(match.first, 0) + 1
        self._add_ending(match)
        self._offer(pledge)

    def _remove_ending(self, match: Match) -> None:
        del match.pledge.ending_matches[match.id]
        match.worker.ending_matches = tuple(one for one in match.worker.ending_matches if one is not match)
        match.pledge.blocked -= match.last >= self.horizon
        match.pledge.load[match.last + 1] = match.pledge.load.get(match.last + 1, 0) + 1

    def movable(self, supply: int, cell: int) -> Match:
        """The match that a swap moves: the newest of this cell on this supply."""
        return self.movable_matches[supply][cell][-1]
