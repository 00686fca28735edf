"""One call, parsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from buildbot.status.definition import Resource
from buildbot.status.events.cursor import Cursor
from buildbot.status.paths import Found
from buildbot.status.query import Query

Pairs = Sequence[tuple[str, str]]
"""Parameters, in the order in which they were given."""
SMALL = 50
"""Records; an answer that cannot hold more than this is read in the lane for small requests."""


@attrs.frozen
class Call:
    """One call, parsed: what it names and what it asks of it."""

    path: str
    given: Pairs
    found: Found
    query: Query
    values: Mapping[str, Any]
    expandValues: Mapping[str, Mapping[str, Any]]
    own: Pairs = ()
    """What a custom endpoint reads itself."""
    visibility: str = ""
    """The class that authorize gave, once it was asked."""
    minimum: Cursor | None = None
    """The answer must not be older than this."""

    @property
    def resource(self) -> type[Resource]:
        """The type of the records that answer it."""
        return self.found.pattern.resource

    @property
    def raw(self) -> bool:
        """Whether it is answered with bytes."""
        return self.found.pattern.endpoint is not None and self.found.pattern.endpoint.raw

    @property
    def small(self) -> bool:
        """Whether the answer is short for certain."""
        limit = self.query.limit
        return not self.query.expand and (self.found.pattern.single or (limit is not None and limit <= SMALL))
