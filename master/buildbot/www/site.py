"""The HTTP JSON language: a site that answers every path of the API through the status service.

Nothing here names a resource type: what there is, the catalogue knows.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from threading import Thread
from time import perf_counter
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool
from twisted.web.http import HTTPFactory, datetimeToString
from twisted.web.http_headers import Headers

from buildbot.errors import BadRequest, NotFound
from buildbot.status.principal import ANONYMOUS, Principal
from buildbot.status.service import Body, StatusService
from buildbot.www.accesslog import AccessLog
from buildbot.www.api import Api
from buildbot.www.channel import StatusChannel
from buildbot.www.exposition import Exposition
from buildbot.www.forms import FormMaker
from buildbot.www.health import Health
from buildbot.www.metrics import WebMetrics
from buildbot.www.pages import Pages
from buildbot.www.request import StatusRequest
from buildbot.www.settings import WebSettings
from buildbot.www.sse import Sse
from buildbot.www.stalls import StallWatch
from buildbot.www.static import Static
from buildbot.www.terms import TermsBook
from buildbot.www.token import Token
from buildbot.www.websocket import Sockets, StatusSocket
from buildbot.www.workload import WorkloadMetrics

Handler = Callable[[StatusRequest, "str | None"], Awaitable[None]]
"""Answers a request; gets what follows its first element: None, ``""`` or a path."""
HEALTH = "healthz"
THREADS = 2
"""In which large answers are compressed; more would only take the processors from those who read."""
_NAME = re.compile(rb"^[A-Za-z0-9._-]{1,64}$")


BEARER = Principal("token")
"""Who has the token."""


def anonymous(request: StatusRequest) -> Principal:
    """Nobody is known by name."""
    return ANONYMOUS


def cacheControl(service: StatusService) -> str:
    """Ask again each time; and how old an answer may be even so, where the database is looked at from time to time."""
    age = math.ceil(service.database.freshness)
    return f"no-cache, max-age={age}" if age else "no-cache"


class StatusSite(HTTPFactory):
    """Answers HTTP for one status service."""

    trouble = Logger()
    protocol = StatusChannel  # type: ignore[assignment]  # the base class says its own channel

    def __init__(
        self,
        service: StatusService,
        settings: WebSettings,
        *,
        reactor: Any,
        identify: Callable[[StatusRequest], Principal] = anonymous,
        token: Token | None = None,
        pages: Pages | None = None,
    ) -> None:
        """``identify``: who asks; ``token``: who has it may act, beside those who are known by name; ``pages``: what
        people look at. Raises ConfigError for pages that cannot be served."""
        super().__init__(timeout=None, reactor=reactor)  # type: ignore[arg-type]  # None is documented
        self.reactor: Any = reactor
        self.service, self.settings, self.identify, self.token = service, settings, identify, token
        self.metrics = WebMetrics()
        self.terms = TermsBook(settings)
        self.forms = FormMaker(self.inThread, f"{settings.basePath}/api/v2/", cacheControl(service))
        self.channels: set[Any] = set()
        """Connections, a :class:`StatusChannel` or a :class:`StatusSocket` each."""
        self.ending: set[Callable[[], None]] = set()
        """Ends answers that have no end of their own."""
        self.draining = False
        self.tick = 0
        """Counts the seconds since the start."""
        self.date = b""
        self._ids = count(1)
        self._series = secrets.token_hex(3).encode()
        self._ticking = LoopingCall(self._second)
        self._ticking.clock = reactor
        self.stalls = StallWatch(reactor)
        self.workload = WorkloadMetrics(service, reactor)
        self.accessLog: AccessLog | None = None
        self._threads = ThreadPool(THREADS, THREADS, "http")
        self._threads.threadFactory = partial(Thread, daemon=True)  # type: ignore[assignment]  # as it is called
        self._listening = False
        self._emptied: Deferred[None] | None = None
        self._static = Static(settings.basePath, {} if pages is None else pages.files(settings.basePath))
        self._handlers: dict[str, Handler] = {
            "api": Api(self),
            HEALTH: Health(self),
            "metrics": Exposition(self),
            "sse": Sse(self),
            "ws": Sockets(self),
        }

    def inThread(self, work: Callable[[], Any]) -> Deferred[Any]:
        """Fires with what ``work`` returns in a thread."""
        return deferToThreadPool(self.reactor, self._threads, work)

    def startFactory(self) -> None:
        self._listening = True
        self._threads.start()
        self._ticking.start(1.0)
        self.stalls.start()

    def stopFactory(self) -> None:
        """Nothing listens any more; connections may be open still."""
        self._listening = False
        self.workload.stop()
        self._rest()

    def _rest(self) -> None:
        if self.channels or self._listening or not self._ticking.running:
            return
        self._ticking.stop()
        self.stalls.stop()
        self._threads.stop()
        if self._emptied is not None:
            self._emptied.callback(None)

    def buildProtocol(self, addr: Any) -> Any:
        """One more connection, if there may be."""
        if len(self.channels) >= self.settings.limits.connections or self.draining:
            self.metrics.connectionsRefused += 1
            return None
        return super().buildProtocol(addr)

    def opened(self, channel: StatusChannel | StatusSocket) -> None:
        """A connection was made."""
        self.channels.add(channel)

    def closed(self, channel: StatusChannel | StatusSocket) -> None:
        """A connection has ended."""
        self.channels.discard(channel)
        self._rest()

    async def drain(self, seconds: float) -> None:
        """Take no more requests; fires when all connections have ended, which they must after so many seconds."""
        self.draining = True
        if not self.channels:
            return
        self._emptied = Deferred()
        for channel in list(self.channels):
            channel.finishUp()
        for end in list(self.ending):
            end()
        late = self.reactor.callLater(seconds, self._abortAll)
        await self._emptied
        if late.active():
            late.cancel()

    def _abortAll(self) -> None:
        for channel in list(self.channels):
            channel.transport.abortConnection()

    def _second(self) -> None:
        self.tick += 1
        self.date = b"Date: " + datetimeToString() + b"\r\n"
        for channel in list(self.channels):
            channel.sweep(self.tick)

    def kept(self, request: StatusRequest) -> Body | None:
        """The answer to this very address, if it was given before, is still true, and may be had by who asks."""
        try:
            return self.service.kept(self.identify(request), request.uri)
        except Exception:
            return None  # the general way meets the same, and says it

    def actor(self, request: StatusRequest) -> Principal:
        """Who wants to act."""
        known = self.identify(request)
        given = request.requestHeaders.getRawHeaders(b"Authorization") or []
        if known.name:
            return known
        if self.token is None:
            return Principal(how="this server was started without a token, so nobody may act here over HTTP")
        where = "the server says at its start in which file the token is"
        if not given:
            return Principal(how=f"who acts sends Authorization: Bearer TOKEN; {where}")
        scheme, _, value = given[0].partition(b" ")
        if len(given) == 1 and scheme.lower() == b"bearer" and self.token.matches(value.strip()):
            return BEARER
        return Principal(how=f"this is not the token; {where}")

    def requestId(self, headers: Headers) -> bytes:
        """The name of a new request."""
        given = headers.getRawHeaders(b"X-Request-Id")
        if given is not None and _NAME.match(given[0]):
            return given[0]
        return b"%b-%x" % (self._series, next(self._ids))

    async def handle(self, request: StatusRequest, authority: str | None) -> None:
        """Answer a request, or raise a StatusError."""
        path = request.target
        base = self.settings.basePath
        if base and (path == base or path.startswith(f"{base}/")):
            path = path[len(base) :] or "/"
        word, mark, rest = path[1:].partition("/")
        handler = self._handlers.get(word)
        if word != HEALTH:
            self._checkHost(request, authority)
        if handler is not None:
            await handler(request, rest if mark else None)
        elif not self._static.answer(request, path):
            known = ", ".join(f"/{name}" for name in sorted(["about/api", *self._handlers]))
            raise NotFound(f"Invalid path: {path}: nothing is there; possible: {known}")

    def _checkHost(self, request: StatusRequest, authority: str | None) -> None:
        if request.clientproto == b"HTTP/1.1" and not request.requestHeaders.hasHeader(b"Host"):
            raise BadRequest("a request of HTTP/1.1 has a Host header")
        refusal = request.terms.host if authority is None else self.terms.hostAllowed(authority)
        if refusal is not None:
            raise refusal

    def logFailure(self, what: str, failure: Failure) -> None:
        """Something unexpected went wrong where no request can say it."""
        self.trouble.failure(what, failure)

    def left(self, request: StatusRequest) -> None:
        """A client went away before its answer was written."""
        request.code = 499
        self.log(request)

    def log(self, request: Any) -> None:
        """Called at the end of each request."""
        seconds = perf_counter() - request.began
        self.metrics.ended(request.kind, request.code, seconds, request.sentLength)
        if self.accessLog is not None:
            self.accessLog.put(request, seconds)
