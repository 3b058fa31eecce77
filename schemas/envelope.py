"""How a fact travels: CloudEvents 1.0 in Kafka's binary mode, one set of headers per record.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
Pure; must not know any client library. `ce_sekulchain` carries the log's hash at this fact, so that a reader can
tell a fact of the log from a foreign record with the same number; `ce_sekulcause` is the position of the input that
the fact answers.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one fact on its way. `chain` is 32 bytes; `seq` counts from 1 within service and shard."""

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
        """The record's headers, in the order in which CloudEvents lists the attributes."""
        return [
            ("ce_specversion", b"1.0"),
            ("ce_id", self.position.encode()),
            ("ce_source", b"/sekul/%s/%d" % (self.service.encode(), self.shard)),
            ("ce_type", b"sekul.%s.v%d" % (self.kind.encode(), self.version)),
            ("ce_time", instant(self.at).encode()),
            ("ce_subject", self.stream.encode()),
            ("ce_sequence", b"%020d" % self.seq),
            ("ce_dataschema", b"/schemas/json/%s.v%d.json" % (self.kind.encode(), self.version)),
            ("ce_sekulcause", self.cause.encode()),
            ("ce_sekulchain", self.chain.hex().encode()),
            ("content-type", b"application/json"),
            ("traceparent", self.trace.encode()),
        ]


#: the chain before the first fact of every log
GENESIS = bytes(32)


def link(previous: bytes, *, seq: int, stream: str, kind: str, version: int, at: datetime, body: bytes) -> bytes:
    """The hash of a log up to and including a fact: SHA-256 over the hash before it, its attributes and its bytes."""
    attributes = f"{seq}\n{stream}\n{kind}\n{version}\n{instant(at)}\n{len(body)}\n"
    return sha256(previous + attributes.encode() + body).digest()


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with a `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse(headers: dict[str, bytes]) -> Envelope:
    """The envelope in a record's headers. Raises `ValueError` when it is not one of ours."""
    try:
        _, root, service, shard = headers["ce_source"].decode().split("/")
        prefix, _, rest = headers["ce_type"].decode().partition(".")
        kind, _, version = rest.rpartition(".v")
        if root != "sekul" or prefix != "sekul":
            raise ValueError("not a source of Sekul")
        return Envelope(
            service=service,
            shard=int(shard),
            seq=int(headers["ce_sequence"]),
            stream=headers["ce_subject"].decode(),
            kind=kind,
            version=int(version),
            at=datetime.fromisoformat(headers["ce_time"].decode()),
            trace=headers.get("traceparent", b"").decode(),
            cause=headers.get("ce_sekulcause", b"").decode(),
            chain=bytes.fromhex(headers["ce_sekulchain"].decode()),
        )
    except KeyError as error:
        raise ValueError(f"header {error.args[0]} is absent") from error
