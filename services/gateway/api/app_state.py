"""What all routes share, made once: the context, keys, limits, peers, and who waits for facts and commits."""

import asyncio
from dataclasses import dataclass, field

from services.context import Context
from services.gateway.api.api_keys import Keyring
from services.gateway.api.gathering import Gathering
from services.gateway.api.queries.models import Models
from services.gateway.api.rate_limits import Limiter
from services.gateway.inbound.commit_signal import CommitSignal
from services.gateway.inbound.fact_waiter import FactWaiter
from services.gateway.outbound.peers import Peers
from services.runtime.vault import Vault


@dataclass(frozen=True)
class AppState:
    """See the module."""

    context: Context
    vault: Vault
    keyring: Keyring
    limiter: Limiter
    peers: Peers
    models: Models
    commits: CommitSignal
    facts: FactWaiter
    gathering: Gathering = field(default_factory=Gathering)
    #: set when a file has been stored, so that the import loop starts at once
    import_arrived: asyncio.Event = field(default_factory=asyncio.Event)
    #: requests with an Idempotency-Key that run in this process now
    running: set[tuple[str, str]] = field(default_factory=set)
