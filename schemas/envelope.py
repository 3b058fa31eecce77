"""How a fact travels: CloudEvents 1.0 in Kafka's binary mode, one set of headers per record.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
Pure; must not know any client library. `ce_sekulchain` carries the log's hash at this fact, so that a reader can
tell a fact of the log from a foreign record with the same number; `ce_sekulcause` is the position of the input that
the fact answers.

What recurs from record to record (source, type, instants of a batch) is made and read once and remembered: headers
are otherwise the dearest part of a fact's way.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final, Protocol

Headers = list[tuple[str, bytes]]


@dataclass(slots=True)
class Envelope:
    """The attributes of one fact on its way. `chain` is 32 bytes; `seq` counts from 1 within service and shard.

    Not frozen, because making a frozen one takes three times as long and one is made per record; nobody changes it.
    """

    service: str
    shard: int
    seq: int
    stream: str
    kind: str
    version: int
    at: datetime
    trace: str
    cause: str
    chain: bytes

    @property
    def position(self) -> str:
        """`<service>/<shard>/<seq>`: unique, and the CloudEvents id."""
        return f"{self.service}/{self.shard}/{self.seq}"

    def headers(self) -> Headers:
        """The record's headers."""
        return headers(self.service, self)


class Attributes(Protocol):
    """What a fact's headers are made of; an `Envelope` has it, and so has a fact of a log."""

    shard: int
    seq: int
    stream: str
    kind: str
    version: int
    at: datetime
    trace: str
    cause: str
    chain: bytes


def headers(service: str, of: Attributes) -> Headers:
    """The headers of a record, in the order in which CloudEvents lists the attributes."""
    source = f"{service}/{of.shard}"
    ce_type, schema = _names(of.kind, of.version)
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{source}/{of.seq}".encode()),
        ("ce_source", f"/sekul/{source}".encode()),
        ("ce_type", ce_type),
        ("ce_time", instant(of.at).encode()),
        ("ce_subject", of.stream.encode()),
        ("ce_sequence", b"%020d" % of.seq),
        ("ce_dataschema", schema),
        ("ce_sekulcause", of.cause.encode()),
        ("ce_sekulchain", of.chain.hex().encode()),
        ("content-type", b"application/json"),
        ("traceparent", of.trace.encode()),
    ]


#: the chain before the first fact of every log
GENESIS: Final = bytes(32)


def chain_hash(previous: bytes, *, seq: int, stream: str, kind: str, version: int, at: datetime, body: bytes) -> bytes:
    """The hash of a log up to and including a fact: SHA-256 over the hash before it, its attributes and its bytes."""
    attributes = f"{seq}\n{stream}\n{kind}\n{version}\n{instant(at)}\n{len(body)}\n"
    return sha256(previous + attributes.encode() + body).digest()


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
            headers.get("traceparent", b"").decode(),
            headers.get("ce_sekulcause", b"").decode(),
            bytes.fromhex(headers["ce_sekulchain"].decode()),
        )
    except KeyError as error:
        raise ValueError(f"header {error.args[0]} is absent") from error
    except (AttributeError, TypeError) as error:
        raise ValueError("a header has no value") from error


@lru_cache(maxsize=1024)
def _names(kind: str, version: int) -> tuple[bytes, bytes]:
    return f"sekul.{kind}.v{version}".encode(), f"/schemas/json/{kind}.v{version}.json".encode()


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
