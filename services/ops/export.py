"""`sekul export`: every log as JSON Lines, so that anybody can check them without a running system.

    <service>.<shard>.jsonl   a CloudEvent 1.0 in JSON per line; `data` comes last and holds the fact's own bytes
    heads.json                where each log ends: number and hash

Promises that `sekulchain` can be computed again from the other fields and the bytes of `data`: see `chain_hash`.
Facts hold no personal data, so neither does an export. Must not change anything.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from schemas.envelope import parse_document
from schemas.logs import CATALOGUE, ServiceName
from services.ops.store import Store, opened, written
from services.runtime.base.errors import Defect
from services.runtime.contract import Written

HEADS: Final = "heads.json"
#: inside a JSON text a quotation mark is escaped, so this occurs only before the fact
_DATA: Final = b',"data":'


@dataclass(frozen=True)
class Head:
    """The head of a log."""

    service: ServiceName
    shard: int
    seq: int
    chain: bytes

    @property
    def file(self) -> str:
        """The name of the log's file."""
        return f"{self.service}.{self.shard:04d}.jsonl"


async def export(url: str, folder: Path, forward: Callable[[int], None]) -> int:
    """Write all logs of a database from one snapshot of it; returns the number of facts."""
    _need_empty(folder)
    heads, facts = [], 0
    async with opened(url) as store:
        async for head in _heads(store):
            heads.append({"service": head.service, "shard": head.shard, "seq": head.seq, "chain": head.chain.hex()})
            with (folder / head.file).open("wb") as file:
                async for rows in store.rows(head.service, head.shard):
                    file.writelines(line(written(head.service, row)) for row in rows)
                    facts += len(rows)
                    forward(len(rows))
    (folder / HEADS).write_bytes(orjson.dumps(heads, option=orjson.OPT_INDENT_2) + b"\n")
    return facts


def _need_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Defect("export.not_empty", f"{folder} is not empty; name a new folder")


async def _heads(store: Store) -> AsyncIterator[Head]:
    for service in CATALOGUE:
        for shard in await store.shards(service):
            row = await store.one(service, "head", shard)
            if row is not None:
                yield Head(service, shard, row["seq"], bytes(row["chain"]))


def line(one: Written) -> bytes:
    """A fact with its envelope, as the gateway shows it: a CloudEvent."""
    return orjson.dumps(one.envelope.document())[:-1] + _DATA + one.body + b"}\n"


def heads_of(folder: Path) -> list[Head]:
    """Returns the heads of an export's logs. Raises `Defect` if the folder is no export."""
    file = folder / HEADS
    if not file.exists():
        raise Defect("export.absent", f"{folder} is no export: it has no {HEADS}; `sekul export {folder}` writes one")
    return [
        Head(one["service"], one["shard"], one["seq"], bytes.fromhex(one["chain"]))
        for one in orjson.loads(file.read_bytes())
    ]


def facts_of(folder: Path, head: Head) -> Iterator[Written]:
    """The facts of one log of an export. Raises `ValueError` or `KeyError` for a bad line."""
    with (folder / head.file).open("rb") as file:
        for text in file:
            front, mark, body = text.rstrip(b"\n").partition(_DATA)
            if not mark or not body.endswith(b"}"):
                raise ValueError(f"{head.file}: a line holds no fact")
            yield Written(parse_document(orjson.loads(front + b"}")), body[:-1])
