"""Whom something is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import simplejson
from twisted.internet.defer import Deferred

MOST = 1000
"""Changes that are looked at: those of one chain (:mod:`buildbot.status.resources.history`)."""
CHANGES = {"expand": "changes", "changes.field": "author", "changes.limit": MOST}
OWNERS = ("owner", "owners")


def ofBuild(build: Any) -> Deferred[Sequence[str]]:
    """The authors of a build's changes, of the newest 1,000, sorted and each once."""
    return _asked(build, "buildid", _authors)


def interestedIn(build: Any) -> Deferred[Sequence[str]]:
    """The authors of a build's changes, and the people that its properties ``owner`` and ``owners`` name, sorted and
    each once: whom reports are for. The empty text is among them for a forced build without a user, as in Buildbot."""

    def both(again: Any) -> Iterable[str]:
        return [*_authors(again), *_owners({name: value[0] for name, value in again.properties.items()})]

    return _asked(build, "properties", both, property=OWNERS)


def ofBuildset(buildset: Any) -> Deferred[Sequence[str]]:
    """The authors of the changes of a buildset's source stamps, of the newest 1,000, sorted and each once."""
    return _asked(buildset, "bsid", _authors)


def interestedInBuildset(buildset: Any) -> Deferred[Sequence[str]]:
    """Those, and the people that its properties ``owner`` and ``owners`` name, sorted and each once."""

    def both(again: Any) -> Iterable[str]:
        found = {row["name"]: simplejson.loads(row["value"]) for row in again.asDict()["properties_list"]}
        return [*_authors(again), *_owners(found)]

    listed = {"properties_list.name": OWNERS}
    return _asked(buildset, "bsid", both, ("properties_list",), **listed)


def _asked(thing: Any, field: str, users: Any, more: Sequence[str] = (), **query: Any) -> Deferred[Sequence[str]]:
    asked: Deferred[Any] = thing.refreshed(**{**CHANGES, **query, "field": field, "expand": ["changes", *more]})
    return asked.addCallback(lambda again: tuple(sorted(set(users(again)))))


def _authors(again: Any) -> list[str]:
    return [change["author"] for change in again.asDict()["changes"]]


def _owners(properties: dict[str, Any]) -> list[str]:
    owner, owners = (properties.get(name) for name in OWNERS)
    return [*([owner] if isinstance(owner, str) else []), *(owners if isinstance(owners, (list, tuple)) else [])]
