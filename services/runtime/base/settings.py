"""Settings of the runtime, read once from the environment as `SEKUL_<FIELD>` (nested with `__`), then frozen.

The only place that reads the environment; `services/settings.py` adds what services need. Secrets are
`SecretStr`, so that printing the settings masks them.
"""

import os
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.logs import ServiceName
from services.runtime.base.keys import Keys


class Section(BaseModel):
    """A group of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(Section):
    """PostgreSQL. `url` names host, port and database; each service logs in with a role of its own."""

    url: str = "postgresql://127.0.0.1:5432/sekul"
    #: an owner's login, for migrations, `rebuild` and `verify`; services do not need it
    admin_url: SecretStr | None = None
    pool_size_max: int = 8


class Kafka(Section):
    """Apache Kafka, reached by `servers` (host:port, comma between)."""

    servers: str = "127.0.0.1:9092"
    replication_factor: int = 1
    session_timeout_ms: int = 10_000
    send_batch_bytes_max: int = 960 * 1024


class Loop(Section):
    """The loop that reads, decides, appends and publishes."""

    batch_facts_max: int = 4_000
    commands_max: int = 2_000
    batch_bytes_max: int = 4 * 1024 * 1024
    queue_facts_max: int = 10_000
    queue_bytes_max: int = 64 * 1024 * 1024
    snapshot_every_facts: int = 100_000
    retry_first_ms: int = 100
    retry_longest_ms: int = 1_000
    audit_every_s: float = 2.0


class Telemetry(Section):
    """Logs, metrics, traces."""

    log_format: Literal["human", "json"] = "human"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: str = ""


class RuntimeSettings(BaseSettings):
    """What the runtime itself needs to know."""

    model_config = SettingsConfigDict(env_prefix="SEKUL_", env_nested_delimiter="__", frozen=True, extra="ignore")

    #: names this process in its consumer group: one that comes back under its name takes its shards at once
    instance: str = ""
    shards: int = Field(default=16, ge=1, le=1024)
    #: 32 random bytes in base64, from which all other keys derive; `sekul up` makes one under `data` when it is empty
    master_key: SecretStr = SecretStr("")
    #: master keys of the past, newest first, comma between: what they wrapped can still be opened
    master_keys_old: SecretStr = SecretStr("")
    database: Database = Database()
    kafka: Kafka = Kafka()
    loop: Loop = Loop()
    telemetry: Telemetry = Telemetry()

    @cached_property
    def keys(self) -> Keys:
        """The keys derived from the master key. Raises `ValueError` when there is none."""
        old = [key for key in self.master_keys_old.get_secret_value().split(",") if key]
        return Keys.derive(self.master_key.get_secret_value(), old)

    def database_url(self, role: ServiceName) -> str:
        """The address of the database with the login of a service's role."""
        scheme, _, rest = self.database.url.partition("://")
        return f"{scheme}://sekul_{role}:{self.keys.role_password(role)}@{rest.rpartition('@')[2]}"


def environment(**names: str) -> dict[str, str]:
    """The environment of this process with some names set in it, for a process that it starts."""
    return {**os.environ, **names}
