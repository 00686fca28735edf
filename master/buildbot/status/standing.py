"""How firm something is: since when it is there, whether it is promised, and whether it will go.

A path is as firm as the least firm of the types and relations that it walks along. (A relation that is followed by a
variable does not count: such a path is stated as an address, and is as firm as its type.)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Protocol

from buildbot.status.definition import Resource
from buildbot.status.paths import Pattern
from buildbot.status.query import Shape
from buildbot.status.stability import PROVISIONAL, STABLE, Deprecation, Standing


class HasStanding(Protocol):
    """A field, a relation or a custom endpoint."""

    @property
    def since(self) -> str: ...
    @property
    def stability(self) -> str: ...
    @property
    def deprecated(self) -> Deprecation | None: ...


def both(one: Standing, other: Standing) -> Standing:
    """What something is that needs both."""
    firm = PROVISIONAL if PROVISIONAL in (one.stability, other.stability) else STABLE
    those = [each.deprecated for each in (one, other) if each.deprecated is not None]
    soonest = min(those, key=lambda each: each.since) if those else None
    return Standing(max(one.since, other.since, key=versionKey), firm, soonest)


def versionKey(version: str) -> tuple[int, ...]:
    """``0.10`` comes after ``0.9``."""
    return tuple(int(number) for number in version.split("."))


def ofType(resource: type[Resource]) -> Standing:
    """Of a resource type."""
    return Standing(resource.Since, resource.Stability, resource.Deprecated)


def ofPart(part: HasStanding, resource: type[Resource]) -> Standing:
    """Of a field, a relation or an endpoint of a type."""
    return both(_own(part), ofType(resource))


def ofWord(word: str, resource: type[Resource]) -> Standing:
    """Of a topic or an action of a type."""
    return both(resource.Standings.get(word, Standing()), ofType(resource))


@lru_cache(maxsize=1_000)
def ofPattern(pattern: Pattern) -> Standing:
    """Of a kind of path; worked out once, because every answer asks."""
    found = both(ofType(pattern.resource), pattern.resource.Standings.get(pattern.text, Standing()))
    for hop in pattern.hops:
        found = both(found, ofType(hop.target))
        if hop.variable is not None:
            found = both(found, _own(hop.target.Fields[hop.variable.field]))
        elif hop.relation is not None:
            found = both(found, _own(hop.relation))
    return found if pattern.endpoint is None else both(found, _own(pattern.endpoint))


def _own(part: HasStanding) -> Standing:
    return Standing(part.since, part.stability, part.deprecated)


def deprecations(pattern: Pattern, shape: Shape) -> Iterator[dict[str, Any]]:
    """What a call names that will go, as ``meta.deprecated`` says it."""
    own = ofPattern(pattern).deprecated
    if own is not None:
        yield _told(f"path {pattern.text}", own)
    yield from _below(pattern.resource, shape)


def _below(resource: type[Resource], shape: Shape) -> Iterator[dict[str, Any]]:
    named = [
        *(shape.fields or ()),
        *(each.field for each in shape.conditions),
        *(each.lstrip("-") for each in shape.order),
    ]
    for name in dict.fromkeys(named):
        deprecation = resource.Fields[name].deprecated
        if deprecation is not None:
            yield _told(f"field {resource.Name}.{name}", deprecation)
    for word, below in shape.expand:
        relation = resource.Relations[word]
        if relation.deprecated is not None:
            yield _told(f"relation {resource.Name}.{word}", relation.deprecated)
        yield from _below(relation.target, below)


def _told(what: str, deprecation: Deprecation) -> dict[str, Any]:
    told = {"what": what, "deprecated": deprecation.since, "sunset": deprecation.sunset.isoformat()}
    return {**told, "instead": deprecation.instead} if deprecation.instead else told
