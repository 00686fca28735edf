"""One connection of a client, within limits: Twisted's HTTP/1.1 channel with deadlines for whole requests, fair
pipelining and refusals that say why.

There are no timers for each connection or request: the site looks at all of its channels once a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from buildbot.errors import AddressTooLong, BadRequest, StatusError, TooLarge
from buildbot.www.request import StatusRequest
from buildbot.www.sockets import writeTo
from buildbot.www.wire import JSON, head, jsonBytes, problem

if TYPE_CHECKING:
    from twisted.web.http import Request

    from buildbot.www.site import StatusSite

TURN = 16
"""Pipelined requests of one connection that are answered before others have their turn."""
LINGER = 5
"""Seconds in which a refused client may read why, while what it still sends is thrown away."""
_UNENCODED = re.compile(rb"[A-Z]+ [^ ]*[\x80-\xff][^ ]* HTTP/1\.[01]\r?$")
"""A request line whose address holds bytes as they are that belong there percent-encoded."""


class StatusChannel(HTTPChannel):
    """See the module. All times are the site's ticks, in seconds."""

    requestFactory: Any = StatusRequest
    factory: StatusSite
    transport: Any
    begun: int | None = None
    """When the first byte of a request came that is not there as a whole yet."""
    since = 0
    """When the last answer was given, or the connection made."""
    stalled: int | None = None
    """Since when the client has read nothing of what waits for it."""
    closing: int | None = None
    busy = False
    """A request is being answered."""
    refused = False
    _turn = 0
    _host: Any = None

    def connectionMade(self) -> None:
        limits = self.factory.settings.limits
        self.MAX_LENGTH = max(limits.address, 8_192)
        self.totalHeadersSize = limits.headers
        self.since = self.factory.tick
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.factory.opened(self)

    def getHost(self) -> Any:
        """Each request asks, and it does not change."""
        if self._host is None:
            self._host = super().getHost()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return self._host

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """All of an answer, or its beginning."""
        writeTo(self.transport, b"".join(iovec))

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008  # the signature of the base class
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.factory.closed(self)

    def dataReceived(self, data: bytes) -> None:
        self._turn = 0
        if self.begun is None and not self.busy:
            self.begun = self.factory.tick
        LineReceiver.dataReceived(self, data)

    def lineReceived(self, line: bytes) -> None:
        if self.refused:
            return
        if not self.requests and _UNENCODED.match(line):
            self.refuse(BadRequest("the address is not ASCII: percent-encode it as UTF-8, such as %C3%BC for ü"))
        else:
            super().lineReceived(line)  # type: ignore[no-untyped-call]  # Twisted's is not typed

    def rawDataReceived(self, data: bytes) -> None:
        if not self.refused:
            super().rawDataReceived(data)

    def allHeadersReceived(self) -> None:
        most = self.factory.settings.limits.body
        if self.length is not None and self.length > most:
            self.refuse(TooLarge(f"{self.length} bytes were announced; at most {most} are read"))
        else:
            super().allHeadersReceived()  # type: ignore[no-untyped-call]  # Twisted's is not typed

    def allContentReceived(self) -> None:
        if self.refused:
            return
        self.begun, self.busy = None, True
        super().allContentReceived()  # type: ignore[no-untyped-call]  # Twisted's is not typed

    def checkPersistence(self, request: Request, version: bytes) -> bool:
        """Whether the connection stays open after this request."""
        if version != b"HTTP/1.1" or self.factory.draining:
            return False
        values = request.requestHeaders.getRawHeaders(b"Connection")
        return values is None or b"close" not in [
            token.strip().lower() for value in values for token in value.split(b",")
        ]

    def requestDone(self, request: Request) -> None:
        self.busy = False
        self.since = self.factory.tick
        self._turn += 1
        if self.stalled is not None:
            self.paused = True
        elif self._turn >= TURN:
            self.paused = True
            self.factory.reactor.callLater(0, self._goOn)
        super().requestDone(request)  # type: ignore[no-untyped-call]  # Twisted's is not typed
        if self.begun is None and self._buffer:
            self.begun = self.factory.tick

    def _goOn(self) -> None:
        if self.paused and self.stalled is None and self in self.factory.channels:
            self.paused = False
            self.dataReceived(b"")

    def pauseProducing(self) -> None:
        if self.stalled is None:
            self.stalled = self.factory.tick
        super().pauseProducing()  # type: ignore[no-untyped-call]  # Twisted's is not typed

    def resumeProducing(self) -> None:
        self.stalled = None
        super().resumeProducing()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        if not self.busy:
            self._goOn()

    def loseConnection(self) -> Any:
        self.closing = self.factory.tick
        return super().loseConnection()  # type: ignore[no-untyped-call]  # Twisted's is not typed

    def finishUp(self) -> None:
        """Answer what is being asked, and close."""
        if self.busy:
            self.persistent = False
        elif self.begun is None:
            self.loseConnection()

    def lineLengthExceeded(self, line: bytes) -> None:
        """The request line or a header is longer than anything may be."""
        if self.requests:
            self.refuse(BadRequest(f"a header is longer than {self.MAX_LENGTH} bytes"))
        else:
            self.refuse(AddressTooLong(f"the address is longer than {self.MAX_LENGTH} bytes; a batch takes more"))

    def _respondToBadRequestAndDisconnect(self) -> None:
        self.refuse(BadRequest("this is no HTTP request, or its headers are larger than what is read here"))

    def refuse(self, error: StatusError) -> None:
        """Answer what is no request, or no more than the beginning of one, and close."""
        if self.refused:
            return
        self.refused = True
        body = jsonBytes(problem(error, self.factory.settings.basePath))
        headers = [("Content-Type", JSON), ("Content-Length", str(len(body))), ("Connection", "close")]
        self.transport.writeSequence([head(error.status, headers), b"\r\n", body])
        self.factory.metrics.refused(error.status)
        self.closing = self.factory.tick
        if self.isSecure():  # type: ignore[no-untyped-call]  # Twisted's is not typed
            super().loseConnection()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        else:
            self._networkProducer.unregisterProducer()
            self.transport.loseWriteConnection()

    def sweep(self, tick: int) -> None:
        """Once a second: end what takes too long."""
        limits = self.factory.settings.limits
        if self.refused:
            if self.closing is not None and tick - self.closing > LINGER:
                self.transport.abortConnection()
        elif (self.begun is not None and tick - self.begun > limits.requestTime) or (
            self.stalled is not None and tick - self.stalled > limits.stalledTime
        ):
            self.transport.abortConnection()
        elif self.closing is not None:
            if tick - self.closing > limits.stalledTime:
                self.transport.abortConnection()
        elif self.begun is None and not self.busy and self.stalled is None and tick - self.since > limits.idleTime:
            self.loseConnection()
