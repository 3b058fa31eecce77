"""Gets the embedded Kafka ready ahead of its first start: `python -m services.ops.embedded.prepare`, for `make`.

With the word `lock` it resolves `jgo.toml` again and writes `jgo.lock.toml` instead.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from services.ops.embedded import jars
from services.ops.embedded.kafka import Kafka
from services.runtime.base.errors import Failure


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty() or done == total:
        sys.stderr.write(f"\rApache Kafka: jar {done} of {total}" + ("\n" if done == total else ""))
        sys.stderr.flush()


def main(words: list[str]) -> int:
    """Fetch the jars and rehearse a start; or write the lock."""
    if words == ["lock"]:
        sys.stderr.write(f"{jars.relock()} jars locked\n")
        return 0
    try:
        jars.ensure(_show)
        sys.stderr.write("Apache Kafka: rehearsing its start, so that later ones are quick\n")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            asyncio.run(Kafka(Path(folder)).rehearse())
    except Failure as failure:
        sys.stderr.write(f"\n{failure.detail}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
