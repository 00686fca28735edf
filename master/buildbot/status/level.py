"""What happened to a thing, as far as two looks at its record tell: for whoever is not told of each change.

A type's ``Level`` states it: words of its topics, in the order in which they are announced; those after the end's come
after it. ``new``: it was not there
at the look before. ``finished:+complete``: the field is true now and was not, is a larger number, or a list that holds
something more. ``unclaimed:-claimed_at``: it is false or null now and was not, or a list that lacks something. A bare
word: something else is different. Changes between two looks merge into one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs

from buildbot.status.definition import Field, Relation, Resource

NEW = "new"
COMPLETE = "complete"
"""The field that says that a thing will not change any more."""
Record = Mapping[str, Any]


@attrs.frozen
class Turn:
    """An event that is known by one field."""

    event: str
    field: str
    gains: bool

    def isTaken(self, before: Any, after: Any) -> bool:
        """Whether the field's change is this event."""
        here, there = (after, before) if self.gains else (before, after)
        if isinstance(after, list):
            return any(element not in (there or ()) for element in here or ())
        return bool(here) and before != after and (self.gains or not there)


@attrs.define(slots=False)
class Level:
    """How events are told from records of one type."""

    resource: type[Resource]
    turns: Sequence[Turn]
    announcesNew: bool
    other: str | None
    """The event for everything else."""

    @classmethod
    def of(cls, resource: type[Resource]) -> Level | None:
        """None for a type of which nothing can be told so."""
        if not resource.Level:
            return None
        words = [word.partition(":") for word in resource.Level.split()]
        turns = [Turn(event, field[1:], field.startswith("+")) for event, colon, field in words if colon]
        bare = [event for event, colon, _ in words if not colon]
        return cls(resource, turns, NEW in bare, next((event for event in bare if event != NEW), None))

    @cached_property
    def end(self) -> str | None:
        """The event after which a thing does not change any more; None for types whose things always may."""
        return next((turn.event for turn in self.turns if turn.field == COMPLETE and turn.gains), None)

    @cached_property
    def _last(self) -> Sequence[Turn]:
        """Those from the end on."""
        events = [turn.event for turn in self.turns]
        return () if self.end is None else self.turns[events.index(self.end) :]

    def isLast(self, event: str) -> bool:
        """Whether an event comes when a thing is over, after all that is part of it."""
        return any(turn.event == event for turn in self._last)

    def reopened(self, record: Record) -> dict[str, Any]:
        """A record as if the thing were not over yet."""
        return {**record, **{turn.field: False for turn in self._last}}

    def isOver(self, record: Record) -> bool:
        """Whether this thing will not change any more."""
        return self.announcesNew and bool(record.get(COMPLETE, True))

    @cached_property
    def parent(self) -> Relation[Any] | None:
        """To what it is part of; None: to nothing."""
        relations = self.resource.Relations.values()
        return next((each for each in relations if each.own == self.resource.Within and not each.many), None)

    def happened(self, old: Record | None, new: Record) -> Sequence[str]:
        """The events between two looks, in order; ``old`` is None if the thing was not there."""
        if old is not None and self._steady(old) == self._steady(new):
            return ()
        before = old or {}
        found = [turn.event for turn in self.turns if turn.isTaken(before.get(turn.field), new.get(turn.field))]
        if old is None and self.announcesNew:
            return [NEW, *found]
        if not found and self.other is not None:
            return [self.other]
        # There is no better word for what came in a state that nobody would announce.
        return found or ([self.turns[-1].event] if old is None else ())

    def _steady(self, record: Record) -> Record:
        return {name: value for name, value in steady(self.resource, record).items() if name in self._compared}

    @cached_property
    def _compared(self) -> frozenset[str]:
        """Properties have events of their own, unless they belong to the record whether one asks for them or not."""
        return frozenset(name for name, field in self.resource.Fields.items() if not isApart(field))


def isApart(field: Field) -> bool:
    """Whether a record has this only when asked: it is no part of what an event says."""
    return field.properties is not None and isinstance(field.properties.unasked, (dict, type(None)))


def steady(resource: type[Resource], record: Record) -> Record:
    """A record without what is renewed again and again while nothing happens."""
    found = {}
    for name, value in record.items():
        field = resource.Fields.get(name)
        if field is None or field.beats:
            continue
        if field.relation is not None and isinstance(value, dict):
            value = steady(field.relation.target, value)
        found[name] = value
    return found


def problems(resource: type[Resource]) -> Iterator[str]:
    """What is wrong with what a type says of its level."""
    if not resource.Level and not resource.Within:
        return
    topics = resource.Topics.split()
    for word in resource.Level.split():
        event, colon, field = word.partition(":")
        if event not in topics:
            yield f": Level: {event!r} is none of its Topics"
        if colon and (field[:1] not in ("+", "-") or field[1:] not in resource.Fields):
            yield f": Level: {word!r}: after the colon stands + or - and a field"
    level = Level.of(resource)
    if level is None or resource.Key is None:
        yield ": Level is for types that have a key() and Topics, and Within goes with it"
    elif resource.Within and level.parent is None:
        yield f": Within names {resource.Within!r}, which none of its one() relations starts from"
