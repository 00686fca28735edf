"""How commits are related."""

from __future__ import annotations

from sqlalchemy import bindparam, literal_column, select

from buildbot.db import schema
from buildbot.errors import NotFound
from buildbot.status.custom import EndpointCall
from buildbot.status.query import pairs
from buildbot.status.sql.plan import Page

LONGEST = 100
"""How many commits back an ancestor is looked for."""


def _ancestors(call: EndpointCall, commitid: int) -> list[int]:
    """The commit and those before it, newest first; empty if it is not known."""
    commits = schema.codebase_commits.c
    start = select(commits.id, commits.parent_commitid.label("parent"), literal_column("0").label("depth"))
    walk = start.where(commits.id == bindparam("start")).cte("walk", recursive=True)
    older = schema.codebase_commits.alias()
    step = select(older.c.id, older.c.parent_commitid, walk.c.depth + literal_column("1"))
    walk = walk.union(step.where(older.c.id == walk.c.parent, walk.c.depth < LONGEST))
    return [row[0] for row in call.select(select(walk.c.id).order_by(walk.c.depth), start=commitid)]


def _graph(call: EndpointCall) -> tuple[int, list[int], list[int]] | None:
    """The common ancestor, and the ways from it to each of the two, oldest first; None if there is none."""
    first = _ancestors(call, call.variables["commitid1"])
    second = _ancestors(call, call.variables["commitid2"])
    common = next((commitid for commitid in second if commitid in set(first)), None)
    if common is None:
        return None
    return common, first[first.index(common) :: -1], second[second.index(common) :: -1]


def commonParent(call: EndpointCall) -> Page:
    """The nearest common ancestor of two commits."""
    graph = _graph(call)
    if graph is None:
        raise NotFound(f"{call.call.path}: no common ancestor is known within {LONGEST} commits")
    return Page([dict(zip(("common", "to1", "to2"), graph, strict=True))])


def testResultSets(call: EndpointCall) -> Page:
    """Sets of builds whose source stamps name one of the commits from the first to the second."""
    graph = _graph(call)
    listed: list[int] = []
    if graph is not None and graph[0] == call.variables["commitid1"]:
        found = call.again("commits", pairs({"commitid__in": graph[2], "field": "revision"}))
        revisions = [record["revision"] for record in found.records]
        listed = _setsOf(call, revisions)
    # The caller's own limit, or what stands for one that was not named, is not left to this inner call.
    given = [pair for pair in call.call.given if pair[0] != "limit"]
    inner = pairs({"test_result_setid__in": listed or [-1], "limit": call.call.query.limit})
    return call.again("test_result_sets", [*given, *inner])


def _setsOf(call: EndpointCall, revisions: list[str]) -> list[int]:
    """Of the builds of any stamp with one of these revisions."""
    stamps, links, requests = schema.sourcestamps.c, schema.buildset_sourcestamps.c, schema.buildrequests.c
    builds, sets = schema.builds.c, schema.test_result_sets.c
    statement = select(sets.id).where(
        stamps.revision.in_(call.dialect.values("revisions", "string")),
        links.sourcestampid == stamps.id,
        requests.buildsetid == links.buildsetid,
        builds.buildrequestid == requests.id,
        sets.buildid == builds.id,
    )
    return [row[0] for row in call.select(statement, revisions=call.dialect.bindList(revisions))]
