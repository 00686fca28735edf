"""Projects, their codebases, and the commits and branches of these that are known."""

from __future__ import annotations

import attrs

from buildbot.db import schema
from buildbot.db.writes.find import found, hashOf, named
from buildbot.db.writes.transaction import Transaction, updateBy

_PROJECT = ("slug", "description", "description_format", "description_html")
_DESCRIBE = updateBy("id", schema.projects, *_PROJECT)
_SLUG = updateBy("id", schema.codebases, "slug")
_BRANCH = updateBy("id", schema.codebase_branches, "commitid", "last_timestamp")


@attrs.frozen
class Project:
    """A project, as a master's configuration has it. Without a slug, it is the name."""

    name: str
    slug: str | None = None
    description: str | None = None
    description_format: str | None = None
    description_html: str | None = None


@attrs.frozen
class NewCommit:
    """A commit of a codebase; ``when`` is its own time, in seconds since the epoch."""

    codebaseid: int
    revision: str
    author: str
    when: int
    comments: str = ""
    committer: str | None = None
    parent_commitid: int | None = None


def setProject(tx: Transaction, now: int, project: Project) -> int:
    """A project is configured so; its id."""
    values = {**{name: getattr(project, name) for name in _PROJECT}, "slug": project.slug or project.name}
    projectid, isNew = named(tx, schema.projects, project.name, slug=values["slug"])
    old = None if isNew else tx.record("projects", projectid)
    if old is None or any(old[name] != value for name, value in values.items()):
        tx.execute(_DESCRIBE, {"the_id": projectid, **values})
        tx.announce("projects", projectid, "update", old=old)
    return projectid


def setCodebase(tx: Transaction, now: int, projectid: int, name: str, slug: str | None = None) -> int:
    """A project has a codebase; its id."""
    by = {"projectid": projectid, "name_hash": hashOf(name)}
    codebaseid, isNew = found(tx, schema.codebases, by, {"name": name, "slug": slug or name})
    old = None if isNew else tx.record("codebases", codebaseid)
    if old is None or old["slug"] != (slug or name):
        tx.execute(_SLUG, {"the_id": codebaseid, "slug": slug or name})
        tx.announce("codebases", codebaseid, "update", old=old)
    return codebaseid


def addCommit(tx: Transaction, now: int, commit: NewCommit) -> int:
    """A commit is known; its id. One that was known already is no event."""
    by = {"codebaseid": commit.codebaseid, "revision": commit.revision}
    more = {
        "author": commit.author,
        "committer": commit.committer,
        "comments": commit.comments,
        "when_timestamp": commit.when,
        "parent_commitid": commit.parent_commitid,
    }
    commitid, isNew = found(tx, schema.codebase_commits, by, more)
    if isNew:
        tx.announce("commits", commitid, "new")
    return commitid


def setBranch(tx: Transaction, now: int, codebaseid: int, name: str, commitid: int | None) -> int:
    """A branch was looked at now, and this is its newest commit; its id."""
    by = {"codebaseid": codebaseid, "name_hash": hashOf(name)}
    branchid, isNew = found(
        tx, schema.codebase_branches, by, {"name": name, "commitid": commitid, "last_timestamp": now}
    )
    old = None if isNew else tx.record("branches", branchid)
    tx.execute(_BRANCH, {"the_id": branchid, "commitid": commitid, "last_timestamp": now})
    tx.announce("branches", branchid, "update", old=old)
    return branchid
