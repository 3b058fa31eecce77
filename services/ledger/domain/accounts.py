"""The chart of accounts and its laws: every account of the books, what it says, and on which side of zero it stays.

The six books of a pledge tell what became of a promise; against them stands what its donor promised. The payer's
accounts tell what is owed to BPJS and what was paid; against them stand BPJS's. So each half sums to zero by itself.

    pledge opened      donor:promises   -> pledge:promised
    match made         promised         -> held                  (back when it ends before its months are billed)
    billed             held             -> due                   bpjs:payable    -> payer:payable
    paid               due              -> remitted              payer:payable   -> payer:settled
    paid, pooled       the same by way of pool:cash
    confirmed          remitted         -> confirmed             bpjs:settled    -> bpjs:payable
    rejected           remitted         -> released              payer:settled   -> payer:refundable, BPJS likewise
    unpaid at close    due              -> released              payer:payable   -> bpjs:payable
    pledge ended       promised         -> released

Must not know any fact or state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Book = Literal["promised", "held", "due", "remitted", "confirmed", "released"]

BOOKS: Final[tuple[Book, ...]] = ("promised", "held", "due", "remitted", "confirmed", "released")

BPJS_PAYABLE: Final = "bpjs:payable"
BPJS_SETTLED: Final = "bpjs:settled"
BPJS_REFUNDABLE: Final = "bpjs:refundable"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of account. `side` is +1 where a balance must not be negative, -1 where it must not be positive."""

    pattern: str
    side: Literal[1, -1]
    about: str


CHART: Final = (
    Kind("donor:*:promises", -1, "what a donor promised in all, counted down: the contra of the pledges' books"),
    Kind("pledge:*:promised", 1, "promised, and not yet set aside for a worker"),
    Kind("pledge:*:held", 1, "set aside for matched workers' months that are not billed yet"),
    Kind("pledge:*:due", 1, "billed, and not yet paid"),
    Kind("pledge:*:remitted", 1, "paid to BPJS, and not yet confirmed or rejected by it"),
    Kind("pledge:*:confirmed", 1, "confirmed by BPJS: months of cover"),
    Kind("pledge:*:released", 1, "no longer needed: ended, rejected or never paid"),
    Kind("payer:*:payable", 1, "what a payer owes BPJS by issued bills"),
    Kind("payer:*:settled", 1, "what a payer paid BPJS and BPJS did not reject"),
    Kind("payer:*:refundable", 1, "what a payer paid BPJS for months that BPJS rejected"),
    Kind("pool:*:cash", 1, "what a licensed body holds for a donor before it pays BPJS"),
    Kind(BPJS_PAYABLE, -1, "bills that BPJS has not answered: the contra of payable and settled"),
    Kind(BPJS_SETTLED, -1, "months that BPJS confirmed: the contra of settled"),
    Kind(BPJS_REFUNDABLE, -1, "months that BPJS was paid for and rejected: the contra of refundable"),
)

_SIDES: Final = {kind.pattern: kind.side for kind in CHART}


def promises(donor: str) -> str:
    """The account of all that a donor promised."""
    return f"donor:{donor}:promises"


def book(pledge: str, name: Book) -> str:
    """One of the six books of a pledge."""
    return f"pledge:{pledge}:{name}"


def payable(donor: str) -> str:
    """What a payer owes BPJS."""
    return f"payer:{donor}:payable"


def settled(donor: str) -> str:
    """What a payer paid BPJS."""
    return f"payer:{donor}:settled"


def refundable(donor: str) -> str:
    """What BPJS owes a payer for rejected months."""
    return f"payer:{donor}:refundable"


def cash(donor: str) -> str:
    """What a licensed body holds for a donor."""
    return f"pool:{donor}:cash"


def kind_of(account: str) -> str:
    """The pattern in the chart that an account follows. Raises `KeyError` for an account outside the chart."""
    first, _, rest = account.partition(":")
    pattern = f"{first}:*:{rest.rpartition(':')[2]}" if ":" in rest else account
    if pattern not in _SIDES:
        raise KeyError(account)
    return pattern


def forbidden(account: str, idr: int) -> bool:
    """Whether a balance stands on the side of zero that its account must never see."""
    return idr * _SIDES[kind_of(account)] < 0


def broken(balances: Mapping[str, int]) -> list[str]:
    """The accounts whose balances break the law of their side."""
    return [account for account, idr in balances.items() if forbidden(account, idr)]
