"""Keeps requests that listeners send out of the own network.

A name is looked up once for each connection, the addresses are checked, and exactly those are connected to: what the
name means a moment later changes nothing. All spellings of an address come down to the address before it is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import (
    IHostnameResolver,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from zope.interface import implementer

from buildbot.errors import ConfigError
from buildbot.status.listeners.outcomes import Parked

Address = IPv4Address | IPv6Address
WEB_PORTS, FREE_PORTS = (80, 443), 1024
"""Of public addresses: these, and from that one on. The others are those of mail, shells and the like."""

NOT_PUBLIC = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds have their metadata
        "168.63.129.16/32",  # Azure's own, inside of each machine
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds addresses of the old kind
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
"""What IANA's registries of special addresses list, and one more."""
UNICAST = IPv6Network("2000::/3")
"""All that is public of the new kind lies in here."""
NAT64 = IPv6Network("64:ff9b::/96")
"""Leads to the address of the old kind in its end."""


def isPublic(address: Address) -> bool:
    """Whether an address can only be of somebody on the Internet."""
    address = plain(address)
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return isPublic(IPv4Address(address.packed[-4:]))
        if address not in UNICAST:
            return False
    return not any(address in network for network in NOT_PUBLIC)


def plain(address: Address) -> Address:
    """An address of the old kind that is written as one of the new is one of the old."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


class Guard:
    """Lets connections through to public addresses, and to what is allowed besides."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        """``allow``: networks (``10.1.2.0/24``), addresses, and names of hosts, which may be anywhere; at any port.
        Raises ConfigError for what is none of these."""
        if isinstance(allow, str):
            raise ConfigError(f"allow is {allow!r}; a list, such as [{allow!r}], is expected")
        self._networks: list[Any] = []
        self._names: set[str] = set()
        for text in allow:
            try:
                self._networks.append(ip_network(text))
            except ValueError as error:
                if not text or set("/:@ ") & set(text):
                    raise ConfigError(
                        f"allow: {text!r} is no network ({error}); one such as '10.1.2.0/24', an address, or the name "
                        "of a host is expected"
                    ) from None
                self._names.add(_bare(text))

    def check(self, url: Any) -> None:
        """Raises ConfigError for a URL with an address to which nothing is ever sent; what a name stands for is seen
        when it is connected to."""
        try:
            address = ip_address(url.host)
        except ValueError:
            return
        refusal = self._refusal(url.host, url.port, address)
        if refusal is not None:
            raise ConfigError(f"{url.host}: {refusal}")

    def permitted(self, host: str, port: int, addresses: Sequence[Any]) -> Sequence[Any]:
        """Those of a host's addresses that may be connected to. Raises Parked if there is none."""
        found = [address for address in addresses if self._refusal(host, port, ip_address(address.host)) is None]
        if addresses and not found:
            first = plain(ip_address(addresses[0].host))
            where = host if host == str(first) else f"{host} ({first})"
            raise Parked(f"{where}: {self._refusal(host, port, first)}")
        return found

    def _refusal(self, host: str, port: int, address: Address) -> str | None:
        address = plain(address)
        if _bare(host) in self._names or any(address in network for network in self._networks):
            return None
        if not isPublic(address):
            return "requests into the own network are not sent; what may get them is named in allow="
        if port not in WEB_PORTS and port < FREE_PORTS:
            return f"requests to port {port} are not sent; what may get them is named in allow="
        return None

    def endpoint(self, reactor: Any, host: str, port: int, timeout: float) -> Any:
        """Connects to what is permitted of a host, and fails with Parked where nothing is."""
        return _Guarded(self, reactor, host, port, timeout)


def _bare(host: str) -> str:
    """A host's name, without what makes no difference."""
    return host.rstrip(".").lower()


@implementer(IStreamClientEndpoint)
class _Guarded:
    def __init__(self, guard: Guard, reactor: Any, host: str, port: int, timeout: float) -> None:
        self._guard, self._reactor, self._host, self._port, self._timeout = guard, reactor, host, port, timeout

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        """See :class:`IStreamClientEndpoint`."""
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: Any) -> Any:
        receiver = _Addresses()
        self._reactor.nameResolver.resolveHostName(receiver, self._host, self._port)
        addresses = self._guard.permitted(self._host, self._port, await receiver.all)
        if not addresses:
            raise DNSLookupError(f"there is no address of {self._host}")
        checked: Any = _Checked(self._reactor, addresses)
        return await HostnameEndpoint(checked, self._host, self._port, self._timeout).connect(factory)


@implementer(IResolutionReceiver)
class _Addresses:
    """Collects what a name stands for."""

    def __init__(self) -> None:
        self.all: Deferred[Sequence[Any]] = Deferred()
        self._found: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        """See :class:`IResolutionReceiver`."""

    def addressResolved(self, address: Any) -> None:
        """See :class:`IResolutionReceiver`."""
        self._found.append(address)

    def resolutionComplete(self) -> None:
        """See :class:`IResolutionReceiver`."""
        self.all.callback(self._found)


@implementer(IReactorPluggableNameResolver, IHostnameResolver)
class _Checked:
    """A reactor for which every name stands for addresses that were checked."""

    def __init__(self, reactor: Any, addresses: Sequence[Any]) -> None:
        self._reactor, self._addresses = reactor, addresses

    @property
    def nameResolver(self) -> _Checked:
        """See :class:`IReactorPluggableNameResolver`."""
        return self

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, portNumber: int = 0, **more: Any) -> Any:
        """See :class:`IHostnameResolver`."""
        resolutionReceiver.resolutionBegan(None)
        for address in self._addresses:
            resolutionReceiver.addressResolved(address)
        resolutionReceiver.resolutionComplete()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)
