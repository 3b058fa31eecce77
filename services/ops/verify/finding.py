"""The result of checking a law: it holds, it is broken (with the first counter-example), or it needs a look."""

from dataclasses import dataclass, field
from typing import Literal

State = Literal["holds", "broken", "look"]


@dataclass(frozen=True)
class Finding:
    """One line of the result."""

    law: str
    state: State
    detail: str


@dataclass
class Law:
    """A law while it is checked. Keeps the first counter-example and the number of all."""

    name: str
    counted: int = 0
    broken: int = 0
    example: str = ""
    notes: list[str] = field(default_factory=list)

    def breach(self, example: str) -> None:
        """Record a counter-example."""
        self.broken += 1
        self.example = self.example or example

    def finding(self, words: str) -> Finding:
        """Returns the finding; `words` name what was checked."""
        words = "; ".join((words, *self.notes))
        if not self.broken:
            return Finding(self.name, "holds", words)
        more = f" (and {self.broken - 1} more)" if self.broken > 1 else ""
        return Finding(self.name, "broken", f"{self.example}{more}; {words}")
