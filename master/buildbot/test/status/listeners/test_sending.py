"""What a request to somebody else's server becomes, over real connections."""

from __future__ import annotations

from email.utils import formatdate
from ipaddress import IPv4Address
from typing import Any

from cryptography import x509
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Factory, Protocol

from buildbot.errors import ConfigError
from buildbot.status.listeners.outcomes import Parked, RetryAfter
from buildbot.status.listeners.sending import MOST, Refused, Reply, Sender, SendingFailed
from buildbot.test.status.listeners.receiving import ReceivingCase, answer, never, reactor
from buildbot.test.status.test_pb_tls import certificate

HERE = x509.IPAddress(IPv4Address("127.0.0.1"))


class Raw(Protocol):
    """Sends some bytes when it was sent something, and nothing more."""

    data = b""
    transport: Any
    factory: Any

    def dataReceived(self, data: bytes) -> None:
        written, self.data = self.data, b""
        self.transport.write(written)

    def connectionLost(self, reason: Any = None) -> None:
        if not self.factory.lost.called:
            self.factory.lost.callback(None)


class SendingCase(ReceivingCase):
    def setUp(self) -> None:
        self.receiver, self.port = self.receive()
        self.url = f"http://127.0.0.1:{self.port}/hook?token=secret"

    def sender(self, **options: Any) -> Sender:
        sender = Sender(reactor, **options)
        self.addCleanup(sender.close)
        return sender

    def raw(self, data: bytes) -> tuple[str, Deferred[None]]:
        """An address where somebody sends exactly that; what fires when the client is gone."""
        factory: Any = Factory.forProtocol(type("Sending", (Raw,), {"data": data}))
        factory.lost = Deferred()
        return f"http://127.0.0.1:{self._until(reactor.listenTCP(0, factory, interface='127.0.0.1'))}/", factory.lost


class RequestTests(SendingCase):
    async def test_json(self) -> None:
        """A request arrives as it was given, with the headers of the sender and its own."""
        self.receiver.answers.append(answer(201, b'{"id": 7}', X_What="it"))
        sender = self.sender(headers={"X-All": "all"}, auth=("me", "p:ä"))
        reply = await sender.send("PUT", self.url, json={"a": 1}, headers={"X-One": "one"})
        self.assertEqual((reply.status, reply.json, reply.header("x-what")), (201, {"id": 7}, "it"))
        [asked] = self.receiver.asked
        self.assertEqual((asked.method, asked.path, asked.json), ("PUT", "/hook?token=secret", {"a": 1}))
        self.assertEqual((asked.headers["x-all"], asked.headers["x-one"]), ("all", "one"))
        self.assertEqual(asked.headers["content-type"], "application/json")
        self.assertEqual(asked.headers["authorization"], "Basic bWU6cDrDpA==")

    async def test_bytes(self) -> None:
        """A body of bytes arrives byte by byte, and the connection is kept for the next request."""
        sender = self.sender()
        for _ in range(2):
            await sender.send("POST", self.url, body=b"\0\xff")
        self.assertEqual([asked.body for asked in self.receiver.asked], [b"\0\xff", b"\0\xff"])
        self.assertEqual(len({asked.client for asked in self.receiver.asked}), 1)

    async def test_addresses(self) -> None:
        """What is no address of the web is parked at once, and its secrets are not said."""
        for url in (
            "ftp://host/secret",
            "host/secret",
            "http:///secret",
            "http://me:secret@host/",
            "http://a b/secret",
        ):
            error = await self.failing(self.sender().send("GET", url))
            self.assertIsInstance(error, Parked)
            self.assertNotIn("secret", str(error))


class OutcomeTests(SendingCase):
    async def outcome(self, status: int, body: bytes = b"", **headers: str) -> Any:
        self.receiver.answers.append(answer(status, body, **headers))
        return await self.failing(self.sender().send("POST", self.url, json={}))

    async def test_refused(self) -> None:
        """What will not be otherwise is for good; the sentence has what the server said, and not the path."""
        for status in (400, 401, 403, 404, 405, 410, 422):
            error = await self.outcome(status, b'{"message":\n "no"}')
            self.assertIsInstance(error, Refused)
            self.assertEqual(error.reply.status, status)
            self.assertRegex(
                error.reason, rf'^http://127.0.0.1:{self.port} answered {status} [\w ]+: {{"message": "no"}}$'
            )

    async def test_unreadable(self) -> None:
        """What nobody could read is not said, and long words are cut."""
        self.assertRegex((await self.outcome(400, b"\x1b[31mred")).reason, r"Bad Request$")
        self.assertLess(len((await self.outcome(400, b"x" * 5000)).reason), 300)

    async def test_again(self) -> None:
        """What may be otherwise is not."""
        for status in (302, 307, 408, 429, 500, 502, 503, 504):
            error = await self.outcome(status)
            self.assertIs(type(error), SendingFailed)
            self.assertIn(f"answered {status} ", str(error))

    async def test_redirect(self) -> None:
        """A redirect is not followed."""
        for status, kind in ((301, Refused), (308, Refused), (302, SendingFailed), (307, SendingFailed)):
            other, port = self.receive()
            self.assertIs(type(await self.outcome(status, Location=f"http://127.0.0.1:{port}/")), kind)
            self.assertEqual(other.asked, [])

    async def test_retryAfter(self) -> None:
        """When to come again is said in seconds, as a date, or by a limit's end."""
        for status in (403, 429, 503):
            error = await self.outcome(status, Retry_After="120")
            self.assertIsInstance(error, RetryAfter)
            self.assertEqual(error.seconds, 120)
        for value in (
            formatdate(reactor.seconds() + 60, usegmt=True),
            formatdate(reactor.seconds() + 60, localtime=True),
        ):
            error = await self.outcome(503, Retry_After=value)
            self.assertTrue(50 < error.seconds <= 60, error.seconds)
        self.assertEqual((await self.outcome(503, Retry_After=formatdate(0, usegmt=True))).seconds, 0)
        reset = str(int(reactor.seconds()) + 100)
        error = await self.outcome(403, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
        self.assertTrue(90 < error.seconds <= 100, error.seconds)
        self.assertIsInstance(await self.outcome(403, X_RateLimit_Remaining="1", X_RateLimit_Reset=reset), Refused)

    async def test_nonsense(self) -> None:
        """A Retry-After that says nothing is none."""
        for value in ("soon", "-1", "1.5", "²", "Wed, 99 Nov 2026 00:00:00 GMT", ""):
            self.assertIs(type(await self.outcome(503, Retry_After=value)), SendingFailed, value)


class NetworkTests(SendingCase):
    async def test_refusedConnection(self) -> None:
        """Nobody listens."""
        _, port = self.receive()
        await self._cleanups.pop()[0]()
        error = await self.failing(self.sender().send("POST", f"http://127.0.0.1:{port}/"))
        self.assertIs(type(error), SendingFailed)
        self.assertRegex(str(error), "(?i)cannot be reached: .*refused")

    async def test_unknownName(self) -> None:
        """There is nobody of that name."""
        error = await self.failing(self.sender().send("POST", "http://nobody.invalid/"))
        self.assertIs(type(error), SendingFailed)
        self.assertIn("http://nobody.invalid cannot be reached: ", str(error))

    async def test_silent(self) -> None:
        """A server that does not answer in time is left."""
        self.receiver.answers.append(never)
        error = await self.failing(self.sender(timeout=0.2).send("POST", self.url))
        self.assertIs(type(error), SendingFailed)
        self.assertIn("did not answer within 0.2 s", str(error))

    async def test_slowBody(self) -> None:
        """The time is that of the whole answer, and the connection of a late one is closed."""
        url, lost = self.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        error = await self.failing(self.sender(timeout=0.2).send("POST", url))
        self.assertIn("did not answer within 0.2 s", str(error))
        await lost

    async def test_cancelled(self) -> None:
        """Who cancels gets that, and the connection is closed, whether an answer has begun or not."""
        for data in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"):
            url, lost = self.raw(data)
            sent = self.sender().send("POST", url)
            reactor.callLater(0.1, sent.cancel)
            await self.assertFailure(sent, CancelledError)
            await lost

    async def test_large(self) -> None:
        """Of a large answer only its beginning is read; it counts as its status says."""
        self.receiver.answers.extend((answer(200, b"x" * (MOST + 1)), answer(500, b"x" * (MOST + 1))))
        reply: Reply = await self.sender().send("GET", self.url)
        self.assertEqual(reply.body, b"x" * MOST)
        self.assertIs(type(await self.failing(self.sender().send("GET", self.url))), SendingFailed)

    async def test_endless(self) -> None:
        """Of an endless one, too, and the connection is closed."""
        url, lost = self.raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2 * MOST)
        self.assertEqual(len((await self.sender().send("GET", url)).body), MOST)
        await lost

    async def test_closed(self) -> None:
        """A server that closes connections which are kept gets the next request over a new one."""

        class Closing(Protocol):
            transport: Any
            requests = 0

            def dataReceived(self, data: bytes) -> None:
                self.requests += 1
                if self.requests > 1:
                    self.transport.abortConnection()
                else:
                    self.transport.write(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")

        port = self._until(reactor.listenTCP(0, Factory.forProtocol(Closing), interface="127.0.0.1"))
        sender = self.sender()
        for _ in range(5):
            self.assertEqual((await sender.send("POST", f"http://127.0.0.1:{port}/", json={})).body, b"ok")

    async def test_broken(self) -> None:
        """What is no HTTP, or breaks off, has failed."""
        url, _ = self.raw(b"220 mail.example.org ESMTP\r\n")
        self.assertIs(type(await self.failing(self.sender().send("GET", url))), SendingFailed)
        self.receiver.answers.extend(2 * [lambda request: request.transport.abortConnection() or b""])
        self.assertIs(type(await self.failing(self.sender().send("GET", self.url))), SendingFailed)


class TLSTests(SendingCase):
    def url_(self, port: int, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{port}/"

    async def test_trusted(self) -> None:
        """A certificate that a file vouches for is taken."""
        receiver, port, file = self.receiveTLS(HERE)
        await self.sender(verify=file).send("POST", self.url_(port), json={})
        self.assertEqual(len(receiver.asked), 1)

    async def test_unknown(self) -> None:
        """Another's is not, and neither is one for another host; nothing is sent."""
        receiver, port, _ = self.receiveTLS(HERE)
        elsewhere, otherPort, file = self.receiveTLS(x509.DNSName("elsewhere.example.org"))
        for where, options in ((port, {}), (otherPort, {"verify": file})):
            error = await self.failing(self.sender(**options).send("POST", self.url_(where)))
            self.assertIs(type(error), SendingFailed)
            self.assertRegex(str(error), "(?i)cannot be reached: .*(certificate|verif)")
        self.assertEqual((receiver.asked, elsewhere.asked), ([], []))

    async def test_unverified(self) -> None:
        """Who asks for it takes any."""
        receiver, port, _ = self.receiveTLS(x509.DNSName("elsewhere.example.org"))
        for host in ("127.0.0.1", "localhost"):
            await self.sender(verify=False).send("POST", self.url_(port, host))
        self.assertEqual(len(receiver.asked), 2)

    async def test_clientCertificate(self) -> None:
        """A server that wants to see a certificate sees that of the file, or of the two files."""
        key, shown = certificate(x509.DNSName("client.example.org"))
        receiver, port, file = self.receiveTLS(HERE, [shown])
        one, two = self.newFile(shown + key), (self.newFile(shown), self.newFile(key))
        for options in ({"cert": one, "verify": file}, {"cert": two, "verify": file}, {"cert": one, "verify": False}):
            await self.sender(**options).send("POST", self.url_(port))
        self.assertEqual(len([asked for asked in receiver.asked if asked.certificate is not None]), 3)
        self.assertIs(type(await self.failing(self.sender(verify=file).send("POST", self.url_(port)))), SendingFailed)

    def test_files(self) -> None:
        """Files that hold no certificate are an error at once."""
        for options in (
            {"verify": "/nowhere"},
            {"cert": "/nowhere"},
            {"cert": self.newFile(b"x")},
            {"verify": self.newFile(b"")},
        ):
            self.assertRaises(ConfigError, Sender, reactor, **options)
