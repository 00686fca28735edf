"""Listeners in the process that writes Buildbot's database, which then holds what is remembered of them."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import deferLater

from buildbot.db.writes.changes import Stamp
from buildbot.db.writes.requests import NewBuildset
from buildbot.errors import NotFound
from buildbot.status.listeners import Parked, StatusListener
from buildbot.status.listeners.acts import actorsOf
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import WriterMemory
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite, reactor
from buildbot.test.status.recording import RecorderCase

WISH = NewBuildset(builderids=[], stamps=[Stamp()], properties={"scheduler": ("force", "Scheduler")})


class Sets(StatusListener):
    """Cannot handle the first."""

    refuses = True

    def __init__(self) -> None:
        super().__init__("sets")
        self.told: list[tuple[int, bool]] = []

    def buildsetSubmitted(self, buildset: Any, delivery: Any) -> None:
        if self.refuses and buildset.bsid == 1:
            raise Parked("not the first")
        self.told.append((buildset.bsid, delivery.isReplay))


class RecordedTests(RecorderCase):
    timeout = 30

    async def test_same(self) -> None:
        """One snapshot holds a listener, its deliveries, and builds; a replay and a restart lose nothing."""
        self.prepare()
        await self.recorder.writer.run("open", lambda tx: None)
        listener = Sets()
        host = await self.host(listener)
        for _ in range(3):
            await self.recorder.addBuildset(WISH)
        while len(listener.told) < 2 or not (await self.service.get("consumers/sets")).one.asDict()["parked"]:
            await deferLater(reactor, 0.01)
        answers: Any = await self.service.getMany([("consumers", {}), ("deliveries", {}), ("buildsets", {})])
        [consumer], [delivery], sets = answers
        self.assertEqual((consumer.name, consumer.parked, len(sets)), ("sets", 1, 3))
        self.assertEqual({answer.cursor for answer in answers}, {str(self.recorder.source.cursor)})
        self.assertEqual((delivery.record["bsid"], delivery.state, delivery.error), (1, "parked", "not the first"))
        await host.stopService()
        self.assertFalse((await self.service.get("consumers/sets")).one.asDict()["running"])
        again = Sets()
        again.refuses = False
        await self.host(again)
        await self.service.act(f"deliveries/{delivery.deliveryid}", "replay")
        await self.recorder.addBuildset(WISH)
        while len(again.told) < 2:
            await deferLater(reactor, 0.01)
        self.assertEqual(sorted(again.told), [(1, True), (4, False)])
        while True:
            try:
                await self.service.get(f"deliveries/{delivery.deliveryid}")
            except NotFound:
                break

    async def host(self, listener: Any) -> ListenerHost:
        """One whose end is the test's, before that of the recorder."""
        self.service = StatusService(self.database, catalogue(), events=self.recorder.source, logIsHere=True)
        host = ListenerHost(self.service, [listener], WriterMemory(self.recorder.writer), clock=reactor)
        self.addCleanup(lambda: host.stopService() if host.running else None)
        await host.start()
        self.service.serveListeners(self.database, actorsOf(host, self.recorder.source.find))
        while host.standing()[0].cursor is None:
            await deferLater(reactor, 0.01)
        return host


class RecordedOnSQLite(RecordedTests, OnSQLite): ...


class RecordedOnPostgreSQL(RecordedTests, OnPostgreSQL): ...


del RecordedTests, OnSQLite, OnPostgreSQL
