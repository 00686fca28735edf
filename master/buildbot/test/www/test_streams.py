"""Answers that are bytes: raw logs, values, and streams of any length."""

from __future__ import annotations

import gzip
import sqlite3
from typing import Any

from twisted.internet.defer import Deferred, succeed

from buildbot.errors import Unprocessable
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.status.streams import StreamHead
from buildbot.test.www.served import SiteCase

PIECE = b"0123456789abcdef" * 4096


class Pieces:
    """A stream of ``count`` pieces, which are there at once; with a number to fail at, and no end where it waits."""

    def __init__(self, head: StreamHead, count: int, fails: int = -1, waits: int = -1) -> None:
        self.head, self._count, self._fails, self._waits = head, count, fails, waits
        self.given = 0
        self.cancelled = False

    def next(self) -> Deferred[bytes]:
        if self.given == self._fails:
            raise Unprocessable("no decompressor")
        if self.given == self._waits:
            return Deferred(self._cancel)
        self.given += 1
        return succeed(PIECE if self.given <= self._count else b"")

    def _cancel(self, deferred: Deferred[bytes]) -> None:
        self.cancelled = True


class StreamingService(StatusService):
    """Answers ``stream`` with the stream that a test made."""

    stream: Pieces

    def getBody(self, principal: Principal, path: str, *arguments: Any, **more: Any) -> Deferred[Any]:
        if path == "stream":
            return succeed(self.stream)
        return super().getBody(principal, path, *arguments, **more)


class StreamTests(SiteCase):
    serviceClass = StreamingService
    plain = StreamHead("text/plain; charset=utf-8", "a log")

    def serve(self, stream: Pieces) -> Pieces:
        self.service.stream = stream  # type: ignore[attr-defined]  # of the stand-in that this test serves
        return stream

    async def test_chunked(self) -> None:
        """Without a length, the pieces come in chunks; with headers that make no page of it."""
        self.serve(Pieces(self.plain, 5))
        reply = await self.ask("/api/v2/stream")
        self.assertEqual((reply.status, reply.body), (200, PIECE * 5))
        self.assertNotIn("content-length", reply.headers)
        self.assertEqual(reply.headers["content-type"], "text/plain; charset=utf-8")
        self.assertTrue(reply.headers["content-disposition"].startswith('attachment; filename="a log"'))
        self.assertTrue(reply.headers["content-security-policy"].startswith("sandbox"))
        self.assertEqual(reply.headers["x-content-type-options"], "nosniff")

    async def test_empty(self) -> None:
        """A stream without a byte is an empty answer."""
        self.serve(Pieces(self.plain, 0))
        reply = await self.ask("/api/v2/stream")
        self.assertEqual((reply.status, reply.body), (200, b""))

    async def test_compressed(self) -> None:
        """Text is compressed for who takes it, while it is read; other bytes are not."""
        self.serve(Pieces(self.plain, 40))
        reply = await self.ask("/api/v2/stream", Accept_Encoding="gzip")
        self.assertEqual(reply.headers["content-encoding"], "gzip")
        self.assertEqual(gzip.decompress(reply.body), PIECE * 40)
        self.serve(Pieces(StreamHead("application/octet-stream"), 1))
        self.assertNotIn("content-encoding", (await self.ask("/api/v2/stream", Accept_Encoding="gzip")).headers)

    async def test_head(self) -> None:
        """HEAD reads nothing."""
        stream = self.serve(Pieces(StreamHead("text/plain", None, len(PIECE)), 1))
        reply = await self.ask("/api/v2/stream", "HEAD")
        self.assertEqual((reply.status, reply.headers["content-length"], stream.given), (200, str(len(PIECE)), 0))

    async def test_ranges(self) -> None:
        """Of a stream whose length is known, parts can be had."""
        whole = PIECE * 3
        for header, first, last in (
            ("bytes=0-9", 0, 9),
            ("bytes=65530-65545", 65_530, 65_545),
            ("bytes=-5", len(whole) - 5, len(whole) - 1),
            ("bytes=131072-", 131_072, len(whole) - 1),
        ):
            self.serve(Pieces(StreamHead("text/plain", None, len(whole)), 3))
            reply = await self.ask("/api/v2/stream", Range=header, Accept_Encoding="gzip")
            self.assertEqual((reply.status, reply.body), (206, whole[first : last + 1]))
            self.assertEqual(reply.headers["content-range"], f"bytes {first}-{last}/{len(whole)}")
            self.assertEqual(reply.headers["accept-ranges"], "bytes")
        reply = await self.ask("/api/v2/stream", Range=f"bytes={len(whole)}-")
        self.assertEqual((reply.status, reply.headers["content-range"]), (416, f"bytes */{len(whole)}"))

    async def test_ifRange(self) -> None:
        """With If-Range everything is sent: nothing says that it is what it was."""
        self.serve(Pieces(StreamHead("text/plain", None, len(PIECE)), 1))
        reply = await self.ask("/api/v2/stream", Range="bytes=0-1", If_Range='"x"')
        self.assertEqual((reply.status, len(reply.body)), (200, len(PIECE)))

    async def test_failsFirst(self) -> None:
        """What fails before the first byte is an error like any other."""
        self.serve(Pieces(self.plain, 5, fails=0))
        reply = await self.ask("/api/v2/stream")
        self.assertEqual((reply.status, reply.json["error"]), (422, "no decompressor"))

    async def test_failsLater(self) -> None:
        """What fails later breaks the connection, so that nobody takes it for the whole."""
        self.serve(Pieces(self.plain, 5, fails=2))
        received = await self.raw(b"GET /api/v2/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertFalse(received.endswith(b"0\r\n\r\n"))
        self.flushLoggedErrors(RuntimeError)

    async def test_shorterThanSaid(self) -> None:
        """So does a stream that ends before its length."""
        self.serve(Pieces(StreamHead("text/plain", None, len(PIECE) * 2), 1))
        client = await self.connect()
        client.transport.write(b"GET /api/v2/stream HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
        self.assertLess((await client.ended).count(b"HTTP/1.1"), 2)
        self.flushLoggedErrors(RuntimeError)

    async def test_backPressure(self) -> None:
        """A client that does not read stops the reading, and goes on where it stopped."""
        stream = self.serve(Pieces(self.plain, 500))
        client = await self.connect()
        client.transport.pauseProducing()
        client.transport.write(b"GET /api/v2/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await self.condition(lambda: any(channel.stalled is not None for channel in self.site.channels))
        self.assertLess(stream.given, 200)
        client.transport.resumeProducing()
        received = await client.ended
        self.assertEqual(stream.given, 501)
        self.assertGreater(len(received), 500 * len(PIECE))

    async def test_clientLeaves(self) -> None:
        """When the client leaves, what is being read is cancelled at once."""
        stream = self.serve(Pieces(self.plain, 5, waits=2))
        client = await self.connect()
        client.transport.write(b"GET /api/v2/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await client.until(lambda data: len(data) > 2 * len(PIECE))
        client.transport.abortConnection()
        await self.condition(lambda: stream.cancelled)
        self.assertEqual(self.site.metrics.requests["stream", 499], 1)


class RealTests(SiteCase):
    async def test_log(self) -> None:
        """A raw log comes as a file; inline it does not."""
        logid = sqlite3.connect(self.file).execute("SELECT id FROM logs WHERE type = 's' LIMIT 1").fetchone()[0]
        saved, shown = await self.ask(f"/api/v2/logs/{logid}/raw"), await self.ask(f"/api/v2/logs/{logid}/raw_inline")
        self.assertEqual((saved.status, saved.body), (200, shown.body))
        self.assertIn("content-disposition", saved.headers)
        self.assertNotIn("content-disposition", shown.headers)

    async def test_value(self) -> None:
        """A value has a length, and parts."""
        row = sqlite3.connect(self.file).execute("SELECT buildid, name, value FROM build_data WHERE name = 'report'")
        buildid, name, value = row.fetchone()
        path = f"/api/v2/builds/{buildid}/data/{name}/value"
        self.assertEqual((await self.ask(path)).body, bytes(value))
        reply = await self.ask(path, Range="bytes=1-2")
        self.assertEqual((reply.status, reply.body), (206, bytes(value)[1:3]))

    async def test_missing(self) -> None:
        """A log that does not exist is a 404, in JSON."""
        self.assertEqual((await self.ask("/api/v2/logs/99999999/raw")).json["status"], 404)
