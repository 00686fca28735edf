"""Builds, their properties, and the data that steps leave with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs
from sqlalchemy import bindparam, func, select

from buildbot.db import schema
from buildbot.db.writes.transaction import Transaction, insertInto

_BUILD = (
    "number",
    "builderid",
    "buildrequestid",
    "workerid",
    "masterid",
    "started_at",
    "locks_duration_s",
    "state_string",
)
_INSERT = insertInto(schema.builds, *_BUILD, returning="id")
_LAST = select(func.max(schema.builds.c.number)).where(schema.builds.c.builderid == bindparam("builderid"))
_properties = schema.build_properties
_KNOWN = select(_properties.c.name, _properties.c.value, _properties.c.source).where(
    _properties.c.buildid == bindparam("buildid")
)
_INSERT_PROPERTY = insertInto(_properties, "buildid", "name", "value", "source")
_UPDATE_PROPERTY = (
    _properties.update()
    .where(_properties.c.buildid == bindparam("the_build"), _properties.c.name == bindparam("the_name"))
    .values(value=bindparam("value"), source=bindparam("source"))
)
_data = schema.build_data
_INSERT_DATA = insertInto(_data, "buildid", "name", "value", "length", "source")
_UPDATE_DATA = (
    _data.update()
    .where(_data.c.buildid == bindparam("the_build"), _data.c.name == bindparam("the_name"))
    .values(value=bindparam("value"), length=bindparam("length"), source=bindparam("source"))
    .returning(_data.c.id)
)

Properties = Mapping[str, tuple[Any, str]]
"""Any JSON value, and where it comes from, by name."""


@attrs.frozen
class Started:
    """A build that was made, and its number among those of its builder."""

    buildid: int
    number: int


def start(
    tx: Transaction,
    now: int,
    *,
    buildrequestid: int,
    builderid: int,
    workerid: int | None,
    masterid: int,
    properties: Properties,
    state: str = "created",
) -> Started:
    """Begin a build. To its properties its number is added; all of them are in what is announced with it."""
    number = (tx.execute(_LAST, {"builderid": builderid})[0][0] or 0) + 1
    values = (number, builderid, buildrequestid, workerid, masterid, now, 0, state)
    buildid: int = tx.execute(_INSERT, dict(zip(_BUILD, values, strict=True)))[0][0]
    tx.announce("builds", buildid, "new")
    setProperties(tx, now, buildid, {"buildnumber": (number, "Build"), **properties})
    return Started(buildid, number)


def setState(tx: Transaction, now: int, buildid: int, state: str) -> None:
    """What it does, in words."""
    tx.change("builds", buildid, "update", state_string=state)


def addLocksDuration(tx: Transaction, now: int, buildid: int, seconds: int) -> None:
    """It, or a step of it, has got its locks after waiting so long."""
    before = tx.record("builds", buildid)["locks_duration_s"]
    tx.change("builds", buildid, "update", locks_duration_s=before + seconds)


def finish(tx: Transaction, now: int, buildid: int, results: int) -> None:
    """It has ended."""
    tx.change("builds", buildid, "finished", complete_at=now, results=results)


def setProperties(tx: Transaction, now: int, buildid: int, properties: Properties) -> None:
    """Set properties; announced are those that are not what they were."""
    known = {name: (value, source) for name, value, source in tx.execute(_KNOWN, {"buildid": buildid})}
    changed: dict[str, tuple[Any, str]] = {}
    for name, (value, source) in properties.items():
        stored = (json.dumps(value), source)
        if known.get(name) == stored:
            continue
        changed[name] = (value, source)
        row = {"value": stored[0], "source": source}
        if name in known:
            tx.execute(_UPDATE_PROPERTY, {"the_build": buildid, "the_name": name, **row})
        else:
            tx.execute(_INSERT_PROPERTY, {"buildid": buildid, "name": name, **row})
    if changed:
        tx.announce("properties", buildid, "update", body=changed, parents={"buildid": buildid})


def setData(tx: Transaction, now: int, buildid: int, name: str, value: bytes, source: str) -> None:
    """Keep bytes with a build, in place of those it had by this name. Nothing is announced, as in Buildbot."""
    row = {"value": value, "length": len(value), "source": source}
    if not tx.execute(_UPDATE_DATA, {"the_build": buildid, "the_name": name, **row}):
        tx.execute(_INSERT_DATA, {"buildid": buildid, "name": name, **row})
