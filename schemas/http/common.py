"""The base of all bodies and the types that they share.

Promises that a body with an unknown field, a lax type or a control character in a text is refused, so that nothing of
the kind reaches the database. Must not look anything up.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: characters that nobody sees by themselves: soft hyphen, zero-width and bidirectional ones
_UNSEEN = r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
#: No control characters (NUL cannot be stored, and line ends forge log lines), and something to be seen.
_PLAIN = rf"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f{_UNSEEN}][^\x00-\x1f\x7f]*$"

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_PLAIN)]
ShortText = Annotated[str, Field(min_length=1, max_length=100, pattern=_PLAIN)]
_ATOM = r"[^\s@\x00-\x1f\x7f]+"
Email = Annotated[str, Field(max_length=254, pattern=rf"^{_ATOM}@{_ATOM}\.{_ATOM}$")]
#: A NIK or telephone number as people write it; what it says is checked where the reference data is.
Number = Annotated[str, Field(min_length=1, max_length=40, pattern=_PLAIN)]
Url = Annotated[str, Field(min_length=10, max_length=2_000, pattern=r"^https?://[^\s\x00-\x1f\x7f<>\"{}|\\^`]+$")]


class Body(BaseModel):
    """A request's body: no unknown field, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Answer(BaseModel):
    """An answer; fields are added over time, and readers skip those they do not know."""

    model_config = ConfigDict(frozen=True)


class FieldProblem(Answer):
    """One thing that is wrong with a body: where (RFC 6901), which, and how to mend it."""

    pointer: str
    code: str
    detail: str


class ProblemDocument(Answer):
    """RFC 9457. `code` is stable; `type` leads to what it means."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FieldProblem] | None = None
