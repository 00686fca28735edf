"""The typed getters at the root of every connection: ``await status.getBuilder("linux")``."""
# Generated from the definitions by `make generate`; not to be edited.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from twisted.internet.defer import Deferred

from buildbot.status.objects import StatusObjects
from buildbot.status.resources.build_data import BuildData
from buildbot.status.resources.builders import Builder
from buildbot.status.resources.buildrequests import BuildRequest
from buildbot.status.resources.builds import Build
from buildbot.status.resources.buildsets import Buildset
from buildbot.status.resources.changes import Change
from buildbot.status.resources.changesources import ChangeSource
from buildbot.status.resources.codebases import Branch, Codebase, Commit
from buildbot.status.resources.consumers import Consumer
from buildbot.status.resources.deliveries import Delivery
from buildbot.status.resources.forceschedulers import ForceScheduler
from buildbot.status.resources.logs import Log
from buildbot.status.resources.masters import Master
from buildbot.status.resources.projects import Project
from buildbot.status.resources.root import RootLink, Spec
from buildbot.status.resources.schedulers import Scheduler
from buildbot.status.resources.site import Site
from buildbot.status.resources.sourcestamps import SourceStamp
from buildbot.status.resources.steps import Step
from buildbot.status.resources.test_result_sets import Test, TestResultSet
from buildbot.status.resources.workers import Worker


class StatusGetters(StatusObjects):
    """Getters of one thing take any of its addresses, and fail with :class:`~buildbot.errors.NotFound` where there is
    none; getters of lists fire with a tuple. All take a query: ``getBuilds(limit=5, complete=True)``."""

    def getBranch(self, branchid: int, /, **query: Any) -> Deferred[Branch]:
        """A branch of a codebase, and its newest commit."""
        return self._one(Branch, (branchid,), query)

    def getBranches(self, **query: Any) -> Deferred[Sequence[Branch]]:
        """A branch of a codebase, and its newest commit."""
        return self._list("branches", query)

    @overload
    def getBuild(self, buildid: int, /, **query: Any) -> Deferred[Build]: ...

    @overload
    def getBuild(self, builder: int | str, build_number: int, /, **query: Any) -> Deferred[Build]: ...

    def getBuild(self, /, *address: int | str, **query: Any) -> Deferred[Build]:
        """One execution of a builder on a worker."""
        return self._one(Build, address, query)

    def getBuilds(self, **query: Any) -> Deferred[Sequence[Build]]:
        """One execution of a builder on a worker."""
        return self._list("builds", query)

    @overload
    def getBuildData(self, buildid: int, name: str, /, **query: Any) -> Deferred[BuildData]: ...

    @overload
    def getBuildData(
        self, builder: int | str, build_number: int, name: str, /, **query: Any
    ) -> Deferred[BuildData]: ...

    def getBuildData(self, /, *address: int | str, **query: Any) -> Deferred[BuildData]:
        """Bytes that a step kept with its build."""
        return self._one(BuildData, address, query)

    def getBuildRequest(self, buildrequestid: int, /, **query: Any) -> Deferred[BuildRequest]:
        """The wish for one build of one builder; part of a buildset."""
        return self._one(BuildRequest, (buildrequestid,), query)

    def getBuildRequests(self, **query: Any) -> Deferred[Sequence[BuildRequest]]:
        """The wish for one build of one builder; part of a buildset."""
        return self._list("buildrequests", query)

    def getBuilder(self, builder: int | str, /, **query: Any) -> Deferred[Builder]:
        """What builds one thing in one way; its builds are numbered from 1."""
        return self._one(Builder, (builder,), query)

    def getBuilders(self, **query: Any) -> Deferred[Sequence[Builder]]:
        """What builds one thing in one way; its builds are numbered from 1."""
        return self._list("builders", query)

    def getBuildset(self, bsid: int, /, **query: Any) -> Deferred[Buildset]:
        """A wish for builds of several builders, of the same sources."""
        return self._one(Buildset, (bsid,), query)

    def getBuildsets(self, **query: Any) -> Deferred[Sequence[Buildset]]:
        """A wish for builds of several builders, of the same sources."""
        return self._list("buildsets", query)

    def getChange(self, changeid: int, /, **query: Any) -> Deferred[Change]:
        """A commit, as a change source reported it."""
        return self._one(Change, (changeid,), query)

    def getChanges(self, **query: Any) -> Deferred[Sequence[Change]]:
        """A commit, as a change source reported it."""
        return self._list("changes", query)

    def getChangeSource(self, changesourceid: int, /, **query: Any) -> Deferred[ChangeSource]:
        """What reports changes; one master at a time runs it."""
        return self._one(ChangeSource, (changesourceid,), query)

    def getChangeSources(self, **query: Any) -> Deferred[Sequence[ChangeSource]]:
        """What reports changes; one master at a time runs it."""
        return self._list("changesources", query)

    def getCodebase(self, codebaseid: int, /, **query: Any) -> Deferred[Codebase]:
        """A source tree of a project, of which commits are known."""
        return self._one(Codebase, (codebaseid,), query)

    def getCodebases(self, **query: Any) -> Deferred[Sequence[Codebase]]:
        """A source tree of a project, of which commits are known."""
        return self._list("codebases", query)

    def getCommit(self, commitid: int, /, **query: Any) -> Deferred[Commit]:
        """A commit of a codebase."""
        return self._one(Commit, (commitid,), query)

    def getCommits(self, **query: Any) -> Deferred[Sequence[Commit]]:
        """A commit of a codebase."""
        return self._list("commits", query)

    def getConsumer(self, consumer: int | str, /, **query: Any) -> Deferred[Consumer]:
        """Who follows the log of events by name and is not to miss anything: a listener. Its rows are not in Buildbot's
        database unless this program writes that, so it takes no part in a batch with other types, and nothing is
        announced of it."""
        return self._one(Consumer, (consumer,), query)

    def getConsumers(self, **query: Any) -> Deferred[Sequence[Consumer]]:
        """Who follows the log of events by name and is not to miss anything: a listener. Its rows are not in Buildbot's
        database unless this program writes that, so it takes no part in a batch with other types, and nothing is
        announced of it."""
        return self._list("consumers", query)

    def getDelivery(self, deliveryid: int, /, **query: Any) -> Deferred[Delivery]:
        """What a listener could not handle yet, or at all: one method's call for one event. What it has handled is no
        delivery any more. Its rows are where those of consumers are."""
        return self._one(Delivery, (deliveryid,), query)

    def getDeliveries(self, **query: Any) -> Deferred[Sequence[Delivery]]:
        """What a listener could not handle yet, or at all: one method's call for one event. What it has handled is no
        delivery any more. Its rows are where those of consumers are."""
        return self._list("deliveries", query)

    def getForceScheduler(self, schedulername: str, /, **query: Any) -> Deferred[ForceScheduler]:
        """A form with which a person asks for builds. It lives in the memory of the master that runs it: beside a stock
        master, over its database, there are none."""
        return self._one(ForceScheduler, (schedulername,), query)

    def getForceSchedulers(self, **query: Any) -> Deferred[Sequence[ForceScheduler]]:
        """A form with which a person asks for builds. It lives in the memory of the master that runs it: beside a stock
        master, over its database, there are none."""
        return self._list("forceschedulers", query)

    @overload
    def getLog(self, logid: int, /, **query: Any) -> Deferred[Log]: ...

    @overload
    def getLog(self, stepid: int, log_slug: str, /, **query: Any) -> Deferred[Log]: ...

    @overload
    def getLog(self, buildid: int, step: int | str, log_slug: str, /, **query: Any) -> Deferred[Log]: ...

    @overload
    def getLog(
        self, builder: int | str, build_number: int, step: int | str, log_slug: str, /, **query: Any
    ) -> Deferred[Log]: ...

    def getLog(self, /, *address: int | str, **query: Any) -> Deferred[Log]:
        """What a step wrote; its lines are :class:`LogChunk`."""
        return self._one(Log, address, query)

    def getLogs(self, **query: Any) -> Deferred[Sequence[Log]]:
        """What a step wrote; its lines are :class:`LogChunk`."""
        return self._list("logs", query)

    def getMaster(self, masterid: int, /, **query: Any) -> Deferred[Master]:
        """A process that runs builds. Several may share a database."""
        return self._one(Master, (masterid,), query)

    def getMasters(self, **query: Any) -> Deferred[Sequence[Master]]:
        """A process that runs builds. Several may share a database."""
        return self._list("masters", query)

    def getProject(self, project: int | str, /, **query: Any) -> Deferred[Project]:
        """What several builders belong to, and the codebases that they build."""
        return self._one(Project, (project,), query)

    def getProjects(self, **query: Any) -> Deferred[Sequence[Project]]:
        """What several builders belong to, and the codebases that they build."""
        return self._list("projects", query)

    def getRootLinks(self, **query: Any) -> Deferred[Sequence[RootLink]]:
        """The name of a list at the root."""
        return self._list("", query)

    def getScheduler(self, schedulerid: int, /, **query: Any) -> Deferred[Scheduler]:
        """What decides when to build; one master at a time runs it."""
        return self._one(Scheduler, (schedulerid,), query)

    def getSchedulers(self, **query: Any) -> Deferred[Sequence[Scheduler]]:
        """What decides when to build; one master at a time runs it."""
        return self._list("schedulers", query)

    def getSites(self, **query: Any) -> Deferred[Sequence[Site]]:
        """What an installation calls itself, from the configuration of the server that is asked; and what that is."""
        return self._list("site", query)

    def getSourceStamp(self, ssid: int, /, **query: Any) -> Deferred[SourceStamp]:
        """What is built, of one codebase: a revision, or the latest of a branch."""
        return self._one(SourceStamp, (ssid,), query)

    def getSourceStamps(self, **query: Any) -> Deferred[Sequence[SourceStamp]]:
        """What is built, of one codebase: a revision, or the latest of a branch."""
        return self._list("sourcestamps", query)

    def getSpecs(self, **query: Any) -> Deferred[Sequence[Spec]]:
        """What the records at a kind of path are made of, in the form of Buildbot's own specification."""
        return self._list("application.spec", query)

    @overload
    def getStep(self, stepid: int, /, **query: Any) -> Deferred[Step]: ...

    @overload
    def getStep(self, buildid: int, step: int | str, /, **query: Any) -> Deferred[Step]: ...

    @overload
    def getStep(self, builder: int | str, build_number: int, step: int | str, /, **query: Any) -> Deferred[Step]: ...

    def getStep(self, /, *address: int | str, **query: Any) -> Deferred[Step]:
        """One part of a build."""
        return self._one(Step, address, query)

    def getSteps(self, **query: Any) -> Deferred[Sequence[Step]]:
        """One part of a build."""
        return self._list("steps", query)

    def getTest(self, testid: int, /, **query: Any) -> Deferred[Test]:
        """What a builder has results of under one name. It stays when it is not run any more."""
        return self._one(Test, (testid,), query)

    def getTests(self, **query: Any) -> Deferred[Sequence[Test]]:
        """What a builder has results of under one name. It stays when it is not run any more."""
        return self._list("tests", query)

    def getTestResultSet(self, test_result_setid: int, /, **query: Any) -> Deferred[TestResultSet]:
        """Results of tests, of one kind, that a step collected."""
        return self._one(TestResultSet, (test_result_setid,), query)

    def getTestResultSets(self, **query: Any) -> Deferred[Sequence[TestResultSet]]:
        """Results of tests, of one kind, that a step collected."""
        return self._list("test_result_sets", query)

    def getWorker(self, worker: int | str, /, **query: Any) -> Deferred[Worker]:
        """What runs the steps of builds, on a machine of its own."""
        return self._one(Worker, (worker,), query)

    def getWorkers(self, **query: Any) -> Deferred[Sequence[Worker]]:
        """What runs the steps of builds, on a machine of its own."""
        return self._list("workers", query)
