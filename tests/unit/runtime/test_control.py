"""What anybody may have written on the control topic is either a valid message or nothing."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.eventlog.control import (
    MESSAGE_BYTES_MAX,
    AnnounceRequest,
    ControlMessage,
    ProgressReport,
    RepublishRequest,
    decode,
    encode,
)

SHARDS = 16
PROGRESS = {"kind": "progress", "service": "gateway", "shard": 8, "seq": 5, "cursors": {"matcher": 7}}
REPUBLISH = {"kind": "republish_request", "service": "gateway", "shard": 8, "from_seq": 1}
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats()
WORDS = st.sampled_from(["gateway", "matcher", "progress", "republish_request", "announce_request"])


def _nested(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values) | st.dictionaries(st.sampled_from([*PROGRESS, *REPUBLISH]), values)


@pytest.mark.parametrize(
    "message",
    [
        ProgressReport(service="matcher", shard=15, seq=2**63 - 1, cursors={"gateway": 0, "ledger": 2**63 - 1}),
        RepublishRequest(service="ledger", shard=0, from_seq=1),
        AnnounceRequest(),
    ],
)
def test_a_message_survives_the_topic(message: ControlMessage) -> None:
    assert decode(encode(message), SHARDS) == message
    assert len(encode(message)) <= MESSAGE_BYTES_MAX


@pytest.mark.parametrize(
    "message",
    [
        REPUBLISH | {"from_seq": -5},
        REPUBLISH | {"from_seq": 0},
        REPUBLISH | {"from_seq": 2**63},
        REPUBLISH | {"from_seq": "1"},
        REPUBLISH | {"from_seq": True},
        REPUBLISH | {"shard": SHARDS},
        REPUBLISH | {"shard": -1},
        REPUBLISH | {"service": "intruder"},
        REPUBLISH | {"more": 1},
        PROGRESS | {"service": 5},
        PROGRESS | {"service": "intruder-99999"},
        PROGRESS | {"seq": 1e308},
        PROGRESS | {"seq": -1},
        PROGRESS | {"cursors": {"intruder": 1}},
        PROGRESS | {"cursors": {"gateway": 1}},
        PROGRESS | {"cursors": {"matcher": -1}},
        PROGRESS | {"cursors": 3},
        {"kind": "announce_request", "from": "x" * MESSAGE_BYTES_MAX},
        {"kind": "shutdown"},
        [],
        None,
    ],
)
def test_a_message_out_of_bounds_is_none(message: Any) -> None:
    assert decode(orjson.dumps(message), SHARDS) is None


def test_a_message_beyond_the_size_limit_is_none() -> None:
    assert decode(orjson.dumps(PROGRESS) + b" " * MESSAGE_BYTES_MAX, SHARDS) is None


@given(st.binary(max_size=200) | st.recursive(LEAVES | WORDS, _nested, max_leaves=8).map(orjson.dumps))
def test_arbitrary_bytes_are_none_or_a_message_within_bounds(value: bytes) -> None:
    message = decode(value, SHARDS)
    assert message is None or decode(encode(message), SHARDS) == message
    assert getattr(message, "shard", 0) < SHARDS
