"""Answers about notices."""

from typing import Literal

from schemas.http.common import Answer


class MailAnswer(Answer):
    """A notice as its recipient reads it; the name is masked."""

    id: str
    at: str
    recipient: str
    audience: str
    name: str
    template: str
    language: Literal["id", "en"]
    subject: str
    text: str
