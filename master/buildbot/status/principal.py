"""Who asks, and what they may see: the one function that ``get``, ``subscribe`` and ``act`` ask."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from buildbot.errors import Unauthenticated
from buildbot.status.definition import Resource


@attrs.frozen
class Principal:
    """Somebody who asks."""

    name: str = ""
    """Empty for somebody who is not known."""
    how: str = attrs.field(default="to act, one must be known here: log in with a name and a password", eq=False)
    """What somebody who is not known is told who may not go on like that."""


ANONYMOUS = Principal()
HERE = Principal("in-process")
"""The process itself."""
FULL = "full"
"""The visibility class that sees everything there is."""

Authorize = Callable[[Principal, str, type[Resource]], str]
"""``authorize(principal, verb, type)``, the verb being ``get`` or ``act``: the visibility class (``listed``,
``limited``, ``full``), which says which fields are sent and is part of every cache key; or it raises
:class:`~buildbot.errors.Forbidden` or :class:`~buildbot.errors.Unauthenticated`."""


def everybody(principal: Principal, verb: str, resource: type[Resource]) -> str:
    """Everybody may read everything; who is known by name may act. Raises Unauthenticated."""
    if verb == "act" and not principal.name:
        raise Unauthenticated(principal.how)
    return FULL
