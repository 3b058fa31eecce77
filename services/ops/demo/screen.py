"""What the demonstration shows while it runs: a line for each step, with a bar that moves where there is a terminal.

Keeps how long each step took, so that a slow one can be found. Must not show anybody's data.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

T = TypeVar("T")
R = TypeVar("R")


class Step:
    """One step that is under way."""

    def __init__(self, forward: Callable[[int], None]) -> None:
        self._forward = forward
        #: the result, shown when the step has ended
        self.result = ""

    def forward(self, number: int = 1) -> None:
        """Report that `number` more are done."""
        self._forward(number)


class Screen:
    """Shows steps one after another."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Step]:
        """Show a step while it runs, and its result afterwards."""
        clock = asyncio.get_running_loop()
        began = clock.time()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task(name, total=total)
            step = Step(lambda number: bar.advance(task, number))
            yield step
        seconds = clock.time() - began
        self.seconds[name] = self.seconds.get(name, 0) + seconds
        self.print(f"[green]✓[/green] {name}{': ' if step.result else ''}{step.result} [dim]{seconds:.1f} s[/dim]")

    def print(self, line: str) -> None:
        """Print a line between steps."""
        self.console.print(line)


async def each(
    things: Iterable[T], do: Callable[[T], Awaitable[R]], *, at_once: int = 32, after: Callable[[], None] | None = None
) -> list[R]:
    """Do something with each of many things, a few at once; the results in the order of the things."""
    gate = asyncio.Semaphore(at_once)

    async def one(thing: T) -> R:
        async with gate:
            result = await do(thing)
        if after is not None:
            after()
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(thing)) for thing in things]
    return [task.result() for task in tasks]


async def first(items: AsyncIterable[T], number: int) -> list[T]:
    """Returns the first `number` items."""
    found: list[T] = []
    async for item in items:
        found.append(item)
        if len(found) == number:
            break
    return found


async def collected(items: AsyncIterator[T]) -> list[T]:
    """Returns all items."""
    return [item async for item in items]
