"""Facts as they are published."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from schemas.envelope import Envelope
from services.gateway.domain.event_view import EventView

WRK = "wrk_01m85mg280fvkbbkdtr1qqwcjb"
PLG = "plg_01m85mg280e1etvw6e1ybftrkd"


def view(**data: Any) -> EventView:
    at = datetime(2026, 11, 24, 2, tzinfo=UTC)
    actor, cause, trace = "service/matcher", "gateway/3/5", "00-a-b-01"
    envelope = Envelope("matcher", 3, 17, PLG, "matches.made", 1, at, actor, cause, trace, bytes(32))
    return EventView(envelope, orjson.dumps(data))


def test_a_fact_is_published_as_a_cloudevent_with_the_bytes_of_the_log() -> None:
    document = orjson.loads(orjson.dumps(view(worker=WRK).document()))
    assert document == {
        "specversion": "1.0",
        "id": "matcher/3/17",
        "source": "/sekul/matcher/3",
        "type": "sekul.matches.made.v1",
        "time": "2026-11-24T02:00:00Z",
        "subject": PLG,
        "sequence": "00000000000000000017",
        "datacontenttype": "application/json",
        "dataschema": "/schemas/json/matches.made.v1.json",
        "traceparent": "00-a-b-01",
        "sekulactor": "service/matcher",
        "sekulcause": "gateway/3/5",
        "sekulchain": "0" * 64,
        "data": {"worker": WRK},
    }


def test_a_fact_speaks_of_its_stream_and_of_whom_it_names() -> None:
    assert view().speaks_of((PLG,))
    assert view(lines=[{"worker": WRK}]).speaks_of((WRK,))
    assert not view().speaks_of((WRK,))


@pytest.mark.parametrize(
    ("data", "area", "lies"),
    [
        ({"area": "36.72.01.1001"}, "36.72.01", True),
        ({"area": "36.72.01.1001"}, "36.72.02", False),
        ({"city": "36.72"}, "36.72.01", True),
        ({"city": "36.72", "area": "36.72.01.1001"}, "36.72.02", False),
        ({"city": "36.72", "lines": [{"worker": WRK}]}, "36.72.02", False),
        ({"scope": {"areas": ["36.72.02"]}}, "36.72.02.1001", True),
        ({"worker": WRK}, "36.72.05", True),
        ({"person": WRK}, "36.72.05", True),
        ({"lines": [{"worker": WRK}]}, "36.72.05", True),
        ({"lines": [{"workers": [WRK]}]}, "36.72.05", True),
        ({"lines": [{"workers": [WRK]}]}, "36.72.06", False),
        ({"holding": [{"workers": [WRK]}]}, "36.72.05", True),
        ({"city": "36.72", "lines": [{"workers": [WRK]}]}, "36.72.06", False),
        ({"worker": WRK}, "36.72.06", False),
        ({"lines": []}, "36.72", False),
    ],
)
def test_a_fact_concerns_the_areas_that_it_names_and_those_where_its_workers_live(
    data: dict[str, Any],
    area: str,
    lies: bool,  # noqa: FBT001
) -> None:
    assert view(**data).lies_in(area, {WRK: "36.72.05.1001"}) is lies
