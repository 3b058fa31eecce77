"""Stores snapshots of a shard's state. One only saves time at the next start: a failure is logged and forgotten."""

from typing import Any

from services.runtime.base.telemetry import log
from services.runtime.eventlog.store import Head, Snapshot
from services.runtime.shard.resources import ProcessResources


class Snapshots:
    """The snapshots of one shard."""

    def __init__(self, resources: ProcessResources, shard: int) -> None:
        self._resources = resources
        self._shard = shard

    async def keep(self, head: Head, state: Any) -> None:
        """Store the state of a head, unless another owner has taken the shard."""
        service = self._resources.service
        snapshot = Snapshot(head.seq, service.decider.snapshot_format, service.decider.dump(state))
        at = self._resources.clock.now()
        try:
            await self._resources.store.save_snapshot(self._shard, head.epoch, snapshot, at)
        except Exception as error:  # noqa: BLE001 -- see the module
            log.warning("snapshot.failed", service=service.name, shard=self._shard, error=type(error).__name__)
