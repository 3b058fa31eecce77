"""Old facts read as new ones: small pure steps from each version of a kind to the next.

Bytes once written are never edited; what changed in a shape is told here, one step per version.
"""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Step = Callable[[Json], Json]

_STEPS: dict[tuple[str, int], Step] = {}


def upcast(kind: str, *, from_version: int) -> Callable[[Step], Step]:
    """Register the step that turns version `from_version` of a kind into the next version."""

    def register(step: Step) -> Step:
        _STEPS[kind, from_version] = step
        return step

    return register


def to_version(kind: str, body: Json, *, version: int, wanted: int) -> Json:
    """Take all steps from `version` to `wanted`; `KeyError` names a step that nobody wrote."""
    while version < wanted:
        body = _STEPS[kind, version](body)
        version += 1
    return body
