"""What may be asked of a source stamp."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, succeed


def getText(stamp: Any) -> Deferred[Sequence[str]]:
    """A few words that say what is built, for people: of which codebase or project, from where, which branch and
    revision, and whether there is a patch on top. Nothing is asked for it."""
    said = [
        stamp.codebase or stamp.project,
        stamp.repository,
        stamp.branch and f"branch {stamp.branch}",
        stamp.revision or "latest",
        "with a patch" if stamp.patch is not None else "",
    ]
    return succeed(tuple(text for text in said if text))
