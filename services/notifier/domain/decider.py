"""What the notifier decides: one notice per thing worth telling, under a key that no other notice has.

Keys are unique by construction: the runtime gives each input once, and a key is made of ids of which the logs hold one
fact only (a match is made once, a worker's month is confirmed once, a remittance is paid once). Three kinds of fact may
come back with the same words (a lapse foreseen anew, slots filled and freed and filled, a change refused twice); their
keys carry the day, and from the second one of a day on a number. So a state remembers the keys of one day and no more.
Behind all this stands the unique key of table `notices`, which sends a second notice of one key to nobody.

Must not do I/O, know a clock or change a state other than in `evolve`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import orjson

from schemas.base import Fact
from schemas.facts.common import DayBegan
from schemas.facts.notifier import NoticeRequested
from services.notifier.domain.quiet import QuietHours
from services.notifier.domain.telling import Owed, owed_for
from services.runtime.base.clock import jakarta_day
from services.runtime.contract import Received, fold_each

#: Templates whose facts may come back with the same words; their keys have three parts before the day.
DATED = ("lapse", "pledge_matched", "pledge_refused")
_DATED_PARTS = 4


@dataclass
class State:
    """A shard's memory: its day, and how often each dated key of the newest day with such keys was used."""

    day: date | None = None
    said_on: date | None = None
    said: dict[str, int] = field(default_factory=dict)


class NotifierDecider:
    """The decider of the notifier; see the module's promise."""

    snapshot_format = 1

    def __init__(self, quiet: QuietHours) -> None:
        self._quiet = quiet

    def initial(self, shard: int) -> State:
        """The state before the first fact."""
        return State()

    def decide(self, state: State, received: Received) -> Sequence[Fact]:
        """The notices owed because of an input; for the gateway's new day, the notifier's own."""
        return fold_each(self, state, self._answers(state, received), received.at)

    def _answers(self, state: State, received: Received) -> Iterator[Fact]:
        fact = received.fact
        if isinstance(fact, DayBegan):
            if received.source == "gateway" and (state.day is None or fact.day > state.day):
                yield DayBegan(day=fact.day)
            return
        for owed in owed_for(fact):
            yield NoticeRequested(
                notice=received.new_id("ntc"),
                key=_key(state, owed, jakarta_day(received.at)),
                recipient=owed.recipient,
                template=owed.template,
                language=owed.language,
                params=owed.params,
                not_before=self._quiet.end(received.at),
            )

    def evolve(self, state: State, fact: Fact, at: datetime) -> None:
        """Fold a fact of the own log: only the day and the dated keys leave a trace."""
        match fact:
            case DayBegan(day=day):
                state.day = day
            case NoticeRequested(template=template, key=key) if template in DATED:
                day = jakarta_day(at)
                if state.said_on is None or day > state.said_on:
                    state.said_on, state.said = day, {}
                plain = "/".join(key.split("/")[:_DATED_PARTS])
                state.said[plain] = state.said.get(plain, 0) + 1
            case _:
                pass

    def dump(self, state: State) -> bytes:
        """A state as JSON."""
        return orjson.dumps({"day": state.day, "said_on": state.said_on, "said": state.said})

    def load(self, shard: int, data: bytes) -> State:
        """The inverse of `dump`."""
        raw = orjson.loads(data)
        day, said_on = (date.fromisoformat(raw[name]) if raw[name] else None for name in ("day", "said_on"))
        return State(day=day, said_on=said_on, said=raw["said"])


def _key(state: State, owed: Owed, day: date) -> str:
    if owed.template not in DATED:
        return owed.key
    plain = f"{owed.key}/{day}"
    used = state.said.get(plain, 0)
    return plain if not used else f"{plain}/{used + 1}"
