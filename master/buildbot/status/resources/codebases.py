from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildbot.status.definition import Endpoint, Many, One, Resource, field, key, many, one
from buildbot.status.fieldtypes import Identifier, Time

if TYPE_CHECKING:
    pass

RANGE = "codebases/n:codebaseid/commit_range/n:commitid1/n:commitid2"


class Codebase(Resource):
    """A source tree of a project, of which commits are known."""

    Plural = Table = "codebases"
    At = "codebases/n:codebaseid"
    Topics = Level = "update"

    codebaseid: int = key("id")
    projectid: int = field()
    name: str = field()
    slug: Identifier = field()

    getBranches: Many[Branch] = many("codebaseid")
    getCommits: Many[Commit] = many("codebaseid")
    getCommitsByRevision: Many[Commit] = many("codebaseid", stability="provisional")


class Branch(Resource):
    """A branch of a codebase, and its newest commit."""

    Plural, Table = "branches", "codebase_branches"
    At = "branches/n:branchid"
    Topics = Level = "update"

    branchid: int = key("id")
    codebaseid: int = field()
    name: str = field(doc="As the version control calls it, such as ``refs/heads/main``.")
    commitid: int | None = field()
    last_timestamp: Time = field(doc="When it was last looked at.")

    getCommit: One[Commit] = one("commitid", stability="provisional")


class Commit(Resource):
    """A commit of a codebase."""

    Plural, Table = "commits", "codebase_commits"
    At = "commits/n:commitid"
    Also = "codebases/n:codebaseid/commits_by_revision/s:revision"
    Orders = ("commitid",)
    Limit = 1000
    Topics = Level = "new"

    commitid: int = key("id")
    codebaseid: int = field()
    author: str = field()
    committer: str | None = field()
    comments: str = field()
    when_timestamp: Time = field()
    revision: str = field()
    parent_commitid: int | None = field()

    getParentCommit: One[Commit] = one("parent_commitid", stability="provisional")


class CommitGraph(Resource):
    """How two commits are related: ways from a common ancestor to each, both ends included, oldest first."""

    Plural, Name = "commit_graphs", "commit_graph"
    Endpoints = (
        Endpoint(
            f"{RANGE}/commits_common_parent",
            run="commits:commonParent",
            doc="The nearest common ancestor; up to 100 commits back.",
        ),
    )

    common: int = field(doc="The commitid of the common ancestor.")
    to1: Sequence[int] = field()
    to2: Sequence[int] = field()
