"""What may be asked of a build."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred

GOT_REVISION = "got_revision"
PAGE = 100
"""Builds in one call."""


def getAllGotRevisions(build: Any) -> Deferred[Mapping[str, str]]:
    """The revisions that a build's source steps got, by codebase; ``""`` is the codebase without a name. Empty before
    a source step has said it."""
    asked: Deferred[Any] = build.refreshed(field="properties", property=GOT_REVISION)
    return asked.addCallback(_revisions)


def _revisions(build: Any) -> Mapping[str, str]:
    said = build.properties.get(GOT_REVISION)
    if said is None:
        return {}
    value = said[0]
    return dict(value) if isinstance(value, Mapping) else {"": value}


async def generateFinishedBuilds(
    status: Any,
    builders: Sequence[int | str] | None,
    branches: Sequence[str] | None,
    num_builds: int | None,
    max_buildnum: int | None,
    finished_before: int | None,
    results: Sequence[int] | None,
    query: Mapping[str, Any],
) -> AsyncIterator[Any]:
    """Builds that are complete, newest first, as they are asked for, 100 at a time: ``async for build in …``.

    ``builders``: of these, by name or id; ``branches``: with a source stamp of one of these (the default branch has no
    name, so it cannot be asked for); ``num_builds``: so many at most; ``max_buildnum``: none with a higher number;
    ``finished_before``: complete before this time, in seconds since the epoch; ``results``: that ended so. None: any.
    Further filters, ``field`` and ``expand`` are those of :meth:`get`. Fails as that does.
    """
    asked = {**query, "complete": True, "order": "-buildid", "limit": min(PAGE, num_builds or PAGE)}
    if builders is not None:
        asked["builderid"] = await _ids(status, builders)
    given = {
        "branches__contains": branches,
        "number__le": max_buildnum,
        "complete_at__lt": finished_before,
        "results": results,
    }
    asked.update({name: value for name, value in given.items() if value is not None})
    if num_builds == 0 or any(isinstance(value, (list, tuple)) and not value for value in asked.values()):
        return
    count = 0
    answer = await status.get("builds", asked)
    while True:
        for build in answer:
            yield build
            count += 1
            if count == num_builds:
                return
        if "next" not in answer.meta:
            return
        answer = await status.get(answer.meta["next"])


async def _ids(status: Any, builders: Sequence[int | str]) -> Sequence[int]:
    ids = [builder for builder in builders if isinstance(builder, int)]
    names = [builder for builder in builders if not isinstance(builder, int)]
    if names:
        ids += [builder.builderid for builder in await status.getBuilders(name=names, field="builderid")]
    return ids
