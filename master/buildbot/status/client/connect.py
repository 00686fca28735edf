"""From a URL to a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hyperlink
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS

from buildbot.errors import ConfigError

if TYPE_CHECKING:
    from buildbot.status.client.connection import Connection

BEGIN = b"-----BEGIN CERTIFICATE-----"
LARGEST_PORT = 65535
KINDS = "pb://name:password@host:port, pbs://… (TLS), http://host:port[/path] and https://…"


def connect(
    url: str,
    *,
    reactor: Any = None,
    timeout: float | None = 60.0,
    caFile: str | None = None,
    token: str | None = None,
) -> Connection:
    """A connection to a status server: ``pb://name:password@host:port`` or ``pbs://…`` (Perspective Broker, TLS),
    ``http://host:port[/path]`` or ``https://…``. What a URL cannot hold as it is stands there percent-encoded.

    Returns at once: it connects at the first call, and again at the next one after the connection was lost. A call that
    takes longer than ``timeout`` seconds (None: whatever it takes) fails with
    :class:`~buildbot.errors.DeadlineExceeded`. ``caFile`` has the certificates, in PEM, of those who may vouch for the
    server; by default those that the system trusts. ``token``: with which one may act over HTTP; over Perspective
    Broker, one may who has logged in. Raises :class:`~buildbot.errors.ConfigError` for another URL.
    """
    if reactor is None:
        from twisted.internet import reactor
    parsed: Any
    try:
        parsed = hyperlink.parse(url)
    except (hyperlink.URLParseError, ValueError) as error:
        raise ConfigError(f"{_shown(url)} is no URL: {error}") from None
    if parsed.scheme not in ("pb", "pbs", "http", "https") or not parsed.host:
        raise ConfigError(f"{_shown(url)}: a status server has one of the addresses {KINDS}")
    if parsed.port and parsed.port > LARGEST_PORT:
        raise ConfigError(f"{_shown(url)}: ports go up to {LARGEST_PORT}")
    if parsed.query or parsed.fragment:
        raise ConfigError(f"{_shown(url)}: ends with the path; there is nothing to ask for yet")
    name, password = (*parsed.userinfo, "")[:2]
    trust = trustRoot(caFile) if parsed.scheme in ("pbs", "https") else None
    if parsed.scheme in ("http", "https"):
        from buildbot.status.client.http import HTTPConnection

        return HTTPConnection(parsed, name, password, trust, reactor=reactor, timeout=timeout, token=token)
    if token is not None:
        raise ConfigError(f"{_shown(url)}: a token goes with http; over Perspective Broker a name and a password do")
    return _pb(parsed, name, password, trust, reactor, timeout)


def _pb(parsed: Any, name: str, password: str, trust: Any, reactor: Any, timeout: float | None) -> Connection:
    from buildbot.status.client.pb import PBConnection

    if not parsed.port or any(parsed.path):
        raise ConfigError(f"{parsed.scheme}://…@{parsed.host}: names a host and a port, and no path")
    endpoint: Any = HostnameEndpoint(reactor, parsed.host, parsed.port)
    if parsed.scheme == "pbs":
        from twisted.internet.ssl import optionsForClientTLS

        endpoint = wrapClientTLS(optionsForClientTLS(parsed.host, trustRoot=trust), endpoint)
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    where = f"{parsed.scheme}://{host}:{parsed.port}"
    return PBConnection(where, endpoint, name, password, reactor=reactor, timeout=timeout)


def trustRoot(caFile: str | None) -> Any:
    """Whose certificates are believed: those of a file, in PEM, or those that the system trusts. Raises ConfigError."""
    try:
        from OpenSSL.crypto import Error
        from twisted.internet.ssl import Certificate, platformTrust, trustRootFromCertificates
    except ImportError as error:
        raise ConfigError(f"TLS needs more software: pip install 'buildbot-status[tls]' ({error})") from None
    if caFile is None:
        return platformTrust()
    try:
        with open(caFile, "rb") as file:
            blocks = file.read().split(BEGIN)[1:]
        certificates = [Certificate.loadPEM(BEGIN + block) for block in blocks]
    except (OSError, ValueError, Error) as error:
        raise ConfigError(f"the certificates in {caFile} cannot be read: {error}") from None
    if not certificates:
        raise ConfigError(f"{caFile} holds no certificate in PEM")
    return trustRootFromCertificates(certificates)


def _shown(url: str) -> str:
    """A URL without the password that may be in it."""
    before, at, after = url.rpartition("@")
    return f"{before.partition('://')[0]}://…@{after}" if at else url
