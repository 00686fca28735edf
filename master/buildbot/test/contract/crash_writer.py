"""A process that records lives of builds until it is killed, and says on its output what was confirmed.

``python -m buildbot.test.contract.crash_writer URL NAME SEED``. It begins when it gets a line. It says ``started``, and
then a line for each event whose Deferred has fired, in that order, as :func:`shown` spells it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from random import Random
from typing import Any

from twisted.internet import task
from twisted.internet.defer import Deferred, gatherResults

from buildbot.db.connector import Database
from buildbot.db.writes.changes import NewChange, Stamp
from buildbot.db.writes.masters import BuilderConfig
from buildbot.db.writes.requests import NewBuildset
from buildbot.errors import DatabaseUnavailable
from buildbot.status.catalogue import Catalogue
from buildbot.status.recorder import Recorder

TOGETHER = 8
"""Lives at a time."""


def shown(type: str, key: int, event: str, record: Mapping[str, Any]) -> str:
    """An event in one line, with what tells it from others of the same word."""
    detail = record.get("state_string", f"{record['first']}-{record['last']}" if "first" in record else "")
    return f"{type}/{key}/{event}/{detail}"


class Lives:
    """Lives of builds of one builder, on one master."""

    def __init__(self, reactor: Any, recorder: Recorder, name: str, random: Random) -> None:
        self.reactor, self.recorder, self.name, self.random = reactor, recorder, name, random
        self.count = 0

    def tell(self, *lines: str) -> None:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()

    def mark(self) -> str:
        self.count += 1
        return f"mark {self.count}"

    async def begin(self) -> None:
        self.masterid = await self.recorder.startMaster(self.name)
        (self.builderid,) = await self.recorder.runBuilders(self.masterid, [BuilderConfig(self.name)])
        self.workerid = await self.recorder.findWorker(f"worker-of-{self.name}")
        await self.recorder.configureWorkers(self.masterid, {self.workerid: [self.builderid]})
        await self.recorder.workerConnected(self.workerid, self.masterid, {})
        self.tell("started")

    async def go(self) -> None:
        """Live until the end of the process."""
        while True:
            try:
                await self.begin()
                await gatherResults([Deferred.fromCoroutine(self.live()) for _ in range(TOGETHER)], consumeErrors=True)
            except Exception:
                # What was not confirmed may or may not be there; what comes after it is a life of its own.
                await task.deferLater(self.reactor, 0.01)

    async def live(self) -> None:
        while True:
            try:
                await self.one()
            except DatabaseUnavailable:
                await task.deferLater(self.reactor, 0.01)

    async def one(self) -> None:
        record, tell = self.recorder, self.tell
        revision = self.mark()
        changeid = await record.addChange(NewChange(self.name, revision=revision, files=["a"]))
        tell(f"changes/{changeid}/new/")
        added = await record.addBuildset(
            NewBuildset([self.builderid] * 2, [Stamp(revision=revision)], {"scheduler": ("s", "Scheduler")})
        )
        tell(f"buildsets/{added.bsid}/new/", *(f"buildrequests/{brid}/new/" for brid in added.brids))
        if self.random.random() < 0.3:
            brid = added.brids[1]
            await record.cancelRequest(brid, self.masterid)
            tell(f"buildrequests/{brid}/complete/", f"buildrequests/{brid}/cancel/")
        else:
            await self.build(added.brids[1])
        await self.build(added.brids[0])
        tell(f"buildsets/{added.bsid}/complete/")

    async def build(self, brid: int) -> None:
        record, tell = self.recorder, self.tell
        await record.claimRequests([brid], self.masterid)
        tell(f"buildrequests/{brid}/claimed/")
        build = await record.startBuild(
            buildrequestid=brid,
            builderid=self.builderid,
            workerid=self.workerid,
            masterid=self.masterid,
            properties={},
        )
        tell(f"builds/{build.buildid}/new/created", f"properties/{build.buildid}/update/")
        for _ in range(self.random.randrange(3)):
            state = self.mark()
            await record.setBuildState(build.buildid, state)
            tell(f"builds/{build.buildid}/update/{state}")
        for _ in range(self.random.randrange(1, 3)):
            await self.step(build.buildid)
        state = self.mark()
        await gatherResults([record.setBuildState(build.buildid, state), record.finishBuild(build.buildid, 0)])
        tell(f"builds/{build.buildid}/update/{state}", f"builds/{build.buildid}/finished/{state}")
        await record.completeRequests([brid], 0)
        tell(f"buildrequests/{brid}/complete/")

    async def step(self, buildid: int) -> None:
        record, tell = self.recorder, self.tell
        step = await record.addStep(buildid, "sh")
        tell(f"steps/{step.stepid}/new/pending")
        await record.startStep(step.stepid)
        tell(f"steps/{step.stepid}/started/pending")
        log = await record.addLog(step.stepid, "stdio")
        tell(f"logs/{log.logid}/new/")
        for _ in range(self.random.randrange(3)):
            lines = await record.appendLog(log.logid, "oline\n" * self.random.randrange(1, 20))
            assert lines is not None
            tell(f"logs/{log.logid}/append/{lines[0]}-{lines[1]}")
        await record.finishLog(log.logid)
        tell(f"logs/{log.logid}/finished/")
        await record.finishStep(step.stepid, 0)
        tell(f"steps/{step.stepid}/finished/pending")


async def main(reactor: Any, url: str, name: str, seed: str) -> None:
    catalogue = Catalogue()
    sys.stdin.readline()
    database = Database(url, reactor=reactor)
    database.startService()
    recorder = Recorder(database, catalogue)
    recorder.startService()
    await Lives(reactor, recorder, name, Random(f"{name} {seed}")).go()


if __name__ == "__main__":
    task.react(lambda reactor, *arguments: Deferred.fromCoroutine(main(reactor, *arguments)), sys.argv[1:])
