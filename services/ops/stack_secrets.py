"""The secrets of a data folder: made once by `sekul up`, readable by their owner alone, unless settings name them.

Must not print, log or send any of them.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from services.runtime.base import ids
from services.settings import Settings

_FOLDER = "secrets"
_MASTER, _OPERATOR = "master.key", "operator.key"


@dataclass(frozen=True)
class Secrets:
    """The master key, and the operator's API key; `fresh` if the latter is new."""

    master_key: str = field(repr=False)
    operator_key: str = field(repr=False)
    fresh: bool


def ensure(data: Path, settings: Settings) -> Secrets:
    """The secrets of a data folder; those that neither the settings nor the folder have are made."""
    folder = data / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    operator = folder / _OPERATOR
    given = settings.operator_key.get_secret_value()
    fresh = not given and not operator.exists()
    return Secrets(
        master_key=settings.master_key.get_secret_value() or _kept(folder / _MASTER, _new_master_key),
        operator_key=given or _kept(operator, _new_operator_key),
        fresh=fresh,
    )


def kept(data: Path) -> dict[str, str]:
    """The secrets that a data folder has, by the names of their settings. Makes none."""
    files = {"master_key": data / _FOLDER / _MASTER, "operator_key": data / _FOLDER / _OPERATOR}
    return {name: _read(file) for name, file in files.items() if file.exists()}


def private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    half = file.with_name(f"{file.name}.new")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_text(f"{text}\n", encoding="utf-8")
    half.rename(file)


def _kept(file: Path, make: Callable[[], str]) -> str:
    if not file.exists():
        private(file, make())
    return _read(file)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()


def _new_master_key() -> str:
    """32 bytes in base64; the hash spreads 256 random bits over them."""
    return b64encode(sha256(ids.secret("master").encode()).digest()).decode()


def _new_operator_key() -> str:
    return ids.secret("sk")
