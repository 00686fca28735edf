"""Records as the poller reads them: through the same plans as GET, many at once, by keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from buildbot.db import schema
from buildbot.db.dialect import Dialect
from buildbot.status.call import Call
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.level import COMPLETE, Level, isApart
from buildbot.status.query import Limits
from buildbot.status.reading import Reading
from buildbot.status.sql.plan import Reader

Record = dict[str, Any]
MOST = 1_000
"""Records in one reading."""
RECENT = 100
"""How many of the newest are looked at in the beginning."""


@attrs.frozen(eq=False)
class Kind:
    """A resource type that is watched."""

    resource: type[Resource]
    level: Level
    key: str
    rank: int
    """In this order, events of things that are part of nothing follow each other."""
    within: str = ""
    parent: str = ""
    """The plural of what one is part of, whose key is the field ``within``."""
    isWithinIndexed: bool = False
    properties: str = ""
    """The field of properties that have events of their own."""

    @property
    def name(self) -> str:
        """Its plural."""
        return self.resource.Plural

    @property
    def grows(self) -> bool:
        """Whether there are ever more of it, of which most are over; else there are few, and all may change."""
        return self.level.announcesNew

    @property
    def ends(self) -> bool:
        """Whether one may change until it is over."""
        return self.grows and COMPLETE in self.resource.Fields


def kindsOf(catalogue: Catalogue) -> Sequence[Kind]:
    """All that are watched: first what is configured, then code, then what is built, parents before their parts."""
    levels = [level for cls in catalogue.types.values() if (level := Level.of(cls)) is not None]
    return sorted((_kind(level) for level in levels), key=lambda kind: kind.rank)


def _kind(level: Level) -> Kind:
    cls, parent = level.resource, level.parent
    assert cls.Key is not None
    maps = [(name, field) for name, field in cls.Fields.items() if field.properties is not None and isApart(field)]
    apart = [name for name, field in maps if field.properties and field.properties.unasked is not None]
    return Kind(
        cls,
        level,
        cls.Key.name,
        _rank(level),
        cls.Within,
        "" if parent is None else parent.target.Plural,
        _isIndexed(cls),
        apart[0] if apart else "",
    )


def _rank(level: Level) -> int:
    """Small types, then those that are part of nothing, then by how deep they are in others."""
    if not level.announcesNew:
        return 0
    if level.parent is None:
        return 1
    if level.resource.Fields[level.resource.Within].type.nullable:
        return 2  # It may be part of nothing (a buildset that no build triggered): here chains begin.
    above = Level.of(level.parent.target)
    return 3 if above is None else _rank(above) + 1


def _isIndexed(cls: type[Resource]) -> bool:
    field = cls.Fields.get(cls.Within)
    if field is None or cls.Table is None:
        return False
    column = field.column or field.name
    return any(next(iter(index.columns)).name == column for index in schema.metadata.tables[cls.Table].indexes)


class Records:
    """Reads records of the kinds."""

    def __init__(self, catalogue: Catalogue, dialect: Dialect) -> None:
        self._reading = Reading(catalogue, dialect, Limits())
        self._dialect = dialect
        self._calls: dict[Any, Call] = {}

    def all(self, reader: Reader, kind: Kind) -> Sequence[Record]:
        """All that there are."""
        return self._read(reader, kind, "", {})

    def after(self, reader: Reader, kind: Kind, key: int) -> Sequence[Record]:
        """The first :data:`MOST` with a larger key, in their order."""
        return self._read(reader, kind, "gt", {"f0": key})

    def newest(self, reader: Reader, kind: Kind) -> Sequence[Record]:
        """The :data:`RECENT` with the largest keys, in their order."""
        return list(reversed(self._read(reader, kind, "newest", {})))

    def of(self, reader: Reader, kind: Kind, keys: Sequence[int]) -> Iterator[Record]:
        """Those of these keys that there are."""
        for start in range(0, len(keys), MOST):
            some = keys[start : start + MOST]
            yield from self._read(reader, kind, "in", {"f0": self._dialect.bindList(some)})

    def open(self, reader: Reader, kind: Kind, parents: Sequence[int] | None) -> Iterator[Record]:
        """Those that are not over: all of them, or those that are part of these."""
        if parents is None:
            yield from self._pages(reader, kind, "open", {})
            return
        for start in range(0, len(parents), MOST):
            some = self._dialect.bindList(parents[start : start + MOST])
            yield from self._pages(reader, kind, "openIn", {"f2": some})

    def _pages(self, reader: Reader, kind: Kind, form: str, values: Mapping[str, Any]) -> Iterator[Record]:
        last = 0
        while True:
            found = self._read(reader, kind, form, {**values, "f0": last})
            yield from found
            if len(found) < MOST:
                return
            last = found[-1][kind.key]

    def _read(self, reader: Reader, kind: Kind, form: str, values: Mapping[str, Any]) -> Sequence[Record]:
        call = self._calls.get((kind.name, form))
        if call is None:
            call = self._calls[kind.name, form] = self._reading.prepare(kind.name, list(_parameters(kind, form)))
        return self._reading.read(reader, attrs.evolve(call, values={**call.values, **values}), counted=False).records


def _parameters(kind: Kind, form: str) -> Iterator[tuple[str, str]]:
    """Of a call whose values are put in later: ``f0`` is that of the first condition, and so on."""
    if form in ("gt", "open", "openIn"):
        yield f"{kind.key}__gt", "0"
    if form == "in":
        yield f"{kind.key}__in", "0"
    if form in ("open", "openIn"):
        yield COMPLETE, "false"
    if form == "openIn":
        yield f"{kind.within}__in", "0"
    if form:
        yield "order", f"-{kind.key}" if form == "newest" else kind.key
        yield "limit", str(RECENT if form == "newest" else MOST)
    if kind.properties:
        yield "property", "*"
