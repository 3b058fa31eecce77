"""The guard against server-side request forgery: what may be called, and what is connected to."""

import pytest

from services.notifier.outbound.addresses import AddressRefused, SsrfGuard, is_public

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1"),
    # IPv4 wrapped in IPv6: mapped, compatible, 6to4, Teredo, NAT64
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::1"),
    *("2001:0:4136:e378:8000:63bf:f5ff:fffe", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
    *("2001:db8::1", "100::1", "3fff::1", "5f00::1", "not an address", ""),
]
PUBLIC = ["93.184.215.14", "8.8.8.8", "103.10.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]


class Names:
    """A resolver that returns its answers one after the other, and counts the queries."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_public_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [a for a in PRIVATE if a])
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await SsrfGuard(resolve=Names([address])).target("https://hook.example/x")
    assert refusal.value.code == "webhook.address_private"


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused):
        await SsrfGuard(resolve=Names(["8.8.8.8", "10.0.0.1"])).target("https://hook.example/x")


async def test_a_name_is_resolved_once_and_that_answer_is_connected_to() -> None:
    names = Names(["8.8.8.8"], ["127.0.0.1"])
    target = await SsrfGuard(resolve=names).target("https://hook.example/x?y=1")
    assert (target.connect, target.url.host, names.asked) == ("8.8.8.8", "hook.example", 1)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://hook.example/", "webhook.address_scheme"),
        ("file:///etc/passwd", "webhook.address_scheme"),
        ("gopher://hook.example/", "webhook.address_scheme"),
        ("hook.example", "webhook.address_scheme"),
        ("https://", "webhook.address_scheme"),
        ("https://user:word@hook.example/", "webhook.address_userinfo"),
        ("https://hook.example:8443/", "webhook.address_port"),
        ("https://hook.example:22/", "webhook.address_port"),
        ("https://hook.example:99999999/", "webhook.address_port"),
        ("https://[::1/", "webhook.address_unreadable"),
        ("https://hook\x00.example/", "webhook.address_unreadable"),
    ],
)
async def test_an_address_of_the_wrong_kind_is_refused_before_any_name_is_resolved(url: str, code: str) -> None:
    names = Names()
    with pytest.raises(AddressRefused) as refusal:
        await SsrfGuard(resolve=names).target(url)
    assert (refusal.value.code, names.asked) == (code, 0)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://localhost/"]
)
async def test_this_machine_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await SsrfGuard().target(url)
    assert refusal.value.code == "webhook.address_private"


@pytest.mark.parametrize("url", ["http://hook.example/", "http://hook.example:80/", "https://hook.example:443/a"])
async def test_an_ordinary_address_is_fine(url: str) -> None:
    assert (await SsrfGuard(resolve=Names(["8.8.8.8"])).target(url)).connect == "8.8.8.8"


async def test_tests_and_demonstrations_may_allow_this_machine() -> None:
    target = await SsrfGuard(private_allowed=True, resolve=Names(["127.0.0.1"])).target("http://hook.example:9999/")
    assert target.connect == "127.0.0.1"


async def test_a_name_without_an_address_is_for_later() -> None:
    with pytest.raises(OSError, match="no address"):
        await SsrfGuard(resolve=Names([])).target("https://hook.example/")
