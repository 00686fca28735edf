"""What a listener still needs is not forgotten."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from buildbot.config.settings import Settings
from buildbot.db.writes.changes import NewChange
from buildbot.db.writes.trim import Keep
from buildbot.master import Recording
from buildbot.scripts.replaying import prepare
from buildbot.status.listeners import StatusListener
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor

MOST, CAP, WRITTEN = 5, 40, 30


class Slow(StatusListener):
    """Handles nothing before it may."""

    concurrency = 1

    def __init__(self, may: Deferred[None]) -> None:
        super().__init__("slow")
        self.handled: list[int] = []
        self.missed: list[str] = []
        self._may = may

    async def changeAdded(self, change: Any) -> None:
        if not self._may.called:
            waiting: Deferred[None] = Deferred()
            self._may.chainDeferred(waiting)
            await waiting
        self.handled.append(change.changeid)

    def eventsMissed(self, cursor: str) -> None:
        self.missed.append(cursor)


class HeldTests(DatabaseCase):
    timeout = 30

    async def serve(self) -> None:
        self.may: Deferred[None] = Deferred()
        self.listener = Slow(self.may)
        settings = Settings(dbUrl=self.newUrl(), keep=Keep(most=MOST, cap=CAP), listeners=[self.listener])
        self.served = Recording(settings, reactor=reactor)
        prepare(self.served.database.location)
        self.addCleanup(self.served.stop)
        await self.served.start()
        await self.until(lambda: self.served.needed())

    async def until(self, holds: Any) -> None:
        while not holds():
            await deferLater(reactor, 0.01)

    async def kept(self) -> int:
        """How many events are left after what is due was forgotten."""
        await self.served.recorder.retention._look()
        count = await self.served.database.run("count", lambda s: s.rows("SELECT count(*) FROM status_events", {}))
        found: int = count[0][0]
        return found

    async def test_held(self) -> None:
        """While a listener has not handled it, it is kept, up to the cap; then it goes."""
        await self.serve()
        for _ in range(WRITTEN):
            await self.served.recorder.addChange(NewChange("a"))
        self.assertEqual(await self.kept(), WRITTEN)
        self.may.callback(None)
        await self.until(lambda: len(self.listener.handled) == WRITTEN)
        await self.until(lambda: (self.served.needed() or 0) > WRITTEN)
        self.assertEqual(await self.kept(), MOST)
        self.assertEqual((self.listener.handled, self.listener.missed), (list(range(1, WRITTEN + 1)), []))

    async def test_cap(self) -> None:
        """One that never handles anything does not keep the log for ever."""
        await self.serve()
        for _ in range(2 * CAP):
            await self.served.recorder.addChange(NewChange("a"))
        self.assertEqual(await self.kept(), CAP)
        self.may.callback(None)


class HeldOnSQLite(HeldTests, OnSQLite):
    pass


class HeldOnPostgreSQL(HeldTests, OnPostgreSQL):
    pass


del HeldTests
