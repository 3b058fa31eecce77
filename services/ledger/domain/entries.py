"""Journal entries: how money moves between accounts, and the one place that makes the fact which says so.

Promises that every entry's postings sum to zero. Must not decide whether money may move.
"""

from datetime import date
from typing import TypedDict, Unpack

from schemas.facts.ledger import EntryPosted
from schemas.facts.ledger_lines import Holding
from services.ledger.domain import accounts
from services.ledger.domain.accounts import BPJS_PAYABLE, BPJS_REFUNDABLE, BPJS_SETTLED, Book, book
from services.runtime.base.errors import Defect

#: Accounts and by how much each moves.
Moves = tuple[tuple[str, int], ...]


def move(pledge: str, source: Book, target: Book, idr: int) -> Moves:
    """Money of a promise from one book to the next."""
    return ((book(pledge, source), -idr), (book(pledge, target), idr))


def promise(pledge: str, donor: str, idr: int) -> Moves:
    """A donor promises (more)."""
    return ((accounts.promises(donor), -idr), (book(pledge, "promised"), idr))


def bill(pledge: str, donor: str, held: int, promised: int) -> Moves:
    """Iuran falls due: first from what was held for it, then from the promise."""
    total = held + promised
    return (
        (book(pledge, "held"), -held),
        (book(pledge, "promised"), -promised),
        (book(pledge, "due"), total),
        (accounts.payable(donor), total),
        (BPJS_PAYABLE, -total),
    )


def pool(donor: str, idr: int) -> Moves:
    """A donor pays what is payable to the licensed body."""
    return ((accounts.payable(donor), -idr), (accounts.cash(donor), idr))


def pay(pledge: str, donor: str, idr: int, *, pooled: bool) -> Moves:
    """BPJS is paid, by the donor or out of the pool."""
    source = accounts.cash(donor) if pooled else accounts.payable(donor)
    return (*move(pledge, "due", "remitted", idr), (source, -idr), (accounts.settled(donor), idr))


def confirm(pledge: str, idr: int) -> Moves:
    """BPJS says that it covers what was paid."""
    return (*move(pledge, "remitted", "confirmed", idr), (BPJS_PAYABLE, idr), (BPJS_SETTLED, -idr))


def reject(pledge: str, donor: str, idr: int) -> Moves:
    """BPJS says that it does not cover what was paid: the payer may have it back."""
    return (
        *move(pledge, "remitted", "released", idr),
        (accounts.settled(donor), -idr),
        (accounts.refundable(donor), idr),
        (BPJS_PAYABLE, idr),
        (BPJS_REFUNDABLE, -idr),
    )


def confirm_after_all(pledge: str, donor: str, idr: int) -> Moves:
    """BPJS covers what it had rejected before: the rejection is taken back, and the month confirmed."""
    return (
        *move(pledge, "released", "confirmed", idr),
        (accounts.refundable(donor), -idr),
        (accounts.settled(donor), idr),
        (BPJS_REFUNDABLE, idr),
        (BPJS_SETTLED, -idr),
    )


def forgo(pledge: str, donor: str, idr: int) -> Moves:
    """A month closes unpaid: nobody owes it any longer, and nobody was covered by it."""
    return (*move(pledge, "due", "released", idr), (accounts.payable(donor), -idr), (BPJS_PAYABLE, idr))


class Details(TypedDict, total=False):
    """What an entry may state besides."""

    month: str
    corrects: str
    effective: date
    holding: tuple[Holding, ...]


def entry(what: str, moves: Moves, *, pledge: str, about: str, **details: Unpack[Details]) -> EntryPosted:
    """A balanced entry; accounts that do not move are left out."""
    postings: dict[str, int] = {}
    for account, idr in moves:
        if idr:
            postings[account] = postings.get(account, 0) + idr
    if sum(postings.values()):
        raise Defect("entry.unbalanced", f"{what} of {pledge} about {about} does not sum to zero")
    return EntryPosted.trusted(pledge=pledge, what=what, about=about, postings=postings, **details)
