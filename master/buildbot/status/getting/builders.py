"""What may be asked of a builder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import simplejson
from twisted.internet.defer import Deferred


def getState(builder: Any) -> Deferred[str]:
    """``building``, ``idle`` or ``offline``, as it is now."""
    asked: Deferred[Any] = builder.refreshed(field="state")
    return asked.addCallback(lambda again: again.state)


def getBuild(builder: Any, number: int, **query: Any) -> Deferred[Any]:
    """The builder's build with this number; -1: the latest. Fails with :class:`~buildbot.errors.NotFound` where there
    is none."""
    asked: Deferred[Any] = builder._asking("getBuild").below(builder, f"builds/{number}", query)
    return asked.addCallback(lambda found: found[0])


def getBuildByRevision(builder: Any, revision: str, **query: Any) -> Deferred[Any]:
    """The builder's latest build whose property ``got_revision`` is this, whole, for one of its codebases; None where
    there is none."""
    named = {"got_revision__contains": simplejson.dumps(revision), "order": "-number", "limit": 1}
    asked: Deferred[Any] = builder.getBuilds(**query, **named)
    return asked.addCallback(lambda found: found[0] if found else None)


def generateFinishedBuilds(builder: Any, **options: Any) -> AsyncIterator[Any]:
    """As ``generateFinishedBuilds`` at the root, of this builder."""
    found: AsyncIterator[Any] = builder._asking("generateFinishedBuilds").generateFinishedBuilds(
        builders=[builder.builderid], **options
    )
    return found
