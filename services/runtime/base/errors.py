"""Three families of failure, and the family is the treatment.

    Failure
    ├── RetryLater   the world is not ready: keep the place, wait with back-off and jitter, try again
    ├── Poison       this message will never work: dead-letter it, its stream waits, all others go on
    └── Defect       we are wrong: stop loudly
        └── Fenced   another owner took the shard: stop writing, reload

A refusal is no failure but an answer: see `Refused`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Failure(Exception):
    """Something that the loop must treat by its family. `code` is stable and fit for metrics."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class RetryLater(Failure):
    """The world is not ready. Keep the place, wait, try again."""


class Poison(Failure):
    """The message will never work. Dead-letter it; only its stream waits."""


class Defect(Failure):
    """We are wrong. Stop, loudly."""


class Fenced(Defect):
    """Another owner has taken the shard over since this one read its head."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a body: where (`pointer`, RFC 6901), which (`code`), and how to mend it."""

    pointer: str
    code: str
    detail: str


@dataclass(unsafe_hash=True)
class Refused(Exception):
    """A refusal: a value with a stable code. Deciders return it, the edge raises it and answers with it.

    `extra` are further members of the answer.
    """

    code: str
    detail: str
    errors: tuple[Problem, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)
