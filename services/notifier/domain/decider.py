"""What the notifier decides: one notice per event that concerns a person, under a key that no other notice has.

Keys are unique by construction: the runtime delivers each input once, and a key is made of ids of which the logs hold
one fact only (a match is made once, a worker's month is confirmed once, a remittance is paid once). Some facts
may return with the same words (a lapse foreseen twice, slots filled and freed and filled, a change refused twice); the
keys of their notices carry the day, and from the second one of a day on a number. So a state holds the keys of one day
and no more. The unique index of the tables backs this: a second notice of one key is never sent.

Must not do I/O, know a clock or change a state other than in `evolve`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Final, assert_never, cast

import orjson

from schemas.base import Fact
from schemas.days import jakarta_day
from schemas.facts.common import DayBegan, DeadLetterRecorded, DeadLetterRedriven
from schemas.facts.notifier import (
    NoticeLine,
    NoticesDelayed,
    NoticesFailed,
    NoticesRequested,
    NoticesSent,
    NoticesSuppressed,
    NotifierFact,
)
from services.notifier.domain.identity import LINES_MAX
from services.notifier.domain.notice_rules import RECURRING, RULES, notices_for
from services.notifier.domain.quiet import QuietHours
from services.notifier.domain.templates import Owed, key_of
from services.runtime.contract import Received, fold_each


@dataclass
class State:
    """A shard's state: its day, and the keys of recurring notices of the newest day that had any."""

    day: date | None = None
    recurring_on: date | None = None
    recurring: set[str] = field(default_factory=set)


class NotifierDecider:
    """The decider of the notifier; see the module's promise."""

    snapshot_format = 2

    def __init__(self, quiet: QuietHours) -> None:
        self._quiet = quiet

    def initial(self, shard: int) -> State:
        """The state before the first fact."""
        return State()

    def decide(self, state: State, received: Received) -> Sequence[Fact]:
        """Returns the notices owed because of an input; for the gateway's new day, the notifier's own."""
        decision = DECISIONS.get(type(received.fact))
        return fold_each(self, state, decision(state, received, self._quiet), received.at) if decision else ()

    def evolve(self, state: State, fact: Fact, at: datetime) -> None:
        """Fold a fact of the own log: only the day and the keys of recurring notices are kept."""
        match cast("NotifierFact", fact):
            case DayBegan(day=day):
                state.day = day
            case NoticesRequested(template=template, lines=lines):
                if template in RECURRING:
                    _remember(state, jakarta_day(at), template, lines)
            case NoticesSent() | NoticesDelayed() | NoticesFailed() | NoticesSuppressed():
                pass
            case DeadLetterRecorded() | DeadLetterRedriven():
                pass
            case other:
                assert_never(other)

    def dump(self, state: State) -> bytes:
        """A state as JSON."""
        return orjson.dumps(
            {"day": state.day, "recurring_on": state.recurring_on, "recurring": sorted(state.recurring)}
        )

    def load(self, shard: int, data: bytes) -> State:
        """The inverse of `dump`."""
        raw = orjson.loads(data)
        day, recurring_on = (date.fromisoformat(raw[name]) if raw[name] else None for name in ("day", "recurring_on"))
        return State(day, recurring_on, set(raw["recurring"]))


def _began(state: State, received: Received, quiet: QuietHours) -> Iterator[Fact]:  # noqa: ARG001 - one of DECISIONS
    day = cast("DayBegan", received.fact).day
    if received.source == "gateway" and (state.day is None or day > state.day):
        yield DayBegan(day=day)


def _requested(state: State, received: Received, quiet: QuietHours) -> Iterator[Fact]:
    batches: dict[tuple[str, str], list[Owed]] = {}
    for owed in notices_for(received.fact):
        batches.setdefault((owed.template.name, owed.language), []).append(owed)
    for notices in batches.values():
        used: set[str] = set()
        for start in range(0, len(notices), LINES_MAX):
            some = notices[start : start + LINES_MAX]
            shared = _shared([owed.params for owed in some])
            yield NoticesRequested(
                about=received.stream,
                template=notices[0].template.name,
                language=notices[0].language,
                not_before=quiet.end(received.at),
                params=shared,
                lines=tuple(_line(state, owed, shared, used, jakarta_day(received.at)) for owed in some),
            )


#: what the notifier decides, by the kind of fact that leads to it; all other kinds are skipped
DECISIONS: Final[dict[type[Fact], Callable[[State, Received, QuietHours], Iterator[Fact]]]] = {
    DayBegan: _began,
    **dict.fromkeys(RULES, _requested),
}


def _shared(params: list[dict[str, str]]) -> dict[str, str]:
    """The parameters that are the same in all lines."""
    first, *others = params
    return {name: text for name, text in first.items() if all(one[name] == text for one in others)}


def _line(state: State, owed: Owed, shared: dict[str, str], used: set[str], day: date) -> NoticeLine:
    subject = _subject_of_day(state, owed, used, day) if owed.template.recurs else owed.subject
    params = {name: text for name, text in owed.params.items() if name not in shared}
    return NoticeLine(recipient=owed.recipient, subject=subject, params=params)


def _subject_of_day(state: State, owed: Owed, used: set[str], day: date) -> str:
    """The subject with its day; from the second notice of the same words on, with a number. Adds its key to `used`."""
    for number in count(1):
        subject = f"{owed.subject}/{day}" if number == 1 else f"{owed.subject}/{day}/{number}"
        key = key_of(owed.template.name, owed.recipient, subject)
        if key not in used and key not in state.recurring:
            break
    used.add(key)
    return subject


def _remember(state: State, day: date, template: str, lines: Sequence[NoticeLine]) -> None:
    if state.recurring_on is None or day > state.recurring_on:
        state.recurring_on, state.recurring = day, set()
    state.recurring |= {key_of(template, line.recipient, line.subject) for line in lines}
