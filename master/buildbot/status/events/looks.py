"""One look at a database: what is different from the look before, as events in an order that makes sense.

Nothing here changes what is known: a look is computed in a thread, and counts once its events are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from buildbot.db.statefile import Stored
from buildbot.status.definition import Resource
from buildbot.status.events.records import MOST, Kind, Record, Records
from buildbot.status.sql.plan import Reader

Thing = tuple[str, int]
"""A type's plural, and a key."""
PATIENCE = 60
"""Seconds for which an id that was left out may still come: PostgreSQL hands out ids before it commits."""
MOST_GAPS = 1_000
NUMBERS = ("integer", "datetime", "boolean")


@attrs.frozen
class Mark:
    """How far the things of a type are known."""

    key: int = 0
    """The largest."""
    gaps: Mapping[int, float] = attrs.field(factory=dict)
    """Keys below it that were not there, and since when they are missed."""
    last: Mapping[str, Any] | None = None
    """What cannot change in the newest thing that is over, to tell the database from an older copy of it."""

    def wire(self) -> Mapping[str, Any]:
        """As it is stored."""
        return {"key": self.key, "gaps": list(self.gaps), "last": self.last}

    def advanced(self, kind: Kind, found: Sequence[Record], now: float) -> Mark:
        """After these records, which are in the order of their keys."""
        gaps = {key: since for key, since in self.gaps.items() if now - since < PATIENCE}
        key, last = self.key, self.last
        for record in found:
            at = record[kind.key]
            if at > key:
                gaps.update(dict.fromkeys(range(max(key + 1, at - MOST_GAPS), at), now))
                key = at
            gaps.pop(at, None)
            if kind.level.isOver(record) and (last is None or at >= last[kind.key]):
                last = _lasting(kind.resource, record)
        if len(gaps) > MOST_GAPS:
            gaps = dict(sorted(gaps.items())[-MOST_GAPS:])
        return Mark(key, gaps, last)


def _lasting(resource: type[Resource], record: Record) -> Mapping[str, Any]:
    """The numbers in a record that is over; texts may be taken away when space is made."""
    names = (name for name, field in resource.Fields.items() if field.type.kind in NUMBERS)
    return {name: record[name] for name in names if name in record}


@attrs.define
class Known:
    """What was seen so far."""

    marks: dict[str, Mark] = attrs.field(factory=dict)
    records: dict[str, dict[int, Record]] = attrs.field(factory=dict)
    """Things that may still change, by type and key."""

    @classmethod
    def of(cls, stored: Stored, now: float) -> Known:
        """What the state file says."""
        known = cls()
        for type, mark in stored.marks.items():
            known.marks[type] = Mark(mark["key"], dict.fromkeys(mark["gaps"], now), mark["last"])
        for type, key, body in stored.seen:
            known.records.setdefault(type, {})[key] = dict(body)
        return known

    def take(self, look: Look) -> None:
        """A look's events are stored."""
        self.marks.update(look.marks)
        for (type, key), record in look.seen.items():
            self.records.setdefault(type, {})[key] = record
        for type, key in look.over:
            self.records.get(type, {}).pop(key, None)


@attrs.frozen
class News:
    """An event that a look found."""

    type: str
    key: int
    event: str
    body: Mapping[str, Any]
    parents: Mapping[str, Any]
    old: Mapping[str, Any] | None = None
    isEnd: bool = False


@attrs.define
class Look:
    """What one look found."""

    news: Sequence[News] = ()
    seen: dict[Thing, Record] = attrs.field(factory=dict)
    """Things that may still change, and are new or different."""
    over: list[Thing] = attrs.field(factory=list)
    """Things that need no more looking at."""
    marks: dict[str, Mark] = attrs.field(factory=dict)
    more: bool = False
    """There is more than one look takes: what has ended is announced when all that is new has been."""
    isOther: bool = False
    """This is not the database that is known, but an older copy, or another one: nothing else is filled in."""

    @property
    def isEmpty(self) -> bool:
        return not (self.news or self.seen or self.over or self.marks)


@attrs.frozen
class _Found:
    """A thing that is new or different."""

    kind: Kind
    old: Record | None
    new: Record


class Looks:
    """Looks at a database."""

    def __init__(self, kinds: Sequence[Kind], records: Records, now: Callable[[], float]) -> None:
        self._kinds, self._records, self._now = kinds, records, now
        self._byName = {kind.name: kind for kind in kinds}

    def isBegun(self, known: Known) -> bool:
        """Whether there was a first look for every type."""
        return not self._unbegun(known)

    def _unbegun(self, known: Known) -> Sequence[Kind]:
        return [kind for kind in self._kinds if kind.grows and kind.name not in known.marks]

    def begin(self, reader: Reader, known: Known) -> Look:
        """The first, at types of which nothing is known: what is there already is no news."""
        look = Look()
        open_: dict[str, list[int]] = {name: list(records) for name, records in known.records.items()}
        for kind in self._kinds if not known.marks else self._unbegun(known):
            if not kind.grows:
                look.seen |= {(kind.name, record[kind.key]): record for record in self._records.all(reader, kind)}
                continue
            newest = self._records.newest(reader, kind)
            first = newest[0][kind.key] if newest else 0
            look.marks[kind.name] = Mark(first).advanced(kind, newest, self._now())
            if kind.ends:
                running = self._running(reader, kind, newest, open_.get(kind.parent))
                look.seen |= {(kind.name, record[kind.key]): record for record in running}
                open_[kind.name] = [record[kind.key] for record in running]
        return look

    def _running(
        self, reader: Reader, kind: Kind, newest: Sequence[Record], parents: Sequence[int] | None
    ) -> Sequence[Record]:
        """What is not over. There is an index on that for what chains begin with; the rest is part of it."""
        if parents is not None and not kind.isWithinIndexed:
            return [record for record in newest if not kind.level.isOver(record)]
        return list(self._records.open(reader, kind, parents))

    def next(self, reader: Reader, known: Known) -> Look:
        """What is different from what is known."""
        look = Look()
        fresh = {kind.name: self._fresh(reader, kind, known) for kind in self._kinds if kind.grows}
        look.more = any(len(records) >= MOST for records in fresh.values())
        found: list[_Found] = []
        for kind in self._kinds:
            if not kind.grows:
                found += self._small(reader, kind, known, look)
            elif not self._large(reader, kind, known, fresh[kind.name], found, look):
                return Look(isOther=True)
        look.news = list(_Order(found, known, self._byName, held=look.more).news())
        for each in found:
            self._remember(each, look)
        return look

    def _fresh(self, reader: Reader, kind: Kind, known: Known) -> Sequence[Record]:
        return self._records.after(reader, kind, known.marks.get(kind.name, Mark()).key)

    def _small(self, reader: Reader, kind: Kind, known: Known, look: Look) -> Iterator[_Found]:
        """All of a type of which there are few."""
        before = known.records.get(kind.name, {})
        after = {record[kind.key]: record for record in self._records.all(reader, kind)}
        look.over += [(kind.name, key) for key in before if key not in after]
        return (_Found(kind, before.get(key), new) for key, new in after.items() if before.get(key) != new)

    def _large(
        self, reader: Reader, kind: Kind, known: Known, fresh: Sequence[Record], found: list[_Found], look: Look
    ) -> bool:
        """What is new, and what was not over; False if this is another database."""
        mark, before = known.marks.get(kind.name, Mark()), known.records.get(kind.name, {})
        watched = {*mark.gaps} if look.more else {*before, *mark.gaps}
        keys = [*watched] if mark.last is None else [*watched, mark.last[kind.key]]
        again = {record[kind.key]: record for record in self._records.of(reader, kind, keys)}
        if mark.last is not None:
            key = mark.last[kind.key]
            last = again.get(key)
            if last is None or _lasting(kind.resource, last) != mark.last:
                return False
            if key not in watched:
                del again[key]
        if not look.more:
            look.over += [(kind.name, key) for key in before if key not in again]
        found += [_Found(kind, before.get(key), new) for key, new in again.items() if before.get(key) != new]
        found += [_Found(kind, None, new) for new in fresh]
        moved = mark.advanced(kind, sorted([*again.values(), *fresh], key=lambda record: record[kind.key]), self._now())
        if moved != mark:
            look.marks[kind.name] = moved
        return True

    @staticmethod
    def _remember(found: _Found, look: Look) -> None:
        kind, new = found.kind, found.new
        thing = (kind.name, new[kind.key])
        if not kind.grows:
            look.seen[thing] = new
        elif kind.ends and look.more:
            # That it is over is seen once more when there is nothing new, and announced then.
            look.seen[thing] = kind.level.reopened(new) if kind.level.isOver(new) else new
        elif kind.level.isOver(new):
            if found.old is not None:
                look.over.append(thing)
        else:
            look.seen[thing] = new


class _Order:
    """Events as they might have come: around those of a thing's parts stand its beginning and its end."""

    def __init__(self, found: Sequence[_Found], known: Known, kinds: Mapping[str, Kind], *, held: bool) -> None:
        self._kinds, self._known, self._held = kinds, known, held
        self._found: dict[Thing, _Found] = {(each.kind.name, each.new[each.kind.key]): each for each in found}
        self._parts: dict[Thing | None, dict[Thing, None]] = {}
        for thing in self._found:
            self._place(thing)

    def _place(self, thing: Thing) -> None:
        """Below what it is part of, and that below what it is part of itself, as far as these are known."""
        passed = set()
        while thing not in passed:
            passed.add(thing)
            above = self._above(thing)
            self._parts.setdefault(above, {})[thing] = None
            if above is None:
                return
            thing = above
        self._parts.setdefault(None, {})[thing] = None  # ids that lead in a circle mean nothing

    def _above(self, thing: Thing) -> Thing | None:
        kind = self._kinds[thing[0]]
        record = self._record(thing)
        key = record.get(kind.within) if record is not None and kind.parent else None
        above = (kind.parent, key) if key is not None else None
        return above if above is not None and self._record(above) is not None else None

    def _record(self, thing: Thing) -> Record | None:
        found = self._found.get(thing)
        return found.new if found is not None else self._known.records.get(thing[0], {}).get(thing[1])

    def news(self) -> Iterator[News]:
        """All of them."""
        return self._below(None, set())

    def _below(self, above: Thing | None, passed: set[Thing]) -> Iterator[News]:
        parts = sorted(self._parts.get(above, ()), key=lambda thing: (self._kinds[thing[0]].rank, thing[1]))
        for thing in parts:
            if thing in passed:
                continue
            passed.add(thing)
            found = self._found.get(thing)
            own = [] if found is None else list(_events(found))
            yield from (each for each in own if not each.isEnd)
            yield from self._below(thing, passed)
            yield from (each for each in own if each.isEnd and not self._held)


def _events(found: _Found) -> Iterator[News]:
    """What happened to one thing."""
    kind, old, new = found.kind, found.old, found.new
    key, body = new[kind.key], _plain(kind, new)
    for event in kind.level.happened(old, new):
        isEnd = kind.level.isLast(event)
        if event == APPEND:
            yield News(kind.name, key, event, _lines(kind, old, new), new)
        else:
            yield News(kind.name, key, event, body, body, None if old is None else _plain(kind, old), isEnd)
        if event == "new":
            yield from _properties(kind, {}, new)
    if old is not None:
        yield from _properties(kind, old, new)


APPEND = "append"
"""The event of which only what is new is told: the numbers of a log's lines."""


def _lines(kind: Kind, old: Mapping[str, Any] | None, new: Record) -> Mapping[str, Any]:
    first = 0 if old is None else old["num_lines"]
    return {kind.key: new[kind.key], "first": first, "last": new["num_lines"] - 1}


def _properties(kind: Kind, old: Mapping[str, Any], new: Record) -> Iterator[News]:
    """Those that are new or different, by name, in an event of their own."""
    if not kind.properties:
        return
    before = old.get(kind.properties) or {}
    changed = {name: value for name, value in new[kind.properties].items() if before.get(name) != value}
    if changed:
        yield News(kind.properties, new[kind.key], "update", changed, {kind.key: new[kind.key]})


def _plain(kind: Kind, record: Record) -> Record:
    """The record as GET gives it when nobody asks for its properties."""
    if not kind.properties:
        return record
    properties = kind.resource.Fields[kind.properties].properties
    assert properties is not None
    return {**record, kind.properties: properties.unasked}
