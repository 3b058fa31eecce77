"""The undisturbed life with which all others are compared, and the way in which a disturbed one is played."""

import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.end_state import EndState
from tests.support.once import once
from tests.support.scene import Fault, Scene, last_words, live, say, scene

LOAD_SEED = 20261206
#: where the moments of faults come from; another number is another set of moments
SEED = 1


@pytest.fixture(scope="session")
async def undisturbed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> EndState:
    """What the load leaves when nothing goes wrong; played once for all processes of a run."""
    base = tmp_path_factory.getbasetemp()
    run = base if worker_id == "master" else base.parent
    return await once(run / "undisturbed", _undisturbed)


async def _undisturbed() -> EndState:
    data = Path(tempfile.mkdtemp(prefix="sekul-data-"))
    try:
        async with scene(data, seed=0, load_seed=LOAD_SEED) as here:
            return await played(here, 0)
    finally:
        shutil.rmtree(data)


async def played(here: Scene, seed: int, *faults: Fault) -> EndState:
    """Play the life; on failure print the seed and the last log lines of all processes."""
    try:
        return await live(here, *faults)
    except BaseException:
        say(f"seed {seed}", last_words(here), here.load.caller.again)
        raise


Disturbed = Callable[..., Awaitable[EndState]]


@pytest.fixture
async def disturbed(data: Path, undisturbed: EndState) -> Disturbed:
    """Play the same life with faults, and find the same end."""

    async def play(*faults: Fault, foreign: bool = False) -> EndState:
        async with scene(data, seed=SEED, load_seed=LOAD_SEED) as here:
            found = await played(here, SEED, *faults)
            assert found.differs_from(undisturbed) == [], f"seed {SEED}"
            assert foreign or not found.dead_letters, found.dead_letters
            return found

    return play
