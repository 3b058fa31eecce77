"""The languages in which people read notices, screens and amounts."""

from typing import Literal

Language = Literal["id", "en"]
