"""From a URL to a connection."""

from __future__ import annotations

from typing import Any

import hyperlink

from buildbot.errors import ConfigError
from buildbot.status.client.connection import Connection


def connect(url: str, *, reactor: Any = None, timeout: float | None = 60.0) -> Connection:
    """A connection to ``pb://user:password@host:port``. Connects at the first call."""
    if reactor is None:
        from twisted.internet import reactor
    parsed = hyperlink.parse(url)
    if parsed.scheme != "pb":
        raise ConfigError(f"{url}: not an address of a status server")
    from twisted.internet.endpoints import HostnameEndpoint

    from buildbot.status.client.pb import PBConnection

    name, password = parsed.userinfo
    return PBConnection(HostnameEndpoint(reactor, parsed.host, parsed.port), name, password, reactor, timeout)
