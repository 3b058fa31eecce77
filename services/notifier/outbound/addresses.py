"""The guard against server-side request forgery (SSRF): which addresses a webhook may have, and where we connect.

Promises that a name is resolved once, that every address it resolves to is on the public internet, and that the caller
gets one of exactly those addresses to connect to, so that a name that changes its answer gains nothing (DNS rebinding).
Must not connect anywhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Returns all addresses of a name, as text; raises `OSError` when there is none.
Resolve = Callable[[str, int], Awaitable[list[str]]]

_PORTS = {"http": 80, "https": 443}
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
#: For documentation (RFC 9637), which Python does not know before 3.12.
_DOCUMENTS_V6 = ipaddress.ip_network("3fff::/20")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(Exception):
    """An address that we do not call; `code` is stable, and the address itself is not repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Target:
    """Where to connect (`connect`), and as whom to greet (`url` keeps the name for the Host header and for TLS)."""

    url: httpx.URL
    connect: str


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, by the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class SsrfGuard:
    """Turns the address of a webhook into a target, or refuses it."""

    def __init__(self, *, private_allowed: bool = False, resolve: Resolve = resolve) -> None:
        self._private_allowed = private_allowed
        self._resolve = resolve

    async def target(self, address: str) -> Target:
        """The target of an address. Raises `AddressRefused`, or `OSError` when the name does not resolve."""
        url = self._parsed(address)
        found = await self._resolve(url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])
        if not self._private_allowed and not all(is_public(one) for one in found):
            raise AddressRefused("webhook.address_private")
        if not found:
            raise OSError("the name has no address")
        return Target(url, found[0])

    def _parsed(self, address: str) -> httpx.URL:
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise AddressRefused("webhook.address_unreadable") from error
        if url.scheme not in _PORTS or not url.host:
            raise AddressRefused("webhook.address_scheme")
        if url.userinfo:
            raise AddressRefused("webhook.address_userinfo")
        if url.port not in (None, *_PORTS.values()) and not self._private_allowed:
            raise AddressRefused("webhook.address_port")
        return url


def is_public(text: str) -> bool:
    """Whether an address is a single host's on the public internet, seen through all ways to wrap IPv4 in IPv6."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    inner = _wrapped(address)
    if inner is not None:
        return is_public(str(inner))
    return address in _GLOBAL_V6 and address not in _DOCUMENTS_V6 and address.is_global


def _wrapped(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
