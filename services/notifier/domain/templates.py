"""What a kind of notice is: for whom, under which name CSR systems know it, and which parameters its words need.

Promises that a notice is made with exactly the parameters of its template. Must not hold a sentence of any language
(those are the files in `templates/`), personal data or any I/O.
"""

from dataclasses import dataclass
from typing import Final, Literal

from schemas.languages import Language

#: How a parameter is shown: months and days by name, rupiah and counts with separators, the rest as it stands.
Shape = Literal["month", "day", "idr", "count", "city", "id", "code"]
#: The language of workers, and of donors whose language the fact does not carry; a person's own choice precedes it.
DEFAULT_LANGUAGE: Final[Language] = "id"


@dataclass(frozen=True)
class Template:
    """A kind of notice. `event` is its type in webhooks; workers have no systems, hence no event.

    `for_leavers`: whether it still concerns a worker who has left the list, as the confirmation of the last month does.
    `recurs`: whether the fact behind it may come again with the same words; the keys of such notices carry the day.
    """

    name: str
    audience: Literal["worker", "donor"]
    params: dict[str, Shape]
    event: str | None = None
    for_leavers: bool = False
    recurs: bool = False

    def owed(self, recipient: str, *subject: str, language: Language = DEFAULT_LANGUAGE, **params: object) -> "Owed":
        """A notice of this kind. Raises `ValueError` if its parameters are not the template's."""
        if params.keys() != self.params.keys():
            raise ValueError(f"{self.name} takes the parameters {sorted(self.params)}, not {sorted(params)}")
        words = {name: str(value) for name, value in params.items()}
        return Owed(self, recipient, "/".join(subject), language, words)

    def data(self, params: dict[str, str]) -> dict[str, str | int]:
        """The parameters as a webhook carries them: amounts and counts as integers, all others as text."""
        return {name: int(text) if self.params[name] in ("idr", "count") else text for name, text in params.items()}


@dataclass(frozen=True)
class Owed:
    """A notice that is owed; with template and recipient, the subject is its key."""

    template: Template
    recipient: str
    subject: str
    language: Language
    params: dict[str, str]


def key_of(template: str, recipient: str, subject: str) -> str:
    """The key of a notice: no two notices have the same."""
    return f"{template}/{recipient}/{subject}"
