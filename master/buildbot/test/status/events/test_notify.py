"""News from a database that other processes write."""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from zope.interface.verify import verifyObject

from buildbot.db.writes.changes import NewChange
from buildbot.errors import DatabaseUnavailable
from buildbot.status.events.notify import NotifySource
from buildbot.status.events.source import IEventSource
from buildbot.status.events.tail import StampSource, TailSource
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite, reactor
from buildbot.test.status.recording import RecorderCase, metadata

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class TailTests(RecorderCase):
    """A recorder, and a source that has other connections to the same database, as another process has."""

    timeout = 30
    kind: type[TailSource]

    async def setUp(self) -> None:  # type: ignore[override]  # trial takes a coroutine, too
        self.prepare()
        await self.change()
        self.source = self.kind(self.open(self.url))
        self.addCleanup(self.source.stopService)
        await self.source.start()

    def change(self) -> Deferred[int]:
        return self.recorder.addChange(NewChange("a"))

    async def arrived(self) -> None:
        """Wait until the source has seen all that the recorder has committed."""
        while self.source.cursor is None or self.source.cursor != self.recorder.source.cursor:
            await self.news()

    async def news(self) -> None:
        """Wait until the source tells."""
        told: Deferred[None] = Deferred()
        stop = self.source.listen(partial(told.callback, None))
        await told
        stop()

    async def test_interface(self) -> None:
        """It is an event source."""
        verifyObject(IEventSource, self.source)

    async def test_nothing(self) -> None:
        """It does not start where there is no log, or nothing in it."""
        for tables in (None, metadata):
            source = self.kind(self.open(self.newUrl(tables)))
            await self.assertFailure(source.start(), DatabaseUnavailable)
            self.assertFalse(source.running)

    async def test_again(self) -> None:
        """A log that is away and comes back is news; meanwhile it says what is wrong."""
        self.fill(self.url, ["ALTER TABLE status_head RENAME TO gone"])
        while self.source.problem is None:
            await deferLater(reactor, 0.01)
        self.assertIn("cannot be found", self.source.problem)
        self.fill(self.url, ["ALTER TABLE gone RENAME TO status_head"])
        await self.change()
        await self.arrived()
        self.assertIsNone(self.source.problem)

    async def test_news(self) -> None:
        """Each commit is news, without a look in between; everything up to the cursor can be read."""
        cursor = self.source.cursor
        assert cursor is not None
        keys = [await self.change() for _ in range(3)]
        keys += await gatherResults([self.change() for _ in range(50)])
        await self.arrived()
        read = await self.source.read(cursor)
        self.assertEqual([event.key for event in read.events], keys)
        self.assertEqual(read.cursor, self.source.cursor)

    async def test_several(self) -> None:
        """Several recorders write, and one that follows the cursor sees every event once."""
        second = self.newRecorder()
        cursor: Any = self.source.cursor
        writing = [(self.recorder, second)[n % 2].addChange(NewChange(str(n))) for n in range(200)]
        seen: list[int] = []
        while len(seen) < 200:
            if self.source.cursor == cursor:
                await self.news()
            read = await self.source.read(cursor)
            seen += [event.key for event in read.events]
            cursor = read.cursor
        self.assertEqual(sorted(seen), sorted(await gatherResults(writing)))
        self.assertEqual(len(set(seen)), 200)


class StampTests(TailTests, OnSQLite):
    kind = StampSource


class NotifyTests(TailTests, OnPostgreSQL):
    kind = NotifySource

    async def test_cut(self) -> None:
        """When its connections are cut, it connects again, and what was committed meanwhile is news."""
        cursor = self.source.cursor
        assert cursor is not None
        for _ in range(3):
            self.fill(self.url, [CUT])
            await self.change()
            await self.arrived()
        self.assertEqual(len((await self.source.read(cursor)).events), 3)


del TailTests
