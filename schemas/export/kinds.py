"""All kinds of facts that the catalogue knows, each once, with the logs that carry it.

Pure; derived from `schemas.logs`.
"""

from dataclasses import dataclass

from schemas.base import Fact
from schemas.logs import CATALOGUE, Log


@dataclass(frozen=True)
class Kind:
    """A kind in its newest version."""

    name: str
    fact: type[Fact]
    logs: tuple[Log, ...]

    @property
    def version(self) -> int:
        """The newest version."""
        return self.fact.VERSION

    @property
    def type(self) -> str:
        """The CloudEvents type."""
        return f"sekul.{self.name}.v{self.version}"

    @property
    def file(self) -> str:
        """The name of its JSON Schema, and the last part of its `ce_dataschema`."""
        return f"{self.name}.v{self.version}.json"

    @property
    def about(self) -> str:
        """What it says, on one line."""
        return " ".join((self.fact.__doc__ or "").split())


def kinds() -> dict[str, Kind]:
    """All kinds by name, in alphabetical order."""
    carriers: dict[str, list[Log]] = {}
    shapes: dict[str, type[Fact]] = {}
    for log in CATALOGUE.values():
        for name, fact in log.codec.kinds.items():
            shapes[name] = fact
            carriers.setdefault(name, []).append(log)
    return {name: Kind(name, shapes[name], tuple(carriers[name])) for name in sorted(shapes)}
