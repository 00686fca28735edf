"""Named transactions: results, errors, one state, cancelling, deadlines, limits."""

from __future__ import annotations

import time
from functools import partial
from operator import methodcaller
from threading import Event, current_thread
from typing import Any, cast

from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.logger import LogLevel, capturedLogs
from twisted.python.failure import Failure

from buildbot.db import job, lane
from buildbot.db.connector import Database, Snapshot
from buildbot.errors import Busy, ConfigError, DatabaseUnavailable, DeadlineExceeded
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor


def count(snapshot: Snapshot) -> int:
    return int(snapshot.rows("SELECT count(*) FROM t", {})[0][0])


def divide(snapshot: Snapshot) -> None:
    snapshot.rows("SELECT 1", {})
    raise ZeroDivisionError


def give(value: Any, snapshot: Snapshot) -> Any:
    return value


async def until(condition: Any) -> None:
    """Wait until a condition holds."""
    while not condition():
        await deferLater(reactor, 0.005)


class RunTests(DatabaseCase):
    """A database with a table of two rows."""

    url: str

    def setUp(self) -> None:
        self.url = self.newUrl()
        self.fill(self.url, ["CREATE TABLE t (a INTEGER, b TEXT)", "INSERT INTO t VALUES (1, 'x'), (2, NULL)"])
        self.db = self.open(self.url)

    def endlessly(self, snapshot: Snapshot) -> Any:
        return snapshot.rows(*self.endless(self.url))

    async def test_rows(self) -> None:
        """A run fires with what its function returns; rows are tuples in the order of the columns."""

        def read(snapshot: Snapshot) -> list[tuple[object, ...]]:
            return snapshot.rows(f"SELECT a, b FROM t WHERE a >= {self.place('low')} ORDER BY a", {"low": 1})

        self.assertEqual(await self.db.run("t", read), [(1, "x"), (2, None)])

    async def test_error(self) -> None:
        """A run fails with what its function raises, and the next one works."""

        await self.assertFailure(self.db.run("t", divide), ZeroDivisionError)
        self.assertEqual(await self.db.run("count", count), 2)

    async def test_wrongStatement(self) -> None:
        """A statement that the database refuses fails the run as an unexpected error, and the next one
        works."""
        failing = self.db.run("t", lambda snapshot: snapshot.rows("SELECT nothing FROM t", {}))
        with self.assertRaises(Exception) as caught:
            await failing
        self.assertIn("nothing", str(caught.exception))
        self.assertEqual(await self.db.run("count", count), 2)

    async def test_oneState(self) -> None:
        """All reads of a run see one state, whatever is committed between them; the next run sees the new
        one."""
        writer = self.writer(self.url)
        self.addCleanup(writer.close)
        writer.execute("UPDATE t SET a = a")
        between, written = Event(), Event()

        def read(snapshot: Snapshot) -> tuple[int, int]:
            first = count(snapshot)
            between.set()
            written.wait(10)
            return first, count(snapshot)

        running = self.db.run("twice", read)
        await deferToThread(between.wait, 10)
        writer.execute("INSERT INTO t VALUES (3, 'y')")
        written.set()
        self.assertEqual(await running, (2, 2))
        self.assertEqual(await self.db.run("count", count), 3)

    async def test_cannotWrite(self) -> None:
        """A statement that would write fails."""
        for statement in ("INSERT INTO t VALUES (3, 'y')", "DROP TABLE t", "CREATE TABLE u (a INTEGER)"):
            with self.assertRaises(Exception) as caught:
                await self.db.run("write", methodcaller("rows", statement, {}))
            self.assertRegex(str(caught.exception), "read-?only")
        self.assertEqual(await self.db.run("count", count), 2)

    async def test_cancelRunning(self) -> None:
        """Cancelling a run fails it at once, and interrupts its statement: its thread is free again."""
        running = self.db.run("endless", self.endlessly)
        await until(lambda: self.running("small"))
        running.cancel()
        self.failureResultOf(running, CancelledError)
        self.assertEqual(await self.db.run("count", count), 2)
        self.assertEqual(self.db.metrics.runs["endless", "small"].cancelled, 1)

    async def test_cancelBetweenStatements(self) -> None:
        """A run that is cancelled while it executes no statement stops at its next one, or when it checks."""
        reached, go = Event(), Event()
        ended: list[Exception] = []

        def read(snapshot: Snapshot) -> None:
            reached.set()
            go.wait(10)
            try:
                count(snapshot)
            except CancelledError as error:
                ended.append(error)
                raise

        running = self.db.run("t", read)
        await deferToThread(reached.wait, 10)
        running.cancel()
        self.failureResultOf(running, CancelledError)
        go.set()
        await until(lambda: ended)

    async def test_cancelJustBeforeStatement(self) -> None:
        """Interrupting is repeated: a statement that begins after the first attempt is interrupted too."""
        reached, go = Event(), Event()

        def read(snapshot: Snapshot) -> Any:
            snapshot.check()
            reached.set()
            go.wait(10)
            sql, values = self.endless(self.url)
            snapshot._cursor.execute(sql, values)  # rows() without its check

        running = self.db.run("t", read)
        await deferToThread(reached.wait, 10)
        running.cancel()
        self.failureResultOf(running, CancelledError)
        await deferToThread(lambda: None)
        go.set()
        self.assertEqual(await self.db.run("count", count), 2)

    async def test_cancelDoesNotHitTheNext(self) -> None:
        """Of many runs, cancelled at any moment, exactly those fail that were cancelled."""
        runs: list[Deferred[int]] = []
        for number in range(200):
            runs.append(self.db.run("count", count))
            if number % 3 == 0:
                await deferLater(reactor, 0)
                runs[-1].cancel()
        results = await defer.DeferredList(runs, consumeErrors=True)
        for number, (succeeded, result) in enumerate(results):
            if number % 3:
                self.assertTrue(succeeded, result)
            else:
                self.assertTrue(succeeded or cast(Failure, result).check(CancelledError), result)

    async def test_cancelWaiting(self) -> None:
        """A run that is cancelled while it waits is never called."""
        first = self.db.run("endless", self.endlessly)
        called: list[Snapshot] = []
        second = self.db.run("t", called.append)
        second.cancel()
        self.failureResultOf(second, CancelledError)
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.assertEqual(await self.db.run("count", count), 2)
        self.assertEqual(called, [])

    async def test_deadline(self) -> None:
        """A statement that takes longer than the run's deadline is interrupted, and the run fails by name."""
        with self.assertRaises(DeadlineExceeded) as caught:
            await self.db.run("endless", self.endlessly, deadline=0.05)
        self.assertIn("'endless'", str(caught.exception))
        self.assertEqual(await self.db.run("count", count), 2)
        self.assertEqual(self.db.metrics.runs["endless", "small"].deadlineExceeded, 1)

    async def test_deadlineBetweenStatements(self) -> None:
        """A function that keeps reading past its deadline is stopped, and fails even if it never reads
        again."""
        ended: list[Exception] = []

        def read(snapshot: Snapshot) -> None:
            try:
                while True:
                    count(snapshot)
            except Exception as error:
                ended.append(error)
                raise

        await self.assertFailure(self.db.run("t", read, deadline=0.05), DeadlineExceeded)
        await until(lambda: ended)

    async def test_deadlineWithoutStatements(self) -> None:
        """The caller of a function that does something else for too long has its answer in time."""
        go = Event()
        self.addCleanup(go.set)
        await self.assertFailure(self.db.run("t", lambda _: go.wait(10), deadline=0.05), DeadlineExceeded)

    async def test_lanes(self) -> None:
        """A small run is answered while every thread of the large lane is busy."""
        large = [self.db.run("endless", self.endlessly, lane="large") for _ in range(3)]
        self.assertEqual(await self.db.run("count", count), 2)
        for running in large:
            running.cancel()
            self.failureResultOf(running, CancelledError)

    async def test_giveWay(self) -> None:
        """A large run steps aside whenever it checks while a small one is outstanding, and only then."""
        aside: list[float] = []
        self.patch(job, "sleep", aside.append)
        self.assertEqual(await self.db.run("count", count, lane="large"), 2)
        self.assertEqual(aside, [])
        small = self.db.run("endless", self.endlessly)
        self.assertEqual(await self.db.run("count", count, lane="large"), 2)
        self.assertEqual(set(aside), {job.GIVE_WAY})
        small.cancel()
        self.failureResultOf(small, CancelledError)

    async def test_oneAfterTheOther(self) -> None:
        """Large runs that do not take long are executed by one thread, however many there are."""
        self.patch(lane, "LONG", 60.0)
        names = await defer.gatherResults(
            [self.db.run("name", lambda _: current_thread().name, lane="large") for _ in range(200)]
        )
        self.assertEqual(set(names), {"db-large-0"})

    async def test_stepsIn(self) -> None:
        """Those behind one that takes long are executed by another thread meanwhile; later ones by the first again."""
        held = self.db.run("endless", self.endlessly, lane="large")
        names = await defer.gatherResults(
            [self.db.run("name", lambda _: current_thread().name, lane="large") for _ in range(20)]
        )
        self.assertEqual(set(names), {"db-large-1"})
        held.cancel()
        self.failureResultOf(held, CancelledError)
        await until(lambda: not self.running("large"))
        self.assertEqual(await self.db.run("name", lambda _: current_thread().name, lane="large"), "db-large-0")

    async def test_parallel(self) -> None:
        """Two large runs are executed at the same time."""
        first, second = Event(), Event()

        def meet(mine: Event, other: Event) -> bool:
            mine.set()
            return other.wait(10)

        runs = [
            self.db.run("t", lambda _: meet(first, second), lane="large"),
            self.db.run("t", lambda _: meet(second, first), lane="large"),
        ]
        self.assertEqual(await defer.gatherResults(runs), [True, True])

    async def test_order(self) -> None:
        """Runs of a lane with one thread are answered in the order of their arrival."""
        answered: list[int] = []
        runs = [self.db.run("t", partial(give, n)).addCallback(answered.append) for n in range(500)]
        await defer.gatherResults(runs)
        self.assertEqual(answered, list(range(500)))

    async def test_longAnswers(self) -> None:
        """Answering many runs leaves room for other events between them."""
        turns: list[int] = []
        answered: list[None] = []

        def turn() -> None:
            turns.append(len(answered))
            if len(answered) < 50:
                reactor.callLater(0, turn)

        def work(_: None) -> None:
            time.sleep(0.002)
            answered.append(None)

        runs = [self.db.run("t", lambda _: None).addCallback(work) for _ in range(50)]
        turn()
        await defer.gatherResults(runs)
        self.assertGreater(len(set(turns)), 10)

    async def test_slow(self) -> None:
        """A transaction that takes longer than half a second is logged by its name."""
        with capturedLogs() as logs:
            await self.db.run("sluggish", lambda _: Event().wait(0.55))
        (event,) = [event for event in logs if event.get("name") == "sluggish"]
        self.assertEqual(event["log_level"], LogLevel.warn)

    async def test_metrics(self) -> None:
        """Runs are counted by name and lane, with the seconds that they waited and ran."""
        await self.db.run("t", lambda _: Event().wait(0.02), lane="large")
        await self.assertFailure(self.db.run("t", divide, lane="large"), ZeroDivisionError)
        numbers = self.db.metrics.runs["t", "large"]
        self.assertEqual((numbers.runs, numbers.failed, numbers.repeats), (2, 1, 0))
        self.assertGreaterEqual(numbers.runSeconds, 0.02)
        self.assertGreater(numbers.waitSeconds, 0)
        self.assertEqual(self.db.metrics.lanes["large"].outstanding, 0)
        self.assertEqual(self.db.metrics.lanes["large"].threads, 2)

    async def test_queueLimit(self) -> None:
        """More runs than the limit fail at once with Busy; when there is room again they are accepted."""
        db = self.open(self.url, queueLimit=2)
        runs = [db.run("endless", self.endlessly) for _ in range(2)]
        self.failureResultOf(db.run("count", count), Busy)
        self.assertEqual(db.metrics.lanes["small"].refused, 1)
        self.assertEqual(db.metrics.lanes["small"].waiting, 1)
        self.assertEqual(await db.run("count", count, lane="large"), 2)
        for running in runs:
            running.cancel()
            self.failureResultOf(running, CancelledError)
        self.assertEqual(await db.run("count", count), 2)

    async def test_patience(self) -> None:
        """A run that waited too long for its turn fails with Busy, and is not called."""
        db = self.open(self.url, patience=0.02)
        go = Event()
        first = db.run("t", lambda _: go.wait(10))
        second = db.run("count", count)
        await deferLater(reactor, 0.03)
        go.set()
        await first
        await self.assertFailure(second, Busy)

    async def test_stop(self) -> None:
        """Stopping the service cancels all runs and fires when the threads have ended; then runs are
        refused."""
        db = Database(self.url, reactor=reactor)
        db.startService()
        runs = [db.run("endless", self.endlessly, lane=lane) for lane in ("small", "small", "large")]
        await until(lambda: db._lanes["small"].threads[0].current)
        stopped = db.stopService()
        for running in runs:
            self.failureResultOf(running, CancelledError)
        await stopped
        self.assertFalse(any(t._thread.is_alive() for lane in db._lanes.values() for t in lane.threads))
        self.failureResultOf(db.run("count", count), DatabaseUnavailable)

    async def test_stamp(self) -> None:
        """The stamp changes at most ``freshness`` seconds after something was committed, and not
        otherwise."""
        writer = self.writer(self.url)
        self.addCleanup(writer.close)
        writer.execute("INSERT INTO t VALUES (3, 'y')")
        seen = await self.settledStamp()
        for number in range(3):
            writer.execute(f"INSERT INTO t VALUES ({number}, 'z')")
            await deferLater(reactor, self.db.freshness)
            self.assertNotEqual(self.db.stamp(), seen)
            seen = await self.settledStamp()

    async def settledStamp(self) -> int:
        """The stamp, when it was the same for half a second."""
        seen, since = self.db.stamp(), reactor.seconds()
        while reactor.seconds() - since < 0.5:
            await deferLater(reactor, 0.02)
            if self.db.stamp() != seen:
                seen, since = self.db.stamp(), reactor.seconds()
        return seen

    def running(self, lane: str) -> bool:
        return any(thread.current for thread in self.db._lanes[lane].threads)


class SQLiteRunTests(RunTests, OnSQLite):
    pass


class PostgreSQLRunTests(RunTests, OnPostgreSQL):
    pass


del RunTests


class UrlTests(OnSQLite):
    def test_unsupported(self) -> None:
        """A URL of another kind of database is refused with a sentence that says what is supported."""
        for url in (
            "mysql://u@h/d",
            "mysql+mysqldb://u@h/d",
            "oracle://u@h/d",
            "postgres://u@h/d",
            "nothing",
            "",
            "sqlite://",
        ):
            with self.assertRaises(ConfigError, msg=url) as caught:
                Database(url, reactor=reactor)
            self.assertIn("postgresql://", str(caught.exception))
            self.assertIn("sqlite:///", str(caught.exception))

    def test_parameters(self) -> None:
        """A parameter that would be ignored is refused by name."""
        with self.assertRaisesRegex(ConfigError, "serialize_access"):
            Database("sqlite:///state.sqlite?serialize_access=1", reactor=reactor)

    def test_paths(self) -> None:
        """Relative paths are relative to the base directory, absolute ones are not."""
        for url, path in (
            ("sqlite:///state.sqlite", "/srv/master/state.sqlite"),
            ("sqlite:////var/state.sqlite", "/var/state.sqlite"),
            ("sqlite:///%(basedir)s/state.sqlite", "/srv/master/state.sqlite"),
            ("sqlite:///../a%20b.sqlite", "/srv/a b.sqlite"),
        ):
            database = Database(url, reactor=reactor, basedir="/srv/master")
            self.assertEqual(database.location.path, path)

    def test_password(self) -> None:
        """The URL that is shown holds no password."""
        for driver in ("postgresql", "postgresql+psycopg", "postgresql+psycopg2"):
            shown = Database(f"{driver}://u:secret@h/d", reactor=reactor).location.shown
            self.assertNotIn("secret", shown)
            self.assertIn("h/d", shown)
