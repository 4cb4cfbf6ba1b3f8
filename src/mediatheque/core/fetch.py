"""HTTP out, guarded: public addresses, and private ones only in networks the operator lists.

The address is checked where the connection is made, on the very address that is connected to, so that
neither a redirect nor a name that changes its mind gets past (PROOFS, *URL fetches*).
"""

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore
import httpx
from django.conf import settings

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

NAT64 = ip_network("64:ff9b::/96")
MAX_REDIRECTS = 5
SECONDS = 15.0


class AddressRefused(httpx.ConnectError):
    """The name leads to an address that may not be fetched from."""


def client(*, private_networks: Sequence[Network] | None = None, timeout: float = SECONDS) -> httpx.Client:
    """An HTTP client that connects to allowed addresses alone. Use it in a `with`."""
    allowed = settings.FETCH_PRIVATE_NETWORKS if private_networks is None else private_networks
    transport = httpx.HTTPTransport(retries=0)
    transport._pool._network_backend = _Guarded(allowed)  # httpx offers no other way in
    return httpx.Client(
        transport=transport,
        timeout=timeout,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        trust_env=False,
        headers={"User-Agent": "Mediatheque"},
    )


def may_fetch_from(address: Address, private_networks: Iterable[Network] = ()) -> bool:
    """Public unicast, judged by every IPv4 address it may carry inside; or in a listed network."""
    if any(address.version == network.version and address in network for network in private_networks):
        return True
    return all(
        each.is_global and not each.is_multicast and not each.is_reserved for each in _meanings(address)
    )


def _meanings(address: Address) -> list[Address]:
    """The address itself and the IPv4 addresses that translators would make of it."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    inside: list[Address] = []
    if address in NAT64:
        inside.append(IPv4Address(int(address) & 0xFFFFFFFF))
        return inside
    if address.sixtofour:
        inside.append(address.sixtofour)
    if address.teredo:
        inside.extend(address.teredo)
    return [address, *inside]


class _Guarded(httpcore.SyncBackend):
    """Resolves, checks every address, and connects to the one it has checked."""

    def __init__(self, private_networks: Sequence[Network]) -> None:
        self._private_networks = tuple(private_networks)

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        address = self._checked(host, port)
        return super().connect_tcp(str(address), port, *args, **kwargs)

    def connect_unix_socket(self, path: str, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise AddressRefused("Sockets of this machine are never fetched from.")

    def _checked(self, host: str, port: int) -> Address:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} cannot be found.") from error
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        if not addresses or not all(may_fetch_from(each, self._private_networks) for each in addresses):
            raise AddressRefused(
                f"{host} is not a public address. If it is a server of yours, list its network in "
                "FETCH_PRIVATE_NETWORKS."
            )
        return addresses[0]
