"""Logs written by hand: numbered and chained as by the runtime, for tests of readers of logs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from schemas.base import Fact
from schemas.envelope import GENESIS
from schemas.logs import ServiceName
from services.ops import export
from services.runtime.contract import Recorded
from tests.support import events

AT = datetime(2026, 12, 1, 2, tzinfo=UTC)
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def name(prefix: str, number: int) -> str:
    """An id in the right form."""
    return f"{prefix}_{'0' * 24}{_DIGITS[number // 32]}{_DIGITS[number % 32]}"


@dataclass
class Written:
    """One service's log of one shard."""

    service: ServiceName
    shard: int = 0
    facts: list[Recorded] = field(default_factory=list)

    def add(self, fact: Fact, at: datetime = AT) -> Recorded:
        """Append a fact."""
        previous = self.facts[-1].chain if self.facts else GENESIS
        seq = len(self.facts) + 1
        one = events.recorded(fact, service=self.service, shard=self.shard, seq=seq, at=at, previous=previous)
        self.facts.append(one)
        return one

    def head(self) -> dict[str, Any]:
        """The head row that belongs to it."""
        chain = self.facts[-1].chain if self.facts else GENESIS
        return {"seq": len(self.facts), "chain": chain}


def exported(folder: Path, *logs: Written) -> None:
    """Write an export of some logs."""
    heads = []
    for log in logs:
        last = log.head()
        head = export.Head(log.service, log.shard, last["seq"], last["chain"])
        heads.append({"service": log.service, "shard": log.shard, "seq": head.seq, "chain": head.chain.hex()})
        (folder / head.file).write_bytes(b"".join(map(export.line, log.facts)))
    (folder / export.HEADS).write_bytes(orjson.dumps(heads))
