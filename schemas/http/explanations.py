"""Answers to "why": why a worker waits, why a slot is idle."""

from typing import Any

from pydantic import Field

from schemas.http.common import Answer


class ReasonAnswer(Answer):
    """One reason, or one change: a sentence in English, and the values in it for sentences in other languages."""

    code: str
    detail: str
    values: dict[str, Any] = Field(default_factory=dict)


class ExplanationAnswer(Answer):
    """Why, or why not, and the smallest change that would help."""

    status: str
    why: list[ReasonAnswer]
    change: ReasonAnswer | None
