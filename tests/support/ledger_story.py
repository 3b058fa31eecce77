"""Stories of a ledger in words that a bookkeeper reads: one line per event, one table per question.

    2026-11-25 pledge P1 by D1: 2 slots, 2026-12 to 2027-02
    2026-11-25 match P1 with W1, ojek, 2026-12 to 2027-02
    2026-12-01 bill 2026-12
    2026-12-10 pay D1 2026-12
    2026-12-12 receipt D1 2026-12: W1 confirmed, W2 rejected
    2026-12-31 close 2026-12

The part of the matcher (who is on the roster of a month) is played by `Story.matches`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from schemas.base import Fact
from schemas.facts.gateway import CycleClosingRequested, PaymentReported, ReceiptLine, ReceiptReceived, WorkerEnded
from schemas.facts.ledger import RemittancePrepared
from schemas.facts.matcher import (
    EndedLine,
    MadeLine,
    MatchesEnded,
    MatchesMade,
    MonthFixed,
    PledgeEnded,
    PledgeOpened,
    PledgeReshaped,
)
from tests.support.ledger import CITY, World, an_id, roster


@dataclass
class Match:
    """A match as the matcher knows it."""

    name: str
    pledge: str
    worker: str
    occupation: str
    first: str
    until: str


@dataclass
class Story(World):
    """A world to which things happen by name: P1 is a pledge, D1 a donor, W1 a worker."""

    matches: dict[str, Match] = field(default_factory=dict)
    remittances: dict[tuple[str, str], RemittancePrepared] = field(default_factory=dict)
    receipts: int = 0
    terms: dict[str, tuple[int, str]] = field(default_factory=dict)

    # -- what the matcher says -----------------------------------------------------------------------------------

    def pledge(self, name: str, donor: str, slots: int, starts: str, until: str, *words: str) -> list[Fact]:
        """A pledge is opened; words may be `pooled` and `transport`."""
        self.terms[name] = (slots, until)
        return self.tell(
            PledgeOpened(
                pledge=an_id("plg", name),
                donor=an_id("don", donor),
                donor_kind="company",
                language="id",
                city=CITY,
                slots=slots,
                starts=starts,
                until=until,
                payment="pooled" if "pooled" in words else "direct",
                programmes=("jkk", "jkm"),
                transport_only="transport" in words,
            )
        )

    def match(self, pledge: str, worker: str, occupation: str, first: str, until: str) -> list[Fact]:
        """A slot of a pledge gets a worker."""
        name = f"{pledge}-{worker}-{len(self.matches)}"
        self.matches[name] = Match(name, pledge, worker, occupation, first, until)
        line = MadeLine(
            workers=(an_id("wrk", worker),),
            matches=(an_id("mat", name),),
            occupation=occupation,
            from_month=first,
            until=until,
            reason="new",
        )
        return self.tell(MatchesMade(pledge=an_id("plg", pledge), lines=(line,), workers=1))

    def unmatch(self, pledge: str, worker: str, last: str, reason: str = "died") -> list[Fact]:
        """A slot loses its worker after a month."""
        found = [m for m in self.matches.values() if (m.pledge, m.worker) == (pledge, worker)][-1]
        found.until = min(found.until, last)
        line = EndedLine(
            workers=(an_id("wrk", worker),),
            matches=(an_id("mat", found.name),),
            last_month=last,
            reason=reason,  # type: ignore[arg-type]
        )
        return self.tell(MatchesEnded(pledge=an_id("plg", pledge), lines=(line,), workers=1))

    def reshape(self, pledge: str, slots: int, until: str) -> list[Fact]:
        """A pledge has other terms."""
        self.terms[pledge] = (slots, until)
        return self.tell(PledgeReshaped(pledge=an_id("plg", pledge), slots=slots, until=until))

    def end(self, pledge: str, last: str) -> list[Fact]:
        """A pledge ends after a month."""
        return self.tell(PledgeEnded(pledge=an_id("plg", pledge), reason="cancelled", last_month=last))

    def bill(self, month: str) -> list[Fact]:
        """All rosters of a month are fixed, then the month."""
        rosters: dict[str, list[tuple[str, str, str]]] = {}
        for match in self.matches.values():
            if match.first <= month <= match.until:
                row = (an_id("wrk", match.worker), an_id("mat", match.name), match.occupation)
                rosters.setdefault(match.pledge, []).append(row)
        facts = [roster(an_id("plg", pledge), month, rows) for pledge, rows in sorted(rosters.items())]
        workers = sum(len(lines) for lines in rosters.values())
        answers = self.tell(*facts, MonthFixed(city=CITY, month=month, pledges=len(rosters), workers=workers))
        for fact in answers:
            if isinstance(fact, RemittancePrepared):
                self.remittances[fact.donor, month] = fact
        return answers

    # -- what the gateway says -----------------------------------------------------------------------------------

    def remittance(self, donor: str, month: str) -> RemittancePrepared:
        """What a donor has to pay for a month."""
        return self.remittances[an_id("don", donor), month]

    def pay(self, donor: str, month: str, idr: int | None = None, on: date | None = None) -> list[Fact]:
        """A payment is reported, exact unless it says otherwise."""
        due = self.remittance(donor, month)
        return self.tell(
            PaymentReported(
                remittance=due.remittance,
                amount_idr=due.total_idr if idr is None else idr,
                paid_on=on or self.at.date(),
                channel="bank",
            )
        )

    def receipt(self, donor: str, month: str, lines: dict[str, str], *, of: str | None = None) -> list[Fact]:
        """A receipt arrives: per worker `confirmed`, `rejected` or an amount that was confirmed."""
        due = self.remittance(donor, month)
        self.receipts += 1
        answers = []
        cycle = self.state.cities[CITY].cycles.get(month)
        workers = cycle.workers if cycle else {}
        for worker, word in lines.items():
            billed = workers.get(an_id("wrk", worker))
            outcome = "rejected" if word == "rejected" else "confirmed"
            idr = int(word) if word.isdigit() else billed.share.idr if billed else 8_400
            answers.append(
                ReceiptLine(
                    worker=an_id("wrk", worker),
                    amount_idr=idr,
                    outcome="rejected" if outcome == "rejected" else "confirmed",
                    reason="nik.unknown" if outcome == "rejected" else None,
                )
            )
        return self.tell(
            ReceiptReceived(
                receipt=an_id("rcp", self.receipts), remittance=due.remittance, month=of or month, lines=tuple(answers)
            )
        )

    def close(self, month: str) -> list[Fact]:
        """Somebody asks to close a month."""
        return self.tell(CycleClosingRequested(city=CITY, month=month))

    def leave(self, worker: str, on: date) -> list[Fact]:
        """A worker dies."""
        return self.tell(WorkerEnded(worker=an_id("wrk", worker), reason="died", on=on))


_LINE = re.compile(r"^(?P<day>\d{4}-\d\d-\d\d) +(?P<words>.+)$")


def _pledge(story: Story, words: str) -> list[Fact]:
    found = re.fullmatch(r"(\w+) by (\w+): (\d+) slots, (\S+) to (\S+?)((?:, \w+)*)", words)
    assert found, words
    name, donor, slots, starts, until, more = found.groups()
    return story.pledge(name, donor, int(slots), starts, until, *re.findall(r"\w+", more))


def _match(story: Story, words: str) -> list[Fact]:
    found = re.fullmatch(r"(\w+) with (\w+), (\w+), (\S+) to (\S+)", words)
    assert found, words
    return story.match(*found.groups())


def _unmatch(story: Story, words: str) -> list[Fact]:
    found = re.fullmatch(r"(\w+) and (\w+) after (\S+)", words)
    assert found, words
    return story.unmatch(*found.groups())


def _reshape(story: Story, words: str) -> list[Fact]:
    found = re.fullmatch(r"(\w+) to (\d+) slots until (\S+)", words)
    assert found, words
    return story.reshape(found[1], int(found[2]), found[3])


def _pay(story: Story, words: str) -> list[Fact]:
    donor, month, *idr = words.split()
    return story.pay(donor, month, int(idr[0]) if idr else None)


def _receipt(story: Story, words: str) -> list[Fact]:
    head, _, lines = words.partition(": ")
    donor, month = head.split()
    return story.receipt(donor, month, dict(re.findall(r"(\w+) (\w+)", lines)))


def _end(story: Story, words: str) -> list[Fact]:
    pledge, _, month = words.partition(" after ")
    return story.end(pledge, month)


_VERBS: dict[str, Callable[[Story, str], list[Fact]]] = {
    "pledge": _pledge,
    "match": _match,
    "part": _unmatch,
    "reshape": _reshape,
    "end": _end,
    "bill": lambda story, words: story.bill(words),
    "pay": _pay,
    "receipt": _receipt,
    "close": lambda story, words: story.close(words),
    "day": lambda _story, _words: [],
}


def play(text: str, story: Story | None = None) -> Story:
    """Let a story happen, day by day."""
    story = story or Story()
    for day, words in _lines(text):
        if story.state.day != day:
            story.day(day)
        verb, _, rest = words.partition(" ")
        _VERBS[verb](story, rest)
    return story


def _lines(text: str) -> Iterator[tuple[date, str]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        found = _LINE.match(line)
        assert found, line
        yield date.fromisoformat(found["day"]), found["words"]


def books(story: Story, *pledges: str) -> str:
    """The books of pledges as a table; nothing shows as a dot."""
    names = ("promised", "held", "due", "remitted", "confirmed", "released")
    rows = ["      " + " ".join(f"{name:>9}" for name in names)]
    for pledge in pledges:
        balances = story.books(an_id("plg", pledge))
        cells = (f"{balances[name]:>9,}" if balances[name] else f"{'.':>9}" for name in names)
        rows.append(f"{pledge:<6}" + " ".join(cells))
    return "\n".join(rows)


def table(text: str) -> str:
    """A table as it is written in a test, without its margin."""
    lines = [line.rstrip() for line in text.strip("\n").splitlines() if line.strip()]
    margin = min(len(line) - len(line.lstrip()) for line in lines[1:])
    return "\n".join(line[margin:] for line in lines)
