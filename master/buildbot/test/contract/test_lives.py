"""What the recorder stores and announces, over random lives: the events tell everything that the lists show."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from operator import methodcaller
from random import Random, SystemRandom
from typing import Any

from twisted.internet.defer import Deferred, gatherResults

from buildbot.scripts.lives import Lives
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.event import Event
from buildbot.status.events.log import eventsOf
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite
from buildbot.test.status.recording import RecorderCase

SEED = os.environ.get("BUILDBOT_LIVES_SEED") or str(SystemRandom().randrange(10**6))
LIVES = int(os.environ.get("BUILDBOT_LIVES", "12"))

TYPES = {cls.Plural: cls for cls in catalogue().types.values() if cls.Topics and cls.Key is not None}
"""Those whose events hold their records."""
HEARTBEATS = {("masters", "last_active")}
"""Fields whose changes alone are no event."""

MUST_BE_EMPTY = {
    "no stamp": "SELECT id FROM buildsets WHERE id NOT IN (SELECT buildsetid FROM buildset_sourcestamps)",
    "no scheduler": "SELECT id FROM buildsets WHERE id NOT IN "
    "(SELECT buildsetid FROM buildset_properties WHERE property_name = 'scheduler')",
    "results of sets": "SELECT id FROM buildsets WHERE (complete = 0) <> (results = -1)",
    "results of requests": "SELECT id FROM buildrequests WHERE (complete = 0) <> (results = -1)",
    "time of completion": "SELECT id FROM buildrequests WHERE (complete = 0) <> (complete_at IS NULL)",
    "a set that is left": "SELECT s.id FROM buildsets s WHERE complete = 0 AND NOT EXISTS "
    "(SELECT 1 FROM buildrequests r WHERE r.buildsetid = s.id AND r.complete = 0)",
    "a build without a claim": "SELECT b.id FROM builds b WHERE results <> 5 AND NOT EXISTS "
    "(SELECT 1 FROM buildrequest_claims c WHERE c.brid = b.buildrequestid)",
    "results of builds": "SELECT id FROM builds WHERE (complete_at IS NULL) <> (results IS NULL)",
    "the first step": "SELECT id FROM steps WHERE number = 0 AND name <> 'worker_preparation'",
    "the claim of what is complete": "SELECT id FROM buildrequests WHERE complete <> 0 AND id NOT IN "
    "(SELECT brid FROM buildrequest_claims)",
    "what a worker says": "SELECT id FROM workers WHERE info NOT LIKE '{%%}'",
    "links": "SELECT id FROM steps WHERE urls_json NOT LIKE '[%%]'",
    "numbers of steps": "SELECT buildid FROM steps GROUP BY buildid HAVING COUNT(*) <> MAX(number) + 1",
    "chunks that follow each other": "SELECT logid FROM logchunks c WHERE first_line > 0 AND NOT EXISTS "
    "(SELECT 1 FROM logchunks b WHERE b.logid = c.logid AND b.last_line = c.first_line - 1)",
    "compression": "SELECT logid FROM logchunks WHERE compressed NOT IN (0, 1)",
    "lines": "SELECT l.id FROM logs l WHERE num_lines <> "
    "(SELECT COALESCE(SUM(last_line - first_line + 1), 0) FROM logchunks c WHERE c.logid = l.id)",
    "logs that are left": "SELECT l.id FROM logs l JOIN steps s ON s.id = l.stepid "
    "WHERE l.complete = 0 AND s.complete_at IS NOT NULL",
    "after the end": "SELECT id FROM masters WHERE active <> 0 UNION SELECT masterid FROM builder_masters "
    "UNION SELECT masterid FROM scheduler_masters UNION SELECT masterid FROM connected_workers",
}
"""What a writer must keep to so that a stock master can take the database."""


class LivesTests(RecorderCase):
    """Two masters, and lives that are played together."""

    timeout = 120

    def setUp(self) -> None:
        sys.stdout.write(f"\n{type(self).__name__}: seed {SEED}\n")
        self.prepare()
        self.lives = Lives(self.recorder, Random(SEED), self.turn)

    async def turn(self) -> None:
        pass

    async def play(self, count: int) -> None:
        """Lives, four at a time."""
        left = iter(range(count))

        async def some() -> None:
            for _ in left:
                await self.lives.one()

        await gatherResults([Deferred.fromCoroutine(some()) for _ in range(4)])

    async def lists(self) -> dict[str, dict[int, dict[str, Any]]]:
        """Every record of every type that has events, by key."""
        found = {}
        for type, cls in TYPES.items():
            assert cls.Key is not None
            key = cls.Key.name
            records = await self.all(type, limit=10_000)
            found[type] = {record[key]: self.without(type, record) for record in records}
        return found

    def without(self, type: str, record: Any) -> dict[str, Any]:
        return {name: value for name, value in record.items() if (type, name) not in HEARTBEATS}

    async def since(self, cursor: Cursor) -> list[Event]:
        events: list[Event] = []
        while True:
            read = await self.recorder.source.read(cursor)
            events += read.events
            cursor = read.cursor
            if read.complete:
                return events

    async def test_equal(self) -> None:
        """Old lists and events are the new lists, from wherever one begins."""
        await self.lives.begin()
        await self.play(LIVES)
        cursor, old = self.recorder.source.cursor, await self.lists()
        assert cursor is not None
        await self.play(LIVES)
        await self.lives.end()
        new = await self.lists()
        for event in await self.since(cursor):
            if event.type not in TYPES or event.event in ("append", "missing"):
                continue  # An append is said in lines; a worker that is missing has not changed.
            record = self.without(event.type, event.record)
            before = old[event.type].get(event.key)
            if event.changed is None:
                self.assertIsNone(before, event)
            else:
                assert before is not None
                self.assertEqual(
                    {name: before[name] for name in self.without(event.type, event.old)},
                    self.without(event.type, event.old),
                )
            old[event.type][event.key] = record
        for type in TYPES:
            self.assertEqual(old[type], new[type])

    async def told(self, topics: Sequence[str], since: Cursor, **query: Any) -> AsyncIterator[Any]:
        """What a subscription gives, up to the end."""
        service = StatusService(self.database, catalogue(), events=self.recorder.source, logIsHere=True)
        subscription = await service.subscribe(topics, since=str(since), **query)
        while (batch := await subscription.nextBatch(patient=False)).changes:
            for change in batch.changes:
                yield change
        subscription.close()

    async def test_conflated(self) -> None:
        """Old lists and the newest state of what has changed are the new lists, with and without a filter."""
        await self.lives.begin()
        await self.play(LIVES)
        cursor, old = self.recorder.source.cursor, await self.lists()
        assert cursor is not None
        running = {key for key, build in old["builds"].items() if not build["complete"]}
        await self.play(LIVES)
        new = await self.lists()
        times: Counter[Any] = Counter()
        async for change in self.told([f"{type}/*/*" for type in TYPES], cursor, conflate=True):
            type, fields = change.event.type, TYPES[change.event.type].Fields
            times[type, change.event.key] += 1
            record = {name: value for name, value in change.record.items() if name in fields}
            old[type][change.event.key] = self.without(type, record)
        for type in TYPES:
            self.assertEqual(old[type], new[type])
        self.assertEqual(set(times.values()), {1})
        async for change in self.told(["builds/*/*"], cursor, conflate=True, complete=False):
            running.discard(change.event.key) if change.left else running.add(change.event.key)
        self.assertEqual(running, {key for key, build in new["builds"].items() if not build["complete"]})

    async def test_text(self) -> None:
        """The lines of all logs, as they are told, are the logs."""
        await self.lives.begin()
        cursor = self.recorder.source.cursor
        assert cursor is not None
        await self.play(LIVES)
        await self.lives.end()
        texts: dict[int, str] = dict.fromkeys((await self.lists())["logs"], "")
        async for change in self.told(["logs/*/append"], cursor, content=True):
            self.assertNotIn("missing", change.extra)
            texts[change.event.key] += change.extra["content"]
        for key, text in texts.items():
            [record] = await self.all(f"logs/{key}/contents")
            self.assertEqual(text, record["content"])

    async def test_words(self) -> None:
        """Every event is a word of its type's topics; every thing is announced as new or by what it begins with."""
        await self.lives.begin()
        await self.play(LIVES)
        await self.lives.end()
        words = {cls.Plural: cls.Topics.split() for cls in catalogue().types.values()}
        events = await self.database.run("all", eventsOf)
        for event in events:
            self.assertIn(event.event, words[event.type])
        new = {event.type for event in events if event.event == "new"}
        for (type, key), first in {(e.type, e.key): e for e in reversed(events)}.items():
            if type in new:
                self.assertEqual(first.event, "new", (type, key))

    async def test_rows(self) -> None:
        """The rows are what Buildbot's are."""
        await self.lives.begin()
        await self.play(2 * LIVES)
        await self.lives.end()
        for what, sql in MUST_BE_EMPTY.items():
            self.assertEqual(await self.database.run("check", methodcaller("rows", sql, {})), [], what)


class LivesOnSQLite(LivesTests, OnSQLite):
    pass


class LivesOnPostgreSQL(LivesTests, OnPostgreSQL):
    pass


del LivesTests
