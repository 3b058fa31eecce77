"""Checks an export without any server: numbers, hashes, heads, books, iuran, slots, notices.

Must not need anything but the files.
"""

from collections.abc import Iterator
from pathlib import Path

from services.ops.export import Head, facts_of, heads_of
from services.ops.store import recorded
from services.ops.verify.finding import Finding
from services.ops.verify.logs import Chains, Examiner, findings_of
from services.ops.verify.run import EXAMINERS


def verify(folder: Path) -> Iterator[Finding]:
    """Check all laws that need only the logs."""
    chains = Chains()
    examiners: dict[str, Examiner] = {name: make() for name, make in EXAMINERS.items()}
    for head in heads_of(folder):
        _read(folder, head, chains, examiners.get(head.service))
    yield from chains.findings()
    yield from findings_of(list(examiners.values()))


def _read(folder: Path, head: Head, chains: Chains, examiner: Examiner | None) -> None:
    place = f"{head.service}/{head.shard}"
    chains.begin(head.service, head.shard)
    try:
        for one in facts_of(folder, head):
            chains.see(one)
            if examiner is not None:
                examiner.see(recorded(one))
    except (ValueError, KeyError, OSError) as error:
        chains.chain.breach(f"{place} cannot be read: {type(error).__name__}: {str(error)[:200]}")
    chains.end({"seq": head.seq, "chain": head.chain})
