"""Old events are forgotten: by age, by number, not while somebody needs them; who comes too late is told."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import gatherResults
from twisted.internet.task import Clock, deferLater

from buildbot.db.writes.changes import NewChange
from buildbot.db.writes.trim import BATCH, Keep, trim
from buildbot.errors import Gone
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import eventsOf
from buildbot.status.retention import PERIOD, Retention
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite, reactor
from buildbot.test.status.recording import RecorderCase

EVER = 10**9


class RetentionTests(RecorderCase):
    """A log of ten events, numbers 2 to 11."""

    async def begin(self, count: int = 10) -> None:
        self.prepare()
        await gatherResults([self.recorder.addChange(NewChange("a")) for _ in range(count)])
        assert self.recorder.source.cursor is not None
        self.cursor: Cursor = self.recorder.source.cursor

    async def trim(self, keep: Keep, needed: int | None = None, *, later: int = 0) -> Any:
        now = int(reactor.seconds()) + later
        return await self.recorder.writer.run("trim", lambda tx: trim(tx, now, keep, needed))

    async def left(self) -> list[int]:
        return [event.seq for event in await self.database.run("all", eventsOf)]

    async def test_number(self) -> None:
        """The newest are kept; a cursor right before them can be resumed, one before that is gone."""
        await self.begin()
        self.assertEqual(await self.trim(Keep(EVER, 3)), 7)
        self.assertEqual(await self.left(), [9, 10, 11])
        epoch = self.cursor.epoch
        read = await self.recorder.source.read(Cursor(epoch, 8))
        self.assertEqual([event.seq for event in read.events], [9, 10, 11])
        error = await self.failure(self.recorder.source.read(Cursor(epoch, 7)), Gone)
        self.assertEqual(error.extra["oldest"], f"{epoch}.8")

    async def test_age(self) -> None:
        """What is younger is kept."""
        await self.begin()
        self.assertEqual(await self.trim(Keep(100.0), later=50), 0)
        self.assertEqual(await self.trim(Keep(100.0), later=200), 10)
        self.assertEqual(await self.left(), [])
        self.assertEqual((await self.recorder.source.read(self.cursor)).events, [])

    async def test_needed(self) -> None:
        """What somebody needs is kept, up to a cap."""
        await self.begin()
        self.assertEqual(await self.trim(Keep(EVER, 2), 5), 3)
        self.assertEqual(await self.left(), [5, 6, 7, 8, 9, 10, 11])
        await self.trim(Keep(EVER, 2, cap=4), 5)
        self.assertEqual(await self.left(), [8, 9, 10, 11])

    async def test_epochs(self) -> None:
        """Epochs of which no cursor is left are forgotten; the one before the oldest event is not."""
        await self.begin()
        await self.recorder.stopService()
        again = self.newRecorder()
        await again.addChange(NewChange("a"))
        first = self.cursor
        await again.writer.run("trim", lambda tx: trim(tx, 0, Keep(EVER, 2)))
        self.assertEqual(await self.left(), [13])
        read = await again.source.read(Cursor((await again.source.read(first)).cursor.epoch, 12))
        self.assertEqual([event.seq for event in read.events], [13])
        await again.addChange(NewChange("a"))
        await again.writer.run("trim", lambda tx: trim(tx, 0, Keep(EVER, 1)))
        await self.failure(again.source.read(first), Gone)
        rows = await self.database.run("epochs", lambda s: s.rows("SELECT count(*) FROM status_epochs", {}))
        self.assertEqual(rows, [(1,)])

    async def test_forgotten(self) -> None:
        """Events that somebody else's writes made useless are forgotten whatever their age."""
        await self.begin()
        await self.recorder.stopService()
        self.fill(self.url, ["INSERT INTO masters VALUES (1, 'm', 'h', 0, 1700000000)"])
        again = self.newRecorder()
        await again.writer.run("trim", lambda tx: trim(tx, 0, Keep()))
        self.assertEqual(await self.left(), [])

    async def test_service(self) -> None:
        """It looks once a minute, and forgets all that is due, batch by batch."""
        await self.begin(2 * BATCH + 10)
        clock = Clock()
        retention = Retention(self.recorder.writer, Keep(EVER, 5), reactor=clock)
        retention.startService()
        self.addCleanup(retention.stopService)
        clock.advance(PERIOD - 1)
        self.assertEqual(self.recorder.writer.metrics.outstanding, 0)
        clock.advance(1)
        while retention.forgotten < 2 * BATCH + 5:
            await deferLater(reactor, 0.005)
        self.assertEqual(len(await self.left()), 5)


class RetentionOnSQLite(RetentionTests, OnSQLite):
    pass


class RetentionOnPostgreSQL(RetentionTests, OnPostgreSQL):
    pass


del RetentionTests
