"""Where the stream of events is not Buildbot's: a test for each difference that the documentation lists, called by its
name, with what is so here. What Buildbot does is seen in ``live/test_stream``, or was once."""

from __future__ import annotations

from random import Random
from typing import Any

from twisted.internet.defer import gatherResults

from buildbot.db.writes.changes import Stamp
from buildbot.db.writes.codebases import Project
from buildbot.db.writes.masters import BuilderConfig
from buildbot.db.writes.requests import NewBuildset
from buildbot.errors import NotFound
from buildbot.scripts.lives import Lives
from buildbot.status.events.event import Event
from buildbot.status.events.log import eventsOf
from buildbot.status.events.topics import topicOf
from buildbot.test.contract.cases import catalogue
from buildbot.test.db.databases import OnSQLite
from buildbot.test.oracle.stream import SEEN, STREAM, Told, disorders, oddities
from buildbot.test.status.recording import RecorderCase

MASTER = "here:/srv"


class StreamTests(RecorderCase, OnSQLite):
    def setUp(self) -> None:
        self.prepare()

    async def begin(self) -> None:
        """A master with a builder and a worker, and a request that it has claimed."""
        record = self.recorder
        self.masterid = await record.startMaster(MASTER)
        [self.builderid] = await record.runBuilders(self.masterid, [BuilderConfig("b")])
        self.workerid = await record.findWorker("w")
        await record.workerConnected(self.workerid, self.masterid, {})
        wanted = NewBuildset([self.builderid], [Stamp()], {"scheduler": ("s", "Scheduler")})
        added = await record.addBuildset(wanted)
        self.bsid, [self.brid] = added.bsid, added.brids

    async def build(self) -> int:
        await self.recorder.claimRequests([self.brid], self.masterid)
        started = await self.recorder.startBuild(
            buildrequestid=self.brid,
            builderid=self.builderid,
            workerid=self.workerid,
            masterid=self.masterid,
            properties={},
        )
        return started.buildid

    async def told(self, *types: str) -> list[Event]:
        """All events of some types, or of all."""
        events = await self.database.run("all", eventsOf)
        return [event for event in events if not types or event.type in types]

    async def words(self, *types: str) -> list[str]:
        return [f"{event.type}/{event.event}" for event in await self.told(*types)]

    def test_all(self) -> None:
        """Every one that is listed is tried here, and those that can be seen in a stream are listed."""
        for name in STREAM:
            first, *rest = name.split()
            self.assertTrue(hasattr(self, f"test_{first}{''.join(map(str.title, rest))}"), name)
        self.assertLess(SEEN.keys(), STREAM.keys())

    async def test_lives(self) -> None:
        """None of them shows in what the recorder announces of lives of every kind, which has the words and the order
        that a stock master's has."""

        async def turn() -> None:
            pass

        lives = Lives(self.recorder, Random(3), turn)
        await lives.begin()
        for _ in range(30):
            await lives.one()
        await lives.end()
        stream = [Told(event.type, event.key, event.event, event.record) for event in await self.told()]
        self.assertGreater(len(stream), 500)
        self.assertEqual((oddities(stream), list(disorders(stream))), (set(), []))

    async def test_afterACrash(self) -> None:
        await self.begin()
        buildid = await self.build()
        await self.recorder.startMaster(MASTER)
        words = [f"{e.type}/{e.key}/{e.event}" for e in await self.told("builds", "buildrequests")]
        self.assertEqual(words[-2:], [f"builds/{buildid}/finished", f"buildrequests/{self.brid}/unclaimed"])

    async def test_beginningsOfBuilds(self) -> None:
        await self.begin()
        buildid = await self.build()
        await self.recorder.finishBuild(buildid, 3)
        self.assertEqual((await self.words("builds", "properties", "steps"))[0], "builds/new")

    async def test_bodiesOfBuildersAndMasters(self) -> None:
        await self.begin()
        for event in await self.told("builders", "masters"):
            self.assertEqual(event.event, "started")
            self.assertEqual(event.record, await self.one(f"{event.type}/{event.key}"))

    async def test_cancelledRequests(self) -> None:
        await self.begin()
        await self.recorder.cancelRequest(self.brid, self.masterid)
        *_, cancel = await self.told("buildrequests")
        self.assertEqual(cancel.event, "cancel")
        self.assertEqual(cancel.record, await self.one(f"buildrequests/{self.brid}"))

    def test_controlMessages(self) -> None:
        self.assertRaises(NotFound, topicOf, catalogue(), "control/builds/7/stop")

    async def test_linksOfWhatIsConfigured(self) -> None:
        await self.begin()
        before = await self.words("schedulers", "workers")
        schedulerid = await self.recorder.findScheduler("s")
        await self.recorder.takeScheduler(schedulerid, self.masterid)
        await self.recorder.configureWorkers(self.masterid, {self.workerid: [self.builderid]})
        words = (await self.words("schedulers", "workers"))[len(before) :]
        self.assertEqual(words, ["schedulers/updated", "schedulers/updated", "workers/state_updated"])

    async def test_namesOfProperties(self) -> None:
        await self.begin()
        await self.recorder.setProperties(await self.build(), {"colour": ("red", "s")})
        *_, event = await self.told("properties")
        self.assertEqual(event.record, {"colour": ["red", "s"]})

    async def test_newBuildsets(self) -> None:
        await self.begin()
        [event] = await self.told("buildsets")
        self.assertEqual((event.event, event.record["results"]), ("new", -1))
        self.assertEqual(event.record, await self.one(f"buildsets/{self.bsid}"))

    async def test_nothingNew(self) -> None:
        await self.begin()
        schedulerid = await self.recorder.findScheduler("s")
        for _ in range(2):
            await self.recorder.enableScheduler(schedulerid, False)
        self.assertEqual(await self.words("schedulers"), ["schedulers/updated", "schedulers/updated"])

    async def test_orderAtTheStop(self) -> None:
        await self.begin()
        await self.recorder.stopMaster(self.masterid)
        words = await self.words("workers", "builders", "masters")
        self.assertEqual(words[-3:], ["workers/disconnected", "builders/stopped", "masters/stopped"])

    async def test_priorities(self) -> None:
        await self.begin()
        await self.recorder.setRequestPriority(self.brid, 3)
        *_, event = await self.told("buildrequests")
        self.assertEqual((event.event, event.record["priority"]), ("update", 3))

    async def test_projects(self) -> None:
        await self.begin()
        projectid = await self.recorder.setProject(Project("p"))
        await self.recorder.runBuilders(self.masterid, [BuilderConfig("b", projectid=projectid)])
        self.assertEqual([event.record["active"] for event in await self.told("projects")], [False, True])

    async def test_timesOfRecords(self) -> None:
        await self.begin()
        buildid = await self.build()
        calls: list[Any] = [self.recorder.setBuildState(buildid, text) for text in ("1", "2", "3")]
        await gatherResults(calls)
        texts = [event.record["state_string"] for event in await self.told("builds")]
        self.assertEqual(texts[-3:], ["1", "2", "3"])
