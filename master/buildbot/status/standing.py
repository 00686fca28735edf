"""How firm something is: since when it is there, and whether it is promised. A path is as firm as the least firm of the
types and relations that it walks along. (A relation that is followed by a variable does not count: such a path is
stated as an address, and is as firm as its type.)"""

from __future__ import annotations

from typing import Protocol

import attrs

from buildbot.status.definition import Resource
from buildbot.status.paths import Pattern

STABLE, PROVISIONAL = "stable", "provisional"


class HasStanding(Protocol):
    """A field, a relation or a custom endpoint."""

    since: str
    stability: str


@attrs.frozen
class Standing:
    """``stable`` things keep their name, type and meaning; ``provisional`` ones may change with any release."""

    since: str
    stability: str

    def under(self, other: Standing) -> Standing:
        """What something is that needs both."""
        since = max(self.since, other.since, key=versionKey)
        return Standing(since, PROVISIONAL if PROVISIONAL in (self.stability, other.stability) else STABLE)


def versionKey(version: str) -> tuple[int, ...]:
    """``0.10`` comes after ``0.9``."""
    return tuple(int(number) for number in version.split("."))


def ofType(resource: type[Resource]) -> Standing:
    """Of a resource type."""
    return Standing(resource.Since, resource.Stability)


def ofPart(part: HasStanding, resource: type[Resource]) -> Standing:
    """Of a field, a relation or an endpoint of a type."""
    return Standing(part.since, part.stability).under(ofType(resource))


def ofPattern(pattern: Pattern) -> Standing:
    """Of a kind of path."""
    found = ofType(pattern.resource)
    for hop in pattern.hops:
        found = found.under(ofType(hop.target))
        if hop.relation is not None and hop.variable is None:
            found = found.under(Standing(hop.relation.since, hop.relation.stability))
        if hop.variable is not None:
            field = hop.target.Fields[hop.variable.field]
            found = found.under(Standing(field.since, field.stability))
    if pattern.endpoint is not None:
        found = found.under(Standing(pattern.endpoint.since, pattern.endpoint.stability))
    return found
