"""Hostile and unlucky clients: everything is refused in words or cut off, quickly, and nothing stays."""

from __future__ import annotations

import resource
from time import perf_counter
from typing import Any

from twisted.internet.defer import gatherResults
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from buildbot.test.www.served import RawClient, SiteCase
from buildbot.www.settings import HttpLimits, WebSettings
from buildbot.www.site import StatusSite


class HostileTests(SiteCase):
    settings = WebSettings(limits=HttpLimits(body=20_000))

    async def test_traversal(self) -> None:
        """No path leads out of the API or the packaged files."""
        for path in (
            "/about/../../etc/passwd",
            "/about/%2e%2e/%2e%2e/etc/passwd",
            "/about/..%2f..%2fetc%2fpasswd",
            "/about//etc/passwd",
            "/api/v2/../../etc/passwd",
            "/api/v2/logs/..%2f..%2fx/raw",
        ):
            received = await self.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            self.assertTrue(received.startswith(b"HTTP/1.1 404 "), received)
            self.assertNotIn(b"root:", received)

    async def test_badText(self) -> None:
        """NUL, bytes that are no UTF-8, half an escape, huge numbers: 4xx, and nothing of Python in the words."""
        for path in (
            "/api/v2/builders/%00",
            "/api/v2/builders/%FF",
            "/api/v2/builders/%",
            "/api/v2/builders/a%0d%0ab",
            "/api/v2/builders?name=%00",
            "/api/v2/builders?name=%FF%FE",
            "/api/v2/builders?%FF=1",
            "/api/v2/builders/" + "9" * 5000,
            "/api/v2/builders?builderid=" + "9" * 5000,
            "/api/v2/builders?limit=" + "9" * 400,
            "/api/v2/builds?page=" + "A" * 3000,
            "/api/v2/builders?name=%ED%A0%80",
            "/api/v2/builders?f" + "[" * 1000 + "=1",
            "/api/v2/builders?expand=" + "builds." * 500,
        ):
            reply = await self.ask(path)
            self.assertIn(reply.status, (200, 400, 404), path)
            self.assertNotIn("Error", reply.json.get("error", ""))

    async def test_unencoded(self) -> None:
        """Bytes that an address cannot hold as they are, UTF-8 or not: a 400 that says how to write them. What only
        looks like it is no request."""
        for path in ("/api/v2/builders/ü".encode(), "/api/v2/builders?name=ü".encode(), b"/\xff", b"/\x80"):
            received = await self.raw(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(received.startswith(b"HTTP/1.1 400 "), received)
            self.assertIn(b"percent-encode", received)
        self.assertIn(b"no HTTP request", await self.raw(b"\x16\x03\x01\xff GET / HTTP/1.1\r\n\r\n"))

    async def test_parameters(self) -> None:
        """100,000 parameters are refused at once."""
        began = perf_counter()
        query = b"&".join(b"a=%d" % number for number in range(100_000))
        received = await self.raw(b"GET /api/v2/builds?%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % query)
        self.assertTrue(received.startswith(b"HTTP/1.1 414 "), received[:200])
        reply = await self.ask("/api/v2/builds?" + "&".join(["a=1"] * 3_000))
        self.assertEqual(reply.status, 400)
        self.assertIn("at most", reply.json["error"])
        self.assertLess(perf_counter() - began, 2)

    async def test_headers(self) -> None:
        """Headers that are too long, too many or malformed are refused."""
        start = b"GET /api/v2/masters HTTP/1.1\r\nHost: localhost\r\n"
        for lines in (
            b"X: " + b"a" * 100_000 + b"\r\n",
            b"".join(b"X-%d: a\r\n" % number for number in range(600)),
            b"".join(b"X: %b\r\n" % (b"a" * 1000) for number in range(100)),
            b"no colon\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: 1\r\nContent-Length: 2\r\n",
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: gzip\r\n",
            b"X: a\0b\r\n",
        ):
            received = await self.raw(start + lines + b"\r\n")
            self.assertTrue(received.startswith(b"HTTP/1.1 400 "), received[:200])
            self.assertEqual(received.count(b"HTTP/1.1 "), 1, lines[:50])

    async def test_bodies(self) -> None:
        """A body that is too large is refused as soon as that is known, announced or not."""
        start = b"POST /api/v2/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        announced = await self.raw(start + b"Content-Length: 999999999\r\n\r\n")
        self.assertTrue(announced.startswith(b"HTTP/1.1 413 "), announced)
        chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
        chunked = await self.raw(start + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 40)
        self.assertTrue(chunked.startswith(b"HTTP/1.1 413 "), chunked)
        broken = await self.raw(start + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n")
        self.assertTrue(broken.startswith(b"HTTP/1.1 400 "), broken)

    async def test_manyConnections(self) -> None:
        """500 connections at once are all answered."""
        clients = [await self.connect() for _ in range(500)]
        for number, client in enumerate(clients):
            path = b"/api/v2/builders/%d" % (number % 7 + 1)
            client.transport.write(b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path)
        answers = await gatherResults([client.ended for client in clients])
        self.assertEqual({answer[9:12] for answer in answers}, {b"200"})
        self.assertEqual(len(self.site.channels), 0)

    async def test_clientLeaves(self) -> None:
        """A client that leaves stops the reading for it."""
        client = await self.connect()
        client.transport.write(b"GET /api/v2/builds?expand=steps HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await self.condition(lambda: bool(self.site.channels) and next(iter(self.site.channels)).busy)
        client.transport.abortConnection()
        await self.condition(lambda: not self.site.channels)
        self.assertEqual(sum(n for (_, status), n in self.site.metrics.requests.items() if status == 499), 1)


class NobodyReadsTests(SiteCase):
    async def test_bounded(self) -> None:
        """Clients that ask for long lists again and again, and read nothing, cost little memory."""
        path = b"/api/v2/builds?limit=10000&expand=steps"
        size = len((await self.ask(path.decode())).body)
        request = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path
        before = memory()
        clients = [await self.connect() for _ in range(20)]
        for client in clients:
            client.transport.pauseProducing()
            client.transport.write(request * 100)
        await self.condition(lambda: all(channel.stalled is not None for channel in self.others(clients)))
        self.assertLess(memory() - before, 20 * 100 * size / 20)

    def others(self, clients: list[RawClient]) -> list[Any]:
        ports = {client.transport.getHost().port for client in clients}
        found = [channel for channel in self.site.channels if channel.transport.getPeer().port in ports]
        return found if len(found) == len(clients) else [next(iter(self.site.channels))]


def memory() -> int:
    """The most bytes that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class SlowTests(SiteCase):
    """With a clock of our own, over a transport in memory."""

    settings = WebSettings(limits=HttpLimits(requestTime=30, idleTime=60, stalledTime=40, connections=3))

    def setUp(self) -> None:
        super().setUp()
        self.clock = Clock()
        self.slow = StatusSite(self.service, self.settings, reactor=self.clock)
        self.slow.startFactory()
        self.addCleanup(self.slow.stopFactory)

    def open(self) -> tuple[Any, Any]:
        channel = self.slow.buildProtocol(None)
        transport: Any = StringTransport()
        transport.abortConnection = lambda: channel.connectionLost(None)
        self.addCleanup(lambda: channel in self.slow.channels and channel.connectionLost(None))
        channel.makeConnection(transport)
        return channel, transport

    def test_idle(self) -> None:
        """A connection on which nothing comes is closed."""
        _, transport = self.open()
        self.clock.pump([1] * 60)
        self.assertFalse(transport.disconnecting)
        self.clock.pump([1] * 3)
        self.assertTrue(transport.disconnecting)

    def test_dripping(self) -> None:
        """A request has to arrive as a whole in time, however steadily it drips."""
        channel, _ = self.open()
        channel.dataReceived(b"GET /api/v2/masters HTTP/1.1\r\n")
        for _ in range(29):
            channel.dataReceived(b"X: y\r\n")
            self.clock.advance(1)
        self.assertIn(channel, self.slow.channels)
        for _ in range(3):
            channel.dataReceived(b"X: y\r\n")
            self.clock.advance(1)
        self.assertNotIn(channel, self.slow.channels)

    def test_stalled(self) -> None:
        """A client that reads nothing of what waits for it is cut off."""
        channel, _ = self.open()
        channel.pauseProducing()
        self.clock.pump([1] * 39)
        self.assertIn(channel, self.slow.channels)
        self.clock.pump([1] * 3)
        self.assertNotIn(channel, self.slow.channels)

    def test_tooMany(self) -> None:
        """Connections that are too many are not taken, and counted; one that ends makes room."""
        first, _ = self.open()
        self.open()
        self.open()
        self.assertIsNone(self.slow.buildProtocol(None))
        self.assertEqual(self.slow.metrics.connectionsRefused, 1)
        first.connectionLost(None)
        self.assertIsNotNone(self.slow.buildProtocol(None))
