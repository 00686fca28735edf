"""Connections: keep-alive, pipelining, HTTP/1.0, and what is no request."""

from __future__ import annotations

from buildbot.test.www.served import SiteCase

GET = b"GET /api/v2/masters HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /api/v2/masters HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class ConnectionTests(SiteCase):
    async def test_keepAlive(self) -> None:
        """A connection takes one request after the other."""
        client = await self.connect()
        for number in (1, 2, 3):
            client.transport.write(GET)
            await client.until(lambda data, number=number: data.count(b'"meta"') == number)
        self.assertNotIn(b"Connection: close", client.received)

    async def test_close(self) -> None:
        """It is closed when the client says so, in any of the ways to say it."""
        for value in (b"close", b"Close", b"TE, close", b"close,x"):
            received = await self.raw(GET.replace(b"\r\n\r\n", b"\r\nConnection: %b\r\n\r\n" % value))
            self.assertIn(b"Connection: close", received)

    async def test_pipelined(self) -> None:
        """Requests that were sent at once are answered in order, kept or not, however many."""
        paths = [b"/api/v2/builders/%d" % (number % 9 + 1) for number in range(300)]
        requests = [b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path for path in paths]
        received = await self.raw(b"".join(requests) + LAST)
        answers = received.split(b"HTTP/1.1 ")[1:]
        self.assertEqual(len(answers), 301)
        for path, answer in zip(paths, answers, strict=False):
            number = path.rpartition(b"/")[2]
            self.assertTrue(b'"builderid":%b,' % number in answer or answer.startswith(b"404"), (path, answer))

    async def test_oldProtocol(self) -> None:
        """HTTP/1.0 gets a length and the end of the connection, never chunks."""
        for path in (b"/api/v2/builders", b"/api/v2/builders", b"/api/v2/logs/1/raw"):
            received = await self.raw(b"GET %b HTTP/1.0\r\n\r\n" % path)
            self.assertIn(b"Connection: close", received)
            self.assertNotIn(b"chunked", received)
            self.assertIn(b"\r\n\r\n", received)

    async def test_noRequest(self) -> None:
        """What is no HTTP is a 400 in JSON, and the end."""
        for data in (
            b"\x16\x03\x01\0\0\r\n",
            b"GET\r\n",
            b"GET / HTTP/2.0\r\n",
            b"G\0T / HTTP/1.1\r\n",
            b"GET /\xff HTTP/1.1\r\n",
        ):
            received = await self.raw(data + b"Host: localhost\r\n\r\n")
            self.assertTrue(received.startswith(b"HTTP/1.1 400 "), received)
            self.assertIn(b'"code":"bad-request"', received)

    async def test_wrongTarget(self) -> None:
        """An address that is none is a 400."""
        for target in (b"api/v2/masters", b"*", b"ftp://localhost/", b"localhost:80"):
            received = await self.raw(b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target)
            self.assertTrue(received.startswith(b"HTTP/1.1 400 "), received)
