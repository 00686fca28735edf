"""Perspective Broker: who may log in, how answers are pulled, and what is dropped when."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import simplejson
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.spread import banana, pb

from buildbot.db.connector import Snapshot
from buildbot.errors import (
    BadQuery,
    Busy,
    DeadlineExceeded,
    Disconnected,
    InternalError,
    NotAvailable,
    StatusError,
    TooLarge,
    Unauthenticated,
)
from buildbot.status.pb import PBLimits, PBStatusServer
from buildbot.status.principal import ANONYMOUS
from buildbot.status.wire import SLICE, fromProblem
from buildbot.test.status.languages import LanguagesCase, LanguagesOnPostgreSQL, reactor


class PBCase(LanguagesCase):
    """Helpers for calls that do not go through the client."""

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        while not condition():
            turn: Deferred[None] = Deferred()
            reactor.callLater(0.002, turn.callback, None)
            await turn

    async def root(self) -> Any:
        """The root object of a new connection, without hello and login."""
        factory: Any = pb.PBClientFactory()
        broker = await TCP4ClientEndpoint(reactor, "127.0.0.1", self.pbPort).connect(factory)
        self.addCleanup(broker.transport.abortConnection)
        return await factory.getRootObject()

    async def session(self, name: str = "ada", password: str = "p/w d") -> Any:
        """What a login gives."""
        root = await self.root()
        await self.ask(root, "hello", simplejson.dumps({"protocol": [1, 1]}).encode())
        [session] = await self.ask(root, "login", name, password)
        return session

    async def ask(self, remote: Any, method: str, *arguments: Any) -> list[Any]:
        """Call a method; raises the error that it answers."""
        reply: list[Any] = list(await remote.callRemote(method, *arguments))
        if not reply[0]:
            raise fromProblem(simplejson.loads(reply[1]))
        return reply[1:]

    def busy(self, server: PBStatusServer) -> bool:
        """Whether a call of anybody is under way."""
        return any(broker.entrance.session and broker.entrance.session.busy for broker in server.brokers)

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


class LoginTest(PBCase):
    async def test_wrong(self) -> None:
        """A wrong password, an unknown name and no name are Unauthenticated; the first two in the same words."""
        await self.servePB()
        wrong = await self.failing(self.connectPB("ada:no").get("masters"))
        unknown = await self.failing(self.connectPB("bob:no").get("masters"))
        nobody = await self.failing(self.connect(f"pb://127.0.0.1:{self.pbPort}").get("masters"))
        self.assertEqual([type(error) for error in (wrong, unknown, nobody)], [Unauthenticated] * 3)
        self.assertEqual(str(wrong), str(unknown))
        self.assertIn("pb://name:password@", str(nobody))

    async def test_tries(self) -> None:
        """The third wrong password ends the connection."""
        await self.servePB()
        root = await self.root()
        gone: Deferred[None] = Deferred()
        root.broker.notifyOnDisconnect(lambda: gone.callback(None))
        await self.ask(root, "hello", b'{"protocol":[1,1]}')
        for _ in range(3):
            with self.assertRaises(Unauthenticated):
                await self.ask(root, "login", "ada", "no")
        await gone

    async def test_anonymous(self) -> None:
        """Without a name one may log in where that is allowed."""
        self.anonymous = True
        await self.servePB()
        answer = await self.connect(f"pb://127.0.0.1:{self.pbPort}").get("masters/1")
        self.assertEqual(answer.one.asDict()["masterid"], 1)

    async def test_versions(self) -> None:
        """A client that speaks no version of ours is told so, and which there are."""
        await self.servePB()
        root = await self.root()
        for span, older in (([2, 3], "server"), ([-1, 0], "client")):
            with self.assertRaises(NotAvailable) as raised:
                await self.ask(root, "hello", simplejson.dumps({"protocol": span}).encode())
            self.assertIn("versions 1 to 1", str(raised.exception))
            self.assertIn(f"the {older} is too old", str(raised.exception))

    async def test_order(self) -> None:
        """There is no login before hello, and no second one."""
        await self.servePB()
        root = await self.root()
        with self.assertRaises(BadQuery):
            await self.ask(root, "login", "ada", "p/w d")
        await self.ask(root, "hello", b'{"protocol":[1,1]}')
        await self.ask(root, "login", "ada", "p/w d")
        with self.assertRaises(BadQuery):
            await self.ask(root, "login", "ada", "p/w d")

    async def test_slow(self) -> None:
        """Who does not log in is dropped after a while."""
        self.limits = PBLimits(login=0.02)
        await self.servePB()
        root = await self.root()
        await self.until(lambda: bool(root.broker.disconnected))

    async def test_full(self) -> None:
        """Connections past the limit are closed at once, which their calls are told."""
        self.limits = PBLimits(connections=1)
        await self.servePB()
        await self.connectPB().get("masters")
        error = await self.failing(self.connectPB().get("masters"))
        self.assertIsInstance(error, Disconnected)


class SlicedCase(PBCase):
    """Answers of several slices."""

    QUERY = {"limit": 400, "property": "*", "expand": "steps.logs,builder,buildrequest", "steps.limit": 50}

    async def big(self) -> bytes:
        """The bytes of an answer that needs several slices."""
        query = [(name, str(value)) for name, value in self.QUERY.items()]
        body: Any = await self.service.getBody(ANONYMOUS, "builds", query)
        data = b"".join(body.pieces)
        self.assertGreater(len(data), 2 * SLICE)
        return data

    def request(self) -> bytes:
        return simplejson.dumps(["builds", [[name, str(value)] for name, value in self.QUERY.items()]]).encode()


class SlicesTest(SlicedCase):
    async def test_slices(self) -> None:
        """What is pulled, slice by slice of at most 256 KiB, is exactly the body that HTTP sends."""
        await self.servePB()
        expected, session = await self.big(), await self.session()
        head, data, last = await self.ask(session, "get", 7, self.request())
        slices = [data]
        while not last:
            data, last = await self.ask(session, "pull", 7)
            slices.append(data)
        self.assertEqual(b"".join(slices), expected)
        self.assertEqual([len(data) for data in slices[:-1]], [SLICE] * (len(slices) - 1))
        self.assertLess(SLICE, banana.SIZE_LIMIT)
        self.assertEqual(simplejson.loads(head)["length"], len(expected))


class SlicesOnPostgreSQLTest(LanguagesOnPostgreSQL, SlicesTest):
    """The same on PostgreSQL."""


class PullTest(SlicedCase):
    async def test_idle(self) -> None:
        """An answer that nobody pulls is dropped after a while, and its memory with it; a late pull says so."""
        self.limits = PBLimits(idle=0.05)
        server = await self.servePB()
        budget = server.shared.budget
        session = await self.session()
        await self.ask(session, "get", 1, self.request())
        self.assertGreater(budget.held, SLICE)
        await self.until(lambda: budget.held == 0)
        with self.assertRaises(DeadlineExceeded) as raised:
            await self.ask(session, "pull", 1)
        self.assertIn("left alone for 0.05 s", str(raised.exception))

    async def test_bounded(self) -> None:
        """Answers that wait to be pulled take a bounded amount of memory; past it, Busy; pulling makes room."""
        size = len(await self.big())
        self.limits = PBLimits(heldEach=2 * size)
        server = await self.servePB()
        session = await self.session()
        for ident in (1, 2):
            await self.ask(session, "get", ident, self.request())
        with self.assertRaises(Busy):
            await self.ask(session, "get", 3, self.request())
        self.assertLessEqual(server.shared.budget.held, 2 * size)
        last = False
        while not last:
            _, last = await self.ask(session, "pull", 1)
        await self.ask(session, "get", 4, self.request())

    async def test_disconnected(self) -> None:
        """What is not pulled goes with its connection."""
        server = await self.servePB()
        session = await self.session()
        await self.ask(session, "get", 1, self.request())
        self.assertGreater(server.shared.budget.held, 0)
        session.broker.transport.abortConnection()
        await self.until(lambda: server.shared.budget.held == 0)

    async def test_cancelled(self) -> None:
        """A cancelled call frees what it held, and its number."""
        server = await self.servePB()
        session = await self.session()
        await self.ask(session, "get", 1, self.request())
        await session.callRemote("cancel", 1)
        self.assertEqual(server.shared.budget.held, 0)
        await self.ask(session, "get", 1, self.request())

    async def test_unread(self) -> None:
        """A client that calls without reading is not read from either: what waits for it on the server is bounded."""
        server = await self.servePB()
        session = await self.session()
        transport = session.broker.transport
        transport.pauseProducing()
        calls = [session.callRemote("get", ident, self.request()) for ident in range(500)]
        [broker] = server.brokers
        await self.until(lambda: bool(broker.transport.producerPaused))
        await self.until(lambda: self.waiting() == 0)
        self.assertLess(_buffered(broker.transport), 3 * SLICE)
        transport.resumeProducing()
        replies = await gatherResults(calls)
        self.assertEqual((len(replies), replies[0][0], replies[-1][0]), (500, True, False))

    async def test_stalled(self) -> None:
        """A client that reads nothing for long is dropped."""
        self.limits = PBLimits(idle=0.05)
        server = await self.servePB()
        session = await self.session()
        session.broker.transport.pauseProducing()
        for ident in range(100):
            session.callRemote("get", ident, self.request()).addErrback(lambda _: None)
        await self.until(lambda: not server.brokers)
        self.assertEqual(server.shared.budget.held, 0)

    async def test_calls(self) -> None:
        """More calls at the same time than a connection may have are refused; the client waits instead."""
        self.limits = PBLimits(calls=2)
        await self.servePB()
        session = await self.session()
        for ident in (1, 2):
            await self.ask(session, "get", ident, self.request())
        with self.assertRaises(Busy):
            await self.ask(session, "get", 3, self.request())
        connection = self.connectPB()
        answers = await gatherResults([connection.get("builds", limit=n) for n in range(1, 20)])
        self.assertEqual([len(answer) for answer in answers], list(range(1, 20)))

    async def test_tooLarge(self) -> None:
        """A call that one message cannot hold is TooLarge before anything is sent."""
        await self.servePB()
        error = await self.failing(self.connectPB().get("builders", name=["x" * 1000] * 700))
        self.assertIsInstance(error, TooLarge)

    async def test_malformed(self) -> None:
        """Calls that are no calls are refused with a sentence, one by one."""
        await self.servePB()
        session = await self.session()
        for request in (b"{", b"[]", b'["masters", [["a"]]]', b'["masters", {}]', "text", 5, b"[" * 10_000):
            with self.assertRaises(BadQuery):
                await self.ask(session, "get", 1, request)
        with self.assertRaises(BadQuery):
            await self.ask(session, "get", "one", b'["masters", []]')
        with self.assertRaises(BadQuery):
            await self.ask(session, "getMany", 1, b'["masters"]')


class StopTest(PBCase):
    """Cancelling, time-outs, lost connections, and the server's end."""

    async def test_cancel(self) -> None:
        """Cancelling a call takes its query from the queue of the database."""
        await self.servePB()
        connection = self.connectPB()
        await connection.get("masters")
        self.block()
        before = self.waiting()
        call = connection.get("builds", limit=1)
        await self.until(lambda: self.waiting() == before + 1)
        call.cancel()
        await self.assertFailure(call, CancelledError)
        await self.until(lambda: self.waiting() == before)

    async def test_timeout(self) -> None:
        """A call that takes longer than the connection's time-out fails with DeadlineExceeded, and its query ends."""
        await self.servePB()
        connection = self.connectPB(timeout=0.1)
        await connection.get("masters")
        self.block()
        before = self.waiting()
        error = await self.failing(connection.get("builds", limit=1))
        self.assertIsInstance(error, DeadlineExceeded)
        self.assertEqual(str(error), "no answer within 0.1 s")
        await self.until(lambda: self.waiting() == before)

    async def test_left(self) -> None:
        """A lost connection cancels the queries of its calls."""
        await self.servePB()
        session = await self.session()
        self.block()
        before = self.waiting()
        session.callRemote("get", 1, b'["builds",[["limit","1"]]]').addErrback(lambda _: None)
        await self.until(lambda: self.waiting() == before + 1)
        session.broker.transport.abortConnection()
        await self.until(lambda: self.waiting() == before)

    async def test_close(self) -> None:
        """Closing a connection fails what is under way and what comes later, and may be done twice."""
        await self.servePB()
        connection = self.connectPB()
        await connection.get("masters")
        self.block()
        call = connection.get("builds", limit=1)
        await connection.close()
        self.assertIsInstance(await self.failing(call), Disconnected)
        self.assertIsInstance(await self.failing(connection.get("masters")), Disconnected)
        await connection.close()

    async def test_reconnect(self) -> None:
        """When the server goes, calls under way fail with Disconnected; once it is back, the next one is answered."""
        server = await self.servePB()
        connection: Any = self.connectPB()
        await connection.get("masters")
        event = self.block()
        call = connection.get("builds", limit=1)
        await self.until(lambda: self.busy(server))
        for broker in server.brokers:
            broker.transport.abortConnection()
        self.assertIsInstance(await self.failing(call), Disconnected)
        event.set()
        self.assertEqual(len(await connection.get("masters/1")), 1)
        port = self.pbPort
        await server.stopService()
        await self.until(lambda: bool(connection.session.broker.disconnected))
        error = await self.failing(connection.get("masters"))
        self.assertIsInstance(error, Disconnected)
        self.assertIn("cannot be reached", str(error))
        await self.servePB(f"tcp:{port}:interface=127.0.0.1")
        self.assertEqual(len(await connection.get("masters/1")), 1)

    async def test_drain(self) -> None:
        """A server that stops lets the answer under way be pulled, then is gone."""
        server = await self.servePB()
        connection = self.connectPB()
        await connection.get("masters")
        event = self.block()
        call = connection.get("masters/1")
        await self.until(lambda: self.busy(server))
        stopped = server.stopService()
        event.set()
        self.assertEqual(len(await call), 1)
        await stopped

    async def test_drained(self) -> None:
        """It does not wait longer than it may."""
        self.limits = PBLimits(drain=0.02)
        server = await self.servePB()
        connection = self.connectPB()
        await connection.get("masters")
        self.block()
        call = connection.get("masters/1")
        await self.until(lambda: self.busy(server))
        await server.stopService()
        self.assertIsInstance(await self.failing(call), Disconnected)


class Raw(Protocol):
    """Sends bytes, and says when the connection is gone."""

    transport: Any

    def __init__(self) -> None:
        self.gone: Deferred[None] = Deferred()

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.gone.callback(None)


class HostileTest(PBCase):
    """Bytes that no client sends."""

    async def raw(self, data: bytes) -> Raw:
        """A connection that sends this."""
        raw: Raw = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", self.pbPort), Raw())
        raw.transport.write(data)
        return raw

    async def test_garbage(self) -> None:
        """Who sends what is no message is cut off, quietly; others are not disturbed."""
        await self.servePB()
        connection = self.connectPB()
        await connection.get("masters")
        deep = b"\x01\x80" * 100_000
        endless = b"\x7f\x7f\x7f\x7f\x7f\x7f" * 100
        for data in (b"GET / HTTP/1.0\r\n\r\n" * 10, b"\xff" * 100, endless, deep + b"\x00\x81" * 100, b"\x7f\x87"):
            await (await self.raw(data)).gone
        self.assertEqual(len(await connection.get("masters/1")), 1)
        self.assertEqual(self.flushLoggedErrors(), [])

    async def test_long(self) -> None:
        """A message longer than the limit is not read to its end."""
        self.limits = PBLimits(message=10_000)
        await self.servePB()
        pbDialect = b"\x02\x82pb"
        await (await self.raw(pbDialect + b"\x01\x80" + b"\x7f\x7f\x01\x82" + b"x" * 20_000)).gone

    async def test_internal(self) -> None:
        """What nobody expected crosses as InternalError with an id; the log has the rest under it."""
        await self.servePB()
        connection = self.connectPB()
        self.patch(self.service, "prepare", lambda *_: 1 / 0)
        error = await self.failing(connection.get("masters"))
        self.assertIsInstance(error, InternalError)
        self.assertNotIn("division", str(error))
        self.assertIn(error.extra["id"], str(error))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    async def test_longSentence(self) -> None:
        """An error whose sentence would be too long for a slice is cut."""
        await self.servePB()
        error = await self.failing(self.connectPB().get("builders", {"x" * 400_000: "1"}))
        self.assertIsInstance(error, StatusError)
        self.assertLess(len(str(error)), 2000)


def _buffered(transport: Any) -> int:
    """Bytes that were written and not yet sent."""
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)
