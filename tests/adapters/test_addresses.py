"""S4: the guard's corpus. Whatever a URL is dressed as, a denied address is never connected to."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.addresses import AddressGuard, AddressRefused, is_in_the_house, is_public, origin_of

DENIED = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254"),
    *("127.0.0.1", "127.0.0.2", "127.255.255.255", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.88.99.254", "192.168.0.1", "192.168.255.255"),
    *("198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255"),
    *("240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::2", "::127.0.0.1", "::169.254.169.254", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:169.254.169.254", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::169.254.169.254"),
    *("64:ff9b::8.8.8.8", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1"),
    *("2001:10::1", "2001:20::1", "2001:db8::1", "2002::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2002:808:808::1"),
    *("3fff::1", "5f00::1", "fc00::1", "fd12:3456:789a::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1"),
    *("ff02::1", "ff0e::1", "4000::1", "8000::1"),
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "185.150.200.10",
    "223.255.255.255",
    "2a01:4f8::1",
    "2606:4700::1111",
    "2001:4860:4860::8888",
]


def guard_where(name_is: list[str], *, origins: tuple[str, ...] = ()) -> AddressGuard:
    def resolve(host: str, port: int, *_: Any) -> list[tuple[Any, ...]]:
        found = [ip_address(address) for address in name_is]
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(families[one.version], socket.SOCK_STREAM, 6, "", (str(one), port)) for one in found]

    return AddressGuard.for_origins(origins, resolve=resolve)


@pytest.mark.parametrize("address", DENIED)
def test_denied_address_is_refused(address: str) -> None:
    """S4."""
    assert not is_public(ip_address(address))
    with pytest.raises(AddressRefused):
        guard_where([address]).addresses(scheme="https", host="example.dk", port=443)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_allowed(address: str) -> None:
    found = guard_where([address]).addresses(scheme="https", host="example.dk", port=443)

    assert [sockaddr[0] for _, sockaddr in found] == [address]


@pytest.mark.parametrize("denied", ["127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"])
@pytest.mark.parametrize("first", [True, False])
def test_one_bad_address_among_good_ones_refuses_them_all(denied: str, first: bool) -> None:
    """S4: every address counts, whichever would be tried first."""
    addresses = [denied, "8.8.8.8"] if first else ["8.8.8.8", denied]

    with pytest.raises(AddressRefused):
        guard_where(addresses).addresses(scheme="https", host="example.dk", port=443)


@given(v4=st.ip_addresses(v=4))
def test_no_ipv4_address_gets_through_in_ipv6_clothes(v4: Any) -> None:
    """S4: mapped, compatible, NAT64, 6to4 and Teredo carry any IPv4 address, public or not."""
    number = int(v4)
    clothed = [
        0xFFFF << 32 | number,
        number,
        0x0064FF9B << 96 | number,
        0x2002 << 112 | number << 80,
        0x20010000 << 96 | (number ^ 0xFFFFFFFF),
    ]

    assert not any(is_public(ip_address(one.to_bytes(16, "big"))) for one in clothed)


@given(address=st.ip_addresses())
def test_what_python_calls_private_is_never_public(address: Any) -> None:
    assert not (is_public(address) and not address.is_global)


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1", "127.0.0.1.", "0", "localhost"),
        *("[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::7f00:1]", "[64:ff9b::7f00:1]"),
        *("169.254.169.254", "0xa9fea9fe", "2852039166", "10.1", "192.168.1"),
    ],
)
def test_every_spelling_of_an_inner_address_is_refused_by_what_it_resolves_to(host: str) -> None:
    """S4: the machine's own resolver decides what a spelling means, and its answer is what is checked."""
    with pytest.raises((AddressRefused, OSError)):
        AddressGuard.for_origins(()).addresses(scheme="https", host=host, port=443)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.dk", "HTTP://example.dk/", "ftp://example.dk", "file:///etc/passwd", "gopher://example.dk"),
        *("javascript:alert(1)", "//example.dk", "example.dk", "", "https://", "https:///x", "http://127.0.0.1:8500"),
        *("https://user@example.dk", "https://user:pass@example.dk", "https://:@example.dk", "https://@example.dk"),
        *(
            "https://twilio.com@127.0.0.1",
            "https://example.dk:99999",
            "https://example.dk:x",
            "https://[::1",
            "https://]",
        ),
    ],
)
def test_url_without_tls_or_with_a_name_in_it_is_refused(url: str) -> None:
    """S4."""
    with pytest.raises(AddressRefused):
        AddressGuard.for_origins(()).check_url(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8500/x?y", "http://127.0.0.1:8500", "HTTP://127.0.0.1:8500/"])
def test_listed_origin_may_be_http_and_in_the_house(url: str) -> None:
    guard = guard_where(["127.0.0.1"], origins=("http://127.0.0.1:8500",))

    guard.check_url(url)
    assert guard.addresses(scheme="http", host="127.0.0.1", port=8500)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:8501", "http://127.0.0.1", "http://127.0.0.2:8500", "http://localhost:8500"),
        *("http://user@127.0.0.1:8500", "http://127.0.0.1:8500.example.dk"),
    ],
)
def test_only_the_listed_origin_itself_may(url: str) -> None:
    guard = AddressGuard.for_origins(("http://127.0.0.1:8500",))

    with pytest.raises(AddressRefused):
        guard.check_url(url)


def test_listed_origin_does_not_open_the_same_host_on_another_port_or_scheme() -> None:
    guard = guard_where(["127.0.0.1"], origins=("http://stub.example.dk:8500",))

    for scheme, port in (("https", 443), ("http", 80), ("https", 8500)):
        with pytest.raises(AddressRefused):
            guard.addresses(scheme=scheme, host="stub.example.dk", port=port)


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0", "224.0.0.1", "64:ff9b::7f00:1"])
def test_even_a_listed_origin_never_leads_to_what_no_house_has(address: str) -> None:
    guard = guard_where([address], origins=("https://stub.example.dk",))

    with pytest.raises(AddressRefused):
        guard.addresses(scheme="https", host="stub.example.dk", port=443)


def test_house_and_public_never_overlap() -> None:
    assert not any(is_public(ip_address(address)) for address in ("127.0.0.1", "10.1.2.3", "::1", "fd00::1"))
    assert not any(is_in_the_house(ip_address(address)) for address in PUBLIC)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.DK", "https://example.dk:443"),
        ("https://example.dk./x", "https://example.dk:443"),
        ("http://[::1]:8500/x", "http://::1:8500"),
    ],
)
def test_one_origin_has_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin
