"""Answers about files that were sent: taken, how far, what became of each row."""

from typing import Literal

from schemas.base import ImportId
from schemas.http.common import Answer

ImportOf = Literal["workers", "pledges", "receipts"]


class ImportTaken(Answer):
    """The file is kept and will be read; ask for its state by the id."""

    id: ImportId


class FileProblem(Answer):
    """What ended a file before its time; rows before it were taken."""

    code: str
    detail: str


class ImportAnswer(Answer):
    """How far a file is. `rows` counts those that are done; `rows_expected` is a guess made before reading."""

    id: ImportId
    of: ImportOf
    status: Literal["running", "done"]
    rows: int
    accepted: int
    refused: int
    duplicates: int
    rows_expected: int | None
    problem: FileProblem | None = None
