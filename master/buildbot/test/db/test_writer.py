"""Group commit: order, savepoints, epochs, and a database that cannot be written for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table
from twisted.internet.defer import CancelledError, gatherResults
from twisted.internet.task import deferLater

from buildbot.db import own, schema
from buildbot.db.connector import Database
from buildbot.db.writer import Writer
from buildbot.db.writes.fingerprint import fingerprint
from buildbot.db.writes.transaction import Announcement, Transaction, insertInto
from buildbot.errors import DatabaseUnavailable, Gone
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import EventLog
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor

metadata = MetaData()
for table in (*own.metadata.sorted_tables, schema.masters):
    table.to_metadata(metadata)
for table in (schema.builds, schema.buildrequests, schema.buildsets, schema.changes, schema.steps, schema.logs):
    Table(table.name, metadata, *(Column(column.name, Integer, primary_key=True) for column in table.primary_key))
things = Table("things", metadata, Column("id", Integer, primary_key=True))
_INSERT = insertInto(things, "id")


class Describer:
    """Of things that are nothing but a key."""

    def tables(self, type: str) -> Sequence[str]:
        return ["things"]

    def plain(self, type: str) -> str | None:
        return "things"

    def records(self, tx: Transaction, type: str, keys: Sequence[int]) -> Iterable[tuple[int, Mapping[str, Any]]]:
        return [(key, {"id": key}) for key in keys]

    def row(self, announcement: Announcement, record: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"type": announcement.type, "key": announcement.key, "event": announcement.event, "body": "{}"}


class WriterTests(DatabaseCase):
    """A database with a table of things and a writer."""

    url: str
    database: Database

    def setUp(self) -> None:
        self.url = self.newUrl(metadata)
        self.places: list[Cursor] = []
        self.first = self.start()
        self.database = self.open(self.url)
        self.events = EventLog(self.database)

    def start(self) -> Writer:
        writer = Writer(
            self.url,
            reactor=reactor,
            describer=Describer(),
            committed=lambda epoch, seq: self.places.append(Cursor(epoch, seq)),
            fingerprint=fingerprint,
        )
        writer.startService()
        self.addCleanup(lambda: writer.stopService() if writer.running else None)
        return writer

    def add(self, key: int, writer: Writer | None = None) -> Any:
        def operation(tx: Transaction) -> int:
            tx.execute(_INSERT, {"id": key})
            tx.announce("things", key, "new")
            return key

        return (writer or self.first).run("add", operation)

    async def keys(self) -> list[int]:
        """Of all things that are stored."""
        rows = await self.database.run("keys", lambda snapshot: snapshot.rows("SELECT id FROM things ORDER BY id", {}))
        return [key for (key,) in rows]

    async def since(self, cursor: Cursor) -> list[int]:
        """The keys of all events after a cursor."""
        return [event.key for event in (await self.events.read(cursor)).events]

    async def began(self, writer: Writer | None = None) -> Cursor:
        """The cursor once the database is open."""
        await (writer or self.first).run("nothing", lambda tx: None)
        return self.places[-1]

    async def test_stored(self) -> None:
        """When an operation's Deferred fires, its rows and its event can be read, and the cursor is past the event."""
        before = await self.began()
        self.assertEqual(await self.add(7), 7)
        self.assertEqual(await self.keys(), [7])
        self.assertEqual(await self.since(before), [7])
        self.assertEqual(self.places[-1], await self.events.head())
        self.assertEqual(self.places[-1].seq, before.seq + 1)

    async def test_order(self) -> None:
        """Operations are executed and numbered in the order of the calls, many to one commit."""
        before = await self.began()
        commits = self.first.metrics.commits
        await gatherResults([self.add(1000 - n) for n in range(500)])
        self.assertEqual(await self.since(before), [1000 - n for n in range(500)])
        self.assertLess(self.first.metrics.commits - commits, 300)
        self.assertEqual(self.first.metrics.outstanding, 0)

    async def test_failed(self) -> None:
        """An operation that fails has stored and announced nothing, and takes nothing from those of the same commit."""
        before = await self.began()

        def fails(tx: Transaction) -> None:
            tx.execute(_INSERT, {"id": 2})
            tx.announce("things", 2, "new")
            raise ZeroDivisionError

        one, two, again, three = self.add(1), self.first.run("fails", fails), self.add(1), self.add(3)
        await one
        await self.failure(two, ZeroDivisionError)
        await self.failure(again, Exception)
        await three
        self.assertEqual((await self.keys(), await self.since(before)), ([1, 3], [1, 3]))
        self.assertIsNone(self.first.problem)

    async def test_stopped(self) -> None:
        """What was accepted before the stop is stored; what comes after it fails."""
        deferreds = [self.add(n) for n in range(50)]
        await self.first.stopService()
        await gatherResults(deferreds)
        self.assertEqual(len(await self.keys()), 50)
        await self.failure(self.add(50), DatabaseUnavailable)

    async def test_cancelled(self) -> None:
        """An operation that is cancelled in the queue is not executed."""
        await self.began()
        other = self.writer(self.url)
        other.execute("BEGIN")
        other.execute("UPDATE status_head SET oldest = oldest")
        held, deferred = self.add(1), self.add(2)
        deferred.cancel()
        other.execute("COMMIT")
        other.close()
        await self.failure(deferred, CancelledError)
        await held
        await self.add(3)
        self.assertEqual(await self.keys(), [1, 3])

    async def test_restarted(self) -> None:
        """Each start is an epoch of its own; cursors of the ones before it go on."""
        before = await self.began()
        await self.add(1)
        await self.first.stopService()
        second = self.start()
        after = await self.began(second)
        self.assertNotEqual(after.epoch, before.epoch)
        await self.add(2, second)
        self.assertEqual(await self.since(before), [1, 2])
        self.assertEqual(await self.since(after), [2])

    async def test_somebodyElse(self) -> None:
        """If somebody else wrote while no writer ran, every older cursor is gone, and the error names one that is
        not."""
        before = await self.began()
        await self.add(1)
        await self.first.stopService()
        self.fill(self.url, ["INSERT INTO masters VALUES (1, 'm', 'h', 0, 1700000000)"])
        second = self.start()
        after = await self.began(second)
        error = await self.failure(self.events.read(before), Gone)
        await self.add(2, second)
        self.assertEqual(await self.since(Cursor.parse(error.extra["oldest"])), [2])
        self.assertEqual(await self.since(after), [2])

    async def test_olderTables(self) -> None:
        """Where the log has not all columns yet, whoever writes or reads it is told what makes them."""
        before = await self.began()
        self.fill(self.url, ["ALTER TABLE status_events DROP COLUMN shape"])
        other = self.start()  # writes nothing: a new epoch would make cursors gone
        for asked in (self.add(7), self.add(8, other), self.events.read(before)):
            error: Any = await self.assertFailure(asked, DatabaseUnavailable)
            self.assertIn("'buildbot upgrade-db' brings them up to date", str(error))
        self.assertEqual(await self.events.head(), before)

    async def test_away(self) -> None:
        """While nothing can be stored, operations fail with a reason, and the writer says so; then it goes on by
        itself, and nothing that was confirmed is lost."""
        before = await self.began()
        await self.add(1)
        self.breakDatabase()
        error = await self.failure(self.add(2), DatabaseUnavailable)
        self.assertEqual(self.first.problem, str(error))
        self.repairDatabase()
        while self.first.problem is not None:
            await deferLater(reactor, 0.005)
        await self.add(3)
        self.assertEqual(await self.since(before), [1, 3])

    def breakDatabase(self) -> None:
        self.fill(self.url, ["ALTER TABLE status_events RENAME TO elsewhere"])

    def repairDatabase(self) -> None:
        self.fill(self.url, ["ALTER TABLE elsewhere RENAME TO status_events"])


class WriterOnSQLite(WriterTests, OnSQLite):
    async def test_full(self) -> None:
        """A full disk fails what does not fit, in words; what was confirmed stays, and it goes on when there is
        room."""
        before = await self.began()
        await self.first.run("limit", lambda tx: tx.rows("PRAGMA max_page_count = 1", {}))  # SQLite: the present size
        confirmed, error = 0, None
        while error is None:
            try:
                confirmed = await self.add(confirmed + 1)
            except DatabaseUnavailable as full:
                error = full
        self.assertIn("full", str(error))
        self.assertEqual(await self.since(before), list(range(1, confirmed + 1))[:500])
        self.assertEqual(await self.keys(), list(range(1, confirmed + 1)))


class WriterOnPostgreSQL(WriterTests, OnPostgreSQL):
    async def test_broken(self) -> None:
        """A connection that broke while nothing was written is replaced unnoticed, in a new epoch."""
        before = await self.began()
        await self.add(1)
        self.fill(
            self.url,
            [
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ],
        )
        await self.add(2)
        self.assertEqual(await self.since(before), [1, 2])
        self.assertNotEqual((await self.events.head()).epoch, before.epoch)

    async def test_two(self) -> None:
        """Two writers at once: every event once, and a reader that follows misses none."""
        before = await self.began()
        second = self.start()
        await self.began(second)
        deferreds = [self.add(n, (self.first, second)[n % 2]) for n in range(600)]
        seen: list[int] = []
        cursor = before
        while len(seen) < 600:
            read = await self.events.read(cursor, 50)
            seen += [event.key for event in read.events]
            cursor = read.cursor
        await gatherResults(deferreds)
        self.assertEqual(sorted(seen), list(range(600)))
        for parity in (0, 1):
            mine = [key for key in seen if key % 2 == parity]
            self.assertEqual(mine, sorted(mine))


del WriterTests
