"""``min_cursor=``: no answer is older than what the caller knows of, in any language, whoever has written it."""

from __future__ import annotations

from functools import partial
from typing import Any

import simplejson
from twisted.internet.defer import Deferred

from buildbot.db.writes.changes import NewChange
from buildbot.errors import BadQuery, DeadlineExceeded, Gone
from buildbot.status.catalogue import Catalogue
from buildbot.status.events import reach
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import Epoch, History
from buildbot.status.events.notify import NotifySource
from buildbot.status.events.tail import StampSource, TailSource
from buildbot.status.principal import ANONYMOUS
from buildbot.status.service import StatusService
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite
from buildbot.test.status.events.logged import EPOCH, Row
from buildbot.test.status.recording import RecorderCase
from buildbot.test.www.eventclients import Connected, EventsCase


class MinimumTests(Connected):
    """In the process."""

    def later(self, state: str, buildid: int) -> str:
        """The cursor that the log will have after :meth:`come`."""
        self.state, self.buildid = state, buildid
        return f"{EPOCH}.{self.writer.seq + 1}"

    async def come(self) -> None:
        """It has happened elsewhere, and now comes here."""
        await self.build(self.buildid, "update", state_string=self.state)

    async def test_waits(self) -> None:
        """An answer comes when everything up to the cursor is here, and holds it; for one that is here already, at
        once."""
        connection = await self.connect()
        build = await self.first()
        path = f"builds/{build.buildid}"
        for state in ("one", "two"):
            cursor = self.later(state, build.buildid)
            waiting = connection.get(path, min_cursor=cursor, field="state_string")
            many: Deferred[Any] = connection.getMany([("masters", {}), (path, {"min_cursor": cursor})])
            await self.condition(lambda: len(self.source._listeners._callbacks) == 2)
            self.assertFalse(waiting.called or many.called)
            await self.come()
            answer = await waiting
            self.assertEqual(answer.one.asDict(), {"state_string": state})
            self.assertEqual(answer.cursor, cursor)
            _, second = await many
            self.assertEqual(second.one.state_string, state)
            again = await connection.get(path, min_cursor=cursor)
            self.assertEqual(again.one.state_string, state)
        self.assertEqual(self.source._listeners._callbacks, {})

    async def test_wrong(self) -> None:
        """What will never come is said at once, and what does not come, later."""
        self.patch(reach, "PATIENCE", 0.05)
        connection = await self.connect()
        for given, error, words in (
            ("a" * 16 + ".1", Gone, "of a history that this database does not know"),
            (f"{EPOCH}.99999", DeadlineExceeded, "has not come to know of it within"),
            ("x", BadQuery, "min_cursor=x: this is no cursor"),
            ([f"{EPOCH}.1", f"{EPOCH}.2"], BadQuery, "min_cursor: takes one cursor"),
        ):
            found: Any = await self.assertFailure(connection.get("builds", min_cursor=given), error)
            self.assertIn(words, str(found))
        self.assertEqual(self.source._listeners._callbacks, {})

    async def test_old(self) -> None:
        """One whose following is not kept any more is no matter here: the answer is newer."""
        connection = await self.connect()
        build = await self.first()
        old = str(self.writer.cursor)
        for _ in range(3):
            self.write(Row("builds", build.buildid, "update", build.asDict(), {}))
        self.writer.trim(self.writer.seq)
        self.assertEqual((await connection.get("builds", limit=1, min_cursor=old)).cursor, str(self.writer.cursor))


class BesideTests(MinimumTests):
    """Where the log is another database than the one that is read, as beside a stock master."""

    def makeService(self) -> StatusService:
        return StatusService(self.database, Catalogue(), events=self.source)


class HTTPMinimumTests(MinimumTests):
    scheme = "http"


class PBMinimumTests(MinimumTests):
    scheme = "pb"


class ElsewhereTests(RecorderCase):
    """A recorder, and a service that has other connections to the same database, as another process has."""

    timeout = 30
    kind: type[TailSource]

    async def setUp(self) -> None:  # type: ignore[override]  # trial takes a coroutine, too
        self.prepare()
        await self.recorder.addChange(NewChange("0"))
        database = self.open(self.url)
        self.source = self.kind(database)
        self.addCleanup(self.source.stopService)
        await self.source.start()
        self.other = StatusService(database, Catalogue(), events=self.source, logIsHere=True)

    async def test_ownWrites(self) -> None:
        """Whoever has written something in one process reads it in another, however often it is asked for there."""
        for number in range(1, 25):
            await self.recorder.addChange(NewChange(str(number)))
            cursor = str(self.recorder.source.cursor)
            for _ in range(2):
                query = [("field", "author"), ("order", "-changeid"), ("limit", "1")]
                await self.other.getBody(ANONYMOUS, "changes", query)
                body: Any = await self.other.getBody(ANONYMOUS, "changes", [*query, ("min_cursor", cursor)])
                self.assertEqual(simplejson.loads(b"".join(body.pieces))["changes"], [{"author": str(number)}])
                self.assertEqual(body.cursor, cursor)


class ElsewhereOnSQLite(ElsewhereTests, OnSQLite):
    kind = StampSource


class ElsewhereOnPostgreSQL(ElsewhereTests, OnPostgreSQL):
    kind = NotifySource


del ElsewhereTests


class HistoryTests(EventsCase):
    def test_require(self) -> None:
        """What a history has, had or will have, and what it will not."""
        history = History(20, 15, [Epoch("a" * 16, 1), Epoch("b" * 16, 10)])
        for epoch, seq, fails in (
            ("a", 0, False),
            ("a", 9, False),
            ("a", 10, True),
            ("b", 8, True),
            ("b", 9, False),
            ("b", 20, False),
            ("b", 10_000, False),
            ("c", 5, True),
        ):
            require = partial(history.require, Cursor(epoch * 16, seq))
            self.assertRaises(Gone, require) if fails else require()
