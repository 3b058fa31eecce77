"""Answers to "why": why a worker waits, why a slot is idle."""

from schemas.http.common import Answer


class ReasonAnswer(Answer):
    """One reason, or one change."""

    code: str
    detail: str


class ExplanationAnswer(Answer):
    """Why, or why not, and the smallest change that would help."""

    status: str
    why: list[ReasonAnswer]
    change: ReasonAnswer | None
