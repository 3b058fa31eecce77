"""Facts survive their way over Kafka: encoding and decoding give the same fact, and always the same bytes."""

import json

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.export import json_schema
from schemas.export.kinds import Kind, kinds
from tests.contracts.schemas.strategies import facts

KINDS = list(kinds().values())
EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
QUICK = settings(
    max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None
)


@EVERY_KIND
@QUICK
@given(data=st.data())
def test_a_fact_is_the_same_after_its_way(kind: Kind, data: st.DataObject) -> None:
    fact = data.draw(facts(kind.fact))
    for log in kind.logs:
        body = log.codec.encode(fact)
        again = log.codec.decode(body, kind=kind.name, version=kind.version)
        assert again == fact
        assert type(again) is kind.fact
        assert log.codec.encode(again) == body


@EVERY_KIND
@QUICK
@given(data=st.data())
def test_every_fact_fits_its_published_schema(kind: Kind, data: st.DataObject) -> None:
    body = json.loads(kind.logs[0].codec.encode(data.draw(facts(kind.fact))))
    validator = jsonschema.Draft202012Validator(
        json_schema.document(kind), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert list(validator.iter_errors(body)) == []


@EVERY_KIND
def test_a_fact_with_an_unknown_field_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="extra_forbidden"):
        kind.logs[0].codec.decode(
            json.dumps({"kind": kind.name, "surprise": 1}).encode(), kind=kind.name, version=kind.version
        )


@EVERY_KIND
def test_a_fact_of_another_version_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="is not"):
        kind.logs[0].codec.decode(b"{}", kind=kind.name, version=kind.version + 1)


@EVERY_KIND
@QUICK
@given(data=st.data())
def test_a_fact_names_its_own_stream(kind: Kind, data: st.DataObject) -> None:
    fact = data.draw(facts(kind.fact))
    assert fact.stream == getattr(fact, kind.fact.STREAM)
