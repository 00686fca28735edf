"""The HTTP language from the client's side: what goes wrong, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import serverFromString
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from buildbot.db.connector import Snapshot
from buildbot.errors import (
    BadQuery,
    DeadlineExceeded,
    Disconnected,
    Forbidden,
    NotFound,
    Unauthenticated,
)
from buildbot.status.client.connection import Connection
from buildbot.test.status.languages import LOCAL, LanguagesCase, reactor


class Page(Resource):
    """Answers everything alike."""

    isLeaf = True

    def __init__(self, status: int, body: bytes, contentType: bytes = b"application/json", length: int = 0) -> None:
        super().__init__()
        self._status, self._body, self._type, self._length = status, body, contentType, length
        self.asked: list[tuple[bytes, bytes | None]] = []
        self.gone: Deferred[None] = Deferred()

    def render(self, request: Any) -> Any:
        self.asked.append((request.uri, request.getHeader(b"authorization")))
        request.setResponseCode(self._status)
        request.setHeader(b"content-type", self._type)
        if not self._length:
            return self._body
        request.setHeader(b"content-length", str(self._length).encode())
        request.notifyFinish().addErrback(lambda _: self.gone.callback(None))
        request.write(self._body)
        return NOT_DONE_YET


class HTTPCase(LanguagesCase):
    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        while not condition():
            turn: Deferred[None] = Deferred()
            reactor.callLater(0.002, turn.callback, None)
            await turn

    def block(self) -> Event:
        """Keep every thread that reads busy, until the event is set; or the test ends."""
        event = Event()
        self.addCleanup(event.set)

        def wait(snapshot: Snapshot) -> None:
            event.wait(10)

        for lane in ("small", "large", "large"):
            self.database.run("block", wait, lane=lane, deadline=20).addErrback(lambda _: None)
        return event

    def waiting(self) -> int:
        """Reads that wait or run."""
        return sum(lane.waiting for lane in self.database.metrics.lanes.values())

    async def servePage(self, page: Page, path: str = "", user: str = "", **more: Any) -> Connection:
        """A connection to a server that is none of ours."""
        port: Any = await serverFromString(reactor, LOCAL).listen(Site(page))
        self.addCleanup(port.stopListening)
        return self.connect(f"http://{user}127.0.0.1:{port.getHost().port}{path}", **more)


class StopTest(HTTPCase):
    async def test_cancel(self) -> None:
        """Cancelling a call, or a batch, takes its query from the queue of the database."""
        await self.serveHTTP()
        connection = self.connectHTTP()
        self.block()
        before = self.waiting()
        for ask in (lambda: connection.get("builds", limit=1), lambda: connection.getMany([("builds", {"limit": 1})])):
            call: Deferred[Any] = ask()
            await self.until(lambda: self.waiting() == before + 1)
            call.cancel()
            await self.assertFailure(call, CancelledError)
            await self.until(lambda: self.waiting() == before)

    async def test_timeout(self) -> None:
        """A call that takes longer than the time-out fails with DeadlineExceeded, in every language; its query ends."""
        languages = await self.languages(timeout=0.1)
        languages["in-process"] = self.service = type(self.service)(self.database, self.service.catalogue, timeout=0.1)
        for connection in languages.values():
            await connection.get("masters/1")
        self.block()
        before = self.waiting()
        for name, connection in languages.items():
            for call in (connection.get("builds", limit=1), connection.getMany([("builds", {"limit": 1})])):
                error = await self.failing(call)
                self.assertIsInstance(error, DeadlineExceeded)
                self.assertEqual(str(error), "no answer within 0.1 s", name)
        await self.until(lambda: self.waiting() == before)

    async def test_body(self) -> None:
        """Cancelling in the middle of an answer closes its connection."""
        page = Page(200, b'{"builds":[', length=1000)
        connection = await self.servePage(page)
        call = connection.get("builds")
        await self.until(lambda: bool(page.asked))
        call.cancel()
        await self.assertFailure(call, CancelledError)
        await page.gone

    async def test_close(self) -> None:
        """Closing fails what is under way, and keeps no connection."""
        await self.serveHTTP()
        connection = self.connectHTTP()
        await connection.get("masters")
        self.block()
        call = connection.get("builds", limit=1)
        await connection.close()
        self.assertIsInstance(await self.failing(call), Disconnected)
        self.assertIsInstance(await self.failing(connection.get("masters")), Disconnected)

    async def test_stream(self) -> None:
        """Closing ends a stream, and its connection."""
        page = Page(200, b"some text", b"text/plain", length=1000)
        connection = await self.servePage(page)
        stream = await connection.open("logs/1/raw")
        self.assertEqual((stream.head.contentType, stream.head.length), ("text/plain", 1000))
        self.assertEqual(await stream.next(), b"some text")
        more = stream.next()
        await connection.close()
        self.assertIsInstance(await self.failing(more), Disconnected)
        await page.gone

    async def test_left(self) -> None:
        """Closing ends streams that nobody reads, too."""
        page = Page(200, b"some text", b"text/plain", length=1000)
        connection = await self.servePage(page)
        await connection.open("logs/1/raw")
        await connection.close()
        await page.gone


class OthersTest(HTTPCase):
    """Answers of servers that are not ours."""

    async def test_stock(self) -> None:
        """An error of Buildbot's own form has the class of its status."""
        for status, expected in ((404, NotFound), (400, BadQuery), (403, Forbidden)):
            error = await self.failing((await self.servePage(Page(status, b'{"error": "no such"}'))).get("builders/1"))
            self.assertEqual((type(error), str(error)), (expected, "no such"))

    async def test_spaces(self) -> None:
        """Its answers are read as well."""
        connection = await self.servePage(
            Page(200, b'{\n  "builders": [ {"builderid": 1} ],\n  "meta": {"total": 1}\n}')
        )
        answer = await connection.get("builders")
        self.assertEqual(([record.asDict() for record in answer], answer.meta), ([{"builderid": 1}], {"total": 1}))

    async def test_proxy(self) -> None:
        """What a proxy says is told with its status."""
        for status, expected in ((401, Unauthenticated), (404, NotFound), (502, Disconnected), (504, Disconnected)):
            error = await self.failing((await self.servePage(Page(status, b"<html>", b"text/html"))).get("builders/1"))
            self.assertEqual(type(error), expected)
            self.assertIn(str(status), str(error))

    async def test_noise(self) -> None:
        """What is no answer at all is Disconnected."""
        for body in (b"<html>", b"[]", b'"x"', b"{}", b'{"meta":{}}', b'{"builders":1}', b'{"builders":[1]}', b"\xff"):
            connection = await self.servePage(Page(200, body))
            for call in (connection.get("builders"), connection.getMany([("builders", {})])):
                self.assertIsInstance(await self.failing(call), Disconnected, body)

    async def test_unknownType(self) -> None:
        """Records of a type that is not known here come as plain ones."""
        connection = await self.servePage(Page(200, b'{"novelties":[{"id":1}],"meta":{}}'))
        answer = await connection.get("novelties")
        self.assertEqual([record.asDict() for record in answer], [{"id": 1}])

    async def test_address(self) -> None:
        """A path of the server's address comes before the API's, and its user in every request."""
        page = Page(200, b'{"builders":[],"meta":{}}')
        connection = await self.servePage(page, "/build%20bot/", "ada:p%2Fw@")
        await connection.get("builders/a%2Fb/builds", limit=1, name="ü&x")
        uri = b"/build%20bot/api/v2/builders/a%2Fb/builds?limit=1&name=%C3%BC%26x"
        self.assertEqual(page.asked, [(uri, b"Basic YWRhOnAvdw==")])

    async def test_reused(self) -> None:
        """Calls one after the other share a connection; one that the server closed meanwhile is made again."""
        site = await self.serveHTTP()
        connection = self.connectHTTP()
        for _ in range(3):
            await connection.get("masters")
            await connection.getMany([("masters", {})])
        self.assertEqual(len(site.channels), 1)
        for ask in (lambda: connection.get("masters/1"), lambda: connection.getMany([("masters/1", {})])):
            for channel in list(site.channels):
                channel.transport.abortConnection()
            self.assertEqual(len(await ask()), 1)
