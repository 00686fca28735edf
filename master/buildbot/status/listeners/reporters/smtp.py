"""Sends a mail to one server, with Twisted's client, and says what each outcome means for a delivery."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.mail.smtp import ESMTPSender, ESMTPSenderFactory, SMTPClientError
from twisted.python.failure import Failure

from buildbot.status.client.http import words
from buildbot.status.listeners.outcomes import Parked
from buildbot.status.listeners.sending import SendingFailed
from buildbot.status.listeners.tls import Trust

TIMEOUT = 30
"""Seconds for each answer of the server."""
PARTING = 5
"""Seconds in which it must let go of the connection, once all is said."""


class _Sender(ESMTPSender):
    """Tells its factory of a lost connection itself: an endpoint does not."""

    transport: Any

    def connectionMade(self) -> None:
        self.gone: Deferred[None] = Deferred()
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted's is not typed

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.gone.callback(None)
        if hasattr(self.factory, "result"):  # it was not cancelled
            self.factory.clientConnectionLost(None, reason)


class _Factory(ESMTPSenderFactory):
    protocol = _Sender
    noisy = False


@attrs.frozen
class Relay:
    """A server that takes mails, and how it is spoken to."""

    host: str
    port: int
    starttls: bool = False
    """Encrypt after the greeting, or fail."""
    smtps: bool = False
    """Encrypt from the beginning."""
    trust: Trust = attrs.field(factory=Trust)

    log = Logger()

    async def send(
        self, reactor: Any, sender: str, recipients: Sequence[str], message: bytes, login: tuple[str, str] | None
    ) -> None:
        """``message``: with a plain newline at the end of each line. Returns once the server has taken it, for one
        recipient at least. Raises Parked for what it refuses for good, and SendingFailed for all that may work the next
        time."""
        where = f"{self.host}:{self.port}"
        result: Deferred[Any] = Deferred()
        user, password = (None, None) if login is None else (each.encode() for each in login)
        factory = _Factory(  # type: ignore[no-untyped-call]  # Twisted's is not typed
            user,
            password,
            sender,
            list(recipients),
            BytesIO(message),
            result,
            retries=0,
            timeout=TIMEOUT,
            contextFactory=self.trust.creator(self.host) if self.starttls else None,
            heloFallback=True,
            requireAuthentication=login is not None,
            requireTransportSecurity=self.starttls,
        )
        endpoint: Any = HostnameEndpoint(reactor, self.host, self.port, TIMEOUT)
        if self.smtps:
            endpoint = wrapClientTLS(self.trust.creator(self.host), endpoint)
        protocol = None
        try:
            protocol = await endpoint.connect(factory)
            _, answers = await result
            late = reactor.callLater(PARTING, protocol.transport.abortConnection)
            await protocol.gone
            if late.active():
                late.cancel()
        except CancelledError:
            if protocol is not None:
                protocol.transport.abortConnection()
            raise
        except SMTPClientError as error:
            raise self._error(where, error) from None
        except Exception as error:
            raise SendingFailed(f"{where} cannot be reached: {words(error)}") from None
        for address, code, answer in answers:
            if code != 250:
                self.log.error(
                    "{where} does not take mail for {address}: {code} {answer}",
                    where=where,
                    address=_text(address),
                    code=code,
                    answer=_text(answer),
                )

    @staticmethod
    def _error(where: str, error: SMTPClientError) -> Exception:
        sentence = f"{where} answered {error.code} {_text(error.resp)}"
        if error.code < 0:
            return SendingFailed(f"{where} cannot be reached: {_text(error.resp)}")
        return Parked(sentence) if 500 <= error.code < 600 else SendingFailed(sentence)


def _text(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return " ".join(text.split())
