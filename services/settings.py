"""All settings of all services: those of the runtime, and those that services alone need. See `deploy/settings.md`."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from schemas.logs import ServiceName
from services.runtime.base.settings import RuntimeSettings, Section


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


class Settings(RuntimeSettings):
    """The whole of the settings."""

    data: Path = Path(".sekul")
    clock: Literal["system", "virtual"] = "system"
    #: the day that a virtual clock shows before any day began; absent: today
    clock_start: date | None = None
    #: where commands find the gateway, and the API key that they show; empty: those of what runs from `data`
    url: str = ""
    key: SecretStr = SecretStr("")
    operator_key: SecretStr = SecretStr("")
    http: Http = Http()
    notices: Notices = Notices()
