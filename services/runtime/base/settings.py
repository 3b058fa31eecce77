"""All settings of all services, read once from the environment as `SEKUL_<FIELD>` (nested with `__`), then frozen.

The only place that reads the environment. Secrets are `SecretStr`, so that printing the settings masks them.
"""

import os
from datetime import date
from functools import cached_property
from pathlib import Path
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
    send_batch_bytes_max: int = 256 * 1024


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


class Http(Section):
    """Ports and limits of HTTP. The gateway's port is for the world, the others for health, metrics and queries."""

    host: str = "127.0.0.1"
    gateway_port: int = 8700
    matcher_port: int = 8701
    ledger_port: int = 8702
    notifier_port: int = 8703
    #: how the gateway reaches the others; empty: on this machine, by the ports above
    matcher_url: str = ""
    ledger_url: str = ""
    notifier_url: str = ""
    body_bytes_max: int = 256 * 1024
    import_bytes_max: int = 64 * 1024 * 1024
    requests_per_minute: int = 6_000
    wait_longest_s: float = 5.0

    def port_of(self, service: ServiceName) -> int:
        """The port on which a service listens."""
        return int(getattr(self, f"{service}_port"))

    def url_of(self, service: ServiceName) -> str:
        """Where a service is reached from this one."""
        return str(getattr(self, f"{service}_url", "")) or f"http://{self.host}:{self.port_of(service)}"


class Notices(Section):
    """How notices go out. `channels` are those in use; a person's own choice narrows them."""

    channels: tuple[Literal["mailbox", "email", "messenger", "webhook"], ...] = ("mailbox", "webhook")
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    mail_from: str = "Gemet Sekul <notices@sekul.example>"
    #: an Apprise address with `{phone}` in it, such as `d7sms://TOKEN@{phone}`
    messenger_url: SecretStr = SecretStr("")
    quiet_from_hour: int = 21
    quiet_until_hour: int = 7
    #: the first try and one after each of the nine delays that Standard Webhooks recommends
    attempts_max: int = 10
    #: let webhooks call private and loopback addresses; for tests and demonstrations on one machine only
    webhook_private_addresses: bool = False
    unsubscribe_url: str = ""


class Telemetry(Section):
    """Logs, metrics, traces."""

    log_format: Literal["human", "json"] = "human"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: str = ""


class Settings(BaseSettings):
    """The whole of the settings."""

    model_config = SettingsConfigDict(env_prefix="SEKUL_", env_nested_delimiter="__", frozen=True, extra="ignore")

    data: Path = Path(".sekul")
    #: names this process in its consumer group: one that comes back under its name takes its shards at once
    instance: str = ""
    shards: int = Field(default=16, ge=1, le=1024)
    clock: Literal["system", "virtual"] = "system"
    #: the day that a virtual clock shows before any day began; absent: today
    clock_start: date | None = None
    #: where commands find the gateway, and the API key that they show; empty: those of what runs from `data`
    url: str = ""
    key: SecretStr = SecretStr("")
    #: 32 random bytes in base64, from which all other keys derive; `sekul up` makes one under `data` when it is empty
    master_key: SecretStr = SecretStr("")
    #: master keys of the past, newest first, comma between: what they wrapped can still be opened
    master_keys_old: SecretStr = SecretStr("")
    operator_key: SecretStr = SecretStr("")
    database: Database = Database()
    kafka: Kafka = Kafka()
    loop: Loop = Loop()
    http: Http = Http()
    notices: Notices = Notices()
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
