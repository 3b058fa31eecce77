"""Reads files where it harms nobody: small ones in a thread, large ones in a process of their own.

    parent -> child (stdin)    the job and the file, pickled
    child -> parent (stdout)   portions, pickled; then None, or the `Poison` that kept the file shut

Promises that the child ends when its parent does, however that ends: its standard input closes then. The child gets
keys and file through the pipe alone; neither is ever on a command line, in an environment or on a disk.
"""

import asyncio
import os
import pickle
import sys
import threading
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import BinaryIO, Final

from services.gateway.imports.row_reader import Job, Portion, portions
from services.runtime.base.errors import Poison, RetryLater

#: The code of a `RetryLater` that is the reader's fault, not the world's.
READER_DIED: Final = "import.reader_died"
#: Below this a file is read before a process would have started.
SMALL_BYTES: Final = 128 * 1024
#: How much the child may be ahead of its parent.
_AHEAD_BYTES: Final = 4 * 1024 * 1024
_LENGTH_BYTES: Final = 8


def read(job: Job, data: bytes) -> AsyncGenerator[Portion, None]:
    """The portions of a file, as they get ready. Raises `Poison` when it cannot be opened."""
    return _in_thread(job, data) if len(data) < SMALL_BYTES else _in_process(job, data)


async def _in_thread(job: Job, data: bytes) -> AsyncGenerator[Portion, None]:
    found: Iterator[Portion] = portions(job, data)
    while (portion := await asyncio.to_thread(next, found, None)) is not None:
        yield portion


async def _in_process(job: Job, data: bytes) -> AsyncGenerator[Portion, None]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE, limit=_AHEAD_BYTES
    )
    try:
        await _send(child, job, data)
        while (portion := await _receive(child)) is not None:
            yield portion
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _send(child: Process, job: Job, data: bytes) -> None:
    if child.stdin is None:
        raise RetryLater(READER_DIED, "the reader of the file has no input")
    body = pickle.dumps((job, data), pickle.HIGHEST_PROTOCOL)
    try:
        child.stdin.write(len(body).to_bytes(_LENGTH_BYTES, "big"))
        child.stdin.write(body)
        await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError) as error:
        raise RetryLater(READER_DIED, "the reader of the file ended before it began") from error


async def _receive(child: Process) -> Portion | None:
    if child.stdout is None:
        raise RetryLater(READER_DIED, "the reader of the file has no output")
    try:
        length = int.from_bytes(await child.stdout.readexactly(_LENGTH_BYTES), "big")
        answer = pickle.loads(await child.stdout.readexactly(length))  # noqa: S301  our own child wrote it
    except asyncio.IncompleteReadError as error:
        raise RetryLater(READER_DIED, "the reader of the file ended before the file did") from error
    if isinstance(answer, tuple):
        raise Poison(*answer)
    portion: Portion | None = answer
    return portion


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Serve one file: the whole life of the child."""
    length = int.from_bytes(source.read(_LENGTH_BYTES), "big")
    job, data = pickle.loads(source.read(length))  # noqa: S301  our own parent wrote it
    threading.Thread(target=_end_with_parent, args=(source,), daemon=True).start()
    answer: Portion | tuple[str, str] | None = None
    try:
        for portion in portions(job, data):
            _write(sink, portion)
    except Poison as refused:
        answer = (refused.code, refused.detail)
    except Exception as error:  # noqa: BLE001  its words may quote a cell, so they must not reach the log
        print(f"the reader of a file failed: {type(error).__name__} at {where(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    _write(sink, answer)


def where(error: BaseException) -> str:
    """The places in the code through which an error came, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames[-4:])


def _write(sink: BinaryIO, answer: object) -> None:
    body = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    sink.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    sink.flush()


def _end_with_parent(source: BinaryIO) -> None:
    """Nothing more comes through standard input but its end, and that comes when the parent has gone.

    Read below the buffer, whose lock must be free when the interpreter ends in the ordinary way.
    """
    os.read(source.fileno(), 1)
    os._exit(0)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
