"""The only writer: one call for each thing that happens, which stores the rows and their events in one transaction.

Every call returns a Deferred that fires once both are committed, and fails as :meth:`buildbot.db.writer.Writer.run`:
with :class:`~buildbot.errors.NotFound` for a thing that does not exist, :class:`~buildbot.errors.BadRequest` for what
cannot be, :class:`~buildbot.errors.DatabaseUnavailable` while nothing can be stored; then nothing was. Calls are
executed in the order in which they are made, so that nobody need wait for one before making the next. Times are those
of the calls. A mere update that changes nothing is no event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred

from buildbot.db.connector import Database
from buildbot.db.writer import Writer
from buildbot.db.writes import builds, changes, codebases, logs, masters, requests, steps, tests, workers
from buildbot.db.writes.fingerprint import fingerprint
from buildbot.db.writes.transaction import Transaction
from buildbot.db.writes.trim import Keep
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.describe import Descriptions
from buildbot.status.events.log import EventLog
from buildbot.status.events.source import RecorderSource
from buildbot.status.retention import Retention

DEFAULT = Keep()

P = ParamSpec("P")
T = TypeVar("T")


class Recorder(Service):
    """Records what happens. Result codes are Buildbot's: :mod:`buildbot.db.writes.results`."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        *,
        keep: Keep = DEFAULT,
        needed: Callable[[], int | None] = lambda: None,
        clock: Callable[[], float] | None = None,
        **settings: Any,
    ) -> None:
        """``database``: what the log is read through; it is written on a connection of the recorder's own. ``keep``:
        what is kept of the log, beside what is ``needed`` (see :class:`~buildbot.status.retention.Retention`).
        ``clock()``: the time of a call, in seconds since the epoch; by default the reactor's. ``settings`` are those
        of :class:`~buildbot.db.writer.Writer`."""
        self._reactor = database.reactor
        self._clock = clock or self._reactor.seconds
        self.source = RecorderSource(EventLog(database), self._reactor)
        self.writer = Writer(
            database.location.url.render_as_string(hide_password=False)
            if database.location.path is None
            else f"sqlite:///{database.location.path}",
            reactor=self._reactor,
            describer=Descriptions(catalogue, database.dialect),
            committed=lambda epoch, seq: self.source.advance(Cursor(epoch, seq)),
            fingerprint=fingerprint,
            **settings,
        )
        self.retention = Retention(self.writer, keep, reactor=self._reactor, needed=needed)

    def startService(self) -> None:
        """Begins an epoch, as soon as the database can be written."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.writer.startService()
        self.retention.startService()

    def stopService(self) -> Deferred[None]:
        """Stores what was accepted; fires when that is done."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self.retention.stopService()
        return self.writer.stopService()

    def _run(
        self, name: str, fn: Callable[Concatenate[Transaction, int, P], T], *arguments: P.args, **more: P.kwargs
    ) -> Deferred[T]:
        now = int(self._clock())
        return self.writer.run(name, lambda tx: fn(tx, now, *arguments, **more))

    # -- masters, and what they run

    def startMaster(self, name: str) -> Deferred[int]:
        """A master runs; fires with its masterid. One of that name that ended without a word is cleaned up after
        first, as by :meth:`stopMaster`."""
        return self._run("masters.start", masters.start, name)

    def masterIsAlive(self, masterid: int) -> Deferred[None]:
        """A sign of life, once a minute. It is no event."""
        return self._run("masters.alive", masters.isAlive, masterid)

    def stopMaster(self, masterid: int) -> Deferred[None]:
        """A master has ended, this or another one: what it built becomes RETRY, what it claimed is offered again."""
        return self._run("masters.stop", masters.stop, masterid)

    def runBuilders(self, masterid: int, builders: Sequence[masters.BuilderConfig]) -> Deferred[Sequence[int]]:
        """A master runs these builders from now on, and no others; fires with their ids, in the same order."""
        return self._run("builders.run", masters.runBuilders, masterid, builders)

    def findScheduler(self, name: str) -> Deferred[int]:
        """Fires with the id of a scheduler with that name, which is made if there is none."""
        return self._run("schedulers.find", masters.findScheduler, name)

    def takeScheduler(self, schedulerid: int, masterid: int) -> Deferred[bool]:
        """A master runs a scheduler; fires with False if another one does."""
        return self._run("schedulers.take", masters.takeScheduler, schedulerid, masterid)

    def enableScheduler(self, schedulerid: int, enabled: bool) -> Deferred[None]:
        """Whether a scheduler does anything."""
        return self._run("schedulers.enable", masters.enableScheduler, schedulerid, enabled)

    def takeChangeSource(self, name: str, masterid: int) -> Deferred[tuple[int, bool]]:
        """A master runs a change source of that name; fires with its id, and with False if another master runs it. It
        is no event."""
        return self._run("changesources.take", masters.takeChangeSource, name, masterid)

    # -- projects and codebases

    def setProject(self, project: codebases.Project) -> Deferred[int]:
        """A project is configured so; fires with its id."""
        return self._run("projects.set", codebases.setProject, project)

    def setCodebase(self, projectid: int, name: str, slug: str | None = None) -> Deferred[int]:
        """A project has a codebase; fires with its id."""
        return self._run("codebases.set", codebases.setCodebase, projectid, name, slug)

    def addCommit(self, commit: codebases.NewCommit) -> Deferred[int]:
        """A commit is known; fires with its id."""
        return self._run("commits.add", codebases.addCommit, commit)

    def setBranch(self, codebaseid: int, name: str, commitid: int | None) -> Deferred[int]:
        """A branch was looked at now, and this is its newest commit; fires with its id."""
        return self._run("branches.set", codebases.setBranch, codebaseid, name, commitid)

    # -- workers

    def findWorker(self, name: str) -> Deferred[int]:
        """Fires with the id of a worker with that name, which is made if there is none."""
        return self._run("workers.find", workers.find, name)

    def configureWorkers(self, masterid: int, builders: Mapping[int, Sequence[int]]) -> Deferred[None]:
        """For which builders workers may build on a master: ids of builders by id of worker. Those that are not named
        may build for none."""
        return self._run("workers.configure", workers.configure, masterid, builders)

    def workerConnected(self, workerid: int, masterid: int, info: Mapping[str, Any]) -> Deferred[None]:
        """A worker has connected; ``info`` has admin, host, access_uri, version."""
        return self._run("workers.connected", workers.connected, workerid, masterid, info)

    def workerDisconnected(self, workerid: int, masterid: int) -> Deferred[None]:
        """A worker's connection has ended."""
        return self._run("workers.disconnected", workers.disconnected, workerid, masterid)

    def setWorkerState(
        self, workerid: int, *, paused: bool = False, pause_reason: str | None = None, graceful: bool = False
    ) -> Deferred[None]:
        """Whether a worker starts no new builds, and whether it shuts down once it is idle."""
        return self._run("workers.state", workers.setState, workerid, paused, pause_reason, graceful)

    def workerMissing(self, workerid: int, last_connection: str, notify: Sequence[str] = ()) -> Deferred[None]:
        """A worker has been away for too long; ``notify`` are the addresses of those who want to know. It changes
        nothing."""
        return self._run("workers.missing", workers.missing, workerid, last_connection, notify)

    # -- changes and requests

    def addChange(self, change: changes.NewChange) -> Deferred[int]:
        """A change was found; fires with its changeid."""
        return self._run("changes.add", changes.add, change)

    def addBuildset(self, buildset: requests.NewBuildset) -> Deferred[requests.Added]:
        """Builds are wished for; fires with the ids of the set and its requests."""
        return self._run("buildsets.add", requests.add, buildset)

    def claimRequests(self, brids: Sequence[int], masterid: int) -> Deferred[bool]:
        """A master takes requests, all or none; fires with False if one is taken or complete."""
        return self._run("buildrequests.claim", requests.claim, brids, masterid)

    def unclaimRequests(self, brids: Sequence[int]) -> Deferred[None]:
        """Requests are offered again, as after a build that ended with RETRY."""
        return self._run("buildrequests.unclaim", requests.unclaim, brids)

    def setRequestPriority(self, brid: int, priority: int) -> Deferred[None]:
        """Of requests of one builder, that with the highest priority is built first; 0 is what they have."""
        return self._run("buildrequests.priority", requests.setPriority, brid, priority)

    def completeRequests(self, brids: Sequence[int], results: int) -> Deferred[None]:
        """Requests are complete, and with the last of a set the set is, with the worst of its results."""
        return self._run("buildrequests.complete", requests.complete, brids, results)

    def cancelRequest(self, brid: int, masterid: int) -> Deferred[bool]:
        """A request that waits is cancelled; fires with False if it is claimed or complete: then its builds are what
        can be stopped."""
        return self._run("buildrequests.cancel", requests.cancel, brid, masterid)

    def collapseRequests(self, brids: Sequence[int], masterid: int) -> Deferred[Sequence[int]]:
        """A newer request makes these needless, so they are skipped; fires with those that waited until now."""
        return self._run("buildrequests.collapse", requests.collapse, brids, masterid)

    # -- builds

    def startBuild(
        self,
        *,
        buildrequestid: int,
        builderid: int,
        workerid: int | None,
        masterid: int,
        properties: builds.Properties,
        state: str = "created",
    ) -> Deferred[builds.Started]:
        """A build begins, with what is known of its properties, to which its number is added; fires with its id and
        number."""
        return self._run(
            "builds.start",
            builds.start,
            buildrequestid=buildrequestid,
            builderid=builderid,
            workerid=workerid,
            masterid=masterid,
            properties=properties,
            state=state,
        )

    def setBuildState(self, buildid: int, state: str) -> Deferred[None]:
        """What a build does, in words."""
        return self._run("builds.state", builds.setState, buildid, state)

    def addLocksDuration(self, buildid: int, seconds: int) -> Deferred[None]:
        """A build, or a step of it, has got its locks after waiting so long."""
        return self._run("builds.locks", builds.addLocksDuration, buildid, seconds)

    def setProperties(self, buildid: int, properties: builds.Properties) -> Deferred[None]:
        """Set properties of a build. Those that are so already are no event."""
        return self._run("builds.properties", builds.setProperties, buildid, properties)

    def setBuildData(self, buildid: int, name: str, value: bytes, source: str) -> Deferred[None]:
        """Keep bytes with a build, in place of those it had by this name. It is no event."""
        return self._run("builds.data", builds.setData, buildid, name, value, source)

    def finishBuild(self, buildid: int, results: int) -> Deferred[None]:
        """A build has ended."""
        return self._run("builds.finish", builds.finish, buildid, results)

    # -- steps

    def addStep(self, buildid: int, name: str, state: str = "pending") -> Deferred[steps.Added]:
        """A build has a further step; fires with its id, number, and the name that it got, which is unique in the
        build."""
        return self._run("steps.add", steps.add, buildid, name, state)

    def startStep(self, stepid: int) -> Deferred[None]:
        """A step begins, perhaps by waiting for its locks."""
        return self._run("steps.start", steps.start, stepid)

    def stepHasLocks(self, stepid: int) -> Deferred[None]:
        """A step has its locks, or needs none."""
        return self._run("steps.locks", steps.locksAcquired, stepid)

    def setStepState(self, stepid: int, state: str) -> Deferred[None]:
        """What a step does, in words."""
        return self._run("steps.state", steps.setState, stepid, state)

    def addStepUrl(self, stepid: int, name: str, url: str) -> Deferred[None]:
        """A step shows a link."""
        return self._run("steps.url", steps.addUrl, stepid, name, url)

    def finishStep(self, stepid: int, results: int, hidden: bool = False) -> Deferred[None]:
        """A step has ended; ``hidden``: it should not be shown."""
        return self._run("steps.finish", steps.finish, stepid, results, hidden)

    # -- logs

    def addLog(self, stepid: int, name: str, type: str = "s") -> Deferred[logs.Added]:
        """A step has a further log, of type ``s`` (each line has a prefix ``o``, ``e`` or ``h``), ``t`` or ``h``;
        fires with its id and its name in paths."""
        return self._run("logs.add", logs.add, stepid, name, type)

    def appendLog(self, logid: int, text: str) -> Deferred[tuple[int, int] | None]:
        """A log has further lines, whole ones, with the last one's newline; fires with the numbers of the first and
        the last of them, from 0."""
        return self._run("logs.append", logs.append, logid, text)

    def finishLog(self, logid: int) -> Deferred[None]:
        """A log is complete."""
        return self._run("logs.finish", logs.finish, logid)

    # -- results of tests

    def addTestResultSet(
        self, stepid: int, category: str, value_unit: str, description: str | None = None
    ) -> Deferred[int]:
        """A step collects results of tests; fires with the id of their set."""
        return self._run("test_result_sets.add", tests.addSet, stepid, category, value_unit, description)

    def addTestResults(self, setid: int, results: Sequence[tests.NewResult]) -> Deferred[None]:
        """Further results. They are no event: the set's completion is."""
        return self._run("test_results.add", tests.add, setid, results)

    def completeTestResultSet(self, setid: int) -> Deferred[None]:
        """A set has all its results; what passed and failed is counted."""
        return self._run("test_result_sets.complete", tests.complete, setid)
