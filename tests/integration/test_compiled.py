"""The compiled hot path decides as plain Python does, and is never used when it is not built from these sources."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEED = "7"


def _missing() -> str:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"no C compiler: {compiler}"
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    return "" if headers.exists() else f"no headers of Python: {headers}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree, compiled without optimisation."""
    if missing := _missing():
        pytest.skip(missing)
    root = tmp_path_factory.mktemp("compiled")
    for name in ("schemas", "services", "tests", "deploy"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    _run(root, "deploy/compile.py", "0")
    return root


def _run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(root))
        return subprocess.run(
            [sys.executable, *words], cwd=root, capture_output=True, text=True, check=True, timeout=200
        )


def test_compiled_modules_decide_as_plain_ones(copy: Path) -> None:
    compiled, *as_compiled = _run(copy, "-m", "tests.support.compiled_history", SEED).stdout.splitlines()
    (copy / ".compiled").rename(copy / "aside")
    try:
        plain, *as_plain = _run(copy, "-m", "tests.support.compiled_history", SEED).stdout.splitlines()
    finally:
        (copy / "aside").rename(copy / ".compiled")
    assert (int(compiled) > 0, int(plain)) == (True, 0)
    assert as_compiled == as_plain


def test_a_build_of_other_sources_is_not_used(copy: Path) -> None:
    changed = copy / "schemas" / "money.py"
    text = changed.read_text(encoding="utf-8")
    changed.write_text(text + "\n", encoding="utf-8")
    try:
        found = _run(copy, "-c", "import schemas, services.matcher.domain.graph as g; print(schemas.STALE, g.__file__)")
    finally:
        changed.write_text(text, encoding="utf-8")
    graph = copy / "services" / "matcher" / "domain" / "graph.py"
    assert found.stdout.strip() == f"schemas/money.py has changed since {graph}"
