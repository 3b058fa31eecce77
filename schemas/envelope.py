"""How an event travels: CloudEvents 1.0 in Kafka's binary mode, one set of headers per record.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
Pure; must not know any client library. `ce_sekulchain` carries the log's hash at this event, so that a reader can
tell an event of the log from a foreign record with the same number; `ce_sekulcause` is the position of the input that
the event answers, `ce_sekulactor` names who or what made it. All attributes are inside the hash.

Source, type and instants recur from record to record: their encodings are cached, since headers are otherwise the most
expensive part of a record.
"""

from binascii import hexlify, unhexlify
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Protocol

import orjson

Header = tuple[str, bytes]
Headers = list[Header]

#: the chain before the first event of every log
GENESIS: Final = bytes(32)
#: the cause of an event that answers a command
COMMAND: Final = "command"

_SPECVERSION: Final = ("ce_specversion", b"1.0")
_CONTENT_TYPE: Final = ("content-type", b"application/json")
_NO_TRACE: Final = ("traceparent", b"")


class Columns(Protocol):
    """A stored row by the names of its columns."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a column."""
        ...


@dataclass(slots=True)
class Envelope:
    """The attributes of one event. `chain` is 32 bytes; `seq` counts from 1 within service and shard.

    `actor` is `<role>/<key id>` for an event that answers a command from the edge, `service/<name>` for all others.
    `cause` is the position of the input that the event answers, or `command`. `trace` is a W3C `traceparent` or empty.

    Not frozen, because a frozen instance takes three times as long to make and one is made per record; only its maker
    sets `chain`, nothing changes it afterwards.
    """

    service: str
    shard: int
    seq: int
    stream: str
    kind: str
    version: int
    at: datetime
    actor: str
    cause: str
    trace: str
    chain: bytes = b""

    @classmethod
    def of_row(cls, service: str, row: Columns) -> "Envelope":
        """The envelope in a stored row of a service's log."""
        return cls(
            service,
            row["shard"],
            row["seq"],
            row["stream"],
            row["kind"],
            row["version"],
            row["at"],
            row["actor"],
            row["cause"],
            row["trace"],
            row["chain"],
        )

    @property
    def position(self) -> str:
        """`<service>/<shard>/<seq>`: unique, and the CloudEvents id."""
        return f"{self.service}/{self.shard}/{self.seq}"

    def headers(self) -> Headers:
        """The record's headers, in the order in which CloudEvents lists the attributes."""
        source, ce_source = _prefixes(self.service, self.shard)
        ce_type, ce_dataschema = _names(self.kind, self.version)
        return [
            _SPECVERSION,
            ("ce_id", b"%b%d" % (source, self.seq)),
            ce_source,
            ce_type,
            _time(self.at),
            ("ce_subject", self.stream.encode()),
            ("ce_sequence", b"%020d" % self.seq),
            ce_dataschema,
            _actor(self.actor),
            ("ce_sekulcause", self.cause.encode()),
            ("ce_sekulchain", hexlify(self.chain)),
            _CONTENT_TYPE,
            ("traceparent", self.trace.encode()) if self.trace else _NO_TRACE,
        ]

    def document(self) -> dict[str, Any]:
        """The same as a CloudEvent in JSON, still without `data`."""
        return {
            "specversion": "1.0",
            "id": self.position,
            "source": f"/sekul/{self.service}/{self.shard}",
            "type": f"sekul.{self.kind}.v{self.version}",
            "time": instant(self.at),
            "subject": self.stream,
            "sequence": f"{self.seq:020d}",
            "datacontenttype": "application/json",
            "dataschema": f"/schemas/json/{self.kind}.v{self.version}.json",
            "traceparent": self.trace,
            "sekulactor": self.actor,
            "sekulcause": self.cause,
            "sekulchain": self.chain.hex(),
        }


def chain_hash(previous: bytes, envelope: Envelope, body: bytes) -> bytes:
    """The hash of a log up to and including an event: SHA-256 over the hash before it, its attributes and its bytes.

    The attributes are hashed as a compact JSON array, so that no value can pass for a part of its neighbour.
    """
    attributes = orjson.dumps(
        (
            envelope.service,
            envelope.shard,
            envelope.seq,
            envelope.stream,
            envelope.kind,
            envelope.version,
            instant(envelope.at),
            envelope.actor,
            envelope.cause,
            envelope.trace,
        )
    )
    return sha256(b"%b%b%b" % (previous, attributes, body)).digest()


@lru_cache(maxsize=4096)
def instant(at: datetime) -> str:
    """RFC 3339 in UTC with a `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse(headers: dict[str, bytes]) -> Envelope:
    """The envelope in a record's headers. Raises `ValueError` when it is not one of ours."""
    try:
        service, shard = _source(headers["ce_source"])
        kind, version = _type(headers["ce_type"])
        return Envelope(
            service,
            shard,
            int(headers["ce_sequence"]),
            headers["ce_subject"].decode(),
            kind,
            version,
            _instant(headers["ce_time"]),
            headers["ce_sekulactor"].decode(),
            headers["ce_sekulcause"].decode(),
            headers.get("traceparent", b"").decode(),
            unhexlify(headers["ce_sekulchain"]),
        )
    except KeyError as error:
        raise ValueError(f"header {error.args[0]} is absent") from error
    except (AttributeError, TypeError) as error:
        raise ValueError("a header has no value") from error


def parse_document(document: Mapping[str, Any]) -> Envelope:
    """The envelope in a CloudEvent in JSON. Raises `ValueError` or `KeyError` when it is not one of ours."""
    service, shard = _source(document["source"].encode())
    kind, version = _type(document["type"].encode())
    return Envelope(
        service,
        shard,
        int(document["sequence"]),
        document["subject"],
        kind,
        version,
        _instant(document["time"].encode()),
        document["sekulactor"],
        document["sekulcause"],
        document["traceparent"],
        bytes.fromhex(document["sekulchain"]),
    )


@lru_cache(maxsize=4096)
def _time(at: datetime) -> Header:
    return "ce_time", instant(at).encode()


@lru_cache(maxsize=4096)
def _actor(actor: str) -> Header:
    return "ce_sekulactor", actor.encode()


@lru_cache(maxsize=4096)
def _prefixes(service: str, shard: int) -> tuple[bytes, Header]:
    return f"{service}/{shard}/".encode(), ("ce_source", f"/sekul/{service}/{shard}".encode())


@lru_cache(maxsize=1024)
def _names(kind: str, version: int) -> tuple[Header, Header]:
    schema = f"/schemas/json/{kind}.v{version}.json".encode()
    return ("ce_type", f"sekul.{kind}.v{version}".encode()), ("ce_dataschema", schema)


@lru_cache(maxsize=4096)
def _source(value: bytes) -> tuple[str, int]:
    _, root, service, shard = value.decode().split("/")
    if root != "sekul":
        raise ValueError("not a source of Sekul")
    return service, int(shard)


@lru_cache(maxsize=1024)
def _type(value: bytes) -> tuple[str, int]:
    prefix, _, rest = value.decode().partition(".")
    kind, _, version = rest.rpartition(".v")
    if prefix != "sekul":
        raise ValueError("not a type of Sekul")
    return kind, int(version)


@lru_cache(maxsize=4096)
def _instant(value: bytes) -> datetime:
    at = datetime.fromisoformat(value.decode())
    if at.tzinfo is None:
        raise ValueError("an instant without its time zone")
    return at


def parse_position(position: str) -> tuple[str, int, int] | None:
    """Service, shard and number of a position; None for anything else, such as `command`."""
    service, _, rest = position.partition("/")
    shard, _, seq = rest.partition("/")
    return (service, int(shard), int(seq)) if shard.isdecimal() and seq.isdecimal() else None
