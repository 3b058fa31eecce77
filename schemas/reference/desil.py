"""From a family's desil in the DTSEN to the priority band of matching.

The desil comes from the holder of the DTSEN; it is never computed here.
"""

from typing import Final, Literal

Band = Literal[1, 2]
#: The bottom 40%: very poor, poor, near poor and vulnerable.
VULNERABLE: Final = range(1, 5)
DESIL: Final = range(1, 11)


def band(desil: int | None) -> Band:
    """1 for desil 1 to 4, else 2; an unknown desil is no reason to go first."""
    if desil is not None and desil not in DESIL:
        raise ValueError(f"desil {desil} is not between 1 and 10")
    return 1 if desil in VULNERABLE else 2
