from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildbot.status.definition import (
    SQL,
    Getter,
    Iterating,
    Many,
    One,
    Resource,
    derived,
    field,
    getter,
    iterating,
    key,
    many,
    members,
    one,
)
from buildbot.status.resources import waiting

if TYPE_CHECKING:
    from buildbot.status.resources.buildrequests import BuildRequest
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.forceschedulers import ForceScheduler
    from buildbot.status.resources.masters import Master
    from buildbot.status.resources.test_result_sets import Test, TestResultSet
    from buildbot.status.resources.workers import Worker


GOOD = [0, 1]
BAD = [2, 4]
"""Result codes of builds that say how the code is: success, warnings; failure, exception. Others say nothing of it."""


def workersOf(v: SQL, t: SQL, q: SQL) -> SQL:
    """Those that may build for builder ``v``; below a master, those that may on that master."""
    pairs, links = q.configured_workers, q.builder_masters
    chosen = q.select(pairs.workerid).where(links.id == pairs.buildermasterid, links.builderid == v)
    if "master" in q.ancestors:
        chosen = chosen.where(links.masterid == q.ancestors["master"])
    return t.id.in_(chosen)


def state(t: SQL, q: SQL) -> SQL:
    """What it does now; only masters that are alive count, since rows of dead ones stay."""
    builds, masters = q.builds, q.masters
    running = q.exists(
        (builds, masters),
        builds.builderid == t.id,
        builds.complete_at.is_(None),
        masters.id == builds.masterid,
        masters.active != 0,
    )
    links, configured, connected, alive = (
        q.builder_masters,
        q.configured_workers,
        q.connected_workers,
        q.another("masters"),
    )
    ready = q.exists(
        (links, configured, connected, alive),
        links.builderid == t.id,
        configured.buildermasterid == links.id,
        connected.workerid == configured.workerid,
        connected.masterid == links.masterid,
        alive.id == links.masterid,
        alive.active != 0,
    )
    return q.case((running, "building"), (ready, "idle"), default="offline")


def latest(v: SQL, t: SQL, q: SQL) -> SQL:
    """The build of builder ``v`` with the highest number."""
    return (t.builderid == v) & (t.number == q.one(q.func.max(q.builds.number), q.builds, q.builds.builderid == v))


def lastFinished(v: SQL, t: SQL, q: SQL) -> SQL:
    """The complete build of builder ``v`` with the highest number."""
    done = q.one(q.func.max(q.builds.number), q.builds, q.builds.builderid == v, q.builds.complete_at.is_not(None))
    return (t.builderid == v) & (t.number == done)


def _good(v: SQL, q: SQL) -> SQL:
    """The highest number of builder ``v``'s builds that ended well."""
    rows = q.another("builds")
    return q.one(q.func.max(rows.number), rows, rows.builderid == v, rows.results.in_(GOOD))


def lastGood(v: SQL, t: SQL, q: SQL) -> SQL:
    """The last build of builder ``v`` that ended well."""
    return (t.builderid == v) & (t.number == _good(v, q))


def firstFailed(v: SQL, t: SQL, q: SQL) -> SQL:
    """The first build of builder ``v`` after that which failed."""
    rows, after = q.builds, q.func.coalesce(_good(v, q), 0)
    failed = (rows.builderid == v, rows.number > after, rows.results.in_(BAD))
    return (t.builderid == v) & (t.number == q.one(q.func.min(rows.number), rows, *failed))


class Builder(Resource):
    """What builds one thing in one way; its builds are numbered from 1."""

    Plural = Table = "builders"
    At = "builders/{n:builderid,s:buildername=name}"
    Also = "masters/n:masterid/builders/n:builderid"
    Topics = "started stopped update"
    Level = "started:+masterids stopped:-masterids update"
    Page = "builders/{builderid}"

    builderid: int = key("id")
    name: str = field(hashed=True)
    masterids: Sequence[int] = members(
        "builder_masters.builderid.masterid", doc="The masters that run it now; empty: none does."
    )
    description: str | None = field()
    description_format: str | None = field(doc="``markdown``, or null for plain text.")
    description_html: str | None = field()
    projectid: int | None = field()
    tags: Sequence[str] = members("builders_tags.builderid.tagid tags.id.name")
    state: str = derived(state, doc="``building``, ``idle``, or ``offline``: no worker is connected that may build it.")

    getBuilds: Many[Build] = many("builderid")
    getLatestBuild: One[Build] = one(match=latest, doc="The one with the highest number.", stability="provisional")
    getLastFinishedBuild: One[Build] = one(
        match=lastFinished, doc="The complete one with the highest number.", stability="provisional"
    )
    getLastGoodBuild: One[Build] = one(
        match=lastGood, doc="The last that ended with success or warnings.", stability="provisional"
    )
    getFirstFailedBuild: One[Build] = one(
        match=firstFailed,
        doc="The first that ended with failure or exception after the last good one; null if none did.",
        stability="provisional",
    )
    getCurrentBuilds: Many[Build] = many(
        match=lambda v, t, q: (t.builderid == v) & t.complete_at.is_(None),
        doc="Those that run now.",
        stability="provisional",
    )
    getBuildrequests: Many[BuildRequest] = many("builderid")
    getWaitingBuildrequests: Many[BuildRequest] = many(
        match=lambda v, t, q: (t.builderid == v) & waiting.isWaiting(t, q),
        order="position",
        doc="Those that no build has been started for, in the order in which they will be.",
        stability="provisional",
    )
    getMasters: Many[Master] = many(via="builder_masters.builderid.masterid", doc="Those that run it now.")
    getWorkers: Many[Worker] = many(match=workersOf, doc="Those that may build for it.")
    getForceschedulers: Many[ForceScheduler] = many(match=lambda v, t, q: q.never)
    getTestResultSets: Many[TestResultSet] = many("builderid")
    getTests: Many[Test] = many("builderid", doc="All that it ever had results of.", stability="provisional")
    getState: Getter[str] = getter("builders:getState", doc="What it does now: its field ``state``, read again.")
    getBuild: Getter[Build] = getter("builders:getBuild", doc="Its build with a number; -1: the latest.")
    getBuildByRevision: Getter[Build | None] = getter(
        "builders:getBuildByRevision", doc="Its latest build that got a revision, or None."
    )
    generateFinishedBuilds: Iterating[Build] = iterating(
        "builders:generateFinishedBuilds", doc="Its builds that are complete, newest first."
    )
