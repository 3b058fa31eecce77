"""A data folder: where `sekul up` keeps things, and how to reach what runs from it.

Promises that commands beside a running `sekul up` (verify, rebuild, watch) find the same servers and secrets.
"""

import fcntl
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict

from schemas.logs import ServiceName
from services.ops import stack_secrets
from services.ops.data_format import FORMAT, need_format
from services.runtime.base.errors import Defect
from services.settings import Settings


class Shape(BaseModel):
    """What `sekul up` decided for a data folder, kept in it as `shape.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    shards: int
    clock: Literal["system", "virtual"]
    ports: dict[ServiceName, int]


class Folder:
    """The names of the files in a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.kafka = data / "kafka"
        self.postgres = data / "postgres"
        self.kafka_address = data / "kafka.address"
        self.database_url = data / "database.url"
        self.shape = data / "shape.json"
        self.lock = data / "lock"

    def log(self, name: str) -> Path:
        """Where a service's output goes."""
        return self.data / "logs" / f"{name}.log"

    def pid(self, name: str) -> Path:
        """The file with the process id of a part: a service, `kafka` or `postgres`."""
        return self.data / "pids" / f"{name}.pid"

    def in_use(self) -> bool:
        """Whether a stack runs from this folder."""
        if not self.lock.exists():
            return False
        with self.lock.open("a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def shape_of(folder: Folder) -> Shape | None:
    """What was decided for a folder, `None` for a new one. Raises `Defect` for the data of another version."""
    if not folder.shape.exists():
        return None
    kept = orjson.loads(folder.shape.read_bytes())
    need_format(kept.get("format", 1), str(folder.data))
    return Shape.model_validate(kept)


def settings_of(data: Path) -> Settings:
    """The settings for what runs from a data folder: those of the environment, with the folder's addresses and keys.

    Makes nothing; a secret of the environment comes before that of the folder.
    """
    folder, own = Folder(data), Settings()
    found: dict[str, object] = {"data": data}
    found |= {
        name: secret for name, secret in stack_secrets.kept(data).items() if not getattr(own, name).get_secret_value()
    }
    if folder.kafka_address.exists():
        found["kafka"] = {"servers": _line(folder.kafka_address)}
    if folder.database_url.exists():
        url = _line(folder.database_url)
        found["database"] = {"url": without_login(url), "admin_url": url}
    shape = shape_of(folder)
    if shape is not None:
        found |= {"shards": shape.shards, "clock": shape.clock}
        found["http"] = {f"{name}_port": port for name, port in shape.ports.items()}
    return Settings.model_validate(found)


def admin_url(settings: Settings) -> str:
    """The database with its owner's or an auditor's login. Raises `Defect` if no such login is known."""
    if settings.database.admin_url is None:
        raise Defect(
            "database.owner_unknown", "set SEKUL_DATABASE__ADMIN_URL, or name the folder of `sekul up` by --data"
        )
    return settings.database.admin_url.get_secret_value()


def without_login(url: str) -> str:
    """A database address without user and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _line(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()
