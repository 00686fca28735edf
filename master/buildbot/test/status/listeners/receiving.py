"""A server that answers as a test tells it to, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import simplejson
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.ssl import Certificate, KeyPair, PrivateCertificate
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from buildbot.test.status.test_pb_tls import certificate

reactor: Any = installed
Answer = Callable[[Any], bytes | int]
"""Answers a Twisted request: its body, or NOT_DONE_YET."""


@attrs.frozen
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    """By names in lower case."""
    body: bytes
    local: str
    """The address that it was sent to."""
    client: int
    """The port that it came from."""
    certificate: Any
    """What the client showed over TLS, or None."""

    @property
    def json(self) -> Any:
        return simplejson.loads(self.body)


class Receiver(Resource):
    """Answers with what is in ``answers``, one after the other, and with 204 when there is no more."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self.answers: list[Answer] = []

    def render(self, request: Any) -> bytes | int:
        headers = {
            name.decode().lower(): b", ".join(values).decode("latin-1")
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        shown = getattr(request.transport, "getPeerCertificate", lambda: None)()
        method, path = request.method.decode(), request.uri.decode()
        here, there = request.transport.getHost().host, request.transport.getPeer().port
        self.asked.append(Asked(method, path, headers, request.content.read(), here, there, shown))
        if not self.answers:
            request.setResponseCode(204)
            return b""
        return self.answers.pop(0)(request)


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer with a status; ``Retry_After="3"`` is a header."""

    def send(request: Any) -> bytes:
        request.setResponseCode(status)
        for name, value in headers.items():
            request.setHeader(name.replace("_", "-"), value)
        return body

    return send


def never(request: Any) -> int:
    """No answer."""
    return NOT_DONE_YET


class ReceivingCase(TestCase):
    """Has receivers."""

    timeout = 30

    def receive(self, port: int = 0, interface: str = "127.0.0.1") -> tuple[Receiver, int]:
        """A new receiver, and its port."""
        receiver = Receiver()
        listening = reactor.listenTCP(port, Site(receiver), interface=interface)
        return receiver, self._until(listening)

    def receiveTLS(self, host: Any, trusted: Sequence[bytes] = ()) -> tuple[Receiver, int, str]:
        """A receiver over TLS, which wants to see a certificate if some are ``trusted``; and the file of its own."""
        receiver = Receiver()
        key, shown = certificate(host)
        private = PrivateCertificate.fromCertificateAndKeyPair(Certificate.loadPEM(shown), KeyPair.load(key, 1))
        options = private.options()
        if trusted:
            options = private.options(*map(Certificate.loadPEM, trusted))
        return (
            receiver,
            self._until(reactor.listenSSL(0, Site(receiver), options, interface="127.0.0.1")),
            self.newFile(shown),
        )

    def newFile(self, data: bytes) -> str:
        """The path of a new file."""
        path: str = self.mktemp()
        with open(path, "wb") as file:
            file.write(data)
        return path

    def _until(self, listening: Any) -> int:
        self.addCleanup(listening.stopListening)
        number: int = listening.getHost().port
        return number

    async def condition(self, holds: Callable[[], bool]) -> None:
        """Returns once something holds; the test's time-out is the limit."""
        while not holds():
            await deferLater(reactor, 0.005)

    async def failing(self, deferred: Deferred[Any]) -> Any:
        """What it fails with."""
        try:
            result = await deferred
        except Exception as error:
            return error
        raise AssertionError(f"it did not fail, but gave {result!r}")
