"""The laws of the books, from the ledger's log alone; shares only the chart of accounts with the ledger.

Entries sum to zero, no account is ever on the wrong side of zero, and no worker's month is billed twice.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from schemas.facts.ledger import BillIssued, EntryPosted
from schemas.money import format_rupiah
from services.ledger.domain import accounts
from services.ops.verify.finding import Finding, Law
from services.runtime.contract import Recorded


class Books:
    """An examiner of the ledger's log."""

    def __init__(self) -> None:
        self._entries = Law("books")
        self._once = Law("iuran")
        self._sides = Law("sides")
        self._balances: defaultdict[str, int] = defaultdict(int)
        #: per month the workers billed in it
        self._billed: defaultdict[str, set[str]] = defaultdict(set)

    def see(self, one: Recorded) -> None:
        """Check an entry or a bill."""
        match one.fact:
            case EntryPosted() as fact:
                self._entry(fact, f"ledger/{one.shard}/{one.seq}")
            case BillIssued() as fact:
                self._bill(fact, f"ledger/{one.shard}/{one.seq}")
            case _:
                pass

    def _entry(self, fact: EntryPosted, place: str) -> None:
        self._entries.counted += 1
        off = sum(fact.postings.values())
        if off:
            self._entries.breach(f"{place}: the entry is off by {off} rupiah")
        for account, idr in fact.postings.items():
            self._balances[account] += idr
        for account in fact.postings:
            self._side(account, place)

    def _side(self, account: str, place: str) -> None:
        try:
            wrong = accounts.forbidden(account, self._balances[account])
        except KeyError:
            self._sides.breach(f"{place}: {account} is no account of the chart")
            return
        if wrong:
            self._sides.breach(f"{place}: {account} has a balance of {self._balances[account]} rupiah")

    def _bill(self, fact: BillIssued, place: str) -> None:
        if sum(line.idr * len(line.workers) for line in fact.lines) != fact.total_idr:
            self._once.breach(f"{place}: the lines of the bill do not make its total")
        billed = self._billed[fact.month]
        for worker in chain.from_iterable(line.workers for line in fact.lines):
            self._once.counted += 1
            if worker in billed:
                self._once.breach(f"{place}: {worker} is billed twice for {fact.month}")
            billed.add(worker)

    def findings(self) -> Iterator[Finding]:
        """Returns the findings of entries, sides and iuran."""
        trial = sum(self._balances.values())
        if trial:
            self._entries.breach(f"the trial balance is {trial} rupiah")
        moved = format_rupiah(sum(idr for idr in self._balances.values() if idr > 0))
        yield self._entries.finding(f"{self._entries.counted:,} entries sum to zero each, and all accounts together")
        yield self._sides.finding(
            f"{len(self._balances):,} accounts on their side of zero at every moment, {moved} in all"
        )
        yield self._once.finding(f"{self._once.counted:,} worker-months, each billed once")
