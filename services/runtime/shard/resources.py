"""What all shard processors of a process share."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.logs import Log
from services.runtime.base.clock import Clock
from services.runtime.base.settings import Loop
from services.runtime.contract import Service
from services.runtime.eventlog.relay import Relay
from services.runtime.eventlog.store import Store


@dataclass(frozen=True)
class ProcessResources:
    """See the module. `owner` names the process in the head rows."""

    service: Service
    sources: Sequence[Log]
    store: Store
    relay: Relay
    loop: Loop
    clock: Clock
    owner: str
