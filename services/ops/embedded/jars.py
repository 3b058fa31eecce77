"""Apache Kafka's jars: fetched once by jgo, without Java or Maven, and checked against `jgo.lock.toml`.

Promises that every jar handed out has the SHA-256 of the lock. Must not choose any version itself: `jgo.toml` does.
"""

import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import copyfile

from jgo.env import EnvironmentBuilder, EnvironmentSpec, LinkStrategy
from jgo.maven import MavenContext
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from services.runtime.base.errors import Defect, RetryLater

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "jgo.lock.toml"
SPEC = ROOT / "jgo.toml"
#: Beside the source, not in the data folder, so that a new data folder needs no network.
CACHE = ROOT / ".jars"
_TIMEOUT_S = 30
_ATTEMPTS_MAX = 4
_AT_ONCE_MAX = 6

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.artifact}-{self.version}.jar"


def locked(lock: Path = LOCK) -> tuple[Jar, ...]:
    """The jars of the lock file."""
    rows = tomllib.loads(lock.read_text(encoding="utf-8"))["dependencies"]
    return tuple(Jar(row["groupId"], row["artifactId"], row["version"], row["sha256"]) for row in rows)


def folder(lock: Path = LOCK) -> Path:
    """Where the jars of this very lock file lie."""
    return CACHE / sha256(lock.read_bytes()).hexdigest()[:16]


def ensure(progress: Progress | None = None) -> Path:
    """The folder with all jars, fetched if they are not there yet. Raises `RetryLater` when that cannot be done now."""
    home = folder()
    if home.exists():
        return home
    CACHE.mkdir(exist_ok=True)
    jars = locked()
    with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as work:
        half = Path(work) / "jars"
        half.mkdir()
        with ThreadPoolExecutor(_AT_ONCE_MAX) as threads:
            for done, _ in enumerate(threads.map(lambda jar: _fetch(jar, half), jars), start=1):
                if progress is not None:
                    progress(done, len(jars))
        if not home.exists():
            half.rename(home)
    return home


def _fetch(jar: Jar, into: Path) -> None:
    attempts = Retrying(
        stop=stop_after_attempt(_ATTEMPTS_MAX),
        wait=wait_exponential(multiplier=0.5, max=8),
        retry=retry_if_exception_type(Exception),
        reraise=True,
    )
    try:
        for attempt in attempts:
            with attempt:
                copyfile(_checked(jar), into / jar.file)
    except Defect:
        raise
    except Exception as error:
        raise RetryLater(
            "jars.unreachable",
            f"cannot fetch {jar.file} of Apache Kafka after {_ATTEMPTS_MAX} attempts: {error}\n"
            "The first start needs the network once (about 44 MB); try again when it is there.",
        ) from error


def _checked(jar: Jar) -> Path:
    """The jar in jgo's own cache; one with another hash is thrown away and refused."""
    artifact = MavenContext(timeout=_TIMEOUT_S).project(jar.group, jar.artifact).at_version(jar.version).artifact()
    path: Path = artifact.resolve()
    found = sha256(path.read_bytes()).hexdigest()
    if found != jar.sha256:
        path.unlink()
        raise Defect("jars.changed", f"{jar.file} has the SHA-256 {found}, the lock says {jar.sha256}")
    return path


def relock() -> int:
    """Resolve `jgo.toml` again and write the lock file; returns the number of jars."""
    with tempfile.TemporaryDirectory() as work:
        builder = EnvironmentBuilder(
            context=MavenContext(timeout=_TIMEOUT_S), cache_dir=Path(work), link_strategy=LinkStrategy.COPY
        )
        lock = builder.resolve_lockfile(EnvironmentSpec.load_or_error(SPEC))
    rows = sorted(lock.dependencies, key=lambda row: (row.groupId, row.artifactId))
    parts = [
        f'[[dependencies]]\ngroupId = "{row.groupId}"\nartifactId = "{row.artifactId}"\n'
        f'version = "{row.version}"\npackaging = "{row.packaging}"\nsha256 = "{row.sha256}"\n'
        for row in rows
    ]
    LOCK.write_text("# Written by `make lock` from jgo.toml.\n\n" + "\n".join(parts), encoding="utf-8")
    return len(rows)
