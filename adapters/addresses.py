"""Which origins and addresses the service may call: the guard in front of every outgoing connection.

A name is resolved once, every address it has is checked, and the connection goes to a checked address, so that
a name which changes its mind between check and connect gains nothing.
"""

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
SocketAddress = tuple[socket.AddressFamily, tuple[Any, ...]]
Resolve = Callable[..., list[tuple[Any, ...]]]

# Python's `is_global` is not enough: in 3.11 it is True for NAT64, 6to4, IPv4-compatible, multicast and 192.88.99.1.
_DENIED_V4 = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved and broadcast
    )
)
# Only global unicast is reachable at all: no ::1, ::a.b.c.d, ::ffff:a.b.c.d, 64:ff9b::, fc00::, fe80:: or ff00::.
_GLOBAL_V6 = ip_network("2000::/3")
_DENIED_V6 = tuple(
    ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo, which carries an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",
    )
)
# What a stub or a system inside the house may have, when its origin is on the operator's list.
_HOUSE = tuple(
    ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


class AddressRefused(Exception):
    """A URL or address may not be called. `code` says which rule; the URL itself is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_public(address: Address) -> bool:
    """Whether an address is an ordinary host on the public Internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _DENIED_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _DENIED_V6)


def is_in_the_house(address: Address) -> bool:
    """Whether an address is loopback or private; allowed only for listed origins."""
    return any(address in network for network in _HOUSE)


def origin_of(url: str) -> str:
    """The origin `scheme://host:port` of a URL, with the port always written. AddressRefused if it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("url_broken") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AddressRefused("url_broken")
    if "@" in parts.netloc:
        raise AddressRefused("userinfo")
    return _origin(parts.scheme, parts.hostname, port or {"http": 80, "https": 443}[parts.scheme])


def _origin(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host.strip('[]').rstrip('.').lower()}:{port}"


@dataclass(frozen=True, kw_only=True)
class AddressGuard:
    """Lets out https to public addresses, and to `listed` origins also http and addresses inside the house."""

    listed: frozenset[str] = frozenset()
    resolve: Resolve = field(default=socket.getaddrinfo, repr=False)

    @classmethod
    def for_origins(cls, origins: Collection[str], *, resolve: Resolve = socket.getaddrinfo) -> "AddressGuard":
        """A guard whose operator vouches for these origins, for example `http://127.0.0.1:8500`."""
        return cls(listed=frozenset(map(origin_of, origins)), resolve=resolve)

    def check_url(self, url: str) -> None:
        """AddressRefused unless the URL is https, or its origin is listed; a name and password are always refused."""
        origin = origin_of(url)
        if not origin.startswith("https://") and origin not in self.listed:
            raise AddressRefused("not_https")

    def addresses(self, *, scheme: str, host: str, port: int) -> list[SocketAddress]:
        """The checked addresses of a host, to connect to in turn. OSError if none, AddressRefused if one is bad."""
        found = self.resolve(host.strip("[]"), port, 0, socket.SOCK_STREAM)
        listed = _origin(scheme, host, port) in self.listed
        for *_, sockaddr in found:
            address = ip_address(sockaddr[0])
            if not (is_public(address) or (listed and is_in_the_house(address))):
                raise AddressRefused("address")
        if not found:
            raise OSError("no address")
        return [(family, sockaddr) for family, _, _, _, sockaddr in found]
