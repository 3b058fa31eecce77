"""Old facts read as new ones: small pure steps from each version of a kind to the next.

Bytes once written are never edited; what changed in a shape is told here, one step per version. A step takes the JSON
object of its version and returns that of the next; it must not change the object it was given.
"""

from collections.abc import Callable
from typing import Any, Final

Json = dict[str, Any]
Step = Callable[[Json], Json]


class Upcasts:
    """The steps of a set of kinds."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], Step] = {}

    def upcast(self, kind: str, *, from_version: int) -> Callable[[Step], Step]:
        """Register the step that turns version `from_version` of a kind into the next version."""

        def register(step: Step) -> Step:
            if (kind, from_version) in self._steps:
                raise TypeError(f"two steps lead from {kind} v{from_version}")
            self._steps[kind, from_version] = step
            return step

        return register

    def knows(self, kind: str, from_version: int) -> bool:
        """Whether a step leads from this version to the next."""
        return (kind, from_version) in self._steps

    def to_version(self, kind: str, body: object, *, version: int, wanted: int) -> Json:
        """Take all steps from `version` to `wanted`. Raises `ValueError` for a body that has no way there."""
        if not isinstance(body, dict):
            raise ValueError(f"{kind} v{version} is no JSON object")  # noqa: TRY004  what is read, not how it is called
        while version < wanted:
            step = self._steps.get((kind, version))
            if step is None:
                raise ValueError(f"no step leads from {kind} v{version}")
            try:
                body = step(body)
            except (KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{kind} v{version} is not in the form of its version: {error}") from error
            version += 1
        return body


#: The steps of all kinds in the catalogue.
ALL: Final = Upcasts()
upcast = ALL.upcast
to_version = ALL.to_version
