"""A service answers no fact of a kind that it does not handle: such facts may pass by unread."""

from collections.abc import Iterator

import pytest

from schemas.export import examples
from schemas.facts.gateway import RedriveRequested
from schemas.logs import Log, ServiceName, sources_of
from services.ops.verify.run import service_of
from services.runtime.contract import Received
from services.settings import Settings
from tests.support.notices import received

READERS: tuple[ServiceName, ...] = ("matcher", "ledger", "notifier")


def readable(source: Log) -> Iterator[Received]:
    """An example of each kind that a log carries."""
    for kind, version, file in examples():
        if kind in source.codec.kinds:
            fact = source.codec.decode(file.read_bytes(), kind=kind, version=version)
            yield received(fact, seq=1, source=source.owner)


@pytest.mark.parametrize("name", READERS)
def test_kinds_that_are_not_handled_lead_to_nothing(name: ServiceName) -> None:
    service = service_of(name, Settings())
    passing = [
        one
        for source in sources_of(name)
        for one in readable(source)
        if service.handles is not None and type(one.fact) not in {*service.handles, RedriveRequested}
    ]
    assert passing
    decided = {one.kind: list(service.decider.decide(service.decider.initial(0), one)) for one in passing}
    assert not any(decided.values()), decided


@pytest.mark.parametrize("name", READERS)
def test_a_service_handles_only_what_its_sources_carry(name: ServiceName) -> None:
    handles = service_of(name, Settings()).handles
    assert handles is not None
    assert handles <= {fact for source in sources_of(name) for fact in source.codec.kinds.values()}
