"""TLS towards the servers of others: whom one believes, and what one shows them."""

from __future__ import annotations

from typing import Any

from buildbot.errors import ConfigError
from buildbot.status.client.connect import trustRoot


class Trust:
    """Makes TLS connections. The libraries are loaded at the first one, or for files that are named."""

    def __init__(self, verify: bool | str = True, cert: str | tuple[str, str] | None = None) -> None:
        """See :class:`~buildbot.status.listeners.sending.Sender`. Raises ConfigError for files that cannot be read."""
        self._verify = verify
        self._certificate = None if cert is None else _certificate((cert,) if isinstance(cert, str) else cert)
        self._root = trustRoot(verify) if isinstance(verify, str) else None

    def creator(self, host: str) -> Any:
        """What Twisted makes connections to a host with. Raises ConfigError where software is missing."""
        if not self._verify:
            return _unverified(host, self._certificate)
        if self._root is None:
            self._root = trustRoot(None)
        from twisted.internet.ssl import optionsForClientTLS

        return optionsForClientTLS(host, trustRoot=self._root, clientCertificate=self._certificate)


def _certificate(paths: tuple[str, ...]) -> Any:
    """A certificate with its key."""
    trustRoot(None)
    from OpenSSL.crypto import Error
    from twisted.internet.ssl import PrivateCertificate

    try:
        pem = b""
        for path in paths:
            with open(path, "rb") as file:
                pem += file.read()
        return PrivateCertificate.loadPEM(pem)
    except (OSError, ValueError, Error) as error:
        raise ConfigError(f"the certificate and key in {' and '.join(paths)} cannot be read: {error}") from None


def _unverified(host: str, certificate: Any) -> Any:
    """A connection that takes whatever certificate is shown."""
    trustRoot(None)
    from OpenSSL.SSL import Connection
    from twisted.internet.abstract import isIPAddress, isIPv6Address
    from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
    from twisted.internet.ssl import CertificateOptions
    from zope.interface import implementer

    options = CertificateOptions(verify=False) if certificate is None else certificate.options()
    context = options.getContext()

    @implementer(IOpenSSLClientConnectionCreator)
    class Creator:
        def clientConnectionForTLS(self, tlsProtocol: Any) -> Any:
            connection = Connection(context, None)
            if not isIPAddress(host) and not isIPv6Address(host):
                connection.set_tlsext_host_name(host.encode("ascii"))
            return connection

    return Creator()
