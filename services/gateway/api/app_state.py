"""What all routes share, made once: the service's context, keys, limits, peers, live streams."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

from fastapi import Request

from services.gateway.api.api_keys import Keyring
from services.gateway.api.rate_limits import Limiter
from services.gateway.inbound.fact_waiter import Arrivals
from services.gateway.inbound.live import Live
from services.gateway.outbound.peers import Peers
from services.runtime.process.app import Context
from services.runtime.vault import Vault


@dataclass(frozen=True)
class Face:
    """See the module."""

    context: Context
    vault: Vault
    keyring: Keyring
    limiter: Limiter
    peers: Peers
    live: Live
    arrivals: Arrivals
    #: set when a file has been stored, so that the import loop starts at once
    import_arrived: asyncio.Event = field(default_factory=asyncio.Event)
    #: requests with an Idempotency-Key that run in this process now
    running: set[tuple[str, str]] = field(default_factory=set)


def face_of(request: Request) -> Face:
    """The face that serves a request."""
    return cast("Face", request.app.state.face)
