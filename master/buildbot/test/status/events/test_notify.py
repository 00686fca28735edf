"""News from a PostgreSQL database that other processes write."""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from zope.interface.verify import verifyObject

from buildbot.db.writes.changes import NewChange
from buildbot.status.events.notify import NotifySource
from buildbot.status.events.source import IEventSource
from buildbot.test.db.databases import OnPostgreSQL
from buildbot.test.status.recording import RecorderCase

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class NotifyTests(RecorderCase, OnPostgreSQL):
    """A recorder, and a source that has other connections to the same database, as another process has."""

    timeout = 30

    def setUp(self) -> None:
        self.prepare()
        self.source = self.newSource()

    def newSource(self) -> NotifySource:
        source = NotifySource(self.open(self.url))
        source.startService()
        self.addCleanup(source.stopService)
        return source

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
        await self.change()
        await self.arrived()

    async def test_news(self) -> None:
        """Each commit is news, without a look in between; everything up to the cursor can be read."""
        await self.change()
        await self.arrived()
        cursor = self.source.cursor
        assert cursor is not None
        keys = [await self.change() for _ in range(3)]
        keys += await gatherResults([self.change() for _ in range(50)])
        await self.arrived()
        read = await self.source.read(cursor)
        self.assertEqual([event.key for event in read.events], keys)
        self.assertEqual(read.cursor, self.source.cursor)

    async def test_cut(self) -> None:
        """When its connections are cut, it connects again, and what was committed meanwhile is news."""
        await self.change()
        await self.arrived()
        cursor = self.source.cursor
        assert cursor is not None
        for _ in range(3):
            self.fill(self.url, [CUT])
            await self.change()
            await self.arrived()
        self.assertEqual(len((await self.source.read(cursor)).events), 3)

    async def test_several(self) -> None:
        """Several recorders write, and one that follows the cursor sees every event once."""
        await self.change()
        await self.arrived()
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
