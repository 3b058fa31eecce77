"""Our records are CloudEvents 1.0 in Kafka's binary mode: the official SDK reads them, and we read what it writes."""

import json
from datetime import UTC, datetime

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from jsonschema import Draft202012Validator

from schemas import envelope
from schemas.export import ROOT, examples, generated
from schemas.export.kinds import kinds

NEWEST = [(kind, version, file) for kind, version, file in examples() if version == kinds()[kind].version]


def record(kind: str, version: int, body: bytes) -> tuple[envelope.Envelope, KafkaMessage]:
    """A fact as it lies on its topic."""
    log = kinds()[kind].logs[0]
    fact = log.codec.decode(body, kind=kind, version=version)
    envelop = envelope.Envelope(
        service=log.owner,
        shard=3,
        seq=42,
        stream=fact.stream,
        kind=kind,
        version=version,
        at=datetime(2026, 12, 1, 2, 30, 0, 123456, tzinfo=UTC),
        actor="operator/key_1",
        trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        cause="gateway/3/41",
        chain=bytes(range(32)),
    )
    return envelop, KafkaMessage(dict(envelop.headers()), fact.stream.encode(), log.codec.encode(fact))


@pytest.mark.parametrize(("kind", "version", "file"), NEWEST, ids=[kind for kind, *_ in NEWEST])
def test_the_official_sdk_reads_our_facts(kind: str, version: int, file: object) -> None:
    _, message = record(kind, version, file.read_bytes())  # type: ignore[attr-defined]
    event = from_binary_event(message)
    assert event.get_specversion() == "1.0"
    assert event.get_type() == f"sekul.{kind}.v{version}"
    assert event.get_source() == f"/sekul/{kinds()[kind].logs[0].owner}/3"
    assert event.get_id() == event.get_source().removeprefix("/sekul/") + "/42"
    assert event.get_subject() == message.key.decode()  # type: ignore[union-attr]
    assert event.get_time() == datetime(2026, 12, 1, 2, 30, 0, 123456, tzinfo=UTC)
    assert event.get_extension("sequence") == "0" * 18 + "42"
    assert event.get_data() == json.loads(message.value)


def test_the_schema_that_a_fact_names_is_on_disk_and_fits_it() -> None:
    kind, version, file = NEWEST[0]
    _, message = record(kind, version, file.read_bytes())
    event = from_binary_event(message)
    validator = Draft202012Validator(
        json.loads((ROOT.parent / str(event.get_dataschema()).lstrip("/")).read_text("utf-8"))
    )
    assert list(validator.iter_errors(event.get_data())) == []


def test_what_the_sdk_writes_again_we_read_as_the_same_envelope() -> None:
    kind, version, file = NEWEST[0]
    ours, message = record(kind, version, file.read_bytes())
    again = to_binary_event(from_binary_event(message))
    headers = {**again.headers, "traceparent": message.headers["traceparent"]}
    assert envelope.parse(headers) == ours


def test_our_headers_are_those_that_asyncapi_promises() -> None:
    kind, version, file = NEWEST[0]
    _, message = record(kind, version, file.read_bytes())
    document = generated()["asyncapi.json"]["components"]
    headers = {name: value.decode() for name, value in message.headers.items()}
    jsonschema.validate(headers, document["messageTraits"]["cloudevent"]["headers"])
    jsonschema.validate(headers, document["messages"][f"{kind.replace('.', '-')}-v{version}"]["headers"])
    assert set(headers) - {"ce_type", "ce_dataschema"} == set(
        document["messageTraits"]["cloudevent"]["headers"]["properties"]
    )
