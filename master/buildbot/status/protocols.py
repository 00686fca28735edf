"""What a record is to a type checker: protocols that records fulfil, and your own fakes may fulfil."""
# Generated from the definitions by `make generate`; not to be edited.

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, Protocol

from buildbot.status.fieldtypes import Identifier, Time
from buildbot.status.resources.steps import Link
from buildbot.status.resources.workers import ConfiguredOn, ConnectedTo


class IStatusBranch(Protocol):
    """A branch of a codebase, and its newest commit."""

    @property
    def branchid(self) -> int: ...

    @property
    def codebaseid(self) -> int: ...

    @property
    def name(self) -> str:
        """As the version control calls it, such as ``refs/heads/main``."""

    @property
    def commitid(self) -> int | None: ...

    @property
    def last_timestamp(self) -> Time:
        """When it was last looked at."""

    def getCommit(self, **query: Any) -> Awaitable[IStatusCommit | None]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusBranch]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusBuild(Protocol):
    """One execution of a builder on a worker."""

    @property
    def buildid(self) -> int:
        """Unique across builders."""

    @property
    def number(self) -> int:
        """Counts the builder's builds, from 1. There may be gaps."""

    @property
    def builderid(self) -> int: ...

    @property
    def buildrequestid(self) -> int:
        """What asked for it; several builds share a request after a retry."""

    @property
    def workerid(self) -> int | None: ...

    @property
    def masterid(self) -> int: ...

    @property
    def started_at(self) -> Time: ...

    @property
    def complete(self) -> bool: ...

    @property
    def complete_at(self) -> Time | None: ...

    @property
    def locks_duration_s(self) -> int:
        """Seconds spent waiting for locks that it has meanwhile got."""

    @property
    def results(self) -> int | None:
        """A result code; null while it runs."""

    @property
    def state_string(self) -> str:
        """What it does, or how it went, in words."""

    @property
    def properties(self) -> Mapping[str, Any]:
        """Those that ``property=`` names; ``*`` is all."""

    @property
    def eta(self) -> Time | None:
        """When it will be complete: its start and the mean duration of the builder's last 5 builds that ended with
        success or warnings. Null once it is complete, or without such builds."""

    @property
    def branches(self) -> Sequence[str | None]:
        """What its source stamps name; null: the default branch."""

    @property
    def got_revision(self) -> str | None:
        """The property of this name, as JSON text: a revision, or an object with one for each codebase."""

    def getBuilder(self, **query: Any) -> Awaitable[IStatusBuilder | None]: ...

    def getMaster(self, **query: Any) -> Awaitable[IStatusMaster | None]: ...

    def getWorker(self, **query: Any) -> Awaitable[IStatusWorker | None]: ...

    def getBuildrequest(self, **query: Any) -> Awaitable[IStatusBuildRequest | None]: ...

    def getBuildset(self, **query: Any) -> Awaitable[IStatusBuildset | None]: ...

    def getSourceStamps(self, **query: Any) -> Awaitable[Sequence[IStatusSourceStamp]]: ...

    def getSteps(self, **query: Any) -> Awaitable[Sequence[IStatusStep]]: ...

    def getCurrentStep(self, **query: Any) -> Awaitable[IStatusStep | None]: ...

    def getLogs(self, **query: Any) -> Awaitable[Sequence[IStatusLog]]: ...

    def getChanges(self, **query: Any) -> Awaitable[Sequence[IStatusChange]]: ...

    def getData(self, **query: Any) -> Awaitable[Sequence[IStatusBuildData]]: ...

    def getPropertyList(self, **query: Any) -> Awaitable[Sequence[IStatusProperty]]: ...

    def getTestResultSets(self, **query: Any) -> Awaitable[Sequence[IStatusTestResultSet]]: ...

    def getTestResults(self, **query: Any) -> Awaitable[Sequence[IStatusTestResult]]: ...

    def getPreviousBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getTriggeredBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getTriggeringBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getETA(self, *arguments: Any, **options: Any) -> Awaitable[float | None]:
        """Seconds until it will be complete (``eta``); negative: it should have been."""

    def getResponsibleUsers(self, *arguments: Any, **options: Any) -> Awaitable[Sequence[str]]:
        """The authors of its changes, sorted."""

    def getInterestedUsers(self, *arguments: Any, **options: Any) -> Awaitable[Sequence[str]]:
        """The authors of its changes, and its ``owner`` and ``owners``, sorted."""

    def getAllGotRevisions(self, *arguments: Any, **options: Any) -> Awaitable[Mapping[str, str]]:
        """The revision that it got of each codebase."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusBuild]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...

    def waitUntilFinished(self) -> Awaitable[IStatusBuild]: ...


class IStatusBuildData(Protocol):
    """Bytes that a step kept with its build."""

    @property
    def dataid(self) -> int: ...

    @property
    def buildid(self) -> int: ...

    @property
    def name(self) -> Identifier: ...

    @property
    def length(self) -> int:
        """In bytes."""

    @property
    def value(self) -> str | None:
        """Always null; ``…/value`` has the bytes."""

    @property
    def source(self) -> str: ...

    def getBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusBuildData]: ...


class IStatusBuildRequest(Protocol):
    """The wish for one build of one builder; part of a buildset."""

    @property
    def buildrequestid(self) -> int: ...

    @property
    def buildsetid(self) -> int: ...

    @property
    def builderid(self) -> int: ...

    @property
    def priority(self) -> int:
        """A higher one goes first."""

    @property
    def claimed(self) -> bool:
        """Some master has taken it; stays true once it is complete."""

    @property
    def claimed_at(self) -> Time | None: ...

    @property
    def claimed_by_masterid(self) -> int | None: ...

    @property
    def complete(self) -> bool: ...

    @property
    def results(self) -> int | None:
        """A result code; -1 until it is complete."""

    @property
    def cancelled(self) -> bool:
        """It was cancelled while it waited: nothing was built."""

    @property
    def submitted_at(self) -> Time: ...

    @property
    def complete_at(self) -> Time | None: ...

    @property
    def waited_for(self) -> bool:
        """A build waits for it."""

    @property
    def properties(self) -> Mapping[str, Any] | None:
        """The buildset's that ``property=`` names; ``*`` is all; null unless asked for."""

    @property
    def position(self) -> int | None:
        """Its place in the builder's queue, from 1; null when it does not wait."""

    def getBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getBuilder(self, **query: Any) -> Awaitable[IStatusBuilder | None]: ...

    def getBuildset(self, **query: Any) -> Awaitable[IStatusBuildset | None]: ...

    def getSourceStamps(self, **query: Any) -> Awaitable[Sequence[IStatusSourceStamp]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusBuildRequest]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...

    def waitUntilFinished(self) -> Awaitable[IStatusBuildRequest]: ...


class IStatusBuilder(Protocol):
    """What builds one thing in one way; its builds are numbered from 1."""

    @property
    def builderid(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def masterids(self) -> Sequence[int]:
        """The masters that run it now; empty: none does."""

    @property
    def description(self) -> str | None: ...

    @property
    def description_format(self) -> str | None:
        """``markdown``, or null for plain text."""

    @property
    def description_html(self) -> str | None: ...

    @property
    def projectid(self) -> int | None: ...

    @property
    def tags(self) -> Sequence[str]: ...

    @property
    def state(self) -> str:
        """``building``, ``idle``, or ``offline``: no worker is connected that may build it."""

    def getBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getLatestBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getLastFinishedBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getLastGoodBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getFirstFailedBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getCurrentBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getBuildrequests(self, **query: Any) -> Awaitable[Sequence[IStatusBuildRequest]]: ...

    def getWaitingBuildrequests(self, **query: Any) -> Awaitable[Sequence[IStatusBuildRequest]]: ...

    def getMasters(self, **query: Any) -> Awaitable[Sequence[IStatusMaster]]: ...

    def getWorkers(self, **query: Any) -> Awaitable[Sequence[IStatusWorker]]: ...

    def getForceschedulers(self, **query: Any) -> Awaitable[Sequence[IStatusForceScheduler]]: ...

    def getTestResultSets(self, **query: Any) -> Awaitable[Sequence[IStatusTestResultSet]]: ...

    def getTests(self, **query: Any) -> Awaitable[Sequence[IStatusTest]]: ...

    def getState(self, *arguments: Any, **options: Any) -> Awaitable[str]:
        """What it does now: its field ``state``, read again."""

    def getBuild(self, *arguments: Any, **options: Any) -> Awaitable[IStatusBuild]:
        """Its build with a number; -1: the latest."""

    def getBuildByRevision(self, *arguments: Any, **options: Any) -> Awaitable[IStatusBuild | None]:
        """Its latest build that got a revision, or None."""

    def generateFinishedBuilds(self, *arguments: Any, **options: Any) -> AsyncIterator[IStatusBuild]:
        """Its builds that are complete, newest first."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusBuilder]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusBuildset(Protocol):
    """A wish for builds of several builders, of the same sources."""

    @property
    def bsid(self) -> int: ...

    @property
    def external_idstring(self) -> str | None:
        """What a try client calls it."""

    @property
    def reason(self) -> str | None: ...

    @property
    def rebuilt_buildid(self) -> int | None:
        """The build that was first rebuilt, for a rebuild."""

    @property
    def submitted_at(self) -> Time: ...

    @property
    def complete(self) -> bool: ...

    @property
    def complete_at(self) -> Time | None: ...

    @property
    def results(self) -> int | None:
        """A result code; -1 until it is complete."""

    @property
    def sourcestamps(self) -> Sequence[IStatusSourceStamp]: ...

    @property
    def parent_buildid(self) -> int | None:
        """The build that triggered it."""

    @property
    def parent_relationship(self) -> str | None: ...

    def getBuildrequests(self, **query: Any) -> Awaitable[Sequence[IStatusBuildRequest]]: ...

    def getBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getParentBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getRebuiltBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getPropertiesList(self, **query: Any) -> Awaitable[Sequence[IStatusProperty]]: ...

    def getBuilders(self, **query: Any) -> Awaitable[Sequence[IStatusBuilder]]: ...

    def getChanges(self, **query: Any) -> Awaitable[Sequence[IStatusChange]]: ...

    def getResponsibleUsers(self, *arguments: Any, **options: Any) -> Awaitable[Sequence[str]]:
        """The authors of its changes, sorted."""

    def getInterestedUsers(self, *arguments: Any, **options: Any) -> Awaitable[Sequence[str]]:
        """The authors of its changes, and its ``owner`` and ``owners``, sorted."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusBuildset]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...

    def waitUntilFinished(self) -> Awaitable[IStatusBuildset]: ...


class IStatusChange(Protocol):
    """A commit, as a change source reported it."""

    @property
    def changeid(self) -> int: ...

    @property
    def parent_changeids(self) -> Sequence[int]:
        """One, or none."""

    @property
    def author(self) -> str: ...

    @property
    def committer(self) -> str | None: ...

    @property
    def files(self) -> Sequence[str]: ...

    @property
    def comments(self) -> str: ...

    @property
    def revision(self) -> str | None: ...

    @property
    def when_timestamp(self) -> Time:
        """The commit's own time, which may be any."""

    @property
    def branch(self) -> str | None: ...

    @property
    def category(self) -> str | None: ...

    @property
    def revlink(self) -> str | None:
        """Where it can be looked at."""

    @property
    def properties(self) -> Mapping[str, Any]: ...

    @property
    def repository(self) -> str: ...

    @property
    def project(self) -> str: ...

    @property
    def codebase(self) -> str: ...

    @property
    def sourcestamp(self) -> IStatusSourceStamp | None:
        """Null if it is there no more."""

    def getBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getPropertiesList(self, **query: Any) -> Awaitable[Sequence[IStatusProperty]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusChange]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusChangeSource(Protocol):
    """What reports changes; one master at a time runs it."""

    @property
    def changesourceid(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def master(self) -> IStatusMaster | None:
        """The one that runs it."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusChangeSource]: ...


class IStatusCodebase(Protocol):
    """A source tree of a project, of which commits are known."""

    @property
    def codebaseid(self) -> int: ...

    @property
    def projectid(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def slug(self) -> Identifier: ...

    def getBranches(self, **query: Any) -> Awaitable[Sequence[IStatusBranch]]: ...

    def getCommits(self, **query: Any) -> Awaitable[Sequence[IStatusCommit]]: ...

    def getCommitsByRevision(self, **query: Any) -> Awaitable[Sequence[IStatusCommit]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusCodebase]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusCommit(Protocol):
    """A commit of a codebase."""

    @property
    def commitid(self) -> int: ...

    @property
    def codebaseid(self) -> int: ...

    @property
    def author(self) -> str: ...

    @property
    def committer(self) -> str | None: ...

    @property
    def comments(self) -> str: ...

    @property
    def when_timestamp(self) -> Time: ...

    @property
    def revision(self) -> str: ...

    @property
    def parent_commitid(self) -> int | None: ...

    def getParentCommit(self, **query: Any) -> Awaitable[IStatusCommit | None]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusCommit]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusCommitGraph(Protocol):
    """How two commits are related: ways from a common ancestor to each, both ends included, oldest first."""

    @property
    def common(self) -> int:
        """The commitid of the common ancestor."""

    @property
    def to1(self) -> Sequence[int]: ...

    @property
    def to2(self) -> Sequence[int]: ...


class IStatusConsumer(Protocol):
    """Who follows the log of events by name and is not to miss anything: a listener. Its rows are not in Buildbot's
    database unless this program writes that, so it takes no part in a batch with other types, and nothing is
    announced of it."""

    @property
    def consumerid(self) -> int: ...

    @property
    def name(self) -> str:
        """The listener's."""

    @property
    def cursor(self) -> str:
        """Everything up to it was handled, or is a delivery that waits or is parked."""

    @property
    def lag(self) -> int | None:
        """How many events of the log it has still to look at, those included that are not for it; at most some seconds
        old. Null: no process runs it."""

    @property
    def behind_since(self) -> Time | None:
        """When the oldest of them happened, about; null: there are none."""

    @property
    def paused(self) -> bool:
        """It is told nothing until it is resumed."""

    @property
    def running(self) -> bool:
        """A process runs it, or has ended without a word."""

    @property
    def waiting(self) -> int:
        """Deliveries that wait for a next attempt, or for one before them."""

    @property
    def parked(self) -> int:
        """Deliveries that were given up."""

    @property
    def replay_cursor(self) -> str | None:
        """How far a replay has come; null: there is none."""

    @property
    def replay_until(self) -> str | None:
        """Where it ends."""

    @property
    def gaps(self) -> int:
        """How often what came next for it was not kept any more, so that it was not told."""

    @property
    def missed_at(self) -> Time | None:
        """When that was found out last; null: it never was."""

    @property
    def missed_since(self) -> str | None:
        """Then it was here,"""

    @property
    def missed_until(self) -> str | None:
        """and has gone on here, with the oldest that was kept."""

    @property
    def updated_at(self) -> Time:
        """When the cursor moved last."""

    def getDeliveries(self, **query: Any) -> Awaitable[Sequence[IStatusDelivery]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusConsumer]: ...


class IStatusDelivery(Protocol):
    """What a listener could not handle yet, or at all: one method's call for one event. What it has handled is no
    delivery any more. Its rows are where those of consumers are."""

    @property
    def deliveryid(self) -> int: ...

    @property
    def consumerid(self) -> int:
        """``consumers/{consumerid}`` is whose it is."""

    @property
    def consumer(self) -> str | None:
        """The consumer's name."""

    @property
    def cursor(self) -> str:
        """The place after the event. It is the same at each attempt."""

    @property
    def method(self) -> str:
        """The listener's method."""

    @property
    def key(self) -> str:
        """Deliveries of one key are handled one after the other."""

    @property
    def state(self) -> str:
        """``waiting``: for a next attempt, or for one before it; ``parked``: given up."""

    @property
    def attempts(self) -> int:
        """How many have failed."""

    @property
    def failed_at(self) -> Time | None:
        """When the last one did."""

    @property
    def error(self) -> str | None:
        """With what."""

    @property
    def topic(self) -> str:
        """What happened to what: ``builds/7/finished``."""

    @property
    def event(self) -> str:
        """What happened: ``finished``."""

    @property
    def is_replay(self) -> bool:
        """Somebody asked for it once more."""

    @property
    def record(self) -> Mapping[str, Any]:
        """The thing after the event."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusDelivery]: ...


class IStatusForceScheduler(Protocol):
    """A form with which a person asks for builds. It lives in the memory of the master that runs it: beside a stock
    master, over its database, there are none."""

    @property
    def name(self) -> Identifier: ...

    @property
    def button_name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def builder_names(self) -> Sequence[str]: ...

    @property
    def enabled(self) -> bool: ...

    @property
    def all_fields(self) -> Sequence[Mapping[str, Any]]: ...


class IStatusLog(Protocol):
    """What a step wrote; its lines are :class:`LogChunk`."""

    @property
    def logid(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def slug(self) -> Identifier:
        """The name, fit for a path; unique within the step."""

    @property
    def stepid(self) -> int: ...

    @property
    def complete(self) -> bool:
        """Nothing more will be appended."""

    @property
    def num_lines(self) -> int: ...

    @property
    def type(self) -> Identifier:
        """``s``: output and errors, each line with a prefix ``o``, ``e`` or ``h``; ``t``: text; ``h``: HTML; ``d``:
        deleted."""

    def getStep(self, **query: Any) -> Awaitable[IStatusStep | None]: ...

    def getText(self, *arguments: Any, **options: Any) -> Awaitable[str]:
        """Its text, as far as it fits into memory."""

    def readlines(self, *arguments: Any, **options: Any) -> Awaitable[Sequence[str]]:
        """The lines of its text, without their ends."""

    def getChunks(self, *arguments: Any, **options: Any) -> AsyncIterator[tuple[str, str]]:
        """Its text, piece by piece, each with the letter of its stream."""

    def followLines(self, *arguments: Any, **options: Any) -> AsyncIterator[str]:
        """Its lines, those that are there and those that come, until it is complete."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusLog]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...

    def waitUntilFinished(self) -> Awaitable[IStatusLog]: ...


class IStatusLogChunk(Protocol):
    """Lines of a log."""

    @property
    def logid(self) -> int: ...

    @property
    def firstline(self) -> int:
        """The number of the first line; lines count from 0."""

    @property
    def lines(self) -> Sequence[int] | None:
        """The numbers of the lines that ``search=`` found; null without it."""

    @property
    def content(self) -> str:
        """The lines, each with its line end; of logs of type ``s`` with their prefix."""


class IStatusMaster(Protocol):
    """A process that runs builds. Several may share a database."""

    @property
    def masterid(self) -> int: ...

    @property
    def name(self) -> str:
        """Host name and base directory, joined by a colon."""

    @property
    def active(self) -> bool:
        """Whether it runs; cleared 10 minutes after its last sign of life at the latest."""

    @property
    def last_active(self) -> Time:
        """Its last sign of life; renewed once a minute."""

    def getBuilders(self, **query: Any) -> Awaitable[Sequence[IStatusBuilder]]: ...

    def getWorkers(self, **query: Any) -> Awaitable[Sequence[IStatusWorker]]: ...

    def getSchedulers(self, **query: Any) -> Awaitable[Sequence[IStatusScheduler]]: ...

    def getChangesources(self, **query: Any) -> Awaitable[Sequence[IStatusChangeSource]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusMaster]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusPatch(Protocol):
    """A difference that somebody wants built on top of a revision."""

    @property
    def patchid(self) -> int: ...

    @property
    def body(self) -> str | None:
        """Its text, read as UTF-8."""

    @property
    def level(self) -> int:
        """How many directories to strip, as for ``patch -p``."""

    @property
    def subdir(self) -> str | None: ...

    @property
    def author(self) -> str: ...

    @property
    def comment(self) -> str: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusPatch]: ...


class IStatusProject(Protocol):
    """What several builders belong to, and the codebases that they build."""

    @property
    def projectid(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def slug(self) -> Identifier: ...

    @property
    def active(self) -> bool:
        """Whether some master runs one of its builders."""

    @property
    def description(self) -> str | None: ...

    @property
    def description_format(self) -> str | None:
        """``markdown``, or null for plain text."""

    @property
    def description_html(self) -> str | None: ...

    def getBuilders(self, **query: Any) -> Awaitable[Sequence[IStatusBuilder]]: ...

    def getCodebases(self, **query: Any) -> Awaitable[Sequence[IStatusCodebase]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusProject]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusProperty(Protocol):
    """One property, as a record of its own."""

    @property
    def name(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def value(self) -> str:
        """JSON, as text."""


class IStatusRootLink(Protocol):
    """The name of a list at the root."""

    @property
    def name(self) -> str: ...


class IStatusScheduler(Protocol):
    """What decides when to build; one master at a time runs it."""

    @property
    def schedulerid(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def enabled(self) -> bool: ...

    @property
    def master(self) -> IStatusMaster | None:
        """The one that runs it."""

    def getPendingBuildsets(self, **query: Any) -> Awaitable[Sequence[IStatusBuildset]]: ...

    def getPendingChanges(self, **query: Any) -> Awaitable[Sequence[IStatusChange]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusScheduler]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...


class IStatusSite(Protocol):
    """What an installation calls itself, from the configuration of the server that is asked; and what that is."""

    @property
    def title(self) -> str: ...

    @property
    def title_url(self) -> str | None:
        """Where the title leads (``titleURL``)."""

    @property
    def buildbot_url(self) -> str | None:
        """Where browsers find it (``buildbotURL``); ends with a slash."""

    @property
    def stock_url(self) -> str | None:
        """Where a stock Buildbot's own pages are, on which one may do what cannot be done here (``www['stock_url']``);
        ends with a slash."""

    @property
    def version(self) -> str | None:
        """Of the server that is asked."""

    @property
    def database(self) -> str | None:
        """What kind of database it reads: ``sqlite`` or ``postgresql``."""

    @property
    def look_interval_ms(self) -> int | None:
        """Milliseconds between two looks at the database for what is new, if that takes no longer. Null: it is told."""


class IStatusSourceStamp(Protocol):
    """What is built, of one codebase: a revision, or the latest of a branch."""

    @property
    def ssid(self) -> int: ...

    @property
    def revision(self) -> str | None:
        """Null: the latest."""

    @property
    def branch(self) -> str | None:
        """Null: the default branch."""

    @property
    def repository(self) -> str: ...

    @property
    def project(self) -> str: ...

    @property
    def codebase(self) -> str: ...

    @property
    def patch(self) -> IStatusPatch | None: ...

    @property
    def created_at(self) -> Time:
        """When it was first seen."""

    def getChanges(self, **query: Any) -> Awaitable[Sequence[IStatusChange]]: ...

    def getBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getText(self, *arguments: Any, **options: Any) -> Awaitable[Sequence[str]]:
        """A few words that say what it is."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusSourceStamp]: ...


class IStatusSourcedProperties(Protocol):
    """All properties of a thing in one object: ``{name: [value, source]}``."""


class IStatusSpec(Protocol):
    """What the records at a kind of path are made of, in the form of Buildbot's own specification."""

    @property
    def path(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def plural(self) -> str: ...

    @property
    def type_spec(self) -> Mapping[str, Any]: ...


class IStatusStep(Protocol):
    """One part of a build."""

    @property
    def stepid(self) -> int: ...

    @property
    def number(self) -> int:
        """Counts the build's steps, from 0."""

    @property
    def name(self) -> Identifier:
        """Unique within the build."""

    @property
    def buildid(self) -> int: ...

    @property
    def started_at(self) -> Time | None: ...

    @property
    def locks_acquired_at(self) -> Time | None:
        """When it got its locks and really began."""

    @property
    def complete(self) -> bool: ...

    @property
    def complete_at(self) -> Time | None: ...

    @property
    def results(self) -> int | None:
        """A result code; null while it runs."""

    @property
    def state_string(self) -> str: ...

    @property
    def urls(self) -> Sequence[Link]: ...

    @property
    def hidden(self) -> bool:
        """Should not be shown."""

    @property
    def eta(self) -> Time | None:
        """When it will be complete: its start and the mean duration of the step of the same name in the last 5 builds
        of the builder that ended with success or warnings. Null unless it runs, or without such steps."""

    def getBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getLogs(self, **query: Any) -> Awaitable[Sequence[IStatusLog]]: ...

    def getTestResultSets(self, **query: Any) -> Awaitable[Sequence[IStatusTestResultSet]]: ...

    def getETA(self, *arguments: Any, **options: Any) -> Awaitable[float | None]:
        """Seconds until it will be complete (``eta``); negative: it should have been."""

    def refreshed(self, **query: Any) -> Awaitable[IStatusStep]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...

    def waitUntilFinished(self) -> Awaitable[IStatusStep]: ...


class IStatusTest(Protocol):
    """What a builder has results of under one name. It stays when it is not run any more."""

    @property
    def testid(self) -> int: ...

    @property
    def builderid(self) -> int: ...

    @property
    def name(self) -> str:
        """Two may have the same, where masters recorded it at the same moment."""

    def getBuilder(self, **query: Any) -> Awaitable[IStatusBuilder | None]: ...

    def getResults(self, **query: Any) -> Awaitable[Sequence[IStatusTestResult]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusTest]: ...


class IStatusTestResult(Protocol):
    """The result of one test, or one finding."""

    @property
    def test_resultid(self) -> int: ...

    @property
    def builderid(self) -> int: ...

    @property
    def test_result_setid(self) -> int: ...

    @property
    def test_name(self) -> str | None: ...

    @property
    def test_code_path(self) -> str | None: ...

    @property
    def line(self) -> int | None: ...

    @property
    def duration_ns(self) -> int | None: ...

    @property
    def value(self) -> str: ...

    @property
    def testid(self) -> int | None:
        """Of its name; null without one."""

    def getTestResultSet(self, **query: Any) -> Awaitable[IStatusTestResultSet | None]: ...

    def getTest(self, **query: Any) -> Awaitable[IStatusTest | None]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusTestResult]: ...


class IStatusTestResultSet(Protocol):
    """Results of tests, of one kind, that a step collected."""

    @property
    def test_result_setid(self) -> int: ...

    @property
    def builderid(self) -> int: ...

    @property
    def buildid(self) -> int: ...

    @property
    def stepid(self) -> int: ...

    @property
    def description(self) -> str | None: ...

    @property
    def category(self) -> str:
        """``pass_fail``, ``pass_only``, ``fail_only``, ``code_issue``, or what the step calls it."""

    @property
    def value_unit(self) -> str:
        """What the values are: ``boolean``, ``ns``, …."""

    @property
    def tests_passed(self) -> int | None: ...

    @property
    def tests_failed(self) -> int | None: ...

    @property
    def complete(self) -> bool: ...

    def getResults(self, **query: Any) -> Awaitable[Sequence[IStatusTestResult]]: ...

    def getFailures(self, **query: Any) -> Awaitable[Sequence[IStatusTestResult]]: ...

    def getBuild(self, **query: Any) -> Awaitable[IStatusBuild | None]: ...

    def getStep(self, **query: Any) -> Awaitable[IStatusStep | None]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusTestResultSet]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...

    def waitUntilFinished(self) -> Awaitable[IStatusTestResultSet]: ...


class IStatusWorker(Protocol):
    """What runs the steps of builds, on a machine of its own."""

    @property
    def workerid(self) -> int: ...

    @property
    def name(self) -> Identifier: ...

    @property
    def connected_to(self) -> Sequence[ConnectedTo]:
        """Empty: it is not connected. A master that died may still be listed, until its next start."""

    @property
    def configured_on(self) -> Sequence[ConfiguredOn]:
        """Every builder it may build for, under whatever path one asks."""

    @property
    def workerinfo(self) -> Mapping[str, Any]:
        """What it said of itself: admin, host, access_uri, version."""

    @property
    def paused(self) -> bool:
        """Starts no new builds."""

    @property
    def pause_reason(self) -> str | None: ...

    @property
    def graceful(self) -> bool:
        """Shuts down once it is idle."""

    def getBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getRunningBuilds(self, **query: Any) -> Awaitable[Sequence[IStatusBuild]]: ...

    def getBuilders(self, **query: Any) -> Awaitable[Sequence[IStatusBuilder]]: ...

    def refreshed(self, **query: Any) -> Awaitable[IStatusWorker]: ...

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Awaitable[Any]: ...
