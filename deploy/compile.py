"""Compiles the hot path with mypyc, from the same sources that run as plain Python, into the folder `.compiled`.

Run by `make compile`; needs a C compiler and the headers of Python. `schemas/compiled.py` decides whether a build is
used.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from setuptools import Distribution  # before mypyc, which otherwise asks for distutils
from setuptools.command.build_ext import build_ext

# isort: split
from mypyc.build import mypycify

from schemas.compiled import FOLDER, PLATFORM, ROOT, Build, sources

#: what pays, by measurement (DECISIONS.md): the matcher's domain, except what only answers questions
HOT_PATH: Final = tuple(
    f"services/matcher/domain/{name}.py"
    for name in (
        "calendar",
        "city",
        "decider",
        "decision",
        "evolve",
        "graph",
        "horizon",
        "model",
        "placing",
        "scopes",
        "snapshot",
        "state",
        "terms",
        "waiting_list",
    )
)


def main(optimisation: str = "3") -> None:
    """Compile; the folder must not be there yet, and appears when all of it is built."""
    before = sources()
    with TemporaryDirectory(prefix="compile-", dir=ROOT) as scratch:
        extensions = mypycify(
            ["--config-file", "pyproject.toml", *HOT_PATH],
            opt_level=optimisation,
            debug_level="0",
            target_dir=scratch,
            group_name="sekul",
        )
        command = build_ext(Distribution({"name": "sekul", "ext_modules": extensions}))
        command.build_temp = scratch
        command.build_lib = str(Path(scratch) / "built")
        command.ensure_finalized()
        command.run()
        Build(PLATFORM, [extension.name for extension in extensions], before).write(Path(command.build_lib))
        Path(command.build_lib).rename(FOLDER)


if __name__ == "__main__":
    main(*sys.argv[1:])
