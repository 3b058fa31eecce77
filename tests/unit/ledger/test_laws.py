"""Laws that hold in every history: of promises, matches, bills, payments, receipts, closings and days in any order.

`World.tell` holds after each step that every entry sums to zero, that no account stands on its forbidden side, that
facts survive their encoding, and that deciding again says nothing new.
"""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from schemas import months
from schemas.facts.ledger import BillIssued, RemittancePrepared
from services.ledger.domain import snapshot
from services.ledger.domain.state import State
from tests.support.ledger import CITY, an_id
from tests.support.ledger_story import Story

OCCUPATIONS = ("ojek", "pedagang", "art", "sopir")
DONORS = ("D1", "D2", "D3")
WORKERS = tuple(f"W{number}" for number in range(12))
WORDS = st.sampled_from(("confirmed", "confirmed", "rejected", "8400", "16800"))


class Histories(RuleBasedStateMachine):
    """A city's ledger, to which anything may happen that the other services can say."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.pledges = 0
        self.next_month = "2026-12"
        self.billed: list[str] = []

    # -- what may happen -----------------------------------------------------------------------------------------

    @rule(
        donor=st.sampled_from(DONORS),
        slots=st.integers(1, 4),
        after=st.integers(0, 1),
        term=st.integers(3, 9),
        words=st.lists(st.sampled_from(("pooled", "transport")), unique=True),
        workers=st.lists(st.sampled_from(WORKERS), unique=True, max_size=5),
    )
    def open_pledge(self, donor: str, slots: int, after: int, term: int, words: list[str], workers: list[str]) -> None:
        self.pledges += 1
        starts = months.add(self.next_month, after)
        self.story.pledge(f"P{self.pledges}", donor, slots, starts, months.add(starts, term - 1), *words)
        for number, worker in enumerate(workers):
            self.match(self.pledges, worker, OCCUPATIONS[number % 2])

    @precondition(lambda self: self.pledges)
    @rule(which=st.integers(1, 9), worker=st.sampled_from(WORKERS), occupation=st.sampled_from(OCCUPATIONS))
    def match(self, which: int, worker: str, occupation: str) -> None:
        pledge = f"P{1 + (which - 1) % self.pledges}"
        until = self.story.terms[pledge][1]
        if not any(m.worker == worker and m.until >= self.next_month for m in self.story.matches.values()):
            self.story.match(pledge, worker, occupation, self.next_month, until)

    @precondition(lambda self: self.story.matches)
    @rule(data=st.data(), later=st.integers(-1, 3))
    def unmatch(self, data: st.DataObject, later: int) -> None:
        found = data.draw(st.sampled_from(sorted(self.story.matches)))
        match = self.story.matches[found]
        self.story.unmatch(match.pledge, match.worker, months.add(self.next_month, later))

    @precondition(lambda self: self.pledges)
    @rule(data=st.data(), slots=st.integers(0, 5), term=st.integers(-1, 6))
    def reshape(self, data: st.DataObject, slots: int, term: int) -> None:
        pledge = f"P{data.draw(st.integers(1, self.pledges))}"
        self.story.reshape(pledge, slots, months.add(self.next_month, term))

    @precondition(lambda self: self.pledges)
    @rule(data=st.data(), later=st.integers(-1, 4))
    def end(self, data: st.DataObject, later: int) -> None:
        self.story.end(f"P{data.draw(st.integers(1, self.pledges))}", months.add(self.next_month, later))

    @precondition(lambda self: any(m.until >= self.next_month for m in self.story.matches.values()))
    @rule(skipped=st.sampled_from((0, 0, 0, 1)))
    def bill(self, skipped: int) -> None:
        month = months.add(self.next_month, skipped)
        self.story.bill(month)
        self.billed.append(month)
        self.next_month = months.add(month, 1)

    @precondition(lambda self: self.story.remittances)
    @rule(which=st.integers(0, 99), short=st.sampled_from((0, 0, 0, 0, 1, -1)), late=st.integers(-20, 20))
    def pay(self, which: int, short: int, late: int) -> None:
        due, donor = self.remittance(which)
        self.story.pay(donor, due.month, due.total_idr - short, self.story.at.date() + timedelta(days=late))

    @precondition(lambda self: self.story.remittances)
    @rule(which=st.integers(0, 99), words=st.lists(WORDS, min_size=1, max_size=5), unknown=st.booleans())
    def receipt(self, which: int, words: list[str], unknown: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        due, donor = self.remittance(which)
        on_it = [name for name in WORKERS if an_id("wrk", name) in self.workers_of(due.remittance)]
        workers = [*(["W99"] if unknown else []), *on_it[which % 3 :], *on_it[: which % 3]]
        self.story.receipt(donor, due.month, dict(zip(workers, words, strict=False)))

    @precondition(lambda self: self.story.remittances)
    @rule(which=st.integers(0, 99))
    def settle(self, which: int) -> None:
        due, donor = self.remittance(which)
        self.story.pay(donor, due.month)
        workers = [name for name in WORKERS if an_id("wrk", name) in self.workers_of(due.remittance)]
        self.story.receipt(donor, due.month, dict.fromkeys(workers, "confirmed"))

    @precondition(lambda self: self.billed)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        self.story.close(data.draw(st.sampled_from(self.billed)))

    @rule(days=st.integers(1, 20))
    def days_pass(self, days: int) -> None:
        self.story.day((self.story.at + timedelta(days=days)).date())

    @rule(worker=st.sampled_from(WORKERS), back=st.integers(0, 40))
    def leave(self, worker: str, back: int) -> None:
        self.story.leave(worker, (self.story.at - timedelta(days=back)).date())

    def remittance(self, which: int) -> tuple[RemittancePrepared, str]:
        """One of the remittances, most often a late one, and its payer's name."""
        found = list(self.story.remittances.values())
        due = found[-1 - which % len(found)]
        return due, next(name for name in DONORS if an_id("don", name) == due.donor)

    def workers_of(self, remittance: str) -> set[str]:
        """Who was billed on a remittance."""
        bills = [one.fact for one in self.story.log if isinstance(one.fact, BillIssued)]
        return {
            worker for bill in bills if bill.remittance == remittance for line in bill.lines for worker in line.workers
        }

    # -- what must hold ------------------------------------------------------------------------------------------

    @invariant()
    def the_books_balance(self) -> None:
        assert sum(self.story.balances.values()) == 0

    @invariant()
    def what_was_promised_is_what_became_of_it(self) -> None:
        promised = -sum(idr for account, idr in self.story.balances.items() if account.startswith("donor:"))
        assert promised == sum(sum(self.story.books(an_id("plg", f"P{n + 1}")).values()) for n in range(self.pledges))

    @invariant()
    def what_payers_owe_and_paid_is_what_the_pledges_say(self) -> None:
        def total(suffix: str) -> int:
            return sum(idr for account, idr in self.story.balances.items() if account.endswith(f":{suffix}"))

        bpjs = sum(idr for account, idr in self.story.balances.items() if account.startswith("bpjs:"))
        payers = sum(idr for account, idr in self.story.balances.items() if account.startswith("payer:"))
        assert bpjs + payers == 0
        assert sum(idr for account, idr in self.story.balances.items() if account.startswith("pool:")) == 0
        assert total("due") == sum(
            idr for account, idr in self.story.balances.items() if account.startswith("payer:") and "payable" in account
        )

    @invariant()
    def the_state_agrees_with_the_journal(self) -> None:
        for name, pledge in self.story.state.pledges.items():
            assert pledge.books == self.story.books(name)
            assert pledge.books["held"] == sum(hold.idr for hold in pledge.holds.values())

    @invariant()
    def every_worker_month_is_in_one_state(self) -> None:
        city = self.story.state.cities.get(CITY)
        for month, cycle in (city.cycles if city else {}).items():
            lines = [
                worker
                for one in self.story.log
                if isinstance(one.fact, BillIssued) and one.fact.month == month
                for line in one.fact.lines
                for worker in line.workers
            ]
            assert sorted(cycle.workers) == sorted(lines)

    def teardown(self) -> None:
        """At the end of each history: a replay of the log has the same state, and so has a snapshot."""
        assert self.story.replayed() == self.story.state
        assert order(snapshot.load(snapshot.dump(self.story.state))) == order(self.story.state)


def order(state: State) -> tuple[State, list[str]]:
    """A state, and the order of its tables, on which later decisions depend."""
    covers = [worker for city in state.cities.values() for worker in city.cover]
    cycles = [cycle for city in state.cities.values() for cycle in city.cycles.values()]
    rest = [worker for cycle in cycles for worker in cycle.workers]
    return state, [*state.pledges, *state.remittances, *covers, *rest]


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
