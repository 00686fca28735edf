from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from buildbot.status.actions import named
from buildbot.status.definition import (
    SQL,
    Getter,
    Many,
    One,
    Resource,
    computed,
    derived,
    field,
    getter,
    key,
    many,
    members,
    one,
    propertyMap,
)
from buildbot.status.fieldtypes import Json, Time
from buildbot.status.resources import estimates, history, test_result_sets
from buildbot.status.resources.properties import ofBuild

if TYPE_CHECKING:
    from buildbot.status.resources.build_data import BuildData
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.buildrequests import BuildRequest
    from buildbot.status.resources.buildsets import Buildset
    from buildbot.status.resources.changes import Change
    from buildbot.status.resources.logs import Log
    from buildbot.status.resources.masters import Master
    from buildbot.status.resources.properties import Property
    from buildbot.status.resources.sourcestamps import SourceStamp
    from buildbot.status.resources.steps import Step
    from buildbot.status.resources.test_result_sets import TestResult, TestResultSet
    from buildbot.status.resources.workers import Worker

TO_BUILDSET = "builds.id.buildrequestid buildrequests.id.buildsetid"
TO_STAMPS = f"{TO_BUILDSET} buildset_sourcestamps.buildsetid.sourcestampid"
FROM_BUILDSET = "buildrequests.buildsetid.id builds.buildrequestid.id"


def previous(v: SQL, t: SQL, q: SQL) -> SQL:
    """The build of the same builder with the next lower number."""
    mine, older = q.builds, q.another("builds")
    builder = q.one(mine.builderid, mine, mine.id == v)
    number = q.one(mine.number, mine, mine.id == v)
    highest = q.one(q.func.max(older.number), older, older.builderid == builder, older.number < number)
    return (t.builderid == builder) & (t.number == highest)


def branches(t: SQL, q: SQL) -> SQL:
    """Of its source stamps."""
    return q.follow(f"{TO_STAMPS} sourcestamps.id.branch", t.id)


def gotRevision(t: SQL, q: SQL) -> SQL:
    """What its source steps say that they got."""
    rows = q.build_properties
    return q.one(rows.value, rows, rows.buildid == t.id, rows.name == "got_revision", order=rows.value)


def current(v: SQL, t: SQL, q: SQL) -> SQL:
    """The first step of build ``v`` that runs."""
    steps = q.steps
    running = (steps.buildid == v, steps.started_at.is_not(None), steps.complete_at.is_(None))
    return (t.buildid == v) & (t.number == q.one(q.func.min(steps.number), steps, *running))


class Build(Resource):
    """One execution of a builder on a worker."""

    Plural = Table = "builds"
    At = "builds/n:buildid {builder}/builds/n:build_number=number"
    Order, Orders = "buildid", ("buildid", "number", "started_at", "complete_at")
    Limit = 1000
    Topics = "new update finished"
    Level = "new update finished:+complete"
    Within = "buildrequestid"
    Actions = named("stop rebuild")
    Page = "builders/{builderid}/builds/{number}"

    buildid: int = key("id", doc="Unique across builders.")
    number: int = field(doc="Counts the builder's builds, from 1. There may be gaps.")
    builderid: int = field()
    buildrequestid: int = field(doc="What asked for it; several builds share a request after a retry.")
    workerid: int | None = field()
    masterid: int = field()
    started_at: Time = field()
    complete: bool = computed(lambda t: t.complete_at.is_not(None))
    complete_at: Time | None = field()
    locks_duration_s: int = field(doc="Seconds spent waiting for locks that it has meanwhile got.")
    results: int | None = field(doc="A result code; null while it runs.")
    state_string: str = field(doc="What it does, or how it went, in words.")
    properties: Json = propertyMap(
        lambda t, q: q.select(q.build_properties.name, q.build_properties.value, q.build_properties.source).where(
            q.build_properties.buildid == t.id
        ),
        name=lambda q: q.build_properties.name,
        unasked={},
        doc="Those that ``property=`` names; ``*`` is all.",
    )
    eta: Time | None = derived(estimates.build, doc=estimates.BUILD)
    branches: Sequence[str | None] = members(
        branches,
        derived=True,
        doc="What its source stamps name; null: the default branch.",
        stability="provisional",
    )
    got_revision: str | None = derived(
        gotRevision,
        doc="The property of this name, as JSON text: a revision, or an object with one for each codebase.",
    )

    getBuilder: One[Builder] = one("builderid")
    getMaster: One[Master] = one("masterid")
    getWorker: One[Worker] = one("workerid")
    getBuildrequest: One[BuildRequest] = one("buildrequestid")
    getBuildset: One[Buildset] = one(via=TO_BUILDSET, stability="provisional")
    getSourceStamps: Many[SourceStamp] = many(
        via=TO_STAMPS,
        word="sourcestamps",
        doc="What it was asked to build, one of each codebase.",
        stability="provisional",
    )
    getSteps: Many[Step] = many("buildid", order="number")
    getCurrentStep: One[Step] = one(match=current, doc="The first step that runs.", stability="provisional")
    getLogs: Many[Log] = many(
        via="steps.buildid.id logs.stepid.id", doc="Those of all its steps.", stability="provisional"
    )
    getChanges: Many[Change] = many(match=history.changesOf, order="-changeid", doc=history.CHANGES)
    getData: Many[BuildData] = many("buildid")
    getPropertyList: Many[Property] = many(match=ofBuild)
    getTestResultSets: Many[TestResultSet] = many("buildid")
    getTestResults: Many[TestResult] = many(
        match=test_result_sets.ofBuild, doc="Those of all its sets.", stability="provisional"
    )
    getPreviousBuild: One[Build] = one(
        match=previous, doc="The same builder's, with the next lower number.", stability="provisional"
    )
    getTriggeredBuilds: Many[Build] = many(
        via=f"buildsets.parent_buildid.id {FROM_BUILDSET}", doc="Those that it asked for, and that have started."
    )
    getTriggeringBuild: One[Build] = one(
        via=f"{TO_BUILDSET} buildsets.id.parent_buildid", doc="The one that asked for it.", stability="provisional"
    )
    getETA: Getter[float | None] = getter(
        "times:getETA", doc="Seconds until it will be complete (``eta``); negative: it should have been."
    )
    getResponsibleUsers: Getter[Sequence[str]] = getter("users:ofBuild", doc="The authors of its changes, sorted.")
    getInterestedUsers: Getter[Sequence[str]] = getter(
        "users:interestedIn", doc="The authors of its changes, and its ``owner`` and ``owners``, sorted."
    )
    getAllGotRevisions: Getter[Mapping[str, str]] = getter(
        "builds:getAllGotRevisions", doc="The revision that it got of each codebase."
    )
