"""Facts that every log carries: the day that began, and inputs that could not be read or decided."""

from datetime import date
from typing import ClassVar, Literal

from schemas.base import Code, Count, Fact, ServiceName, Text


class DayBegan(Fact):
    """A day (Asia/Jakarta) began for this shard; the only way in which time enters a decision."""

    STREAM: ClassVar[str] = "clock"
    kind: Literal["day.began"] = "day.began"
    clock: Literal["clock"] = "clock"
    day: date


class DeadLetterRecorded(Fact):
    """An input of this service could not be decoded or decided; its stream waits behind it."""

    STREAM: ClassVar[str] = "about"
    kind: Literal["dead_letter.recorded"] = "dead_letter.recorded"
    about: Text
    source: ServiceName
    source_seq: Count
    code: Code
    detail: Text


class DeadLetterRedriven(Fact):
    """A dead letter was decided after all, in its order; its stream goes on."""

    STREAM: ClassVar[str] = "about"
    kind: Literal["dead_letter.redriven"] = "dead_letter.redriven"
    about: Text
    source: ServiceName
    source_seq: Count
