"""Who asks, and what they may see: the one function that ``get``, ``subscribe`` and ``act`` ask."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from buildbot.status.definition import Resource


@attrs.frozen
class Principal:
    """Somebody who asks."""

    name: str = ""
    """Empty for somebody who is not known."""


ANONYMOUS = Principal()
FULL = "full"
"""The visibility class that sees everything there is."""

Authorize = Callable[[Principal, str, type[Resource]], str]
"""``authorize(principal, verb, type)``: the visibility class (``listed``, ``limited``, ``full``), which says which
fields are sent and is part of every cache key; or it raises :class:`~buildbot.errors.Forbidden`."""


def everybody(principal: Principal, verb: str, resource: type[Resource]) -> str:
    """Everybody may read everything."""
    return FULL
