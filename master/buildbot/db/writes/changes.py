"""Changes, and the source stamps that they and build sets are of."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import attrs
from sqlalchemy import Text, and_, bindparam, func, literal_column, or_, select

from buildbot.db import schema
from buildbot.db.writes.find import found, hashOf
from buildbot.db.writes.transaction import Transaction, insertInto

_PATCH = ("patchlevel", "patch_base64", "patch_author", "patch_comment", "subdir")
_INSERT_PATCH = insertInto(schema.patches, *_PATCH, returning="id")
_CHANGE = (
    "author",
    "committer",
    "comments",
    "branch",
    "revision",
    "revlink",
    "when_timestamp",
    "category",
    "repository",
    "codebase",
    "project",
    "sourcestampid",
    "parent_changeids",
)
_INSERT = insertInto(schema.changes, *_CHANGE, returning="changeid")
_INSERT_FILE = insertInto(schema.change_files, "changeid", "filename")
_INSERT_PROPERTY = insertInto(schema.change_properties, "changeid", "property_name", "property_value")
_INSERT_USER_INFO = insertInto(schema.users_info, "uid", "attr_type", "attr_data")
_INSERT_CHANGE_USER = insertInto(schema.change_users, "changeid", "uid")
_changes = schema.changes.c
_PARENT = select(func.max(_changes.changeid)).where(
    or_(
        _changes.branch == bindparam("branch"),
        and_(_changes.branch.is_(None), bindparam("noBranch", required=True) == 1),
    ),
    *(_changes[name] == bindparam(name) for name in ("repository", "project", "codebase")),
)
_info = schema.users_info.c
_KNOWN_USER = select(_info.uid).where(_info.attr_type == bindparam("attr_type"), _info.attr_data == bindparam("data"))
_TAKEN = select(schema.users.c.uid).where(schema.users.c.identifier == bindparam("identifier"))
_STEM = bindparam("stem", type_=Text)
_ALIKE = select(schema.users.c.identifier)
_ALIKE = _ALIKE.where(func.substr(schema.users.c.identifier, literal_column("1"), func.length(_STEM)) == _STEM)
_INSERT_USER = insertInto(schema.users, "identifier", returning="uid")

SYSTEMS = frozenset(["git", "svn", "hg", "cvs", "darcs", "bzr", "fossil"])
"""Version controls whose authors are users."""


@attrs.frozen
class Patch:
    """A difference on top of a revision."""

    body: bytes
    level: int = 1
    author: str = ""
    comment: str = ""
    subdir: str | None = None


@attrs.frozen
class Stamp:
    """What is built of one codebase. No branch: the default branch; no revision: the latest."""

    branch: str | None = None
    revision: str | None = None
    repository: str = ""
    project: str = ""
    codebase: str = ""
    patch: Patch | None = None


@attrs.frozen
class NewChange:
    """A commit, as a change source reports it. ``when`` is the commit's own time in seconds since the epoch; None:
    now."""

    author: str
    comments: str = ""
    committer: str | None = None
    files: Sequence[str] = ()
    branch: str | None = None
    revision: str | None = None
    revlink: str | None = ""
    when: int | None = None
    category: str | None = None
    repository: str = ""
    codebase: str = ""
    project: str = ""
    properties: Mapping[str, Any] = attrs.field(factory=dict)
    system: str | None = None
    """The version control, if its authors are to be users: one of :data:`SYSTEMS`."""


def stamp(tx: Transaction, wanted: Stamp, now: int) -> int:
    """The id of a source stamp; each that has no patch is there once."""
    patchid = None
    if wanted.patch is not None:
        patch = wanted.patch
        body = base64.b64encode(patch.body).decode()
        values = (patch.level, body, patch.author, patch.comment, patch.subdir)
        patchid = tx.execute(_INSERT_PATCH, dict(zip(_PATCH, values, strict=True)))[0][0]
    fields = (wanted.branch, wanted.revision, wanted.repository, wanted.project, wanted.codebase, patchid)
    more = {
        "branch": wanted.branch,
        "revision": wanted.revision,
        "patchid": patchid,
        "repository": wanted.repository,
        "codebase": wanted.codebase,
        "project": wanted.project,
        "created_at": now,
    }
    return found(tx, schema.sourcestamps, {"ss_hash": hashOf(*fields)}, more)[0]


def add(tx: Transaction, now: int, change: NewChange) -> int:
    """Store a change; its changeid."""
    uid = None if change.system not in SYSTEMS else _user(tx, change.system, change.author)
    ssid = stamp(tx, Stamp(change.branch, change.revision, change.repository, change.project, change.codebase), now)
    same = {name: getattr(change, name) for name in ("branch", "repository", "project", "codebase")}
    parent = tx.execute(_PARENT, {**same, "noBranch": int(change.branch is None)})[0][0]
    values = {
        **{name: getattr(change, name) for name in _CHANGE if hasattr(change, name)},
        "when_timestamp": now if change.when is None else change.when,
        "sourcestampid": ssid,
        "parent_changeids": parent,
    }
    changeid: int = tx.execute(_INSERT, values)[0][0]
    tx.executeMany(_INSERT_FILE, [{"changeid": changeid, "filename": name} for name in change.files])
    tx.executeMany(
        _INSERT_PROPERTY,
        [
            {"changeid": changeid, "property_name": name, "property_value": json.dumps([value, "Change"])}
            for name, value in change.properties.items()
        ],
    )
    if uid is not None:
        tx.execute(_INSERT_CHANGE_USER, {"changeid": changeid, "uid": uid})
    tx.announce("changes", changeid, "new")
    return changeid


def _user(tx: Transaction, system: str, author: str) -> int:
    """The user who is that author in that version control; the identifier is made unique."""
    data = author[:128]
    rows = tx.execute(_KNOWN_USER, {"attr_type": system, "data": data})
    if rows:
        known: int = rows[0][0]
        return known
    identifier = author[:255]
    if tx.execute(_TAKEN, {"identifier": identifier}):  # seldom: in two version controls
        stem = f"{author[:250]}_"
        others = {other for (other,) in tx.execute(_ALIKE, {"stem": stem})}
        identifier = next(name for number in count(2) if (name := f"{stem}{number}") not in others)
    uid: int = tx.execute(_INSERT_USER, {"identifier": identifier})[0][0]
    tx.execute(_INSERT_USER_INFO, {"uid": uid, "attr_type": system, "attr_data": data})
    return uid
