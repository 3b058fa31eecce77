"""Decides at the start of a process whether the modules that `make compile` built are imported, or their sources.

Promises that a build is used as a whole or not at all: its modules hold the layouts, constants and types of one another
and of the plain modules that they import, so a single source that differs makes all of it stale. Must be called before
any other module of the two packages is imported.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from json import dumps, loads
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / ".compiled"
MANIFEST: Final = "manifest.json"
PACKAGES: Final = ("schemas", "services")
#: the version and platform for which a build is made, as in the names of its files
PLATFORM: Final = EXTENSION_SUFFIXES[0]


@dataclass(frozen=True)
class Build:
    """What a build is made of. `sources` has the hash of each source by its path from the root."""

    platform: str
    modules: Sequence[str]
    sources: dict[str, str]

    def write(self, folder: Path) -> None:
        """Store the manifest beside the modules."""
        (folder / MANIFEST).write_text(dumps(asdict(self)), encoding="utf-8")

    def stale(self) -> str:
        """Returns why the build must not be used, or nothing."""
        if self.platform != PLATFORM:
            return f"they are built for {self.platform}"
        now = sources()
        differ = sorted(name for name in self.sources.keys() | now.keys() if self.sources.get(name) != now.get(name))
        return f"{differ[0]} has changed since" if differ else ""


@dataclass(frozen=True)
class Finder:
    """Finds the modules of a build in its folder, before Python looks for their sources."""

    folder: Path
    modules: frozenset[str]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns where a module of the build lies; None for all others."""
        if name not in self.modules:
            return None
        return PathFinder.find_spec(name, [str(self.folder.joinpath(*name.split(".")[:-1]))], target)


def sources() -> dict[str, str]:
    """Returns the hash of each Python source of both packages."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return {str(file.relative_to(ROOT)): sha256(file.read_bytes()).hexdigest() for file in files}


def prefer() -> tuple[int, str]:
    """Import the build's modules from now on; returns how many they are, and why a build that exists is not used."""
    manifest = FOLDER / MANIFEST
    if not manifest.exists():
        return 0, ""
    build = Build(**loads(manifest.read_text(encoding="utf-8")))
    stale = build.stale()
    if stale:
        return 0, stale
    sys.meta_path.insert(0, Finder(FOLDER, frozenset(build.modules)))
    return len(build.modules), ""
