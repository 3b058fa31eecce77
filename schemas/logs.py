"""The catalogue of logs: one topic per service, what it carries, who writes and who reads it.

Broker set-up, consumers, AsyncAPI and the documents derive from this file.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from schemas.base import ServiceName
from schemas.codec import Codec
from schemas.facts.gateway import GatewayFact
from schemas.facts.ledger import LedgerFact
from schemas.facts.matcher import MatcherFact
from schemas.facts.notifier import NotifierFact

__all__ = ["CATALOGUE", "CONTROL_TOPIC", "GATEWAY", "LEDGER", "MATCHER", "NOTIFIER", "Log", "ServiceName", "sources_of"]


@dataclass(frozen=True)
class Log:
    """A service's log and the topic that carries it; partition = shard, key = the stream's id."""

    owner: ServiceName
    carries: Any
    readers: tuple[ServiceName, ...]
    about: str
    retention_days: int = 30

    @property
    def topic(self) -> str:
        """The name of the Kafka topic."""
        return f"{self.owner}.facts"

    @cached_property
    def codec(self) -> Codec:
        """Decoder and encoder of this log's facts."""
        return Codec(self.carries)


GATEWAY: Final = Log(
    "gateway", GatewayFact, readers=("matcher", "ledger", "notifier"), about="what people, companies and BPJS submitted"
)
MATCHER: Final = Log(
    "matcher", MatcherFact, readers=("ledger", "notifier", "gateway"), about="who is protected by which slot"
)
LEDGER: Final = Log(
    "ledger", LedgerFact, readers=("matcher", "notifier", "gateway"), about="what is due, paid and confirmed"
)
NOTIFIER: Final = Log("notifier", NotifierFact, readers=("gateway",), about="which notices were sent to whom")

CATALOGUE: Final[dict[ServiceName, Log]] = {log.owner: log for log in (GATEWAY, MATCHER, LEDGER, NOTIFIER)}
#: Progress of every service and requests to publish again: hints, never truth; not a log.
CONTROL_TOPIC: Final = "sekul.control"


def sources_of(service: ServiceName) -> tuple[Log, ...]:
    """The logs that a service reads."""
    return tuple(log for log in CATALOGUE.values() if service in log.readers)
