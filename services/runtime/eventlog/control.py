"""The messages of the control topic: how far a service has come, and requests to its owner.

Promises that a message is known, complete and within bounds once it is decoded: anybody who reaches Kafka may write
anything there. Hints for displays and recovery; must not carry anything that correctness rests on.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from schemas.logs import ServiceName, sources_of

MESSAGE_BYTES_MAX: Final = 1_024

#: PostgreSQL's bigint, in which sequence numbers are stored
_SEQ_MAX: Final = 2**63 - 1
_Shard = Annotated[int, Field(ge=0, lt=1_024)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProgressReport(_Message):
    """The length of a service's log in one shard, and what it has applied of each source by then."""

    kind: Literal["progress"] = "progress"
    service: ServiceName
    shard: _Shard
    seq: Annotated[int, Field(ge=0, le=_SEQ_MAX)]
    cursors: Mapping[str, Annotated[int, Field(ge=0, le=_SEQ_MAX)]]

    @model_validator(mode="after")
    def _sources_only(self) -> Self:
        if not self.cursors.keys() <= {log.owner for log in sources_of(self.service)}:
            raise ValueError(f"the {self.service} does not read all of {sorted(self.cursors)}")
        return self


class RepublishRequest(_Message):
    """A reader misses events of `service` from a number on."""

    kind: Literal["republish_request"] = "republish_request"
    service: ServiceName
    shard: _Shard
    from_seq: Annotated[int, Field(ge=1, le=_SEQ_MAX)]


class AnnounceRequest(_Message):
    """A process has just started and knows nobody's progress."""

    kind: Literal["announce_request"] = "announce_request"


ControlMessage = ProgressReport | RepublishRequest | AnnounceRequest

_MESSAGES: Final[TypeAdapter[ControlMessage]] = TypeAdapter(Annotated[ControlMessage, Field(discriminator="kind")])


def encode(message: ControlMessage) -> bytes:
    """A message as it lies on the topic."""
    return message.model_dump_json().encode()


def decode(value: bytes, shards: int) -> ControlMessage | None:
    """The message in a record's value, or None if it is none or names a shard that does not exist."""
    if len(value) > MESSAGE_BYTES_MAX:
        return None
    try:
        message = _MESSAGES.validate_json(value)
    except ValidationError:
        return None
    return None if isinstance(message, ProgressReport | RepublishRequest) and message.shard >= shards else message
