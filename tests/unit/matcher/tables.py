"""Stories of matching as text that a field officer can read and check.

A line at the margin is something that happens; the lines below it, set in, are what the matcher answers, all of it and
in its order (that a worker or pledge came on the list is not written). Places are named: `Gerem` is a kelurahan,
`kec.Gerogol` a kecamatan, `kota` the whole of Cilegon.

    worker W1 ojek Gerem
      W1 waits
    pledge P1 2 slots kec.Gerogol
      W1 has P1 2026-11..2027-10 (new)
"""

from collections.abc import Iterable
from datetime import date
from itertools import zip_longest
from textwrap import dedent
from typing import Any

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.matcher import (
    LapsesForeseen,
    MatchesEnded,
    MatchesMade,
    MonthFixed,
    PledgeEnded,
    PledgeMatched,
    PledgeOpened,
    PledgeRefused,
    PledgeReshaped,
    PledgeResumed,
    PledgeSuspended,
    RosterFixed,
    WorkerListed,
    WorkerUnlisted,
)
from schemas.reference import regions
from services.runtime.base import ids
from tests.simulation.matcher.world import World, flat

CITY = "36.72"
_KELURAHAN = {regions.name(code): code for code in regions.kelurahan_in(CITY)}
_KECAMATAN = {f"kec.{regions.name(code)}": code for code in regions.children(CITY)}
PLACES = _KELURAHAN | _KECAMATAN | {"kota": CITY}


def check(story: str) -> World:
    """Play a story, and play it again with a restart after each line; both must match it."""
    _play(story, restarts=True)
    return _play(story, restarts=False)


def _play(story: str, *, restarts: bool) -> World:
    wanted = [line.rstrip() for line in dedent(story).strip().splitlines()]
    world, got = World(flat), []
    for line in wanted:
        if restarts:
            world.reload()
        if line and not line.startswith(" "):
            got.append(line)
            got += [f"  {answer}" for answer in _answers(world, line)]
        elif not line:
            got.append(line)
    if got != wanted:
        raise AssertionError(_side_by_side(wanted, got))
    replayed, live = world.decider.dump(world.replayed()), world.decider.dump(world.state)
    assert replayed == live, "the log holds all"
    return world


def _side_by_side(wanted: list[str], got: list[str]) -> str:
    rows = [("WANTED", "GOT"), *zip_longest(wanted, got, fillvalue="")]
    width = max(len(left) for left, _ in rows)
    return "\n".join(["", *(f"{' ' if left == right else '>'} {left:{width}} | {right}" for left, right in rows)])


def _answers(world: World, line: str) -> list[str]:
    verb, *words = line.split()
    facts = _INPUTS[verb](world, words)
    sentences = [sentence for fact in facts for sentence in _sentences(fact)]
    assert _INPUTS[verb](world, words) == [] or verb in _NOT_REPEATABLE, "the same words again change nothing"
    if verb == "worker" and not sentences:
        sentences = [f"{words[0]} waits"]
    return sentences


# -- what happens ------------------------------------------------------------------------------------------------------


def _number(word: str) -> int:
    return int(word[1:])


def _worker(world: World, words: list[str]) -> list[Fact]:
    number, occupation, place, *more = words
    options = dict(zip(more[::2], more[1::2], strict=True))
    return world.worker(
        _number(number), PLACES[place], occupation, int(options.get("band", 2)), until=options.get("until", "2060-12")
    )


def _pledge(world: World, words: list[str]) -> list[Fact]:
    number, slots, _, place, *more = words
    terms: dict[str, Any] = {"areas": [PLACES[each] for each in place.split(",")]}
    while more:
        word = more.pop(0)
        match word:
            case "keep":
                terms["keep"] = True
            case "from":
                terms["starts"] = more.pop(0)
            case "for":
                terms["months"] = int(more.pop(0))
            case "near":
                terms["near"] = PLACES[more.pop(0)]
            case "only":
                terms["workers"] = [_number(name) for name in more.pop(0).split(",")]
            case _:
                terms["occupations"] = word.split(",")
    return world.pledge(_number(number), int(slots), **terms)


def _leaves(world: World, words: list[str]) -> list[Fact]:
    return world.end(_number(words[0]), words[1], date.fromisoformat(words[2]) if len(words) > 2 else None)


def _amend(world: World, words: list[str]) -> list[Fact]:
    number, amount, what = words
    return world.amend(_number(number), **{what: int(amount)})


def _day(world: World, words: list[str]) -> list[Fact]:
    world.today = date.fromisoformat(words[0])
    return world.tell(DayBegan(day=world.today))


_INPUTS = {
    "worker": _worker,
    "pledge": _pledge,
    "leaves": _leaves,
    "cancel": lambda world, words: world.cancel(_number(words[0]), words[2]),
    "amend": _amend,
    "unpaid": lambda world, words: world.overdue(_number(words[0])),
    "paid": lambda world, words: world.settled(_number(words[0])),
    "bill": lambda world, words: world.bill(words[0]),
    "day": _day,
}
#: A refusal is answered with a refusal each time.
_NOT_REPEATABLE = ("pledge", "cancel", "amend")


# -- what is answered --------------------------------------------------------------------------------------------------


def _name(name: str) -> str:
    initial = {"wrk": "W", "plg": "P"}[name[:3]]
    number = 0
    for digit in name[4:]:
        number = number * 32 + ids._ALPHABET.index(digit)
    return f"{initial}{number & (1 << 60) - 1}"


def _sentences(fact: Fact) -> list[str]:
    match fact:
        case MatchesMade():
            pledge = _name(fact.pledge)
            return [
                f"{_name(worker)} has {pledge} {line.from_month}..{line.until} ({line.reason})"
                for line in fact.lines
                for worker in line.workers
            ]
        case MatchesEnded():
            pledge = _name(fact.pledge)
            return [
                f"{_name(worker)} loses {pledge} after {line.last_month} ({line.reason})"
                for line in fact.lines
                for worker in line.workers
            ]
        case LapsesForeseen():
            return [f"{_name(line.worker)} may lapse after {line.last_month}" for line in fact.lines]
        case _:
            return [sentence] if (sentence := _sentence(fact)) else []


def _sentence(fact: Fact) -> str:
    match fact:
        case WorkerListed() | WorkerUnlisted() | PledgeOpened() | DayBegan():
            return ""
        case PledgeRefused():
            return f"{_name(fact.pledge)} is refused: {fact.code}"
        case PledgeReshaped():
            return f"{_name(fact.pledge)} has {fact.slots} slots until {fact.until}"
        case PledgeEnded():
            return f"{_name(fact.pledge)} ends after {fact.last_month} ({fact.reason})"
        case PledgeSuspended():
            return f"{_name(fact.pledge)} is suspended"
        case PledgeResumed():
            return f"{_name(fact.pledge)} goes on"
        case PledgeMatched():
            return f"{_name(fact.pledge)} fills {fact.filled} of {fact.slots}"
        case RosterFixed():
            workers = sorted(worker for line in fact.lines for worker in line.workers)
            return f"roster {fact.month} {_name(fact.pledge)}: {_names(workers)}"
        case MonthFixed():
            return f"{fact.month} is fixed: {fact.pledges} pledges, {fact.workers} workers"
        case _:
            raise AssertionError(f"no words for {fact}")


def _names(names: Iterable[str]) -> str:
    return " ".join(_name(name) for name in names)
