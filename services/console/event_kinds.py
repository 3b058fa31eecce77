"""The kinds of events, by the log that carries them, as the schemas declare them."""

from typing import Final, get_args

from schemas.base import kind_of
from schemas.logs import CATALOGUE

COMMON: Final = ("day.began", "dead_letter.recorded", "dead_letter.redriven")


def _kinds(union: object) -> tuple[str, ...]:
    members = get_args(get_args(union)[0])
    return tuple(kind_of(member) for member in members)


#: service (or `common`) and the kinds of its log
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    **{name: tuple(kind for kind in _kinds(log.carries) if kind not in COMMON) for name, log in CATALOGUE.items()},
    "common": COMMON,
}
