"""Whether a process can do its work now, and if not, which shard cannot and why.

Ready means progress: every shard that the process owns can be read, written and published. Pure; the engine collects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ObstacleCode = Literal[
    "kafka.connecting",
    "kafka.away",
    "kafka.unassigned",
    "kafka.publishing",
    "database.away",
    "shard.none",
    "shard.opening",
    "shard.fenced",
    "shard.closed",
    "shard.stalled",
    "shard.behind",
]

#: how long a server may be silent, a batch may take and a reader may stay behind without applying anything
SILENT_S = 5.0
STALLED_S = 5.0
BEHIND_S = 30.0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a process or one of its shards from working."""

    code: ObstacleCode
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


@dataclass(frozen=True, slots=True)
class Readiness:
    """What keeps the whole process from working, or single shards."""

    process: Obstacle | None
    shards: Mapping[int, Obstacle]

    @property
    def ready(self) -> bool:
        """Whether nothing does."""
        return self.process is None and not self.shards

    @property
    def why(self) -> str:
        """All obstacles in one line."""
        whole = [str(self.process)] if self.process else []
        return "; ".join([*whole, *(f"shard {shard}: {one}" for shard, one in sorted(self.shards.items()))])


@dataclass(slots=True)
class Contact:
    """When a server answered last, and its last failure since."""

    code: ObstacleCode
    answered_at: float
    error: str = ""

    def answered(self, now: float) -> None:
        """The server has answered."""
        self.answered_at, self.error = now, ""

    def obstacle(self, now: float) -> Obstacle | None:
        """Why the server cannot be used, if it failed or has been silent for long."""
        if self.error:
            return Obstacle(self.code, self.error)
        silent = now - self.answered_at
        return Obstacle(self.code, f"no answer for {silent:.0f} s") if silent > SILENT_S else None


@dataclass(slots=True)
class Advance:
    """Per shard and source: the last event applied and since when, to tell a busy reader from a stuck one."""

    _seen: dict[tuple[int, str], tuple[int, float]] = field(default_factory=dict)

    def obstacle(self, place: tuple[int, str], applied: int, lag: int, now: float) -> Obstacle | None:
        """Why a shard counts as stuck, if a source has events for it and it has applied none of them for long."""
        before, since = self._seen.get(place, (-1, now))
        if not lag or applied != before:
            self._seen[place] = (applied, now)
            return None
        stuck = now - since
        detail = f"nothing of the {place[1]} applied for {stuck:.0f} s, {lag} to apply"
        return Obstacle("shard.behind", detail) if stuck > BEHIND_S else None
