"""One request: answered from what is kept, before anything is parsed, or else by a handler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request, toChunk
from twisted.web.iweb import INonQueuedRequestFactory
from zope.interface import implementer, provider

from buildbot.errors import Busy, DatabaseUnavailable, InternalError, MethodNotAllowed, StatusError, TooLarge
from buildbot.status.encode import pretty
from buildbot.www.address import splitTarget
from buildbot.www.forms import VARY, Form
from buildbot.www.negotiate import matches
from buildbot.www.terms import Terms, single
from buildbot.www.wire import JSON, Headers, head, jsonBytes, problem

if TYPE_CHECKING:
    from buildbot.www.channel import StatusChannel

AT_ONCE = 131_072
"""Bytes; a longer body is written piece by piece, as fast as the client reads."""


@implementer(IPushProducer)
class Gate:
    """Open while the client takes what is written to it."""

    def __init__(self) -> None:
        self.open = True
        self._waiting: list[Deferred[None]] = []

    def pauseProducing(self) -> None:
        self.open = False

    def resumeProducing(self) -> None:
        self.open = True
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.callback(None)

    def stopProducing(self) -> None:
        """The connection is gone; the request's end says so too."""

    def opened(self) -> Deferred[None]:
        """Fires when more may be written."""
        deferred: Deferred[None] = Deferred(self._waiting.remove)
        self._waiting.append(deferred)
        return deferred


@provider(INonQueuedRequestFactory)
class StatusRequest(Request):
    """See the module."""

    log = Logger()
    kind = "other"
    """What metrics count it as."""
    terms: Terms
    running: Deferred[None] | None = None
    gone = False
    """The client is not there any more."""
    began = 0.0
    """When it had arrived as a whole."""
    target = ""
    """The path, still percent-encoded, without what a proxy put before it."""
    query = b""

    channel: Any
    content: BytesIO

    def __init__(self, channel: StatusChannel) -> None:
        super().__init__(channel)
        self.site = channel.factory
        self.path = b"/"
        self._id: bytes | None = None

    def parseCookies(self) -> None:
        """There are none."""

    def gotLength(self, length: int | None) -> None:
        """What is sent is kept in memory: it is limited."""
        self.content = BytesIO()
        self._bodySize = 0

    def handleContentChunk(self, data: bytes) -> None:
        self._bodySize += len(data)
        most = self.site.settings.limits.body
        if self._bodySize > most:
            self.channel.refuse(TooLarge(f"more than {most} bytes were sent; at most so many are read"))
        else:
            self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.began = perf_counter()
        self.method, self.uri, self.clientproto = command, path, version
        self.terms = self.site.terms.of(self.requestHeaders)
        if not self._kept():
            self.running = Deferred.fromCoroutine(self._answered(self._handle()))

    def _kept(self) -> bool:
        """Answer from what is kept, if it is: the way of most requests, so everything here is made beforehand."""
        if self.method not in (b"GET", b"HEAD") or self.terms.refusal is not None or self.terms.events:
            return False
        body = self.site.kept(self)
        form = None if body is None else body.forms.get(self.terms.form)
        if form.__class__ is not Form:
            return False
        self.kind = "kept"
        self.sendForm(form)
        return True

    async def _handle(self) -> None:
        authority, self.target, self.query = splitTarget(self.uri)
        await self.site.handle(self, authority)

    async def _answered(self, answering: Coroutine[Deferred[Any], Any, None]) -> None:
        """Whatever goes wrong in answering becomes an answer too; or, where one has begun, breaks the connection."""
        try:
            try:
                await answering
            except StatusError as error:
                self.sendError(error)
            except CancelledError:
                if not self.gone:
                    raise
            except Exception:
                self.sendError(self.unexpected())
        except Exception:
            self._abort()

    def unexpected(self) -> StatusError:
        """Log what went wrong just now, and be the error that says no more than where."""
        asked = f"{self.method.decode()} {self.uri[:300].decode()}"
        self.log.failure("Request {id}: {asked}", id=self.id, asked=asked)
        return InternalError(f"Something unexpected went wrong; the server's log has more under {self.id}", id=self.id)

    def _abort(self) -> None:
        """An answer that cannot be ended as it began: let the client see that it is not whole."""
        self.log.failure("Request {id} was broken off", id=self.id)
        if not self.gone:
            self.channel.transport.abortConnection()

    @property
    def id(self) -> str:
        """This request's name in answers and logs; the client's own, if it sent one that can be a name."""
        if self._id is None:
            self._id = self.site.requestId(self.requestHeaders)
        return self._id.decode()

    def connectionLost(self, reason: Failure) -> None:
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.gone = True
        if self.began:
            self.site.left(self)
        if self.running is not None:
            self.running.cancel()

    def body(self) -> bytes:
        """What was sent with it."""
        return self.content.getvalue()

    def allow(self, *methods: str) -> None:
        """Raise MethodNotAllowed unless the request's method is one of these."""
        if self.method.decode() not in methods:
            raise MethodNotAllowed(f"{self.method.decode()} is not possible here", allow=[*methods])

    def sendForm(self, form: Form) -> None:
        """Answer with a form of a body, or say that the client has it already."""
        held = single(self.requestHeaders.getRawHeaders(b"If-None-Match"))
        if held is not None and (held == form.etag or matches(held.decode("latin-1"), form.etag.decode())):
            self.respond(304, form.unchanged, (), 0)
        else:
            self.respond(200, form.head, form.pieces, form.length)

    def send(self, status: int, headers: Headers, body: bytes, contentType: str = JSON) -> None:
        """Answer with these bytes."""
        own = [
            ("Content-Type", contentType),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.respond(status, head(status, [*own, *headers]), (body,), len(body))

    def sendError(self, error: StatusError) -> None:
        """Answer with an error. Where an answer has begun already, breaks it off by raising."""
        if self.gone:
            return
        if self.startedWriting:
            raise RuntimeError("an answer had begun") from error
        headers = [("Cache-Control", "no-store"), ("Vary", VARY)]
        members = problem(error, self.site.settings.basePath)
        if isinstance(error, MethodNotAllowed):
            headers.append(("Allow", ", ".join(error.extra["allow"])))
        elif isinstance(error, (Busy, DatabaseUnavailable)):
            headers.append(("Retry-After", "1"))
        elif error.status == 426:
            headers.append(("Upgrade", "websocket"))
        elif error.status == 416:
            headers.append(("Content-Range", f"bytes */{error.extra['length']}"))
        body = pretty(members).encode() if self.terms.form[2] else jsonBytes(members)
        self.send(error.status, headers, body)

    def begin(self, status: int, prebuilt: bytes, length: int | None) -> list[bytes]:
        """Everything before the body, as it is written. ``length``: of the body; None if it is not known."""
        self.code, self.startedWriting = status, 1
        self.sentLength = 0 if self.method == b"HEAD" else length or 0
        if self._id is None:
            self._id = self.site.requestId(self.requestHeaders)
        close = b"" if self.channel.persistent else b"Connection: close\r\n"
        return [prebuilt, self.terms.cors, self.site.date, close, b"X-Request-Id: ", self._id, b"\r\n\r\n"]

    def respond(self, status: int, prebuilt: bytes, pieces: Sequence[bytes], length: int) -> None:
        """Write an answer whose head is made already, and end the request once it is written."""
        parts = self.begin(status, prebuilt, length)
        if self.method == b"HEAD" or not length:
            self.channel.writeSequence(parts)
        elif length <= AT_ONCE:
            parts.extend(pieces)
            self.channel.writeSequence(parts)
        else:
            self.running = Deferred.fromCoroutine(self._answered(self._pour(parts, pieces, length)))
            return
        self.finish()  # type: ignore[no-untyped-call]  # Twisted's is not typed

    async def pour(
        self, status: int, headers: Headers, pieces: AsyncIterator[bytes] | Iterable[bytes], length: int | None
    ) -> None:
        """Answer with pieces as fast as the client reads, and no faster. Without a length, in chunks."""
        if length is None and self.clientproto == b"HTTP/1.1":
            headers = [*headers, ("Transfer-Encoding", "chunked")]
            self.chunked = 1
        await self._pour(self.begin(status, head(status, headers), length), pieces, length)

    async def _pour(
        self, begun: list[bytes], pieces: AsyncIterator[bytes] | Iterable[bytes], length: int | None
    ) -> None:
        gate = Gate()
        self.registerProducer(gate, True)  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.sentLength = 0
        self.channel.writeSequence(begun)
        async for piece in pieces if isinstance(pieces, AsyncIterator) else _each(pieces):
            if not gate.open:
                await gate.opened()
            if self.chunked:
                self.channel.writeSequence(toChunk(piece))
            else:
                self.channel.write(piece)
            self.sentLength += len(piece)
        if length is not None and self.sentLength != length:
            raise RuntimeError(f"{self.sentLength} bytes were there instead of {length}")
        self.unregisterProducer()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.finish()  # type: ignore[no-untyped-call]  # Twisted's is not typed


async def _each(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
