"""Whole rupiah as people write and read them.

Promises integers: what is no whole amount, or can be read in two ways, is refused and never rounded or guessed.
"""

import re
from typing import Final

import lokal

from schemas.languages import Language

#: Thousands in groups of three, by one kind of sign, or no groups at all; sen only as zeros after the other sign.
_AMOUNT: Final = re.compile(
    r"(?:rp\.?|idr)?\s*(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+(?:,0{1,2}|,-)?"
    r"|[0-9]{1,3}(?:,[0-9]{3})+(?:\.0{1,2}|\.-)?"
    r"|[0-9]+(?:[.,]0{1,2}|[.,]-)?)",
    re.IGNORECASE,
)
_SEN: Final = re.compile(r"[.,](?:0{1,2}|-)$")
IDR_MAX: Final = 10**15


class NotAnAmount(ValueError):
    """A text that is no whole amount of rupiah."""


def format_rupiah(idr: int, language: Language = "id") -> str:
    """16800 as `Rp16.800`; for English readers `Rp16,800`."""
    text = lokal.format_rupiah(idr)
    return text.replace(".", ",") if language == "en" else text


def parse_rupiah(text: str) -> int:
    """The amount in `16800`, `16.800`, `16,800`, `Rp 16.800,00`, `16800.00` or `Rp16.800,-`.

    Raises `NotAnAmount` for sen, signs, words and groups that are not thousands.
    """
    found = _AMOUNT.fullmatch(text.strip().strip("'").strip())
    if found is None:
        raise NotAnAmount("not a whole amount of rupiah")
    idr = int(re.sub("[.,]", "", _SEN.sub("", found["whole"])))
    if idr > IDR_MAX:
        raise NotAnAmount("more rupiah than there are")
    return idr
