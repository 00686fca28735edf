"""How the HTTP server behaves: everything an operator may set, and nothing else."""

from __future__ import annotations

import resource
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import attrs

from buildbot.errors import ConfigError

CONNECTIONS, OTHER_FILES = 10_000, 200
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def openFiles() -> int:
    """How many files, connections among them, this process may have open."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return CONNECTIONS + OTHER_FILES if soft == resource.RLIM_INFINITY else soft


@attrs.frozen
class HttpLimits:
    """What one client may use. Sizes are in bytes, times in seconds."""

    address: int = 16_384
    """The longest request line."""
    headers: int = 32_768
    """Request line and headers together."""
    parameters: int = 2_000
    """In one address."""
    body: int = 1_000_000
    """What may be sent with a POST."""
    connections: int = attrs.field(factory=lambda: max(min(openFiles() - OTHER_FILES, CONNECTIONS), 100))
    """Open at once; more are closed as they come. By default as many as the process may have open as files, less some
    for all else, and at most :data:`CONNECTIONS`."""
    requestTime: int = 30
    """For a request to arrive as a whole, from its first byte."""
    idleTime: int = 60
    """Between two requests on one connection."""
    stalledTime: int = 60
    """For a client that reads nothing while there is something to read."""
    drainTime: int = 20
    """For running requests to end when the service stops."""


def _checkedURL(instance: WebSettings, attribute: attrs.Attribute[str | None], value: str | None) -> None:
    if value is None:
        return
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(f"buildbotURL is {value!r}; an address such as https://ci.example.org/buildbot/ is expected")


@attrs.frozen(kw_only=True)
class WebSettings:
    """What ``c['www']`` and ``buildbotURL`` come down to."""

    port: int = 8010
    interface: str = "127.0.0.1"
    baseURL: str | None = attrs.field(default=None, validator=_checkedURL)
    """Where browsers find this server (``buildbotURL``): links begin with it, its path is what a proxy puts before
    everything, and its host may be asked for."""
    allowedOrigins: Sequence[str] | None = None
    """Globs, compared with the whole Origin header in lower case; None: the origin of ``baseURL``. This server's own
    origin is always allowed."""
    allowedHosts: Sequence[str] = ()
    """Names that a Host header may hold, beside localhost, the host of ``baseURL``, and addresses (:attr:`byAddress`);
    ``*``: any."""
    trustedProxies: Sequence[str] = ()
    """Addresses or networks of proxies whose ``X-Forwarded-For`` is believed, for the access log. A proxy passes on the
    Host as it came."""
    accessLog: str | None = None
    """The file that gets a line of JSON for each request."""
    views: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """Names of what adds views to the web pages (:mod:`buildbot.www.pages`), and the options of each."""
    limits: HttpLimits = attrs.field(factory=HttpLimits)

    @property
    def base(self) -> SplitResult:
        """The parts of ``baseURL``."""
        return urlsplit(self.baseURL or "")

    @property
    def basePath(self) -> str:
        """What links within this server begin with: ``""``, or ``/buildbot``; never ends with a slash."""
        return self.base.path.rstrip("/")

    @property
    def hosts(self) -> frozenset[str]:
        """What a Host header may name, without port, in lower case."""
        own = [self.base.netloc.rpartition("@")[2]] if self.baseURL else []
        named = [hostOf(name) for name in (*own, *self.allowedHosts)]
        return frozenset([*LOOPBACK, *named])

    @property
    def byAddress(self) -> bool:
        """Whether a Host may also be any IP address: where others than this machine can connect. What a Host protects
        from is a page that makes its own name lead here, and an address is no name."""
        return isAddress(self.interface) and not ip_address(self.interface).is_loopback

    @property
    def origins(self) -> Sequence[str]:
        """Globs of the origins that may ask, in lower case."""
        if self.allowedOrigins is not None:
            return [glob.lower() for glob in self.allowedOrigins]
        return [self.ownOrigin] if self.ownOrigin else []

    @property
    def ownOrigin(self) -> str:
        """The origin of ``baseURL``, in lower case; empty without one."""
        return f"{self.base.scheme}://{self.base.netloc}".lower() if self.baseURL else ""


def isAddress(host: str) -> bool:
    """Whether a host, as :func:`hostOf` gives it, is an IP address and no name."""
    try:
        ip_address(host[1:-1] if host.startswith("[") else host)
    except ValueError:
        return False
    return True


def hostOf(header: str) -> str:
    """The name in a Host header, in lower case, without port and final dot; brackets of IPv6 stay."""
    name = header.strip().lower()
    end = name.rfind("]") if name.startswith("[") else -1
    if end < 0 and ":" in name:
        name = name[: name.index(":")]
    elif end > 0:
        name = name[: end + 1]
    return name.rstrip(".")
