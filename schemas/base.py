"""The alphabet of all facts: the frozen base class and the types of their fields.

Promises that a fact is immutable, refuses unknown fields and lax types, and names its own stream.
Must not know any single fact, any service or any I/O.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

#: 26 characters of Crockford's base32 in lower case: a UUIDv7 in the form of the TypeID specification.
BASE32 = "[0-7][0-9a-hjkmnp-tv-z]{25}"


def _id(prefix: str) -> object:
    return Field(pattern=f"^{prefix}_{BASE32}$")


#: in the order in which facts flow
ServiceName = Literal["gateway", "matcher", "ledger", "notifier"]

DonorId = Annotated[str, _id("don")]
PledgeId = Annotated[str, _id("plg")]
WorkerId = Annotated[str, _id("wrk")]
MatchId = Annotated[str, _id("mat")]
RemittanceId = Annotated[str, _id("rem")]
ReceiptId = Annotated[str, _id("rcp")]
ImportId = Annotated[str, _id("imp")]
KeyId = Annotated[str, _id("key")]
WebhookId = Annotated[str, _id("whk")]
PersonId = Annotated[str, Field(pattern=f"^(wrk|don)_{BASE32}$")]

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
#: The last month of a quarter, in place of an exact month that would tell the month of birth: together with area and
#: occupation that can identify a person (UU 27/2022 art. 4: data combined to identify someone are personal data, too).
QuarterEnd = Annotated[str, Field(pattern=r"^20[0-9]{2}-(03|06|09|12)$")]
Area = Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$")]
City = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=64)]
#: A number that a bank, a payment provider or BPJS issued; no names, no blanks.
ExternalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$")]
Idr = Annotated[int, Field(ge=0, le=10**15)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Text = Annotated[str, Field(max_length=500)]


class Record(BaseModel):
    """A frozen value inside a fact: no unknown field, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """Returns a record of values that are valid by construction, ten times faster than with validation.

        A record without options takes its fields in their order, which is that of their encoding. Deciders make their
        facts so; their tests hold that every fact equals what validation makes of its bytes.
        """
        record = _new(cls)
        template = _TEMPLATES[cls]
        _set_fields(record, template | values if template else values)
        # what pydantic keeps besides the fields
        _set_fields_set(record, _NO_FIELDS)
        _set_extra(record, None)
        _set_private(record, None)
        return record


class _Templates(dict[type[Record], dict[str, Any]]):
    """Of a record with options: all its fields in their order with their defaults; of any other nothing."""

    def __missing__(self, record: type[Record]) -> dict[str, Any]:
        fields = record.model_fields
        options = any(not field.is_required() for field in fields.values())
        template = self[record] = {name: field.default for name, field in fields.items()} if options else {}
        return template


_TEMPLATES: Final = _Templates()
_NO_FIELDS: Final = set[str]()
_new: Final = object.__new__
# the slots of a model, which is frozen for all others
_set_fields, _set_fields_set, _set_extra, _set_private = (
    BaseModel.__dict__[slot].__set__ for slot in BaseModel.__slots__
)


class MatchGroup(Record):
    """Workers and, in the same order, their matches; what is equal for all of them stands beside them, once."""

    workers: tuple[WorkerId, ...]
    matches: tuple[MatchId, ...]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Returns each worker with the match."""
        return zip(self.workers, self.matches, strict=True)


def kind_of(fact: "type[Fact]") -> str:
    """The name of a kind of fact, such as `matches.made`."""
    return str(fact.model_fields["kind"].default)


class Fact(Record):
    """Something that happened. Each concrete fact adds `kind: Literal["thing.happened"] = "thing.happened"`."""

    #: Version of the shape; stays 1 until 1.0, for until then facts change in place.
    VERSION: ClassVar[int] = 1
    #: The field that names the stream (the Kafka key) of this fact.
    STREAM: ClassVar[str]

    @property
    def stream(self) -> str:
        """The id of the stream that this fact belongs to."""
        return str(getattr(self, self.STREAM))
