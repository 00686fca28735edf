"""A site over a generated SQLite database, on a port of its own, and ways to ask it."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import attrs
import simplejson
from sqlalchemy import create_engine
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH

from buildbot.db.connector import Database
from buildbot.status.catalogue import Catalogue
from buildbot.status.service import StatusService
from buildbot.test.oracle.everything import fill
from buildbot.www.pages import Pages
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

reactor: Any = installed


@functools.cache
def generated() -> str:
    """A database with everything in it, made once for all tests of a process."""
    path = tempfile.mkdtemp(prefix="buildbot-www-") + "/state.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    fill(engine)
    engine.dispose()
    return path


@attrs.frozen
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    """By names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return simplejson.loads(self.body)


class RawClient(Protocol):
    """A connection that sends what one tells it to, and keeps what comes."""

    transport: Any

    def __init__(self) -> None:
        self._received = bytearray()
        self.ended: Deferred[bytes] = Deferred()
        self._waiting: list[tuple[Any, Deferred[bytes]]] = []

    def dataReceived(self, data: bytes) -> None:
        self._received += data
        for condition, deferred in list(self._waiting):
            if condition(self._received):
                self._waiting.remove((condition, deferred))
                deferred.callback(self.received)

    def connectionLost(self, reason: Failure = Failure(Exception())) -> None:  # noqa: B008  # the signature of the base class
        self.ended.callback(self.received)

    @property
    def received(self) -> bytes:
        """All that has come."""
        return bytes(self._received)

    def until(self, condition: Any) -> Deferred[bytes]:
        """Fires with all that was received once it meets the condition."""
        deferred: Deferred[bytes] = Deferred()
        self._waiting.append((condition, deferred))
        self.dataReceived(b"")
        return deferred


class SiteCase(TestCase):
    """Serves a site, and asks it."""

    settings = WebSettings()
    serviceClass: type[StatusService] = StatusService
    pages: Pages | None = None

    def setUp(self) -> None:
        self.file = shutil.copy(generated(), self.mktemp())
        self.database = Database(f"sqlite:///{self.file}", reactor=reactor)
        self.database.startService()
        self.addCleanup(self.database.stopService)
        self.service = self.serviceClass(self.database, Catalogue())
        self.site = StatusSite(self.service, self.settings, reactor=reactor, pages=self.pages)
        self.port: Any = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)
        self.number = self.port.getHost().port
        self.pool = HTTPConnectionPool(reactor)
        self.addCleanup(self.pool.closeCachedConnections)

    async def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
        """One request, as a well-behaved client sends it; ``If_None_Match="x"`` is a header."""
        agent: Any = Agent(reactor, pool=self.pool)
        sent = Headers({name.replace("_", "-"): [value] for name, value in headers.items()})
        producer = None if body is None else FileBodyProducer(BytesIO(body))
        response = await agent.request(
            method.encode(), f"http://127.0.0.1:{self.number}{path}".encode(), sent, producer
        )
        found = {
            name.decode().lower(): ", ".join(value.decode("latin-1") for value in values)
            for name, values in response.headers.getAllRawHeaders()
        }
        if response.length is not UNKNOWN_LENGTH and method != "HEAD":
            found["content-length"] = str(response.length)
        collector = RawClient()
        response.deliverBody(collector)
        return Reply(response.code, found, await collector.ended)

    async def connect(self) -> RawClient:
        """A connection for bytes."""
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.number)
        client: RawClient = await connectProtocol(endpoint, RawClient())
        self.addCleanup(lambda: client.transport and client.transport.abortConnection())
        return client

    async def raw(self, data: bytes) -> bytes:
        """All that comes back for these bytes until the server closes."""
        client = await self.connect()
        client.transport.write(data)
        return await client.ended

    async def condition(self, holds: Callable[[], bool]) -> None:
        """Returns once something holds; the test's time-out is the limit."""
        while not holds():
            await deferLater(reactor, 0.005)
