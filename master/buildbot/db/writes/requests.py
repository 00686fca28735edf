"""Build sets and their requests: made, claimed, given back, completed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import bindparam, delete, select

from buildbot.db import schema
from buildbot.db.writes import changes
from buildbot.db.writes.results import CANCELLED, SKIPPED, UNKNOWN, worst
from buildbot.db.writes.transaction import Transaction, insertInto, updateBy
from buildbot.errors import BadRequest, NotFound

_SET = (
    "external_idstring",
    "reason",
    "submitted_at",
    "results",
    "parent_buildid",
    "parent_relationship",
    "rebuilt_buildid",
)
_INSERT_SET = insertInto(schema.buildsets, *_SET, returning="id")
_INSERT_PROPERTY = insertInto(schema.buildset_properties, "buildsetid", "property_name", "property_value")
_INSERT_STAMP = insertInto(schema.buildset_sourcestamps, "buildsetid", "sourcestampid")
_REQUEST = ("buildsetid", "builderid", "priority", "results", "submitted_at", "waited_for")
_INSERT_REQUEST = insertInto(schema.buildrequests, *_REQUEST, returning="id")
_claims, _requests = schema.buildrequest_claims, schema.buildrequests
_LOOK = (
    select(_requests.c.complete, _requests.c.buildsetid, _claims.c.masterid)
    .outerjoin(_claims, _claims.c.brid == _requests.c.id)
    .where(_requests.c.id == bindparam("brid"))
)
_PRIORITY = updateBy("id", _requests, "priority")
_CLAIM = insertInto(_claims, "brid", "masterid", "claimed_at")
_UNCLAIM = delete(_claims).where(_claims.c.brid == bindparam("brid"))
_COMPLETE = updateBy("id", _requests, "complete", "complete_at", "results")
_RESULTS = select(_requests.c.complete, _requests.c.results).where(_requests.c.buildsetid == bindparam("bsid"))
_COMPLETE_SET = updateBy("id", schema.buildsets, "complete", "complete_at", "results")
_SET_COMPLETE = select(schema.buildsets.c.complete).where(schema.buildsets.c.id == bindparam("bsid"))


@attrs.frozen
class NewBuildset:
    """A wish for builds of several builders. ``properties`` are ``(value, source)`` by name, and always have
    ``scheduler``. Stamps are ids of source stamps that are there, or what one is of."""

    builderids: Sequence[int]
    stamps: Sequence[int | changes.Stamp]
    properties: Mapping[str, tuple[Any, str]]
    reason: str = ""
    external_idstring: str | None = None
    priority: int = 0
    waited_for: bool = False
    parent_buildid: int | None = None
    parent_relationship: str | None = None
    rebuilt_buildid: int | None = None


@attrs.frozen
class Added:
    """The ids of a build set and of its requests, in the order of the builders."""

    bsid: int
    brids: Sequence[int]


def add(tx: Transaction, now: int, wanted: NewBuildset) -> Added:
    """Store a build set with its properties, stamps and requests; with no builders it is complete at once."""
    if "scheduler" not in wanted.properties:
        raise BadRequest("properties: a build set always has scheduler, the name of what asked for it")
    if not wanted.stamps:
        raise BadRequest("stamps: a build set has one source stamp at least")
    ids = [each if isinstance(each, int) else changes.stamp(tx, each, now) for each in wanted.stamps]
    values = {name: getattr(wanted, name, None) for name in _SET}
    bsid: int = tx.execute(_INSERT_SET, {**values, "submitted_at": now, "results": UNKNOWN})[0][0]
    tx.executeMany(
        _INSERT_PROPERTY,
        [
            {"buildsetid": bsid, "property_name": name, "property_value": json.dumps([value, source])}
            for name, (value, source) in wanted.properties.items()
        ],
    )
    tx.executeMany(_INSERT_STAMP, [{"buildsetid": bsid, "sourcestampid": ssid} for ssid in dict.fromkeys(ids)])
    tx.announce("buildsets", bsid, "new")
    brids = [_request(tx, now, bsid, builderid, wanted) for builderid in wanted.builderids]
    if not brids:
        _completeSet(tx, now, bsid)
    return Added(bsid, brids)


def _request(tx: Transaction, now: int, bsid: int, builderid: int, wanted: NewBuildset) -> int:
    values = (bsid, builderid, wanted.priority, UNKNOWN, now, int(wanted.waited_for))
    brid: int = tx.execute(_INSERT_REQUEST, dict(zip(_REQUEST, values, strict=True)))[0][0]
    tx.announce("buildrequests", brid, "new")
    return brid


def claim(tx: Transaction, now: int, brids: Sequence[int], masterid: int) -> bool:
    """Take requests, all of them or, if one of them is taken or complete, none."""
    if any(complete or owner is not None for complete, _, owner in (_look(tx, brid) for brid in brids)):
        return False
    for brid in brids:
        with tx.changing("buildrequests", brid, "claimed"):
            tx.execute(_CLAIM, {"brid": brid, "masterid": masterid, "claimed_at": now})
    return True


def setPriority(tx: Transaction, now: int, brid: int, priority: int) -> None:
    """A higher one goes first."""
    with tx.changing("buildrequests", brid, "update"):
        tx.execute(_PRIORITY, {"the_id": brid, "priority": priority})


def unclaim(tx: Transaction, now: int, brids: Sequence[int]) -> None:
    """Offer requests again that are claimed and not complete; others stay as they are."""
    for brid in brids:
        complete, _, owner = _look(tx, brid)
        if not complete and owner is not None:
            with tx.changing("buildrequests", brid, "unclaimed"):
                tx.execute(_UNCLAIM, {"brid": brid})


def complete(tx: Transaction, now: int, brids: Sequence[int], results: int) -> None:
    """Complete requests that are not yet, and the sets of which these were the last."""
    sets = []
    for brid in brids:
        done, bsid, _ = _look(tx, brid)
        if not done:
            with tx.changing("buildrequests", brid, "complete"):
                _complete(tx, now, brid, results)
            sets.append(bsid)
    for bsid in dict.fromkeys(sets):
        _completeSet(tx, now, bsid)


def cancel(tx: Transaction, now: int, brid: int, masterid: int) -> bool:
    """Cancel a request that waits; False, and nothing done, if it is claimed or complete: then its builds are what can
    be stopped."""
    done, bsid, owner = _look(tx, brid)
    if done or owner is not None:
        return False
    with tx.changing("buildrequests", brid, "complete"):
        tx.execute(_CLAIM, {"brid": brid, "masterid": masterid, "claimed_at": now})
        _complete(tx, now, brid, CANCELLED)
    with tx.changing("buildrequests", brid, "cancel"):
        _completeSet(tx, now, bsid)
    return True


def _complete(tx: Transaction, now: int, brid: int, results: int) -> None:
    tx.execute(_COMPLETE, {"the_id": brid, "complete": 1, "complete_at": now, "results": results})


def collapse(tx: Transaction, now: int, brids: Sequence[int], masterid: int) -> Sequence[int]:
    """Skip requests that a newer one makes needless; those that waited until now."""
    waited = [brid for brid in brids if claim(tx, now, [brid], masterid)]
    complete(tx, now, waited, SKIPPED)
    return waited


def _look(tx: Transaction, brid: int) -> tuple[Any, ...]:
    rows = tx.execute(_LOOK, {"brid": brid})
    if not rows:
        raise NotFound(f"buildrequests/{brid}: there is no such buildrequest")
    return rows[0]


def _completeSet(tx: Transaction, now: int, bsid: int) -> None:
    """Complete a set if no request of it is left."""
    rows = tx.execute(_RESULTS, {"bsid": bsid})
    if not all(done for done, _ in rows) or tx.execute(_SET_COMPLETE, {"bsid": bsid})[0][0]:
        return
    with tx.changing("buildsets", bsid, "complete"):
        results = worst(found for _, found in rows)
        tx.execute(_COMPLETE_SET, {"the_id": bsid, "complete": 1, "complete_at": now, "results": results})
