"""Builds of a recorder, and reporters that are told of them: in the process, or over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet import reactor as installed

from buildbot.db.writes.changes import NewChange, Stamp
from buildbot.db.writes.masters import BuilderConfig
from buildbot.db.writes.requests import NewBuildset
from buildbot.status.client import connect
from buildbot.status.events.log import EventLog
from buildbot.status.listeners import desk, follower
from buildbot.status.listeners.delivery import WAITING
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import ProcessMemory
from buildbot.status.listeners.reporters import ReporterBase
from buildbot.status.pb import PBStatusServer, portalOf
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue
from buildbot.test.db.databases import OnSQLite
from buildbot.test.status.listeners.receiving import ReceivingCase
from buildbot.test.status.recording import RecorderCase
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

reactor: Any = installed
REPOSITORY = "https://github.com/owner/name.git"
LINES = "hmake all\n" + "oone\n" + "etwo\x0bstill two\n"
Stamps = Sequence[Stamp]


def stamp(revision: str | None = "abc", repository: str = REPOSITORY, **more: Any) -> Stamp:
    return Stamp(**{"branch": "main", "revision": revision, "repository": repository, **more})


class Keeping(ReporterBase):
    """Keeps what it is to say."""

    concurrency = 1

    def __init__(self, *generators: Any) -> None:
        super().__init__(generators)
        self.sent: list[Sequence[Any]] = []

    @property
    def said(self) -> list[Any]:
        return [report for reports in self.sent for report in reports]

    async def sendMessage(self, reports: Sequence[Any]) -> None:
        self.sent.append(reports)


class Secrets:
    """Knows one."""

    async def get(self, name: str) -> str:
        return {"token": "s3cret"}[name]

    def masked(self, text: str) -> str:
        return text


class ReportingCase(RecorderCase, ReceivingCase, OnSQLite):
    """Has a recorder that knows a master with some builders, and a worker; and hosts of reporters."""

    timeout = 60

    async def begin(self) -> None:
        """Before all else."""
        self.prepare()
        self.service = StatusService(self.database, catalogue(), events=self.recorder.source, logIsHere=True)
        self.patch(desk, "FIRST_PAUSE", 0.02)
        self.patch(follower, "IDLE", 0.02)
        self.memory = ProcessMemory()
        record = self.recorder
        self.masterid = await record.startMaster("master:/srv")
        names = [BuilderConfig("linux", tags=["fast", "unix"]), BuilderConfig("größe & <b>")]
        self.linux, self.other = await record.runBuilders(self.masterid, names)
        self.workerid = await record.findWorker("birch")
        await record.workerConnected(self.workerid, self.masterid, {"admin": "Ops", "host": "birch.example.org"})

    def served(self) -> Any:
        """A connection to the same service over HTTP."""
        listening = reactor.listenTCP(
            0, StatusSite(self.service, WebSettings(), reactor=reactor), interface="127.0.0.1"
        )
        self.addCleanup(listening.stopListening)
        connection = connect(f"http://127.0.0.1:{listening.getHost().port}", reactor=reactor)
        self.addCleanup(connection.close)
        return connection

    async def servedPB(self) -> Any:
        """A connection to the same service over Perspective Broker."""
        server = PBStatusServer(self.service, "tcp:0:interface=127.0.0.1", portalOf(anonymous=True), reactor=reactor)
        server.startService()
        self.addCleanup(server.stopService)
        assert server.listening is not None
        port: Any = await server.listening
        connection = connect(f"pb://127.0.0.1:{port.getHost().port}", reactor=reactor)
        self.addCleanup(connection.close)
        return connection

    async def host(self, *reporters: Any, connection: Any = None, memory: Any = None) -> ListenerHost:
        """They hear what happens from now on."""
        for reporter in reporters:
            if getattr(reporter, "sender", None):
                self.addCleanup(reporter.sender.close)
        memory = memory or self.memory
        host = ListenerHost(connection or self.service, reporters, memory, clock=reactor, secrets=Secrets())
        self.addCleanup(lambda: host.stopService() if host.running else None)
        await host.start()
        await self.condition(lambda: {reporter.name for reporter in reporters} <= self.memory.cursors.keys())
        return host

    async def wish(self, builder: int | None = None, stamps: Stamps = (), **more: Any) -> int:
        """A request; by default for the first builder."""
        properties = {"scheduler": ("all", "Scheduler"), **more.pop("properties", {})}
        wanted = NewBuildset([builder or self.linux], stamps or [stamp()], properties, **more)
        return (await self.recorder.addBuildset(wanted)).brids[0]

    async def start(self, brid: int, builder: int | None = None, **properties: Any) -> int:
        """A build of a request; it has what a master stores of it."""
        await self.recorder.claimRequests([brid], self.masterid)
        found = {name: (value, "Build") for name, value in {"branch": "main", **properties}.items()}
        started = await self.recorder.startBuild(
            buildrequestid=brid,
            builderid=builder or self.linux,
            workerid=self.workerid,
            masterid=self.masterid,
            properties=found,
            state="starting",
        )
        return started.buildid

    async def step(self, buildid: int, name: str = "compile", results: int = 0, text: str = LINES) -> None:
        """A step with a log."""
        added = await self.recorder.addStep(buildid, name)
        await self.recorder.startStep(added.stepid)
        log = await self.recorder.addLog(added.stepid, "stdio")
        await self.recorder.appendLog(log.logid, text)
        await self.recorder.finishLog(log.logid)
        await self.recorder.finishStep(added.stepid, results)

    async def finish(self, buildid: int, brid: int, results: int = 0) -> None:
        """A build and its request end."""
        await self.recorder.setBuildState(buildid, "build successful" if results == 0 else "failed 'make' (failure)")
        await self.recorder.finishBuild(buildid, results)
        if results == 5:
            await self.recorder.unclaimRequests([brid])
        else:
            await self.recorder.completeRequests([brid], results)

    async def build(self, results: int = 0, builder: int | None = None, stamps: Stamps = (), **properties: Any) -> int:
        """A whole build, with a step; its id."""
        brid = await self.wish(builder, stamps)
        buildid = await self.start(brid, builder, **properties)
        await self.step(buildid, results=results)
        await self.finish(buildid, brid, results)
        return buildid

    async def change(self, author: str, revision: str = "abc") -> None:
        """Somebody has changed something, which is that revision."""
        change = NewChange(author, "Say what", branch="main", revision=revision, repository=REPOSITORY)
        await self.recorder.addChange(change)

    async def handled(self, *reporters: Any) -> None:
        """All that has happened was handled by those that are told of it, or is parked."""
        cursor, names = str(await EventLog(self.database).head()), {reporter.name for reporter in reporters}

        def isIt() -> bool:
            waiting = {name for (name, *_), kept in self.memory.rows.items() if kept.state == WAITING}
            cursors = self.memory.cursors
            return not waiting & names and all(cursors[name] == cursor for name in names)

        await self.condition(isIt)
