"""Fetches what a batch of commands requires: one statement for each table, however many commands ask.

Claims of NIKs and erasures are done here too, because what they find is part of the context; they are
undone with the transaction when it fails.
"""

from services.gateway.domain.command import Requirements
from services.gateway.domain.command_context import (
    CommandContext,
    CycleRow,
    DonorRow,
    PledgeRow,
    RemittanceRow,
    WorkerRow,
)
from services.gateway.domain.erasure import certify
from services.gateway.domain.state import State
from services.runtime.base.postgres import Connection, Queries
from services.runtime.vault import Vault

_SQL = Queries(__package__, "load.sql")


async def load(tx: Connection, vault: Vault, shard: int, state: State, requirements: Requirements) -> CommandContext:
    """The context of a batch."""
    context = CommandContext(shard_day=state.day)
    if requirements.claims:
        context.owners = await vault.claim(tx, requirements.claims)
        candidates = {candidate for _, candidate in requirements.claims}
        for owner in context.owners.values():
            if owner not in candidates:
                requirements.worker(owner)
    await _load_rows(tx, requirements, context)
    if requirements.aged_out_by is not None:
        rows = await tx.fetch(_SQL["aged_out"], shard, requirements.aged_out_by)
        context.aged_out = [(row["worker"], row["eligible_until"]) for row in rows]
    if requirements.records:
        context.records = await vault.read(tx, requirements.records)
    for person, at in requirements.erasures.items():
        if person in context.workers or person in context.donors:
            tombstone = await vault.erase(tx, person, at)
            if tombstone is not None:
                context.certificates[person] = certify(*tombstone).document()
    return context


async def _load_rows(tx: Connection, requirements: Requirements, context: CommandContext) -> None:
    if requirements.donors:
        for row in await tx.fetch(_SQL["donors"], list(requirements.donors)):
            context.donors[row["donor"]] = DonorRow(**row)
    if requirements.pledges:
        for row in await tx.fetch(_SQL["pledges"], list(requirements.pledges)):
            context.pledges[row["pledge"]] = PledgeRow(**row)
    if requirements.workers:
        context.workers = await workers(tx, list(requirements.workers))
    if requirements.remittances:
        for row in await tx.fetch(_SQL["remittances"], list(requirements.remittances)):
            context.remittances[row["remittance"]] = RemittanceRow(**row)
    if requirements.cycles:
        cities, months = zip(*requirements.cycles, strict=True)
        for row in await tx.fetch(_SQL["cycles"], cities, months):
            context.cycles[row["city"], row["month"]] = CycleRow(**row)


async def workers(tx: Connection, ids: list[str]) -> dict[str, WorkerRow]:
    """Workers by their ids; who is unknown is absent."""
    return {row["worker"]: WorkerRow(**row) for row in await tx.fetch(_SQL["workers"], ids)}
