"""A server that tells of events, and real clients of what it tells: WebSockets, and streams over plain sockets."""

from __future__ import annotations

from typing import Any

import simplejson
from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers

from buildbot.status.client import connect
from buildbot.status.pb import PBStatusServer, portalOf
from buildbot.test.status.events.logged import LoggedCase
from buildbot.test.www.served import RawClient, Reply
from buildbot.www.pages import Pages
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

reactor: Any = installed
LOCAL = "tcp:0:interface=127.0.0.1"


class Socket(WebSocketClientProtocol):
    """A client of the WebSocket, which keeps what comes."""

    transport: Any

    def __init__(self) -> None:
        super().__init__()
        self.frames: DeferredQueue[Any] = DeferredQueue()
        self.opened: Deferred[Socket] = Deferred()
        self.ended: Deferred[tuple[bool, int | None]] = Deferred()

    def onOpen(self) -> None:
        self.opened.callback(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.frames.put(simplejson.loads(payload))

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        if not self.opened.called:
            self.opened.errback(ConnectionError(str(reason)))
        self.ended.callback((wasClean, code))

    def say(self, **frame: Any) -> Deferred[Any]:
        """Send a frame; fires with the next that comes."""
        self.sendMessage(simplejson.dumps(frame).encode())
        return self.frames.get()


class Stream(RawClient):
    """A client of server-sent events: blocks, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: DeferredQueue[dict[str, str]] = DeferredQueue()
        self._rest = ""
        self.id: Any = None

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        *whole, self._rest = (self._rest + data.decode()).split("\n\n")
        for text in whole:
            self.blocks.put(dict(line.split(": ", 1) for line in text.split("\n")))

    async def next(self, event: str) -> Any:
        """The data of the next event of this name; comments and hints between are skipped."""
        while True:
            block = await self.blocks.get()
            if "event" in block:
                if block["event"] != event:
                    raise AssertionError(f"{block} instead of {event}")
                self.id = block.get("id")
                return simplejson.loads(block["data"]) if block["data"].startswith("{") else block["data"]


class EventsCase(LoggedCase):
    """Serves HTTP."""

    settings = WebSettings()
    pages: Pages | None = None

    def setUp(self) -> None:
        super().setUp()
        self.site = StatusSite(self.service, self.settings, reactor=reactor, pages=self.pages)
        self.port: Any = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)
        self.number = self.port.getHost().port
        self.pool = HTTPConnectionPool(reactor, persistent=False)
        self.addCleanup(self.emptied)

    async def emptied(self) -> None:
        """Nothing of a test is left: no connection, no subscription."""
        self.site.workload.stop()
        for channel in list(self.site.channels):
            channel.transport.abortConnection()
        await self.condition(lambda: not self.site.channels)
        feed = self.service.feed
        assert feed is not None
        self.assertEqual((feed.subscriptions, self.site.ending), (0, set()))

    async def socket(self, path: str = "/ws", **headers: str) -> Socket:
        factory: Any = WebSocketClientFactory(
            f"ws://127.0.0.1:{self.number}{path}", headers={n.replace("_", "-"): v for n, v in headers.items()}
        )
        socket = Socket()
        socket.factory = factory
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", self.number), socket)
        return await socket.opened

    async def stream(self, path: str, *, into: Stream | None = None, **headers: str) -> tuple[Any, Stream]:
        """A response whose body is still coming, and its reader."""
        sent = Headers({name.replace("_", "-"): [value] for name, value in headers.items()})
        url = f"http://127.0.0.1:{self.number}{path}".encode()
        response: Any = await Agent(reactor, pool=self.pool).request(b"GET", url, sent)
        reader = into or Stream()
        response.deliverBody(reader)
        return response, reader

    async def ask(self, path: str, **headers: str) -> Reply:
        """A response that ends."""
        response, reader = await self.stream(path, into=RawClient(), **headers)  # type: ignore[arg-type]  # it is only read
        found = {n.decode().lower(): v[0].decode() for n, v in response.headers.getAllRawHeaders()}
        return Reply(response.code, found, await reader.ended)

    async def raw(self) -> RawClient:
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.number)
        client: RawClient = await connectProtocol(endpoint, RawClient())
        return client

    async def first(self) -> Any:
        """Some build."""
        [build] = await self.service.getBuilds(limit=1)
        return build


class Connected(EventsCase):
    """Asks in one language; without a ``scheme``, in the process."""

    scheme = ""

    async def connect(self) -> Any:
        """A connection of this language."""
        if not self.scheme:
            return self.service
        number = self.number
        if self.scheme == "pb":
            server = PBStatusServer(self.service, LOCAL, portalOf(anonymous=True), reactor=reactor)
            server.startService()
            self.addCleanup(server.stopService)
            listening: Any = server.listening
            number = (await listening).getHost().port
        connection = connect(f"{self.scheme}://127.0.0.1:{number}", reactor=reactor)
        self.addCleanup(connection.close)
        return connection
