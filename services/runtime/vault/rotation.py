"""Turning the master key over: what former keys wrapped is wrapped again, in the background, while everything runs.

Start with the new key as SEKUL_MASTER_KEY and the former ones in SEKUL_MASTER_KEYS_OLD. Once every process has started
that way and a later start logs zero persons, wrapping needs the former keys no longer; the look-up of persons still
derives from the oldest, which must stay. Must not read any record.
"""

from services.runtime.base.backoff import Backoff
from services.runtime.base.postgres import Pool, is_away
from services.runtime.base.telemetry import log
from services.runtime.vault.persons import Vault


async def rotate(pool: Pool, vault: Vault) -> None:
    """Wrap again what is left to wrap, and end; waits while the database is away."""
    if not vault.crypto.has_former_keys:
        return
    backoff = Backoff(0.2, 5.0)
    while True:
        try:
            async with pool.acquire() as connection:
                persons = await vault.rewrap(connection)
        except Exception as error:
            if not is_away(error):
                raise
            await backoff.wait()
        else:
            log.info("vault.rotated", persons=persons)
            return
