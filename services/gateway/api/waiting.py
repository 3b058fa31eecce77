"""`Sekul-After`: a read waits until a write is to be seen.

Promises that nothing is waited for before the key is known, nor longer than the settings say.
"""

import re
from typing import Final

from schemas.logs import CATALOGUE
from services.gateway.api.call import Call
from services.gateway.api.problems import refuse

_POSITION: Final = re.compile(rf"({'|'.join(CATALOGUE)})/([0-9]{{1,4}})/([0-9]{{1,15}})".encode())


def position_of(call: Call) -> str | None:
    """The position to wait for. Raises `Refused` when it cannot be one."""
    given = call.received.get(b"sekul-after")
    if given is None:
        return None
    found = _POSITION.fullmatch(given)
    if found is None:
        raise refuse("position.invalid", "a position is `<service>/<shard>/<number>`, as a write was answered with")
    service, shard, seq = found[1].decode(), int(found[2]), int(found[3])
    if shard >= call.state.context.settings.shards:
        raise refuse("position.invalid", "there is no such shard")
    processor = call.state.context.engine.processors.get(shard)
    if service == "gateway" and processor is not None and processor.status == "live" and seq > processor.head.seq:
        raise refuse("position.invalid", "nothing has been written there yet")
    return given.decode()


async def wait(call: Call, position: str) -> None:
    """Wait until matcher and ledger have applied a write, and their answers are in the read models."""
    progress, timeout = call.state.context.engine.progress, call.state.context.settings.http.wait_longest_s
    if await progress.wait(position, ("matcher", "ledger"), reader="gateway", timeout=timeout):
        return
    service, shard, seq = position.split("/")
    if int(seq) > progress.head_of(service, int(shard)):
        raise refuse("position.invalid", "nothing is known to have been written there")
    raise refuse("read.not_yet", f"not to be seen after {timeout:g} s; the services are behind")
