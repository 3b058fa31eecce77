"""A pledge's money before any bill: promised, held for matched workers, freed again, released at the end.

Promises are priced at the highest price in scope, so that holding the months of a match needs nothing that is not
there. Where it does all the same (the tariff rose after the promise), the promise is raised in an entry of its own, in
sight of everybody; no account ever goes below zero to make up for it. Must not know bills, payments or receipts.
"""

from collections.abc import Iterator, Sequence

from schemas import months
from schemas.base import Fact
from schemas.facts.ledger import PledgeBooked
from schemas.facts.ledger_lines import Holding
from schemas.facts.matcher import (
    MatchesEnded,
    MatchesMade,
    PledgeEnded,
    PledgeOpened,
    PledgeReshaped,
)
from services.ledger.domain import entries, pricing
from services.ledger.domain.state import Pledge, State
from services.runtime.base.errors import Poison
from services.runtime.contract import Received


def open_pledge(state: State, fact: PledgeOpened, _: Received) -> Iterator[Fact]:
    """Book the terms and the promise: all slots for all months, at the highest price in scope."""
    if fact.pledge in state.pledges:
        return
    idr = fact.slots * pricing.ceiling_total(
        fact.starts, fact.until, fact.programmes, transport_only=fact.transport_only
    )
    yield PledgeBooked(pledge=fact.pledge, **fact.terms(), transport_only=fact.transport_only)
    yield from _promise(fact.pledge, fact.donor, idr, "pledge.promised")


def reshape_pledge(state: State, fact: PledgeReshaped, _: Received) -> Iterator[Fact]:
    """Book other slots or another last month: promise more, or release what is not needed any longer."""
    pledge = known(state, fact.pledge)
    if (pledge.slots, pledge.until) == (fact.slots, fact.until):
        return
    before = _still_needed(state, pledge)
    yield _terms(fact.pledge, pledge, slots=fact.slots, until=fact.until, ended=pledge.ended)
    more = _still_needed(state, pledge) - before
    if more > 0:
        yield from _promise(fact.pledge, pledge.donor, more, "pledge.raised")
    elif more < 0:
        yield from release_spare(state, fact.pledge)


def end_pledge(state: State, fact: PledgeEnded, _: Received) -> Iterator[Fact]:
    """Book the last month, and release what no month needs any longer."""
    pledge = known(state, fact.pledge)
    if pledge.ended == fact.last_month:
        return
    yield _terms(fact.pledge, pledge, slots=pledge.slots, until=pledge.until, ended=fact.last_month)
    yield from release_spare(state, fact.pledge)


def hold(state: State, fact: MatchesMade, _: Received) -> Iterator[Fact]:
    """Set aside the months of matches."""
    pledge = known(state, fact.pledge)
    groups = Groups()
    for line in fact.lines:
        idr = pricing.total(line.from_month, line.until, line.occupation, pledge.programmes)
        key = line.occupation, line.from_month, line.until, idr
        groups.add(key, [(worker, match) for worker, match in line.pairs() if match not in pledge.holds])
    if groups.idr:
        yield from ensure_promised(fact.pledge, pledge, groups.idr)
        yield groups.entry("matches.held", entries.move(fact.pledge, "promised", "held", groups.idr), fact.pledge)


def free(state: State, fact: MatchesEnded, _: Received) -> Iterator[Fact]:
    """Return the months after the ends of matches to the promise, and release them where no match can use them."""
    pledge = known(state, fact.pledge)
    groups, amended = Groups(), False
    for line in fact.lines:
        for worker, match in line.pairs():
            held = pledge.holds.get(match)
            if held is None:
                continue
            unbilled = _first_unbilled(state, pledge, held.from_month)
            idr = held.idr - pricing.total(unbilled, line.last_month, held.occupation, pledge.programmes)
            if idr > 0:
                first = max(unbilled, months.add(line.last_month, 1))
                groups.add((held.occupation, first, held.until, -idr), [(worker, match)])
                amended = amended or line.reason == "amended"
    if groups.idr:
        yield groups.entry("matches.freed", entries.move(fact.pledge, "promised", "held", groups.idr), fact.pledge)
        if pledge.ended is not None or amended:
            yield from release_spare(state, fact.pledge)


class Groups:
    """Matches by occupation, first and last month and amount, for the one entry that holds or frees their money."""

    def __init__(self) -> None:
        self.idr = 0
        self._pairs: dict[tuple[str, str, str, int], list[tuple[str, str]]] = {}

    def add(self, key: tuple[str, str, str, int], pairs: Sequence[tuple[str, str]]) -> None:
        """Workers with their matches more, unless they move nothing."""
        if pairs and key[3]:
            self.idr += key[3] * len(pairs)
            self._pairs.setdefault(key, []).extend(pairs)

    def entry(self, what: str, moves: entries.Moves, pledge: str) -> Fact:
        """The entry about all of them."""
        holding = tuple(
            [
                Holding.trusted(
                    workers=tuple([worker for worker, _ in pairs]),
                    matches=tuple([match for _, match in pairs]),
                    occupation=occupation,
                    from_month=first,
                    until=until,
                    idr=idr,
                )
                for (occupation, first, until, idr), pairs in self._pairs.items()
            ]
        )
        return entries.entry(what, moves, pledge=pledge, about=pledge, holding=holding)


def release_spare(state: State, name: str) -> Iterator[Fact]:
    """Release what a pledge promised and no month to come can need; all of it, once its last month is billed."""
    pledge = state.pledges[name]
    promised, held = pledge.books["promised"], pledge.books["held"]
    spare = promised - max(0, _still_needed(state, pledge) - held)
    fixed = state.cities[pledge.city].fixed
    over = pledge.ended is not None and (pledge.ended < pledge.starts or (fixed is not None and pledge.ended <= fixed))
    moves = entries.move(name, "promised", "released", max(0, spare))
    if over and held:
        moves += entries.move(name, "held", "released", held)
    if any(idr for _, idr in moves):
        yield entries.entry("pledge.released", moves, pledge=name, about=name)


def ensure_promised(name: str, pledge: Pledge, idr: int) -> Iterator[Fact]:
    """Raise the promise where it has less than what is needed; see the module's promise."""
    short = idr - pledge.books["promised"]
    if short > 0:
        yield from _promise(name, pledge.donor, short, "pledge.raised")


def known(state: State, pledge: str) -> Pledge:
    """A pledge on the books."""
    found = state.pledges.get(pledge)
    if found is None:
        raise Poison("pledge.unknown", f"{pledge} was never opened")
    return found


def _promise(pledge: str, donor: str, idr: int, what: str) -> Iterator[Fact]:
    if idr:
        yield entries.entry(what, entries.promise(pledge, donor, idr), pledge=pledge, about=pledge)


def _terms(name: str, pledge: Pledge, *, slots: int, until: str, ended: str | None) -> PledgeBooked:
    return PledgeBooked(
        pledge=name,
        donor=pledge.donor,
        language=pledge.language,
        city=pledge.city,
        slots=slots,
        starts=pledge.starts,
        until=until,
        payment=pledge.payment,
        programmes=pledge.programmes,
        transport_only=pledge.transport_only,
        ended=ended,
    )


def _still_needed(state: State, pledge: Pledge) -> int:
    """The most that the months not billed yet can cost."""
    last = pledge.until if pledge.ended is None else min(pledge.until, pledge.ended)
    return pledge.slots * pricing.ceiling_total(
        _first_unbilled(state, pledge, pledge.starts), last, pledge.programmes, transport_only=pledge.transport_only
    )


def _first_unbilled(state: State, pledge: Pledge, month: str) -> str:
    fixed = state.cities[pledge.city].fixed
    return month if fixed is None else max(month, months.add(fixed, 1))
