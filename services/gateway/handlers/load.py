"""Fetches what a batch of commands wants to know: one statement for each table, however many commands ask.

Claims of NIKs and erasures are done here too, because what they find is part of the world that is decided on; they are
undone with the transaction when it fails.
"""

from services.gateway.domain.command import Wants
from services.gateway.domain.state import State
from services.gateway.domain.world import CycleRow, DonorRow, PledgeRow, RemittanceRow, WorkerRow, World
from services.runtime.base.postgres import Connection, Queries
from services.runtime.vault import Vault

_SQL = Queries(__package__, "load.sql")


async def load(tx: Connection, vault: Vault, shard: int, state: State, wants: Wants) -> World:
    """The world of a batch."""
    world = World(shard_day=state.day)
    if wants.claims:
        world.owners = await vault.claim(tx, wants.claims)
        candidates = {candidate for _, candidate in wants.claims}
        for owner in world.owners.values():
            if owner not in candidates:
                wants.worker(owner)
    await _load_rows(tx, wants, world)
    if wants.of_age_in is not None:
        rows = await tx.fetch(_SQL["of_age"], shard, wants.of_age_in)
        world.of_age = [(row["worker"], row["eligible_until"]) for row in rows]
    if wants.records:
        world.records = await vault.read(tx, wants.records)
    for person, at in wants.erasures.items():
        if person in world.workers or person in world.donors:
            certificate = await vault.erase(tx, person, at)
            if certificate is not None:
                world.certificates[person] = certificate.document()
    return world


async def _load_rows(tx: Connection, wants: Wants, world: World) -> None:
    if wants.donors:
        for row in await tx.fetch(_SQL["donors"], list(wants.donors)):
            world.donors[row["donor"]] = DonorRow(**row)
    if wants.pledges:
        for row in await tx.fetch(_SQL["pledges"], list(wants.pledges)):
            world.pledges[row["pledge"]] = PledgeRow(**row)
    if wants.workers:
        world.workers = await workers(tx, list(wants.workers))
    if wants.remittances:
        for row in await tx.fetch(_SQL["remittances"], list(wants.remittances)):
            world.remittances[row["remittance"]] = RemittanceRow(**row)
    if wants.cycles:
        cities, months = zip(*wants.cycles, strict=True)
        for row in await tx.fetch(_SQL["cycles"], cities, months):
            world.cycles[row["city"], row["month"]] = CycleRow(**row)


async def workers(tx: Connection, ids: list[str]) -> dict[str, WorkerRow]:
    """Workers by their ids; who is unknown is absent."""
    return {row["worker"]: WorkerRow(**row) for row in await tx.fetch(_SQL["workers"], ids)}
