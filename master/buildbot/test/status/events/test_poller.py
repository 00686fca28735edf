"""The poller of ``attach``, beside a database that somebody else writes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from buildbot.db import schema
from buildbot.db.connector import Database
from buildbot.db.statefile import MEMORY, StateFile
from buildbot.db.writes.trim import Keep
from buildbot.errors import DatabaseUnavailable, Gone
from buildbot.status.events import looks, records
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.event import Event
from buildbot.status.events.poller import PollerSource
from buildbot.status.level import Level, steady
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor, temporaryFolder

NEVER = 1e6
"""Seconds: looks are had by hand."""
CONFIGURED = [
    "INSERT INTO masters (id, name, name_hash, active, last_active) VALUES (1, 'm', 'm', 1, 10)",
    "INSERT INTO workers (id, name, info) VALUES (1, 'w', '{}')",
    "INSERT INTO projects (id, name, name_hash, slug) VALUES (1, 'p', 'p', 'p')",
    "INSERT INTO builders (id, name, name_hash, projectid) VALUES (1, 'b', 'b', 1)",
    "INSERT INTO builder_masters (id, builderid, masterid) VALUES (1, 1, 1)",
    "INSERT INTO schedulers (id, name, name_hash, enabled) VALUES (1, 's', 's', 1)",
    "INSERT INTO scheduler_masters (schedulerid, masterid) VALUES (1, 1)",
    "INSERT INTO sourcestamps (id, ss_hash, created_at) VALUES (1, 'h', 10)",
]
BEGUN = [
    "INSERT INTO buildsets (id, reason, submitted_at, complete, results) VALUES ({0}, 'r', 20, 0, -1)",
    "INSERT INTO buildset_sourcestamps (id, buildsetid, sourcestampid) VALUES ({0}, {0}, 1)",
    "INSERT INTO buildrequests (id, buildsetid, builderid, priority, complete, results, submitted_at, waited_for)"
    " VALUES ({0}, {0}, 1, 0, 0, -1, 20, 0)",
    "INSERT INTO buildrequest_claims (brid, masterid, claimed_at) VALUES ({0}, 1, 21)",
    "INSERT INTO builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, locks_duration_s,"
    " state_string) VALUES ({0}, {0}, 1, {0}, 1, 1, 21, 0, 'created')",
]
STEPPED = [
    "INSERT INTO build_properties (buildid, name, value, source) VALUES ({0}, 'a', '1', 's')",
    "UPDATE builds SET state_string = 'building' WHERE id = {0}",
    "INSERT INTO steps (id, number, name, buildid, started_at, state_string, urls_json, hidden)"
    " VALUES ({0}, 0, 'sh', {0}, 22, 'pending', '[]', 0)",
    "INSERT INTO logs (id, name, slug, stepid, complete, num_lines, type) VALUES ({0}, 'l', 'l', {0}, 0, 7, 's')",
]
ENDED = [
    "UPDATE logs SET num_lines = 9, complete = 1 WHERE id = {0}",
    "UPDATE steps SET complete_at = 23, results = 0, state_string = 'done' WHERE id = {0}",
    "INSERT INTO build_properties (buildid, name, value, source) VALUES ({0}, 'b', '[2]', 's')",
    "UPDATE builds SET complete_at = 24, results = 0, state_string = 'ended' WHERE id = {0}",
    "UPDATE buildrequests SET complete = 1, complete_at = 24, results = 0 WHERE id = {0}",
    "UPDATE buildsets SET complete = 1, complete_at = 24, results = 0 WHERE id = {0}",
]
LIFE = [
    "buildsets/new",
    "buildrequests/new",
    "buildrequests/claimed",
    "builds/new",
    "properties/update",
    "steps/new",
    "steps/started",
    "logs/new",
    "logs/append",
    "logs/finished",
    "steps/finished",
    "builds/finished",
    "buildrequests/complete",
    "buildsets/complete",
]


def told(events: Sequence[Event]) -> Sequence[str]:
    return [f"{event.type}/{event.event}" for event in events]


class PollerTests(DatabaseCase):
    url: str
    database: Database
    source: PollerSource
    path: str
    start: Cursor
    keep = Keep()

    async def begin(self, rows: Sequence[str] = CONFIGURED) -> None:
        """A database with some rows, and a poller that has had its first look."""
        self.url = self.newUrl(schema.metadata)
        self.write(*rows)
        self.database = self.open(self.url)
        self.path = os.path.join(temporaryFolder(self), "own", "state.sqlite")
        self.source = await self.another()
        assert self.source.cursor is not None
        self.start = self.source.cursor

    async def another(self, path: str = "") -> PollerSource:
        """A process more, that has caught up."""
        source = PollerSource(
            self.database,
            catalogue(),
            StateFile(path or self.path),
            reactor=reactor,
            period=NEVER,
            keep=self.keep,
        )
        self.addCleanup(lambda: source.stopService() if source.running else None)
        await source.start()
        return source

    def write(self, *statements: str) -> None:
        self.fill(self.url, ["BEGIN", *statements, "COMMIT"])

    async def seen(self, *statements: str) -> Sequence[Event]:
        """The events of a look after some statements, which are one transaction."""
        assert self.source.cursor is not None
        before = self.source.cursor
        self.write(*statements)
        self.source._stamp = -1  # PostgreSQL's may be half a second old
        await self.source.look()
        return (await self.source.read(before)).events

    async def test_first(self) -> None:
        """What is there when it begins is no news; nothing happens while nothing happens."""
        await self.begin([*CONFIGURED, *(each.format(1) for each in (*BEGUN, *STEPPED))])
        self.assertEqual((await self.source.read(self.start)).events, [])
        self.assertEqual(await self.seen(), [])

    async def test_betweenTwoLooks(self) -> None:
        """Of a build of which no look saw anything, everything begins and ends, in the order in which it must have."""
        await self.begin()
        events = await self.seen(*(each.format(5) for each in (*BEGUN, *STEPPED, *ENDED)))
        self.assertEqual(told(events), LIFE)
        self.assertEqual({event.key for event in events}, {5})
        self.assertEqual(await self.seen(), [])

    async def test_lookByLook(self) -> None:
        """What is seen piece by piece is announced once, with what was different."""
        await self.begin()
        first = await self.seen(*(each.format(5) for each in BEGUN))
        self.assertEqual(told(first), LIFE[:4])
        second = await self.seen(*(each.format(5) for each in STEPPED))
        self.assertEqual(told(second), ["builds/update", "properties/update", *LIFE[5:9]])
        self.assertEqual((second[0].old, second[0].record["state_string"]), ({"state_string": "created"}, "building"))
        self.assertEqual((second[1].record, second[1].parents), ({"a": [1, "s"]}, {"buildid": 5}))
        self.assertEqual(second[-1].record, {"logid": 5, "first": 0, "last": 6})
        third = await self.seen(*(each.format(5) for each in ENDED))
        expected = ["logs/append", *LIFE[9:11], "properties/update", *LIFE[11:]]
        self.assertEqual(sorted(told(third)), sorted(expected))
        self.assertEqual([each for each in told(third) if each != "properties/update"], ["logs/append", *LIFE[9:]])
        lines = [event.record for event in third if event.event == "append"]
        self.assertEqual(lines, [{"logid": 5, "first": 7, "last": 8}])
        self.assertEqual(await self.seen(), [])

    async def test_record(self) -> None:
        """An event has the record exactly as GET gives it."""
        await self.begin()
        events = await self.seen(*(each.format(5) for each in (*BEGUN, *STEPPED, *ENDED)))
        service = StatusService(self.database, catalogue())
        for event in events:
            if event.type != "properties" and event.event != "append":
                answer = await service.get(f"{event.type}/{event.key}")
                self.assertEqual(event.record, answer.records[0].asDict(), event)

    async def test_parts(self) -> None:
        """What a build asked for is announced between its beginning and its end, and a build after the one before."""
        await self.begin()
        first = [each.format(5) for each in (*BEGUN, *STEPPED, *ENDED)]
        below = [each.format(6) for each in (*BEGUN, *STEPPED, *ENDED)]
        after = [each.format(7) for each in (*BEGUN, *STEPPED)]
        events = await self.seen(*first, *below, *after, "UPDATE buildsets SET parent_buildid = 5 WHERE id = 6")
        of = {key: [n for n, event in enumerate(events) if event.key == key] for key in (5, 6, 7)}
        build = [n for n in of[5] if events[n].type == "builds"]
        self.assertTrue(build[0] < min(of[6]) and max(of[6]) < build[1] and max(of[5]) < min(of[7]), told(events))

    async def test_requests(self) -> None:
        """A claim that is given back, and another one."""
        await self.begin()
        await self.seen(*(each.format(5) for each in BEGUN))
        self.assertEqual(told(await self.seen("DELETE FROM buildrequest_claims")), ["buildrequests/unclaimed"])
        again = "INSERT INTO buildrequest_claims (brid, masterid, claimed_at) VALUES (5, 1, {0})"
        self.assertEqual(told(await self.seen(again.format(30))), ["buildrequests/claimed"])
        events = await self.seen("DELETE FROM buildrequest_claims", again.format(40))
        self.assertEqual(told(events), ["buildrequests/claimed"])

    async def test_cancelled(self) -> None:
        """A request that ends so without a build was cancelled while it waited; it is said after its end, also where
        that had to wait for what else was new."""
        await self.begin()
        self.patch(records, "MOST", 4)
        self.patch(looks, "MOST", 4)
        waiting = BEGUN[:3]
        cancelled = [
            "INSERT INTO buildrequest_claims (brid, masterid, claimed_at) VALUES ({0}, 1, 23)",
            "UPDATE buildrequests SET complete = 1, complete_at = 23, results = 6 WHERE id = {0}",
            "UPDATE buildsets SET complete = 1, complete_at = 23, results = 6 WHERE id = {0}",
        ]
        await self.seen(*(each.format(5) for each in waiting))
        ends = ["buildrequests/complete", "buildrequests/cancel", "buildsets/complete"]
        events = await self.seen(*(each.format(5) for each in cancelled))
        self.assertEqual(told(events), ["buildrequests/claimed", *ends])
        many = await self.seen(*(each.format(n) for n in range(6, 16) for each in (*waiting, *cancelled)))
        self.assertEqual([told([e for e in many if e.key == n]) for n in range(6, 16)], [[*LIFE[:3], *ends]] * 10)
        built = [*(each.format(20) for each in BEGUN), "UPDATE builds SET complete_at = 24, results = 6 WHERE id = 20"]
        self.assertNotIn(
            "buildrequests/cancel", told(await self.seen(*built, *(cancelled[n].format(20) for n in (1, 2))))
        )

    async def test_priority(self) -> None:
        """That a request waits with another priority is an update."""
        await self.begin()
        await self.seen(*(each.format(5) for each in BEGUN[:3]))
        [event] = await self.seen("UPDATE buildrequests SET priority = 7")
        self.assertEqual((event.event, event.old, event.record["priority"]), ("update", {"priority": 0}, 7))

    async def test_configured(self) -> None:
        """Workers, masters, builders and schedulers: what they are, what they begin and what they stop."""
        await self.begin()
        for statement, expected in (
            ("INSERT INTO connected_workers (id, masterid, workerid) VALUES (1, 1, 1)", ["workers/connected"]),
            ("UPDATE workers SET paused = 1", ["workers/state_updated"]),
            ("DELETE FROM connected_workers", ["workers/disconnected"]),
            ("UPDATE schedulers SET enabled = 0", ["schedulers/updated"]),
            ("UPDATE masters SET last_active = 99", []),
            ("DELETE FROM scheduler_masters", ["schedulers/updated"]),
            ("UPDATE builders SET description = 'd'", ["builders/update"]),
            ("DELETE FROM builder_masters", ["builders/stopped", "projects/update"]),
            ("UPDATE masters SET active = 0", ["masters/stopped"]),
            ("UPDATE masters SET active = 1", ["masters/started"]),
            ("INSERT INTO workers (id, name, info) VALUES (2, 'x', '{}')", ["workers/state_updated"]),
            ("INSERT INTO changes (changeid, author, comments, when_timestamp, sourcestampid)"
             " VALUES (3, 'a', 'c', 5, 1)", ["changes/new"]),
        ):  # fmt: skip
            with self.subTest(statement=statement):
                self.assertEqual(told(await self.seen(statement)), expected)

    async def test_late(self) -> None:
        """What was given its id earlier, and is committed later, is new as well."""
        await self.begin()
        columns = "changeid, author, comments, when_timestamp, sourcestampid"
        change = f"INSERT INTO changes ({columns}) VALUES ({{}}, 'a', 'c', 5, 1)"
        self.assertEqual([event.key for event in await self.seen(change.format(9))], [9])
        self.assertEqual([event.key for event in await self.seen(change.format(8), change.format(10))], [8, 10])
        self.assertEqual([event.key for event in await self.seen(change.format(7))], [7])

    async def test_again(self) -> None:
        """The next process announces what ended and began meanwhile, once; cursors of the one before go on."""
        await self.begin()
        await self.seen(*(each.format(5) for each in (*BEGUN, *STEPPED)))
        before = self.source.cursor
        await self.source.stopService()
        self.write(*(each.format(5) for each in ENDED), *(each.format(6) for each in BEGUN))
        self.source = await self.another()
        assert before is not None
        events = (await self.source.read(before)).events
        self.assertEqual(
            [(event.key, event.event) for event in events if event.type == "builds"], [(5, "finished"), (6, "new")]
        )
        everything = (await self.source.read(self.start)).events
        once = [(event.type, event.key, event.event) for event in everything if event.event not in ("append", "update")]
        self.assertEqual(len(once), len(set(once)))
        await self.source.stopService()
        self.source = await self.another()
        self.assertEqual((await self.source.read(self.start)).events, everything)

    async def test_olderCopy(self) -> None:
        """A database that is not what it was: what was said of it is gone, and what is there now is no news."""
        await self.begin()
        await self.seen(*(each.format(5) for each in (*BEGUN, *STEPPED, *ENDED)))
        await self.seen(*(each.format(6) for each in (*BEGUN, *STEPPED, *ENDED)))
        before = self.source.cursor
        for table in ("logs", "steps", "build_properties", "builds", "buildrequest_claims", "buildrequests"):
            key = {"build_properties": "buildid", "buildrequest_claims": "brid"}.get(table, "id")
            self.write(f"DELETE FROM {table} WHERE {key} = 6")
        self.source._stamp = -1
        await self.source.look()
        assert before is not None and self.source.cursor is not None
        await self.failure(self.source.read(before), Gone)
        self.assertEqual((await self.source.read(self.source.cursor)).events, [])
        events = await self.seen(*(each.format(7) for each in BEGUN))
        self.assertIn("builds/new", told(events))

    async def test_olderCopyAway(self) -> None:
        """The same, if the database goes away before it has been looked at as a new one: nothing in it is news."""
        await self.begin()
        await self.seen(*(each.format(5) for each in (*BEGUN, *STEPPED, *ENDED)))
        self.write("UPDATE builds SET started_at = 7 WHERE id = 5")
        run, names = self.database.run, iter(["events.look", "away"])

        def interrupted(name: str, fn: Any, **more: Any) -> Any:
            return run(name, fn, **more) if next(names, "") != "away" else fail(DatabaseUnavailable("away"))

        self.patch(self.database, "run", interrupted)
        self.source._stamp = -1
        await self.failure(self.source.look(), DatabaseUnavailable)
        await self.source.look()
        assert self.source.cursor is not None
        self.assertEqual((await self.source.read(self.source.cursor)).events, [])
        self.assertEqual(told(await self.seen(*(each.format(7) for each in BEGUN))), LIFE[:4])

    async def test_otherDatabaseLater(self) -> None:
        """The same, if it came while no process was looking: also where ids have been given anew."""
        await self.begin()
        await self.seen(*(each.format(5) for each in (*BEGUN, *STEPPED, *ENDED)))
        before = self.source.cursor
        await self.source.stopService()
        self.write("UPDATE builds SET started_at = 7 WHERE id = 5")
        self.source = await self.another()
        assert before is not None
        await self.failure(self.source.read(before), Gone)

    async def test_many(self) -> None:
        """More than one look takes: everything once, and nothing ends before all of it was new."""
        self.patch(records, "MOST", 4)
        self.patch(looks, "MOST", 4)
        await self.begin()
        builds = range(1, 11)
        events = await self.seen(*(each.format(n) for n in builds for each in (*BEGUN, *STEPPED, *ENDED)))
        self.assertEqual(sorted(told(events)), sorted(LIFE * len(builds)))
        order = [f"{event.type}/{event.key}/{event.event}" for event in events]
        for n in builds:
            last = order.index(f"builds/{n}/finished")
            parts = (f"steps/{n}/new", f"steps/{n}/finished", f"logs/{n}/finished")
            self.assertTrue(all(order.index(part) < last for part in parts))

    async def test_cannotStore(self) -> None:
        """While the state file cannot be written, nothing is announced; then everything, once."""
        await self.begin()
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.write(*(each.format(5) for each in (*BEGUN, *STEPPED, *ENDED)))
            self.source._stamp = -1
            await self.failure(self.source.look(), DatabaseUnavailable)
            other.execute("ROLLBACK")
        self.assertEqual(told(await self.seen()), LIFE)

    async def test_listen(self) -> None:
        """Whoever listens is told after there is more, and not when there is not."""
        await self.begin()
        calls: list[Cursor | None] = []
        self.source.listen(lambda: calls.append(self.source.cursor))
        await self.seen(*(each.format(5) for each in BEGUN))
        await self.seen()
        self.assertEqual(calls, [self.source.cursor])

    async def test_kept(self) -> None:
        """What is older than is kept is forgotten; what comes after it can be had."""
        self.keep = Keep(most=3)
        await self.begin()
        await self.seen(*(each.format(5) for each in BEGUN))
        assert self.source._retention is not None
        await self.source._retention._batch()
        await self.failure(self.source.read(self.start), Gone)
        last = self.source.cursor
        assert last is not None
        self.assertEqual(len((await self.source.read(Cursor(last.epoch, last.seq - 3))).events), 3)

    async def test_memory(self) -> None:
        """Without a file, too: nothing of it is left in the end."""
        await self.begin()
        source = await self.another(MEMORY)
        folder = os.path.dirname(source._state.path)
        self.assertTrue(os.path.exists(folder))
        await source.stopService()
        self.assertFalse(os.path.exists(folder))

    async def test_eventsEqualState(self) -> None:
        """Old list and events make the new list, whatever the type."""
        await self.begin()
        service = StatusService(self.database, catalogue())
        kinds = [cls for cls in catalogue().types.values() if Level.of(cls) is not None]
        statements = [each.format(n) for each in (*BEGUN, *STEPPED, *ENDED) for n in (1, 2)]
        state = {cls.Plural: await self.listed(service, cls.Plural) for cls in kinds}
        for start in range(0, len(statements), 3):
            for event in await self.seen(*statements[start : start + 3]):
                if event.event == "append":
                    state[event.type][event.key]["num_lines"] = event.record["last"] + 1
                elif event.type in state:
                    state[event.type][event.key] = dict(event.record)
        for cls in kinds:
            now = await self.listed(service, cls.Plural)
            self.assertEqual(
                {key: steady(cls, each) for key, each in state[cls.Plural].items()},
                {key: steady(cls, each) for key, each in now.items()},
            )

    async def listed(self, service: StatusService, plural: str) -> dict[int, dict[str, Any]]:
        answer = await service.get(plural)
        found = {}
        for record in answer.records:
            values = record.asDict()
            key = type(record).Key
            assert key is not None
            found[values[key.name]] = values
        return found


class PollerOnSQLite(PollerTests, OnSQLite):
    pass


class PollerOnPostgreSQL(PollerTests, OnPostgreSQL):
    pass


class LevelTests(SynchronousTestCase):
    def test_every(self) -> None:
        """Every type that has topics says how they are told from its records, but for properties: a build has them."""
        without = [cls.Plural for cls in catalogue().types.values() if cls.Topics and not cls.Level]
        self.assertEqual(without, ["properties"])

    def test_untold(self) -> None:
        """What cannot be told from records."""
        untold: Mapping[str, set[str]] = {
            cls.Plural: left
            for cls in catalogue().types.values()
            if cls.Level and (left := set(cls.Topics.split()) - {word.partition(":")[0] for word in cls.Level.split()})
        }
        self.assertEqual(untold, {"workers": {"missing"}})


del PollerTests, DatabaseCase
