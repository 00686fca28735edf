"""The highest rate at which a recorder stores: steps that log nothing, in many builds at a time, as a busy master's.

``python -m benchmarks.events.record URL SECONDS``
"""

from __future__ import annotations

import sys
from time import monotonic

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread

from buildbot.db.connector import Database
from buildbot.db.writes.changes import Stamp
from buildbot.db.writes.masters import BuilderConfig
from buildbot.db.writes.requests import NewBuildset
from buildbot.scripts.lives import MASTERS
from buildbot.scripts.replaying import prepare
from buildbot.status.catalogue import Catalogue
from buildbot.status.recorder import Recorder

from .process import processorSeconds, reactor, run, say

BUILDS = 100
"""At a time."""
STEPS = 100
"""Of each build."""
WARM = 1.0
"""Seconds before the measurement."""


class Master:
    """Builds without a pause."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.isOver = False

    async def start(self) -> None:
        record = self._recorder
        self._masterid = await record.startMaster(MASTERS[0])
        self._builderids = await record.runBuilders(self._masterid, [BuilderConfig("busy")])
        self._workerid = await record.findWorker("worker")

    async def build(self) -> None:
        """One build after the other."""
        while not self.isOver:
            buildid, brid = await self.begin()
            for number in range(STEPS):
                if self.isOver:
                    return
                await self._step(buildid, number)
            await self._recorder.finishBuild(buildid, 0)
            await self._recorder.completeRequests([brid], 0)

    async def begin(self) -> tuple[int, int]:
        """A build that runs, and its request: their ids."""
        record, builderid = self._recorder, self._builderids[0]
        wanted = NewBuildset(
            [builderid], [Stamp(branch="", repository="")], {"scheduler": ("force", "Scheduler")}, "busy"
        )
        [brid] = (await record.addBuildset(wanted)).brids
        await record.claimRequests([brid], self._masterid)
        build = await record.startBuild(
            buildrequestid=brid,
            builderid=builderid,
            workerid=self._workerid,
            masterid=self._masterid,
            properties={"buildername": ("busy", "Builder")},
        )
        return build.buildid, brid

    async def _step(self, buildid: int, number: int) -> None:
        """All that a stock master announces of a step that sets a property."""
        record = self._recorder
        step = await record.addStep(buildid, "property")
        await record.startStep(step.stepid)
        await record.stepHasLocks(step.stepid)
        await record.setStepState(step.stepid, "property 'number' set")
        await record.finishStep(step.stepid, 0)
        await record.setProperties(buildid, {"number": (str(number), "Step")})


async def main() -> None:
    url, seconds = sys.argv[1], float(sys.argv[2])
    database = Database(url, reactor=reactor)
    await deferToThread(prepare, database.location)
    recorder = Recorder(database, Catalogue())
    database.startService()
    recorder.startService()
    master = Master(recorder)
    await master.start()
    building = gatherResults([Deferred.fromCoroutine(master.build()) for _ in range(BUILDS)])
    metrics = recorder.writer.metrics
    await after(WARM)
    began, events, commits, cpu = monotonic(), metrics.events, metrics.commits, processorSeconds()
    await after(seconds)
    took, spent = monotonic() - began, processorSeconds() - cpu
    found, ended = metrics.events - events, metrics.commits - commits
    say(rate=found / took, perCommit=found / max(ended, 1), cpu=spent / took)
    master.isOver = True
    await building
    await recorder.stopService()
    await database.stopService()


def after(seconds: float) -> Deferred[None]:
    """Fires then."""
    deferred: Deferred[None] = Deferred()
    reactor.callLater(seconds, deferred.callback, None)
    return deferred


if __name__ == "__main__":
    run(main)
