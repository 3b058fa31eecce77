"""The gateway's handler: decides a batch of commands in one transaction, so that concurrent requests share a commit.

Promises that each command sees what those before it in the batch have done, that it is done once however often it is
sent, and that a refusal leaves no trace. Must not know any single command.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.gateway.domain.command import Decided, GatewayCommand, IdempotencyKey, Requirements
from services.gateway.domain.command_context import CommandContext
from services.gateway.domain.state import State
from services.gateway.handlers import idempotency
from services.gateway.handlers.idempotency import Key, Reply, StoredReply
from services.gateway.handlers.load import load
from services.runtime.base.errors import Refused
from services.runtime.base.postgres import Connection
from services.runtime.contract import Outcome
from services.runtime.vault import Sealed, Vault


@dataclass(slots=True)
class _Writes:
    """What the batch writes besides facts."""

    stores: list[Sealed] = field(default_factory=list)
    updates: dict[str, dict[str, Any]] = field(default_factory=dict)
    replies: dict[Key, tuple[IdempotencyKey, Reply, datetime]] = field(default_factory=dict)


class GatewayHandler:
    """See the module."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def handle(
        self, tx: Connection, shard: int, state: State, commands: Sequence[GatewayCommand]
    ) -> Sequence[Outcome | Exception]:
        """One outcome per command: a `Reply` with its facts, or `Refused`."""
        before = await idempotency.stored(tx, commands)
        requirements = Requirements()
        for command in commands:
            if _key(command) not in before:
                command.needs(requirements)
        context = await load(tx, self._vault, shard, state, requirements)
        writes = _Writes()
        outcomes = [_outcome(command, shard, context, before, writes) for command in commands]
        if writes.stores:
            await self._vault.store(tx, writes.stores)
        for person, record in writes.updates.items():
            await self._vault.update(tx, person, record)
        await idempotency.store(tx, list(writes.replies.values()))
        return outcomes


def _key(command: GatewayCommand) -> Key | None:
    return (command.once.key_id, command.once.key) if command.once else None


def _outcome(
    command: GatewayCommand, shard: int, context: CommandContext, before: dict[Key, StoredReply], writes: _Writes
) -> Outcome | Refused:
    key = _key(command)
    if key in before and command.once:
        try:
            return Outcome((), before[key].replay(command.once))
        except Refused as refused:
            return refused
    if key in writes.replies:
        return Refused("idempotency.running", "the first request with this Idempotency-Key still runs")
    decided = command.decide(context)
    if isinstance(decided, Refused):
        return decided
    for fact in decided.facts:
        context.fold(fact)
    return Outcome(decided.facts, _note(command, shard, decided, writes))


def _note(command: GatewayCommand, shard: int, decided: Decided, writes: _Writes) -> Reply:
    writes.stores.extend(decided.stores)
    writes.updates.update(decided.updates)
    reply = Reply(decided.status, decided.body, shard)
    if command.once is not None:
        kept = idempotency.without_secret(reply) if decided.secret else reply
        writes.replies[command.once.key_id, command.once.key] = (command.once, kept, command.at)
    return reply
