"""Reading a SQLite file that another process writes, in every state that its files can be in."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from threading import Event
from typing import Any

from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from buildbot.db.connector import Snapshot
from buildbot.db.sqlite import RECHECK, SETTLED
from buildbot.errors import DatabaseUnavailable
from buildbot.test.db.databases import OnSQLite, reactor
from buildbot.test.db.processes import ReaderProcess, WriterProcess, protect


def numbers(snapshot: Snapshot) -> list[int]:
    return [number for (number,) in snapshot.rows("SELECT a FROM t ORDER BY a", {})]


class FileTests(OnSQLite):
    """A file with a table of one row, whose writer has gone: there is no WAL."""

    def setUp(self) -> None:
        self.url = self.newUrl()
        self.path = self.url.removeprefix("sqlite:///")
        self.folder = os.path.dirname(self.path)
        self.fill(self.url, ["CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)"])
        self.db = self.open(self.url)

    async def numbers(self) -> list[int]:
        return await self.db.run("numbers", numbers)

    def files(self) -> list[str]:
        return sorted(os.listdir(self.folder))

    async def settle(self) -> None:
        await deferLater(reactor, SETTLED)

    async def test_nothingCreated(self) -> None:
        """Reading a file without a WAL makes no file beside it; neither does the stamp."""
        self.assertEqual(await self.numbers(), [1])
        self.db.stamp()
        self.assertEqual(self.files(), ["state.sqlite"])

    async def test_path(self) -> None:
        """Any name of a file is taken as it is."""
        for name in ("with space", "ques?tion", "ha#sh", "per%25cent", "größe", "a&b=c;d", "'quoted\""):
            path = os.path.join(self.folder, name)
            shutil.copy(self.path, path)
            db = self.open(f"sqlite:///{path.replace('%', '%25').replace('?', '%3F')}")
            self.assertEqual(await db.run("numbers", numbers), [1], name)

    async def test_commits(self) -> None:
        """What a writer has committed is seen by the next read, in its WAL and through its checkpoints."""
        writer = WriterProcess(self, self.path)
        expected = [1]
        for mode in ("PASSIVE", "FULL", "RESTART", "TRUNCATE"):
            for _ in range(3):
                expected.append(expected[-1] + 1)
                writer.execute(f"INSERT INTO t VALUES ({expected[-1]})")
                self.assertEqual(await self.numbers(), expected)
            writer.execute(f"PRAGMA wal_checkpoint({mode})")
            self.assertEqual(await self.numbers(), expected)

    async def test_writerComes(self) -> None:
        """A writer that comes after the first read is noticed, by reads and by the stamp."""
        self.assertEqual(await self.numbers(), [1])
        await self.settle()
        stamp = self.db.stamp()
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        self.assertNotEqual(self.db.stamp(), stamp)
        self.assertEqual(await self.numbers(), [1, 2])

    async def test_writerGoes(self) -> None:
        """A writer that ends between two reads takes its WAL with it; then no file is made, and nothing is
        missed."""
        self.assertEqual(await self.numbers(), [1])
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        writer.close()
        self.assertEqual(self.files(), ["state.sqlite"])
        self.assertEqual(await self.numbers(), [1, 2])
        self.assertEqual(self.files(), ["state.sqlite"])

    async def test_writerGoesWhileOpen(self) -> None:
        """A writer that ends while this process has the file open leaves its WAL; all of it is still read."""
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        self.assertEqual(await self.numbers(), [1, 2])
        writer.execute("INSERT INTO t VALUES (3)")
        writer.close()
        self.assertEqual(await self.numbers(), [1, 2, 3])
        again = WriterProcess(self, self.path)
        again.execute("INSERT INTO t VALUES (4)")
        self.assertEqual(await self.numbers(), [1, 2, 3, 4])

    async def test_writerKilled(self) -> None:
        """What a killed writer had committed is read from the WAL that it left, and a new writer goes on."""
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        writer.execute("BEGIN")
        writer.execute("INSERT INTO t VALUES (99)")
        writer.kill()
        self.assertIn("state.sqlite-wal", self.files())
        self.assertEqual(await self.numbers(), [1, 2])
        again = WriterProcess(self, self.path)
        again.execute("INSERT INTO t VALUES (3)")
        self.assertEqual(await self.numbers(), [1, 2, 3])

    async def test_repeated(self) -> None:
        """A read during which a file without a WAL changed is repeated, so that it is of one state."""
        between, written = Event(), Event()
        seen: list[tuple[list[int], list[int]]] = []

        def read(snapshot: Snapshot) -> tuple[list[int], list[int]]:
            first = numbers(snapshot)
            between.set()
            written.wait(10)
            seen.append((first, numbers(snapshot)))
            return seen[-1]

        running = self.db.run("twice", read)
        await deferToThread(between.wait, 10)
        self.fill(self.url, ["INSERT INTO t VALUES (2)"])
        written.set()
        self.assertEqual(await running, ([1, 2], [1, 2]))
        self.assertEqual(len(seen), 2)
        self.assertEqual(self.db.metrics.runs["twice", "small"].repeats, 1)

    async def test_errorOfATornRead(self) -> None:
        """An error that comes of a change during the read is not reported: the read is repeated."""
        calls: list[int] = []

        def read(snapshot: Snapshot) -> list[int]:
            found = numbers(snapshot)
            calls.append(len(found))
            if len(calls) == 1:
                self.fill(self.url, ["INSERT INTO t VALUES (2)"])
                raise ValueError("nonsense")
            return found

        self.assertEqual(await self.db.run("t", read), [1, 2])
        self.assertEqual(calls, [1, 2])

    async def test_replaced(self) -> None:
        """A file that another one took the place of is opened again, with and without a WAL."""
        for withLog in (False, True):
            if withLog:
                WriterProcess(self, self.path).execute("INSERT INTO t VALUES (2)")
            before = await self.numbers()
            stamp = self.db.stamp()
            self.fill(f"{self.url}.new", ["PRAGMA journal_mode=WAL", "CREATE TABLE t (a INTEGER)"])
            self.fill(f"{self.url}.new", [f"INSERT INTO t VALUES ({before[-1] + 100})"])
            for log in ("-wal", "-shm"):
                if withLog:
                    os.unlink(self.path + log)
            os.replace(f"{self.path}.new", self.path)
            await deferLater(reactor, RECHECK)
            self.assertNotEqual(self.db.stamp(), stamp)
            self.assertEqual(await self.numbers(), [before[-1] + 100])

    async def test_overwritten(self) -> None:
        """A file that is written over in place is read anew."""
        other = os.path.join(self.folder, "other")
        self.fill(f"sqlite:///{other}", ["CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (7)"])
        self.assertEqual(await self.numbers(), [1])
        await self.settle()
        stamp = self.db.stamp()
        subprocess.run(["cp", other, self.path], check=True)
        self.assertNotEqual(self.db.stamp(), stamp)
        self.assertEqual(await self.numbers(), [7])

    async def test_gone(self) -> None:
        """A file that goes away is reported, and read again when it is back."""
        self.assertEqual(await self.numbers(), [1])
        aside = f"{self.path}.aside"
        os.rename(self.path, aside)
        await self.failure(self.db.run("numbers", numbers), DatabaseUnavailable)
        os.rename(aside, self.path)
        self.assertEqual(await self.numbers(), [1])

    async def test_damaged(self) -> None:
        """A damaged file is reported as that."""
        self.fill(self.url, [f"INSERT INTO t VALUES ({number})" for number in range(2000)])
        size = os.path.getsize(self.path)
        subprocess.run(
            ["dd", "if=/dev/urandom", f"of={self.path}", "bs=4096", "seek=1", f"count={size // 4096 - 1}"],
            stderr=subprocess.DEVNULL,
            check=True,
        )
        error = await self.failure(self.db.run("numbers", numbers), DatabaseUnavailable)
        self.assertIn("damaged", str(error))

    async def test_stampOfFile(self) -> None:
        """The stamp of a file without a WAL stays the same once its last change is older than the clock's
        tick, and is another one at every call before that."""
        self.fill(self.url, ["INSERT INTO t VALUES (2)"])
        self.assertNotEqual(self.db.stamp(), self.db.stamp())
        await self.settle()
        self.assertEqual(self.db.stamp(), self.db.stamp())

    async def test_stampOfLog(self) -> None:
        """The stamp of a file with a WAL changes with every commit of the writer, and only then."""
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        self.assertEqual(self.db.stamp(), self.db.stamp())
        for _ in range(100):
            stamp = self.db.stamp()
            writer.execute("UPDATE t SET a = a + 1")
            self.assertNotEqual(self.db.stamp(), stamp)
        stamp = self.db.stamp()
        writer.execute("SELECT a FROM t")
        self.assertEqual(self.db.stamp(), stamp)

    async def test_cached(self) -> None:
        """What was read since a stamp is right as long as the stamp is the same, whatever the writer does to
        its files: tried with one that opens, commits and closes all the time."""
        cached: tuple[int, int] | None = None
        last = 1
        for number in range(2, 60):
            self.fill(self.url, [f"INSERT INTO t VALUES ({number})"])
            for _ in range(2):
                stamp = self.db.stamp()
                if cached is None or cached[0] != stamp:
                    cached = stamp, (await self.numbers())[-1]
                self.assertEqual(cached[1], number)
            last = number
        self.assertEqual((await self.numbers())[-1], last)

    async def test_race(self) -> None:
        """While a writer opens, changes two tables in one transaction and closes, again and again, every read
        finds them equal."""
        self.fill(self.url, ["CREATE TABLE u (a INTEGER)", "INSERT INTO u VALUES (1)"])
        done = Event()

        def write() -> None:
            try:
                for number in range(2, 150):
                    connection = sqlite3.connect(self.path, isolation_level=None, timeout=10)
                    connection.execute("BEGIN")
                    connection.execute(f"INSERT INTO t VALUES ({number})")
                    connection.execute(f"INSERT INTO u VALUES ({number})")
                    connection.execute("COMMIT")
                    connection.close()
            finally:
                done.set()

        def read(snapshot: Snapshot) -> list[tuple[Any, ...]]:
            counts = [snapshot.rows(f"SELECT count(*), max(a) FROM {table}", {})[0] for table in ("t", "u")]
            time.sleep(0.001)
            return [*counts, *snapshot.rows("SELECT count(*), max(a) FROM t", {})]

        writing = deferToThread(write)
        while not done.is_set():
            first, second, third = await self.db.run("race", read, deadline=20)
            self.assertEqual(first, second)
            self.assertEqual(first, third)
        await writing


class JournalTests(OnSQLite):
    """A file whose writer uses a rollback journal, as on a file system that cannot do WAL."""

    def setUp(self) -> None:
        self.url = self.newUrl()
        self.path = self.url.removeprefix("sqlite:///")
        self.fill(self.url, ["PRAGMA journal_mode=DELETE", "CREATE TABLE t (a INTEGER)"])
        self.fill(self.url, ["INSERT INTO t VALUES (1)"])
        self.db = self.open(self.url)
        self.other = WriterProcess(self, self.path)

    async def test_commits(self) -> None:
        """What was committed is seen, what is not is not."""
        self.other.execute("BEGIN")
        self.other.execute("INSERT INTO t VALUES (2)")
        self.assertIn("state.sqlite-journal", os.listdir(os.path.dirname(self.path)))
        self.assertEqual(await self.db.run("numbers", numbers), [1])
        stamp = self.db.stamp()
        self.other.execute("COMMIT")
        self.assertNotEqual(self.db.stamp(), stamp)
        self.assertEqual(await self.db.run("numbers", numbers), [1, 2])

    async def test_locked(self) -> None:
        """A writer that locks out readers for longer than a second is reported as that."""
        self.other.execute("BEGIN EXCLUSIVE")
        self.other.execute("INSERT INTO t VALUES (2)")
        error = await self.failure(self.db.run("numbers", numbers), DatabaseUnavailable)
        self.assertIn("locked", str(error))
        self.other.execute("ROLLBACK")
        self.assertEqual(await self.db.run("numbers", numbers), [1])

    async def test_killed(self) -> None:
        """A writer that was killed in the middle of a change must take it back itself; until then nothing is
        read."""
        self.fill(self.url, ["CREATE TABLE big (a TEXT)"])
        self.other.execute("PRAGMA cache_size = 1")
        self.other.execute("BEGIN")
        for _ in range(100):
            self.other.execute("INSERT INTO big VALUES (hex(zeroblob(4000)))")
        self.other.kill()
        error = await self.failure(self.db.run("numbers", numbers), DatabaseUnavailable)
        self.assertIn("start it again", str(error))
        WriterProcess(self, self.path).execute("INSERT INTO t VALUES (2)")
        self.assertEqual(await self.db.run("numbers", numbers), [1, 2])


class ReadOnlyTests(OnSQLite):
    """Files and a folder that the reading process may not write."""

    def setUp(self) -> None:
        self.url = self.newUrl()
        self.path = self.url.removeprefix("sqlite:///")
        self.fill(self.url, ["CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)"])

    def reader(self) -> ReaderProcess:
        protect(self, self.path)
        return ReaderProcess(self, self.path)

    def expect(self, reader: ReaderProcess, expected: Any) -> None:
        self.assertEqual(reader.read("SELECT a FROM t ORDER BY a"), expected)

    def test_withoutLog(self) -> None:
        """Without a WAL it is read."""
        reader = self.reader()
        self.expect(reader, [[1]])
        time.sleep(SETTLED)
        self.assertEqual(reader.stamp(), reader.stamp())

    def test_withLog(self) -> None:
        """With the WAL of a living writer it is read, every commit at once, and the stamp tells of each."""
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        reader = self.reader()
        self.expect(reader, [[1], [2]])
        for number in range(3, 6):
            stamp = reader.stamp()
            writer.execute(f"INSERT INTO t VALUES ({number})")
            self.assertNotEqual(reader.stamp(), stamp)
            self.expect(reader, [[n] for n in range(1, number + 1)])
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.expect(reader, [[n] for n in range(1, number + 1)])

    def test_writerGoes(self) -> None:
        """It goes on when the writer ends, and when one comes back."""
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        reader = self.reader()
        self.expect(reader, [[1], [2]])
        writer.close()
        self.expect(reader, [[1], [2]])
        self.unprotected(lambda: WriterProcess(self, self.path).execute("INSERT INTO t VALUES (3)"))
        self.expect(reader, [[1], [2], [3]])

    def test_writerKilled(self) -> None:
        """With the WAL of a killed writer it is read, and on from there with a new one."""
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        writer.kill()
        reader = self.reader()
        self.expect(reader, [[1], [2]])
        self.unprotected(lambda: WriterProcess(self, self.path).execute("INSERT INTO t VALUES (3)"))
        self.expect(reader, [[1], [2], [3]])

    def test_logWithoutIndex(self) -> None:
        """A WAL without its -shm cannot be read by who may not make one, and the sentence says that."""
        writer = WriterProcess(self, self.path)
        writer.execute("INSERT INTO t VALUES (2)")
        writer.kill()
        os.unlink(f"{self.path}-shm")
        self.assertIn("-shm is missing", self.reader().read("SELECT a FROM t"))

    def test_secret(self) -> None:
        """A file that may not be read is reported."""
        reader = self.reader()
        os.chmod(self.path, 0)
        self.assertIn("may not be read", reader.read("SELECT a FROM t"))

    def unprotected(self, act: Callable[[], Any]) -> None:
        folder = os.path.dirname(self.path)
        shutil.chown(folder, os.geteuid())
        os.chmod(folder, 0o755)
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o644)
        act()
        protect(self, self.path)
