"""What only a PostgreSQL server can do to a reader: go away, come back, refuse, cancel."""

from __future__ import annotations

from threading import Event
from typing import Any, cast

from twisted.internet import defer
from twisted.internet.defer import CancelledError
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import LogLevel, capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest

from buildbot.db.connector import Snapshot
from buildbot.errors import DatabaseUnavailable, DeadlineExceeded
from buildbot.test import postgres
from buildbot.test.db.databases import OnPostgreSQL, reactor


def count(snapshot: Snapshot) -> int:
    return int(snapshot.rows("SELECT count(*) FROM t", {})[0][0])


class RestartTests(OnPostgreSQL):
    """A server of these tests' own, which stops and starts."""

    cluster: postgres.Cluster

    @classmethod
    def setUpClass(cls) -> None:
        try:
            cls.cluster = postgres.Cluster()
            cls.addClassCleanup(cls.cluster.remove)
            cls.cluster.start()
        except postgres.Unavailable as error:
            raise SkipTest(str(error)) from None

    def setUp(self) -> None:
        self.cluster.start()
        self.fill(self.cluster.url, ["DROP TABLE IF EXISTS t", "CREATE TABLE t (a INTEGER)"])
        self.db = self.open(self.cluster.url)

    async def test_password(self) -> None:
        """A URL with host, port, user and password is enough; a wrong password is not told to everybody."""
        self.assertEqual(await self.open(self.cluster.tcpUrl).run("count", count), 0)
        wrong = self.open(self.cluster.tcpUrl.replace(self.cluster.password, "wrong"))
        error = await self.failure(wrong.run("count", count), DatabaseUnavailable)
        self.assertNotIn("password", str(error))
        self.assertIn("password authentication failed", " ".join(error.__notes__))

    async def test_away(self) -> None:
        """While the server is away runs fail within about a second each, with a sentence for everybody, which
        names no host and no user, and the reason in a note for the operator; the first run after its return
        works."""
        self.assertEqual(await self.db.run("count", count), 0)
        self.cluster.stop()
        for _ in range(4):
            error = await self.failure(self.db.run("count", count), DatabaseUnavailable)
            self.assertNotIn(self.cluster.folder, str(error))
            self.assertIn(str(self.cluster.port), " ".join(error.__notes__))
        await deferToThread(self.cluster.start)
        self.assertEqual(await self.db.run("count", count), 0)

    async def test_log(self) -> None:
        """That the server is away is logged once, with the reason and without a password, and so is its
        return."""
        self.cluster.stop()
        with capturedLogs() as logs:
            for _ in range(3):
                await self.assertFailure(self.db.run("count", count), DatabaseUnavailable)
            await deferToThread(self.cluster.start)
            await self.db.run("count", count)
        events = [event for event in logs if event.get("database")]
        self.assertEqual([event["log_level"] for event in events], [LogLevel.error, LogLevel.info])
        self.assertIn("connection", events[0]["reason"])

    async def test_queue(self) -> None:
        """Everything that waits when an attempt to connect fails, fails with it."""
        self.cluster.stop()
        runs = [self.db.run("count", count) for _ in range(200)]
        began = reactor.seconds()
        for succeeded, failure in await defer.DeferredList(runs, consumeErrors=True):
            self.assertFalse(succeeded)
            cast(Failure, failure).trap(DatabaseUnavailable)
        self.assertLess(reactor.seconds() - began, 2)

    async def test_restartBetween(self) -> None:
        """A restart between two runs is not noticed by their callers."""
        await self.db.run("count", count)
        await deferToThread(self.cluster.stop)
        await deferToThread(self.cluster.start)
        self.assertEqual(await self.db.run("count", count), 0)
        self.assertEqual(self.db.metrics.runs["count", "small"].repeats, 1)

    async def test_restartWithin(self) -> None:
        """A run whose connection breaks is repeated from its beginning, in another snapshot."""
        calls: list[int] = []
        reached, go = Event(), Event()

        def read(snapshot: Snapshot) -> int:
            calls.append(count(snapshot))
            reached.set()
            go.wait(30)
            return count(snapshot)

        running = self.db.run("t", read, deadline=30)
        await deferToThread(reached.wait, 10)
        await deferToThread(self.cluster.stop)
        await deferToThread(self.cluster.start)
        go.set()
        self.assertEqual(await running, 0)
        self.assertEqual(calls, [0, 0])

    async def test_stamp(self) -> None:
        """While the server is away the stamp is another one at each call: nothing may be taken for
        unchanged."""
        self.db.stamp()
        self.cluster.stop()
        await deferLater(reactor, self.db.freshness + 0.1)
        self.assertEqual(len({self.db.stamp() for _ in range(5)}), 5)

    async def test_cancelWhileAway(self) -> None:
        """A run that waits for the next attempt to connect can be cancelled."""
        self.cluster.stop()
        for _ in range(3):
            await self.assertFailure(self.db.run("count", count), DatabaseUnavailable)
        running = self.db.run("count", count)
        running.cancel()
        self.failureResultOf(running, CancelledError)

    async def test_deadlineWhileAway(self) -> None:
        """A run whose time is up while it waits for the server says that the server does not answer."""
        self.cluster.stop()
        for _ in range(5):
            await self.assertFailure(self.db.run("count", count), DatabaseUnavailable)
        await self.assertFailure(self.db.run("count", count, deadline=0.1), DatabaseUnavailable)


class ServerTests(OnPostgreSQL):
    def setUp(self) -> None:
        self.url = self.newUrl()
        self.fill(self.url, ["CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)"])

    def reader(self) -> str:
        name = self.url.split("?")[0].rsplit("/", 1)[1]
        return postgres.server().newReader(name)

    async def test_readingUser(self) -> None:
        """A user who may only SELECT is enough for all of it."""
        db = self.open(self.reader())
        self.assertEqual(await db.run("count", count), 1)
        sleeping = db.run("t", lambda s: s.rows("SELECT 1 FROM pg_sleep(60)", {}), deadline=0.05)
        await self.assertFailure(sleeping, DeadlineExceeded)
        db.stamp()
        while not db.metrics.runs.get(("stamp", "stamp")):
            await deferLater(reactor, 0.01)
        self.assertEqual(db.metrics.runs["stamp", "stamp"].failed, 0)

    async def test_notAllowed(self) -> None:
        """A table that the user may not read is reported with what to do."""
        url = self.reader()
        self.fill(self.url, ["CREATE TABLE u (a INTEGER)"])
        db = self.open(url)
        reading = db.run("t", lambda s: s.rows("SELECT a FROM u", {}))
        error = await self.failure(reading, DatabaseUnavailable)
        self.assertIn("GRANT SELECT", str(error))
        self.assertIn("table u", " ".join(error.__notes__))

    async def test_wrongDatabase(self) -> None:
        """A database that does not exist is reported without its URL, which is in the note."""
        error = await self.failure(
            self.open(postgres.server().urlOf("nothing_here")).run("count", count), DatabaseUnavailable
        )
        self.assertNotIn("nothing_here", str(error))
        self.assertIn("nothing_here", " ".join(error.__notes__))

    async def test_serverCancels(self) -> None:
        """A read that the server's own statement_timeout ends has taken too long."""
        separator = "&" if "?" in self.url else "?"
        db = self.open(f"{self.url}{separator}options=-cstatement_timeout%3D50")
        sleeping = db.run("t", lambda s: s.rows("SELECT 1 FROM pg_sleep(60)", {}))
        await self.assertFailure(sleeping, DeadlineExceeded)

    async def test_types(self) -> None:
        """Bytes, text, integers and nulls come as Python's own."""

        def read(snapshot: Snapshot) -> Any:
            return snapshot.rows(
                "SELECT '\\x00ff'::bytea, 'ß'::text, 1::smallint, 2147483648::bigint, NULL, count(*) FROM t", {}
            )

        db = self.open(self.url)
        self.assertEqual(await db.run("t", read), [(b"\0\xff", "ß", 1, 2147483648, None, 1)])

    async def test_noIdleTransaction(self) -> None:
        """Between two runs no transaction is open, so that the server's clean-up is not held back."""
        db = self.open(self.url)
        await db.run("count", count)
        await self.assertFailure(db.run("t", lambda s: s.rows("SELECT x FROM t", {})), Exception)
        writer: Any = self.writer(self.url)
        self.addCleanup(writer.close)
        states = writer.execute(
            "SELECT state FROM pg_stat_activity WHERE application_name = 'buildbot-status'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        self.assertEqual(states.fetchall(), [("idle",)])

    async def test_looksEndWhenUnused(self) -> None:
        """When nobody asks for the stamp any more, the server is not asked either."""
        db = self.open(self.url)
        self.patch(type(db._stamp), "IDLE", 0.3)
        db.stamp()
        looks = -1
        while looks != (looks := db.metrics.of("stamp", "stamp").runs):
            await deferLater(reactor, 0.6)
        self.assertGreater(looks, 0)
