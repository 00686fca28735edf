"""``buildbot attach --events log``: over a database whose writer keeps a log of events in it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from buildbot.config.attach import Options, settings
from buildbot.db import own
from buildbot.db.writes.changes import NewChange
from buildbot.errors import ConfigError
from buildbot.master import CannotStart, Recording, Serving, attached
from buildbot.scripts.replaying import prepare
from buildbot.status.catalogue import Catalogue
from buildbot.status.recorder import Recorder
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor


class FollowingTests(DatabaseCase):
    timeout = 30

    def setUp(self) -> None:
        self.url = self.newUrl()
        self.database = self.open(self.url)
        prepare(self.database.location)

    def record(self) -> Recorder:
        recorder = Recorder(self.database, Catalogue())
        recorder.startService()
        self.addCleanup(recorder.stopService)
        return recorder

    async def started(self, **options: Any) -> Serving:
        served = attached(settings(Options(db=self.url, port="0", events="log", **options)), reactor=reactor)
        self.addCleanup(served.stop)
        await served.start()
        return served

    async def refusal(self) -> str:
        error: Any = await self.assertFailure(Deferred.fromCoroutine(self.started()), CannotStart)
        return str(error)

    async def test_followed(self) -> None:
        """What somebody else writes is told, exactly after the answer that came before it; nothing is written."""
        recorder = self.record()
        changeid = await recorder.addChange(NewChange("a"))
        served = await self.started()
        answer = await served.status.get("changes")
        self.assertEqual(answer.cursor, str(recorder.source.cursor))
        self.assertEqual(answer.one.asDict()["changeid"], changeid)
        subscription = await served.status.subscribe("changes/*/new", since=answer.cursor)
        second = await recorder.addChange(NewChange("b"))
        [delivery] = await subscription.next()
        self.assertEqual((delivery.record.changeid, delivery.cursor), (second, str(recorder.source.cursor)))
        subscription.close()

    async def test_noTables(self) -> None:
        """A database without a log is refused, with what would be right."""
        self.fill(self.url, [f"DROP TABLE {name}" for name in own.metadata.tables])
        refusal = await self.refusal()
        self.assertIn("no tables for events", refusal)
        self.assertIn("--events poll", refusal)

    async def test_neverWritten(self) -> None:
        """So is one into whose log nobody has written yet."""
        self.assertIn("nothing that writes it has been started", await self.refusal())

    async def test_health(self) -> None:
        """While the log cannot be read, that is said."""
        await self.record().addChange(NewChange("a"))
        served = await self.started()
        [problem] = served.status.problems
        self.assertIsNone(problem())
        self.fill(self.url, ["ALTER TABLE status_head RENAME TO gone"])
        while problem() is None:
            await deferLater(reactor, 0.01)
        self.assertIn("no tables for events", str(problem()))
        self.fill(self.url, ["ALTER TABLE gone RENAME TO status_head"])
        while problem() is not None:
            await deferLater(reactor, 0.01)

    def test_words(self) -> None:
        """Only two words are known."""
        error = self.assertRaises(ConfigError, self.configured, "tail")
        self.assertIn("'poll', to look for news, or 'log'", str(error))
        self.assertTrue(self.configured("log").followsLog)
        self.assertFalse(self.configured("poll").followsLog)

    def configured(self, events: str) -> Any:
        path = self.mktemp()
        with open(path, "w") as file:
            file.write(f"BuildmasterConfig = {{'db': {{'db_url': {self.url!r}}}, 'status_events': {events!r}}}")
        return settings(Options(config=path))


class FollowingOnSQLite(FollowingTests, OnSQLite):
    pass


class FollowingOnPostgreSQL(FollowingTests, OnPostgreSQL):
    async def test_writersTogether(self) -> None:
        """What one process writes is told by another one that writes, too, before that has written anything more."""
        serving = Recording(settings(Options(db=self.url, port="0")), reactor=reactor)
        self.addCleanup(serving.stop)
        await serving.start()
        subscription = await serving.status.subscribe("changes/*/new")
        other = self.record()
        # The first of the other's may be found while one's own is looked for.
        for recorder in (serving.recorder, other, other):
            changeid = await recorder.addChange(NewChange("a"))
            [delivery] = await subscription.next()
            self.assertEqual(delivery.record.changeid, changeid)
        subscription.close()
        [problem, *_] = serving.status.problems
        self.assertIsNone(problem())


del FollowingTests
