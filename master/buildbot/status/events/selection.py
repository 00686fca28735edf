"""What somebody asks for of the log, and what its events are for those who ask so."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from functools import cached_property
from typing import Any

import attrs

from buildbot.errors import BadQuery
from buildbot.status.definition import Resource
from buildbot.status.encode import compact
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.event import Event, fieldsOf, shapeOf
from buildbot.status.events.predicate import Predicate, predicate
from buildbot.status.events.topics import Topic
from buildbot.status.fieldtypes import parseBoolean
from buildbot.status.query import GENERAL, Query

MOST_TOPICS = 200
"""Of one subscription."""


_NOTHING: Mapping[str, Any] = {}


@attrs.define
class Change:
    """One event as it is for everybody who asks for the same; never changed. What it says stays the log's JSON, as long
    as nobody looks into it and it is what is asked for."""

    cursor: str
    """Everything up to this event, it included."""
    topic: str
    """What happened to what: ``builds/7/finished``."""
    resource: type[Resource]
    event: Event
    given: Mapping[str, Any] | None = None
    """The record, if it is not the event's."""
    left: bool = False
    """The record met the filter before, and does not any more."""
    extra: Mapping[str, Any] = _NOTHING
    """What the event says beside the record: the lines of an append."""

    @property
    def record(self) -> Mapping[str, Any]:
        """As it is on the wire, after the change."""
        return self.event.record if self.given is None else self.given

    @property
    def recordText(self) -> str:
        """The record as JSON."""
        return self.event.body if self.given is None else compact(self.given)

    @property
    def changed(self) -> Mapping[str, Any] | None:
        """The old values of fields that can be filtered and have changed; None for what is new."""
        return None if self.event.changed is None else self.event.old

    @property
    def changedText(self) -> str:
        """The same as JSON."""
        return "null" if self.event.changed is None else self.event.changed


@attrs.frozen(eq=False)
class Batch:
    """What a piece of the log holds for those who ask for the same; immutable but for ``forms``, where languages keep
    what they make of it."""

    changes: Sequence[Change]
    cursor: Cursor
    """Where to go on."""
    generation: int | None
    """Of the feed, when there was no more than this; None: there was."""
    following: Batch | None = None
    """What comes next of the same stretch of the log, from which one goes on as a whole."""
    forms: dict[Hashable, Any] = attrs.field(factory=dict)


Take = Callable[..., "Change | Matching | None"]
"""What an event is for somebody; see :attr:`Part.take`."""


@attrs.frozen(eq=False, slots=False)  # as Topic
class Part:
    """One topic, with the query as its type has it."""

    topic: Topic
    query: Query
    visibility: str
    embedded: Sequence[tuple[str, str]] = ()
    """Parameters of a call that gives what comes into the records at delivery; empty: nothing does."""

    @property
    def resource(self) -> type[Resource]:
        """What the topic is about."""
        return self.topic.resource

    @cached_property
    def meets(self) -> Predicate:
        """Whether a record is among those that are asked for."""
        return predicate(self.resource, self.query.shape.conditions, self.query.values)

    @cached_property
    def _fields(self) -> Set[str]:
        return fieldsOf(self.resource)

    @cached_property
    def _shape(self) -> int:
        return shapeOf(self.resource)

    def isWhole(self, event: Event) -> bool:
        """Whether an event has the whole record with it, rather than no more than what has changed."""
        # Whoever wrote it has mostly said so: then the record need not be decoded.
        return event.shape == self._shape or event.record.keys() >= self._fields

    @cached_property
    def take(self) -> Take:
        """``take(event, epoch)``: what an event of this type is here, if it is asked for as it is, as most are; else
        what its columns tell. None where it is none of those that are asked for. A third argument: what the thing was,
        if not what the event says."""
        # A function that knows all that does not depend on the event: it may be called for each one of the log.
        topic, resource, shape = self.topic, self.resource, self._shape
        matches, path, isAll = topic.matches, topic.path, topic.event is None and not topic.conditions
        isPlain = not (topic.fields or self.query.shape.conditions) and self.query.shape.fields is None

        def take(event: Event, epoch: str, before: Mapping[str, Any] | None = None) -> Change | Matching | None:
            if not (isAll or matches(event)):
                return None
            cursor = f"{epoch}.{event.seq}"
            if isPlain and event.shape == shape:
                return Change(cursor, path(event), resource, event)
            return Matching(event, resource, cursor, self.isWhole(event), before)

        return take

    def withEmbedded(self, given: Sequence[tuple[str, str]]) -> Part:
        """The same, with what these parameters ask for beside the event's own record."""
        embedded = [pair for pair in given if pair[0] in ("expand", "property") or "." in pair[0]]
        if not embedded or self.resource.Key is None:
            return self
        fields, maps = self.query.shape.fields, [f.name for f in self.resource.Fields.values() if f.properties]
        maps = [name for name in maps if fields is None or name in fields]
        asked = [self.resource.Key.name, *(maps if self.query.properties else [])]
        return attrs.evolve(self, embedded=[*(("field", name) for name in asked), *embedded])

    def isPart(self, event: Event) -> bool:
        """Whether an event has no more than what has changed, so that two say more than the second one."""
        return not self._fields or not self.isWhole(event)


@attrs.frozen
class Options:
    """How it is told."""

    conflate: bool = False
    """Each thing once, as it is at the end of what is read together."""
    content: bool = False
    """Lines with their text."""


OPTIONS: Sequence[str] = [field.name for field in attrs.fields(Options)]


def takeOptions(given: Sequence[tuple[str, str]]) -> tuple[Options, Sequence[tuple[str, str]]]:
    """What the parameters say of that, and the other parameters. Raises BadQuery."""
    found = {name: bool(parseBoolean(name, text)) for name, text in given if name in OPTIONS}
    if all(found.get(name) for name in ("conflate", "content")):
        raise BadQuery("conflate: does not go with content, which tells of every line once", parameter="conflate")
    return Options(**found), [pair for pair in given if pair[0] not in OPTIONS]


@attrs.define
class Matching:
    """An event, as far as its columns tell of what it is."""

    event: Event
    resource: type[Resource]
    """What it is about."""
    cursor: str
    isWhole: bool
    """The event has the whole record."""
    before: Mapping[str, Any] | None = None
    """What the thing was before; None: what the event itself says."""


@attrs.frozen(eq=False, slots=False)  # as Topic
class Selection:
    """What is asked for: those with the same :attr:`key` get the same."""

    parts: Sequence[Part]
    """An event is of the first of them that it fits."""
    given: Sequence[tuple[str, str]]
    options: Options = Options()

    @cached_property
    def key(self) -> Hashable:
        topics = [(part.topic.text, tuple(part.topic.conditions.items()), part.visibility) for part in self.parts]
        return tuple(topics), tuple(self.given), self.options

    @cached_property
    def _byType(self) -> Mapping[str, Sequence[Part]]:
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            found.setdefault(part.resource.Plural, []).append(part)
        return found

    def matching(self, event: Event) -> Sequence[Part]:
        """The parts that an event is of, as far as its columns tell."""
        return [part for part in self._byType.get(event.type, ()) if part.topic.matches(event)]

    @cached_property
    def takers(self) -> Mapping[str, Take]:
        """:attr:`Part.take` of the first part that an event is of, by the event's type; for other types, none is."""
        return {type: _firstOf([part.take for part in parts]) for type, parts in self._byType.items()}

    def change(self, matching: Matching, present: Mapping[str, Any] | None) -> Change | None:
        """What an event is here; None where it is none of those that are asked for. ``present``: the record, where the
        event has not all of it."""
        event, resource = matching.event, matching.resource
        record, extra = event.record, _NOTHING
        if present is not None:
            extra = {name: value for name, value in record.items() if name not in resource.Fields}
            record = {**present, **{name: value for name, value in record.items() if name in resource.Fields}}
        part = next((part for part in self.matching(event) if part.topic.fits(record)), None)
        if part is None:
            return None
        meets = part.meets(record)
        left = not meets and event.changed is not None and part.meets(matching.before or {**record, **event.old})
        if not meets and not left:
            return None
        path = part.topic.path(event, record)
        fields = part.query.shape.fields
        if fields is not None:
            record = {name: record[name] for name in fields if name in record}
        return Change(matching.cursor, path, resource, event, None if record is event.record else record, left, extra)


def _firstOf(takers: Sequence[Take]) -> Take:
    if len(takers) == 1:
        return takers[0]

    def take(event: Event, epoch: str, before: Mapping[str, Any] | None = None) -> Change | Matching | None:
        found = (taker(event, epoch, before) for taker in takers)
        return next((each for each in found if each is not None), None)

    return take


def checkQuery(resource: type[Resource], query: Query, given: Sequence[tuple[str, str]]) -> None:
    """Raises BadQuery for what a subscription does not take."""
    for name, _ in given:
        if name in GENERAL and name not in ("field", "expand", "property"):
            raise BadQuery(
                f"{name}: a subscription takes filters, field=, expand= and property=; get() takes {name}",
                parameter=name,
            )
    for name in (*(query.shape.fields or ()), *(condition.field for condition in query.shape.conditions)):
        if resource.Fields[name].derived:
            raise BadQuery(f"{name}: depends on other things, so events do not have it; get() does", parameter=name)
