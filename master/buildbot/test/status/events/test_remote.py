"""Subscriptions by the client, over HTTP and Perspective Broker: the same deliveries, whatever breaks meanwhile."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError
from twisted.protocols.portforward import ProxyFactory

from buildbot.errors import BadQuery, Disconnected, Gone, NotFound
from buildbot.status.client import connect, following
from buildbot.status.pb import PBStatusServer, portalOf
from buildbot.test.status.events.logged import EPOCH, Row, reactor
from buildbot.test.www.eventclients import EventsCase


class RemoteTests(EventsCase):
    def setUp(self) -> None:
        super().setUp()
        self.patch(following, "SHORTEST", 0.01)
        self.connection: Any = self.connected(self.serve())

    def serve(self) -> int:
        """Where one can connect."""
        number: int = self.number
        return number

    scheme = "http"

    def connected(self, port: int) -> Any:
        connection = connect(f"{self.scheme}://127.0.0.1:{port}", reactor=reactor)
        self.addCleanup(connection.close)
        return connection

    def cut(self) -> None:
        """Break all connections, at the server."""
        for channel in list(self.site.channels):
            channel.transport.abortConnection()

    def isWaiting(self) -> bool:
        """Whether the server has been made to wait by a client that takes nothing."""
        return any(channel.stalled is not None for channel in self.site.channels)

    async def test_same(self) -> None:
        """The same deliveries come as in the process, with live records."""
        build = await self.first()
        answer = await self.connection.get("builds", limit=1)
        self.assertEqual(answer.cursor, str(self.writer.cursor))
        await self.build(build.buildid, "update", results=2)
        log = (await self.service.getLogs(limit=1))[0]
        self.write(Row("logs", log.logid, "append", {"logid": log.logid, "first": 1, "last": 2}, {}))
        await self.build(build.buildid, "finished", results=0)
        topics: Any = (
            ("builds/*/*", {}),
            ("builds/*/*", {"results": [2]}),
            ("logs/*/append", {}),
            (["logs/*/append", "builds/*/*"], {}),
            ("builds/*/*", {"expand": "steps", "steps.limit": 1, "field": ["buildid", "properties"], "property": "*"}),
        )
        for topic, query in topics:
            here = await self.service.subscribe(topic, since=answer.cursor, **query)
            there = await self.connection.subscribe(topic, since=answer.cursor, **query)
            local, remote = await here.next(), list(await there.next())
            while len(remote) < len(local):
                remote += await there.next()
            self.assertEqual(local, remote)
            self.assertLess(abs(local[0].at - reactor.seconds()), 30)
            self.assertEqual(there.cursor, remote[-1].cursor)
            here.close()
            there.close()
        self.assertEqual(await (await self.connection.getBuild(build.buildid)).getBuilder(), await build.getBuilder())

    async def test_cut(self) -> None:
        """A connection that is cut off is made again, and goes on after the last that came."""
        build = await self.first()
        proxy = Proxy("127.0.0.1", self.serve())
        port: Any = reactor.listenTCP(0, proxy, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        connection = self.connected(port.getHost().port)
        subscription = await connection.subscribe("builds/*/*")
        texts, numbers = [], []
        for number in range(6):
            proxy.cut()
            await self.build(build.buildid, "update", state_string=str(number))
            [delivery] = await subscription.next()
            texts.append(delivery.record.state_string)
            numbers.append(delivery.number)
        self.assertEqual(texts, [str(number) for number in range(6)])
        self.assertEqual(numbers, [1, 2, 3, 4, 5, 6])

    async def test_beforeTheFirst(self) -> None:
        """What happens while it is cut off before the first delivery is not lost either."""
        build = await self.first()
        subscription = await self.connection.subscribe("builds/*/*")
        self.cut()
        await self.build(build.buildid, "update", state_string="x")
        [delivery] = await subscription.next()
        self.assertEqual(delivery.record.state_string, "x")

    async def test_errors(self) -> None:
        """It fails as in the process does; a cursor that is gone, at once or later."""
        wrong: Any = (
            ("builds/*/*", {"since": "a" * 16 + ".5"}, Gone),
            ("builds/*", {}, BadQuery),
            ("builds/*/*", {"limit": 5}, BadQuery),
            ("builders/nosuch/builds/*/*", {}, NotFound),
            (["builds/*/*", "changes/*/*"], {"results": 2}, BadQuery),
            ([], {}, BadQuery),
        )
        for topic, query, error in wrong:
            found: Any = await self.assertFailure(self.connection.subscribe(topic, **query), error)
            if error is Gone:
                self.assertEqual(found.extra["oldest"], f"{EPOCH}.1")
        subscription = await self.connection.subscribe("builds/*/*")
        build = await self.first()
        for _ in range(3):
            self.writer.append(Row("builds", build.buildid, "update", build.asDict(), {}))
        self.writer.trim(self.writer.seq)
        self.source.advance(self.writer.cursor)
        await self.assertFailure(subscription.next(), Gone)
        await self.assertFailure(subscription.next(), Gone)

    async def test_cancelled(self) -> None:
        """What was cancelled has lost nothing."""
        build = await self.first()
        subscription = await self.connection.subscribe("builds/*/*")
        waiting = subscription.next()
        waiting.cancel()
        await self.assertFailure(waiting, CancelledError)
        await self.build(build.buildid, "update", state_string="x")
        [delivery] = await subscription.next()
        self.assertEqual(delivery.number, 1)

    async def test_closed(self) -> None:
        """Closing it, or the connection, ends what waits, and the server's part too."""
        subscription = await self.connection.subscribe("builds/*/*")
        other = await self.connection.subscribe("builds/*/*")
        waiting, waitingToo = subscription.next(), other.next()
        subscription.close()
        await self.assertFailure(waiting, Disconnected)
        ended = self.assertFailure(waitingToo, Disconnected)
        await self.connection.close()
        await ended
        await self.condition(lambda: self.service.feed and not self.service.feed.subscriptions)

    async def test_slow(self) -> None:
        """Who does not take what comes makes the server wait, and gets everything."""
        build = await self.first()
        subscription = await self.connection.subscribe("builds/*/*")
        text = "x" * 5_000
        rows = [
            Row("builds", build.buildid, "update", {**build.asDict(), "state_string": f"{n}{text}"}, {})
            for n in range(3_000)
        ]
        self.write(*rows)
        await self.condition(self.isWaiting)
        seen = 0
        while seen < 3_000:
            some = await subscription.next()
            self.assertLessEqual(len(some), following.MOST)
            for delivery in some:
                seen += 1
                self.assertEqual((delivery.number, delivery.record.state_string), (seen, f"{seen - 1}{text}"))


class PBRemoteTests(RemoteTests):
    scheme = "pb"
    server: Any = None

    def serve(self) -> int:
        if self.server is None:
            self.server = PBStatusServer(
                self.service, "tcp:0:interface=127.0.0.1", portalOf(anonymous=True), reactor=reactor
            )
            self.server.startService()
            self.addCleanup(self.server.stopService)
        port: int = self.server.listening.result.getHost().port
        return port

    def cut(self) -> None:
        for broker in list(self.server.brokers):
            broker.transport.abortConnection()

    def isWaiting(self) -> bool:
        """It is always: nothing is sent that was not pulled."""
        return True


class Proxy(ProxyFactory):
    """Passes on what comes, until it is cut."""

    noisy = False

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self._made: list[Any] = []

    def buildProtocol(self, address: Any) -> Any:
        made = super().buildProtocol(address)
        self._made.append(made)
        return made

    def cut(self) -> None:
        """Break all connections."""
        for made in self._made:
            if made.transport is not None:
                made.transport.abortConnection()
        self._made.clear()
