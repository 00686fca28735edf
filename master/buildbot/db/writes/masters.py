"""Masters, what they run, and what is to be done about one that has ended."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from sqlalchemy import bindparam, delete, select

from buildbot.db import schema
from buildbot.db.writes import builds, logs, requests, steps, workers
from buildbot.db.writes.find import named
from buildbot.db.writes.results import RETRY
from buildbot.db.writes.transaction import Transaction, insertInto, updateBy

_ALIVE = updateBy("id", schema.masters, "last_active")
_ACTIVE = updateBy("id", schema.masters, "active")
_links, _builders, _tags = schema.builder_masters, schema.builders, schema.builders_tags
_RUN_BY = select(_links.c.builderid).where(_links.c.masterid == bindparam("masterid"))
_LINK = insertInto(_links, "builderid", "masterid")
_UNLINK = delete(_links).where(_links.c.masterid == bindparam("masterid"), _links.c.builderid == bindparam("builderid"))
_DESCRIBE = updateBy("id", _builders, "description", "description_format", "description_html", "projectid")
_PROJECTS = select(schema.projects.c.id).order_by(schema.projects.c.id)
_UNTAG = delete(_tags).where(_tags.c.builderid == bindparam("builderid"))
_TAG = insertInto(_tags, "builderid", "tagid")
_claims = schema.scheduler_masters
_SCHEDULER_TAKEN = select(_claims.c.masterid).where(_claims.c.schedulerid == bindparam("schedulerid"))
_TAKE_SCHEDULER = insertInto(_claims, "schedulerid", "masterid")
_SCHEDULERS_OF = select(_claims.c.schedulerid).where(_claims.c.masterid == bindparam("masterid"))
_LEAVE_SCHEDULER = delete(_claims).where(_claims.c.schedulerid == bindparam("schedulerid"))
_ENABLE = updateBy("id", schema.schedulers, "enabled")
_sources = schema.changesource_masters
_SOURCE_TAKEN = select(_sources.c.masterid).where(_sources.c.changesourceid == bindparam("changesourceid"))
_TAKE_SOURCE = insertInto(_sources, "changesourceid", "masterid")
_LEAVE_SOURCES = delete(_sources).where(_sources.c.masterid == bindparam("masterid"))
_CONNECTED = select(schema.connected_workers.c.workerid).where(
    schema.connected_workers.c.masterid == bindparam("masterid")
)
_UNFINISHED = select(schema.builds.c.id).where(
    schema.builds.c.masterid == bindparam("masterid"), schema.builds.c.complete_at.is_(None)
)
_STEPS = select(schema.steps.c.id).where(
    schema.steps.c.buildid == bindparam("buildid"), schema.steps.c.results.is_(None)
)
_LOGS = select(schema.logs.c.id).where(schema.logs.c.stepid == bindparam("stepid"), schema.logs.c.complete == 0)
_CLAIMED = (
    select(schema.buildrequests.c.id)
    .join(schema.buildrequest_claims, schema.buildrequest_claims.c.brid == schema.buildrequests.c.id)
    .where(schema.buildrequests.c.complete == 0, schema.buildrequest_claims.c.masterid == bindparam("masterid"))
)
_MAY_BUILD = (
    select(schema.configured_workers.c.workerid, _links.c.builderid)
    .join(_links, _links.c.id == schema.configured_workers.c.buildermasterid)
    .where(_links.c.masterid == bindparam("masterid"))
)


@attrs.frozen
class BuilderConfig:
    """A builder, as a master's configuration has it."""

    name: str
    description: str | None = None
    description_format: str | None = None
    description_html: str | None = None
    projectid: int | None = None
    tags: Sequence[str] = ()


def start(tx: Transaction, now: int, name: str) -> int:
    """A master runs; its id. One that ended without a word is cleaned up after first."""
    masterid, isNew = named(tx, schema.masters, name, active=0, last_active=now)
    old = None if isNew else tx.record("masters", masterid)
    if old is not None and old["active"]:
        stop(tx, now, masterid)
    tx.execute(_ALIVE, {"the_id": masterid, "last_active": now})
    tx.execute(_ACTIVE, {"the_id": masterid, "active": 1})
    tx.announce("masters", masterid, "started", old=old)
    return masterid


def isAlive(tx: Transaction, now: int, masterid: int) -> None:
    """A sign of life, once a minute. Nothing is announced."""
    tx.execute(_ALIVE, {"the_id": masterid, "last_active": now})


def stop(tx: Transaction, now: int, masterid: int) -> None:
    """A master has ended, perhaps without a word: what it built becomes RETRY, what it claimed is offered again, and
    it runs and is connected to nothing."""
    _endBuilds(tx, now, masterid)
    requests.unclaim(tx, now, [brid for (brid,) in tx.execute(_CLAIMED, {"masterid": masterid})])
    for (workerid,) in tx.execute(_CONNECTED, {"masterid": masterid}):
        workers.disconnected(tx, now, workerid, masterid)
    workers.configure(tx, now, masterid, {})
    for (schedulerid,) in tx.execute(_SCHEDULERS_OF, {"masterid": masterid}):
        with tx.changing("schedulers", schedulerid, "updated"):
            tx.execute(_LEAVE_SCHEDULER, {"schedulerid": schedulerid})
    tx.execute(_LEAVE_SOURCES, {"masterid": masterid})
    runBuilders(tx, now, masterid, [])
    tx.change("masters", masterid, "stopped", active=0)


def _endBuilds(tx: Transaction, now: int, masterid: int) -> None:
    for (buildid,) in tx.execute(_UNFINISHED, {"masterid": masterid}):
        for (stepid,) in tx.execute(_STEPS, {"buildid": buildid}):
            for (logid,) in tx.execute(_LOGS, {"stepid": stepid}):
                logs.finish(tx, now, logid)
            steps.finish(tx, now, stepid, RETRY)
        builds.finish(tx, now, buildid, RETRY)


def runBuilders(tx: Transaction, now: int, masterid: int, wanted: Sequence[BuilderConfig]) -> Sequence[int]:
    """A master runs these builders from now on, and no others; their ids, in the same order. Events: ``started`` for
    those that it did not run, ``update`` for those that are not as they were, ``stopped`` for the others; ``update``
    for projects of which the first builder is run, or the last one is not."""
    projects = {projectid: tx.record("projects", projectid) for (projectid,) in tx.execute(_PROJECTS)}
    before = {builderid for (builderid,) in tx.execute(_RUN_BY, {"masterid": masterid})}
    ids = [_runBuilder(tx, masterid, builder, before) for builder in wanted]
    gone = sorted(before - set(ids))
    if gone:
        _forgetWorkers(tx, now, masterid, gone)
    for builderid in gone:
        with tx.changing("builders", builderid, "stopped"):
            tx.execute(_UNLINK, {"masterid": masterid, "builderid": builderid})
    for projectid, old in projects.items():
        if tx.record("projects", projectid) != old:
            tx.announce("projects", projectid, "update", old=old)
    return ids


def _runBuilder(tx: Transaction, masterid: int, builder: BuilderConfig, running: set[int]) -> int:
    builderid, isNew = named(tx, _builders, builder.name)
    old = None if isNew else tx.record("builders", builderid)
    started = builderid not in running
    if started:
        tx.execute(_LINK, {"builderid": builderid, "masterid": masterid})
    columns = ("description", "description_format", "description_html", "projectid")
    wanted = {name: getattr(builder, name) for name in columns}
    differs = old is None or any(old[name] != value for name, value in wanted.items())
    differs = differs or old is None or sorted(old["tags"]) != sorted(set(builder.tags))
    if differs:
        tx.execute(_DESCRIBE, {"the_id": builderid, **wanted})
        tx.execute(_UNTAG, {"builderid": builderid})
        tagids = [named(tx, schema.tags, tag)[0] for tag in dict.fromkeys(builder.tags)]
        tx.executeMany(_TAG, [{"builderid": builderid, "tagid": tagid} for tagid in tagids])
    if started:
        tx.announce("builders", builderid, "started", old=old)
    elif differs:
        tx.announce("builders", builderid, "update", old=old)
    return builderid


def _forgetWorkers(tx: Transaction, now: int, masterid: int, gone: Sequence[int]) -> None:
    """Workers may build for builders that a master runs no longer."""
    left: dict[int, list[int]] = {}
    for workerid, builderid in tx.execute(_MAY_BUILD, {"masterid": masterid}):
        left.setdefault(workerid, [])
        if builderid not in gone:
            left[workerid].append(builderid)
    workers.configure(tx, now, masterid, left)


def findScheduler(tx: Transaction, now: int, name: str) -> int:
    """The id of a scheduler with that name, which is made if there is none."""
    schedulerid, isNew = named(tx, schema.schedulers, name)
    if isNew:
        tx.announce("schedulers", schedulerid, "updated")
    return schedulerid


def takeScheduler(tx: Transaction, now: int, schedulerid: int, masterid: int) -> bool:
    """A master runs a scheduler, if no other does."""
    if tx.execute(_SCHEDULER_TAKEN, {"schedulerid": schedulerid}):
        return False
    with tx.changing("schedulers", schedulerid, "updated"):
        tx.execute(_TAKE_SCHEDULER, {"schedulerid": schedulerid, "masterid": masterid})
    return True


def takeChangeSource(tx: Transaction, now: int, name: str, masterid: int) -> tuple[int, bool]:
    """A master runs a change source, which is made if there is none of that name, if no other master does; its id, and
    whether it does. Nothing is announced, as in Buildbot."""
    sourceid, _ = named(tx, schema.changesources, name)
    owners = tx.execute(_SOURCE_TAKEN, {"changesourceid": sourceid})
    if not owners:
        tx.execute(_TAKE_SOURCE, {"changesourceid": sourceid, "masterid": masterid})
    return sourceid, not owners or owners[0][0] == masterid


def enableScheduler(tx: Transaction, now: int, schedulerid: int, enabled: bool) -> None:
    """Whether it does anything."""
    with tx.changing("schedulers", schedulerid, "updated"):
        tx.execute(_ENABLE, {"the_id": schedulerid, "enabled": int(enabled)})
