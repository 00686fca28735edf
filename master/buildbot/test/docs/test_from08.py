"""The page about Buildbot 0.8: every member of its interfaces is in the table, and what the table says can be done."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from buildbot.status.definition import Resource
from buildbot.status.listeners.heard import METHODS
from buildbot.test.docs.executed import DOCS
from buildbot.test.status.languages import LanguagesOnPostgreSQL
from buildbot.test.status.recorded import RecordedCase

PAGE = DOCS / "reference" / "from-0.8.rst"
NONE = "none"
REVISION = "a7b5f0e3d9c1428690ab5c7e1f3d2b4a6c8e0f12"

MEMBERS = {
    "IStatus": "getTitle getTitleURL getBuildbotURL getURLForThing getChangeSources getChange getSchedulers"
    " getBuilderNames getBuilder getSlaveNames getSlave getBuildSets generateFinishedBuilds subscribe unsubscribe"
    " getMetrics",
    "IBuildSetStatus": "getReason getID getResponsibleUsers getInterestedUsers getBuilderNames isFinished"
    " waitUntilFinished getResults",
    "IBuildRequestStatus": "getSourceStamp getBuilds getSubmitTime getBsid getBuilderName getBuildProperties subscribe",
    "ISlaveStatus": "getName getAdmin getHost getVersion isConnected lastMessageReceived isPaused getGraceful"
    " getRunningBuilds getConnectCount getInfo",
    "ISchedulerStatus": "getName getPendingBuildsets",
    "IBuilderStatus": "getName getCategory getTags getDescription getState getSlaves getPendingBuildRequestStatuses"
    " getCurrentBuilds getLastFinishedBuild getBuild getBuildByRevision generateFinishedBuilds subscribe",
    "ISourceStamp": "canBeMergedWith mergeWith getAbsoluteSourceStamp getText",
    "IBuildStatus": "getBuilder getNumber getPreviousBuild getReason getSourceStamps getChanges getRevisions"
    " getResponsibleUsers getInterestedUsers getSteps getCurrentStep getTimes getETA getSlavename getText getResults"
    " getLogs getTestResults getAllGotRevisions getSummaryStatistic getProperties isFinished waitUntilFinished"
    " subscribe",
    "IBuildStepStatus": "getName getBuild getTimes getExpectations getURLs getLogs getETA getText getResults isFinished"
    " isStarted isSkipped isHidden isWaitingForLocks getStatistics waitUntilFinished subscribe",
    "IStatusLog": "getName getStep isFinished waitUntilFinished subscribe subscribeConsumer hasContents getText"
    " readlines getTextWithHeaders getChunks",
    "IStatusReceiver": "buildsetSubmitted requestSubmitted requestCancelled builderAdded builderChangedState"
    " builderRemoved buildStarted buildETAUpdate buildFinished stepStarted stepTextChanged stepETAUpdate stepFinished"
    " logStarted logChunk logFinished changeAdded workerConnected workerDisconnected workerPaused workerUnpaused",
}
"""What 0.8's interfaces had."""


@attrs.frozen
class Line:
    """One line of a table."""

    interface: str
    old: str
    new: str
    note: str


def lines() -> Iterator[Line]:
    """All lines of the page."""
    sections = re.split(r"^(\w+)\n-+\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    for interface, text in zip(sections[1::2], sections[2::2], strict=True):
        for old, new, note in re.findall(r"^   \* - ``(\w+)``\n     - (.+)\n     -(.*)", text, re.MULTILINE):
            yield Line(interface, old, new.strip("`"), note.strip())


class TableTests(SynchronousTestCase):
    def test_everyMember(self) -> None:
        """Each member of each interface has its line."""
        found: dict[str, list[str]] = {}
        for line in lines():
            found.setdefault(line.interface, []).append(line.old)
        self.assertEqual(found, {name: members.split() for name, members in MEMBERS.items()})

    def test_reasons(self) -> None:
        """What has no successor says why."""
        self.assertEqual([line for line in lines() if line.new == NONE and not line.note], [])

    def test_methods(self) -> None:
        """What replaces an event is a method of listeners."""
        named = [line.new for line in lines() if line.interface == "IStatusReceiver" and line.new != NONE]
        self.assertEqual([name for name in named if name not in METHODS], [])
        self.assertEqual(len(named), 18)


class CalledTests(RecordedCase):
    timeout = 120

    async def things(self, status: Any, buildid: int) -> dict[str, Any]:
        """What the table's expressions are about, over one connection."""
        build = await status.getBuild(buildid)
        [log, *_] = [each for each in await build.getLogs() if each.type == "s"]
        return {
            "status": status,
            "build": build,
            "builder": await build.getBuilder(),
            "buildset": await build.getBuildset(),
            "request": await build.getBuildrequest(),
            "worker": await build.getWorker(),
            "step": await log.getStep(),
            "log": log,
            "stamp": (await build.getSourceStamps())[0],
            "scheduler": (await status.getSchedulers(limit=1))[0],
            "change": (await status.getChanges(limit=1))[0],
            "revision": REVISION,
        }

    async def richest(self) -> int:
        """A build that has all that one can have."""
        found = await self.service.getBuilds(complete=True, limit=200, expand="logs,worker")
        having = [
            build
            for build in found
            if "s" in [log.type for log in await build.getLogs()] and await build.getWorker() is not None
        ]
        for build in having:
            if await build.getChanges(limit=1):
                break
        else:
            raise AssertionError("no build has all that is asked about")
        properties = {
            "got_revision": (REVISION, "Git"),
            "owner": ("ada", "Force Build Form"),
            "owners": (["béla"], "Build"),
        }
        await self.recorder.setProperties(build.buildid, properties)
        return build.buildid

    async def test_everyLine(self) -> None:
        """Each can be called, in three languages, and says the same in each."""
        connections = await self.recorded()
        buildid = await self.richest()
        things = {name: await self.things(status, buildid) for name, status in connections.items()}
        said = 0
        for line in lines():
            if line.new == NONE or line.interface == "IStatusReceiver":
                continue
            outcomes = {name: plain(await evaluated(line.new, every)) for name, every in things.items()}
            for name, outcome in outcomes.items():
                self.assertEqual(outcome, outcomes["in-process"], f"{line.interface}.{line.old} {name}: {line.new}")
            said += outcomes["in-process"] not in (None, (), {}, "")
        self.assertGreater(said, 75)


class CalledOnPostgreSQLTests(LanguagesOnPostgreSQL, CalledTests):
    """The same on PostgreSQL."""


async def evaluated(expression: str, names: dict[str, Any]) -> Any:
    """The value of an expression, in which something may be waited for."""
    code = compile(expression, str(PAGE), "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, dict(names))  # the project's own documentation
    return await result if inspect.isawaitable(result) else result


def plain(value: Any) -> Any:
    """What can be compared of a value; a subscription is closed."""
    if isinstance(value, Resource):
        return type(value).__name__, value.asDict()
    if hasattr(value, "close"):
        value.close()
        return "subscribed"
    if isinstance(value, (list, tuple)):
        return tuple(plain(each) for each in value)
    return value
