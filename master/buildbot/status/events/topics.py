"""Topics: what callers subscribe to, a path to one thing and what happens to it: ``builders/linux/builds/*/finished``.

Which topics there are follows from the definitions: every address of one thing, and every place in a list, where each
ancestor that the path names is a field of the thing's own record. So an event can be matched by what it holds, and
nothing is read for it. Buildbot's own are among them, by the same text; those that no address has are a type's
``TopicsAt``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

import attrs

from buildbot.db.own import PARENTS
from buildbot.errors import BadQuery, DefinitionError, NotFound
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.events.event import Event
from buildbot.status.paths import KINDS, Hop, Pattern, Variable, parseVariable, split

ANY = "*"
KEY = "key"
"""Instead of a field's name: the event's own key."""
LATEST = -1
_FORM = "a path to one thing, in which any value may be *, and then an event or *, such as builds/*/finished"


def isTopics(value: object) -> bool:
    """Whether something that came over a wire is a topic, or several."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))


@attrs.frozen(slots=False)  # with slots, each look at a class that has cached properties takes longer
class Topic:
    """What somebody wants to be told of."""

    text: str
    """As it was given."""
    resource: type[Resource]
    event: str | None
    """None: any."""
    conditions: Mapping[str, int] = attrs.field(factory=dict)
    """What the event's columns must be: :data:`~buildbot.db.own.PARENTS`, or ``key``."""
    fields: Mapping[str, Any] = attrs.field(factory=dict)
    """What the record's fields must be, where no column of the log has them."""
    aliases: Mapping[str, str] = attrs.field(factory=dict)
    """Conditions whose value is the key of what a path names, which is found out once: :meth:`resolved`."""
    parts: Sequence[tuple[bool, str]] = ()
    """The path's elements: each either as it was given, or (True) the name of what stands there."""

    def matches(self, event: Event) -> bool:
        """Whether an event is of this topic, as far as its columns tell."""
        if event.type != self._type or (self.event is not None and event.event != self.event):
            return False
        return not self.conditions or all(columnOf(event, name) == value for name, value in self.conditions.items())

    @cached_property
    def _type(self) -> str:
        return self.resource.Plural

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Whether it is, as far as its record tells."""
        return all(record.get(name) == value for name, value in self.fields.items())

    @cached_property
    def _form(self) -> tuple[str, Sequence[str], bool]:
        """A template of paths, the names of what stands at its ``%s``, and whether that is the key alone."""
        texts = ["%s" if isName else text.replace("%", "%%") for isName, text in self.parts]
        names = [text for isName, text in self.parts if isName]
        return "/".join([*texts, "%s"]), names, names == [KEY]

    def path(self, event: Event, record: Mapping[str, Any] | None = None) -> str:
        """This topic with everything in place of ``*``: what happened to what. ``record``: by default the event's."""
        form, names, isKeyed = self._form
        if isKeyed:
            return form % (event.key, event.event)
        values = [self._value(name, event, record) for name in names]
        return form % (*values, event.event)

    @staticmethod
    def _value(name: str, event: Event, record: Mapping[str, Any] | None) -> int | str:
        value = columnOf(event, name)
        if value is None:
            return quote(str((event.record if record is None else record).get(name)), safe="")
        return value

    def resolved(self, keys: Mapping[str, int]) -> Topic:
        """The same, with the keys of its aliases."""
        return attrs.evolve(self, conditions={**self.conditions, **keys}, aliases={})


def columnOf(event: Event, name: str) -> int | None:
    """What an event has under a condition's name; None for what it has not."""
    return event.key if name == KEY else getattr(event, name) if name in PARENTS else None


@attrs.frozen
class _Element:
    """One element of a topic's path."""

    word: str = ""
    variable: Variable | None = None
    by: str = ""
    """For a variable: the column or field that it is compared with; empty for one that stands further up than that."""
    alias: bool = False
    """It is not compared as it is: the key of what the path names up to here is."""
    first: bool = False

    def takes(self, text: str) -> bool:
        if self.variable is None:
            return text == self.word
        return text == ANY or (bool(text) and self.variable.accepts(split(text)[0]))

    @property
    def shown(self) -> str:
        return self.word if self.variable is None else f"{self.variable.name} ({KINDS[self.variable.form]}, or *)"


@attrs.frozen
class TopicPattern:
    """A kind of topic: a type, and what stands before the event."""

    text: str
    resource: type[Resource]
    elements: Sequence[_Element]

    @property
    def events(self) -> Sequence[str]:
        """What can happen."""
        return self.resource.Topics.split()


def topicOf(catalogue: Catalogue, text: str) -> Topic:
    """The topic that a text means. Raises NotFound for a path that nothing has, BadQuery for one that has no events,
    and for an event that the thing does not have; both say what would be right."""
    *raw, event = text.split("/")
    if not raw:
        raise BadQuery(f"{text!r} is no topic: that is {_FORM}", parameter="topic")
    if "" in (*raw, event):
        raise BadQuery(f"{text!r}: an element of it is empty; a topic is {_FORM}", parameter="topic")
    patterns = topicPatterns(catalogue)
    for pattern in patterns:
        if len(pattern.elements) == len(raw) and all(map(_Element.takes, pattern.elements, raw)):
            return _topic(pattern, text, raw, event)
    raise _unknown(catalogue, patterns, text, raw, event)


@lru_cache(maxsize=20)
def topicPatterns(catalogue: Catalogue) -> Sequence[TopicPattern]:
    """All kinds of topics, in the order in which they are tried."""
    declared, found = [], []
    for cls in catalogue.types.values():
        if cls.Topics:
            declared += [_declared(text, cls) for text in cls.TopicsAt.split()]
    texts = {text: pattern for text, pattern in catalogue.patterns.items() if pattern.resource.Topics}
    for text, pattern in texts.items():
        if pattern.endpoint is None and _isWalk(pattern.hops):
            hops = _one(pattern, texts)
            elements = None if hops is None else _elements(hops)
            if hops is not None and elements is not None:
                shown = text if pattern.hops[-1].variable else f"{text}/{_shown(hops[-1])}"
                found.append(TopicPattern(shown, pattern.resource, elements))
    found.sort(
        key=lambda pattern: [
            element.variable is not None and element.variable.form != "n" for element in pattern.elements
        ]
    )
    return (*declared, *found)


def _declared(text: str, cls: type[Resource]) -> TopicPattern:
    """A pattern whose variables are fields of the record."""
    elements = []
    for word in text.split("/"):
        variable = parseVariable(word)
        if variable is not None and variable.field not in (*cls.Fields, *PARENTS):
            raise DefinitionError(f"{cls.__name__}: TopicsAt: {text}: {variable.field!r} is no field of it")
        by = "" if variable is None else _by(cls, variable.field)
        elements.append(_Element(word, variable, by))
    return TopicPattern(text, cls, elements)


def _isWalk(hops: Sequence[Hop]) -> bool:
    """Whether each thing on the way is one that the path names."""
    return all(hop.variable is not None for hop in hops[:-1])


def _one(pattern: Pattern, all_: Mapping[str, Pattern]) -> Sequence[Hop] | None:
    """The walk to one thing: a list's elements are named by key where they have no name of their own there."""
    last = pattern.hops[-1]
    if last.variable is not None:
        return pattern.hops
    key = last.target.Key
    isList = last.relation is None or last.relation.many
    if (
        not isList
        or key is None
        or any(
            text.startswith(f"{pattern.text}/") and other.single and len(other.hops) == len(pattern.hops)
            for text, other in all_.items()
        )
    ):
        return None
    return (*pattern.hops[:-1], attrs.evolve(last, variable=Variable("n", key.name, key.name)))


def _shown(hop: Hop) -> str:
    variable = hop.variable
    assert variable is not None
    return f"{variable.form}:{variable.name}"


def _elements(hops: Sequence[Hop]) -> Sequence[_Element] | None:
    """What is compared with what; None where a record does not say which parent it has."""
    elements: list[_Element] = []
    last = len(hops) - 1
    for index, hop in enumerate(hops):
        variable, own = hop.variable, hop.target.Key
        assert variable is not None
        elements.append(_Element(_word(hop) if hop.relation is None else hop.relation.word))
        isKey = own is not None and variable.field == own.name
        if index == last:
            by, alias = _by(hop.target, variable.field), last == 0 and not isKey
            by = KEY if alias else by
        elif index == last - 1:
            parent = _parentField(hops[last])
            if parent is None:
                return None
            by, alias = _by(hops[last].target, parent), index > 0 or not isKey
        else:
            by, alias = "", False
        elements.append(_Element("", variable, by, alias, index == 0))
    return elements


def _word(hop: Hop) -> str:
    return hop.target.Plural if hop.target.List is None else hop.target.List


def _parentField(hop: Hop) -> str | None:
    """The field of a record that holds its parent's key, where the relation is no more than that."""
    relation = hop.relation
    if relation is None or relation.match is not None or relation.via is not None or relation.own is not None:
        return None
    fields = hop.target.Fields.values()
    return next(
        (f.name for f in fields if f.isValue and f.sql is None and (f.column or f.name) == relation.theirs), None
    )


def _by(cls: type[Resource], field: str) -> str:
    return KEY if cls.Key is not None and field == cls.Key.name else field


def _topic(pattern: TopicPattern, text: str, raw: Sequence[str], event: str) -> Topic:
    if event != ANY and event not in pattern.events:
        known = ", ".join(pattern.events)
        raise BadQuery(
            f"{text}: a {pattern.resource.Name} has no event {event!r}; there are: {known}, or *", parameter="topic"
        )
    conditions: dict[str, int] = {}
    fields: dict[str, Any] = {}
    aliases: dict[str, str] = {}
    parts: list[tuple[bool, str]] = []
    for index, (element, given) in enumerate(zip(pattern.elements, raw, strict=True)):
        variable = element.variable
        parts.append((given == ANY and variable is not None, element.by if given == ANY else given))
        if variable is None:
            continue
        if given == ANY:
            if not element.by or (element.alias and not element.first):
                raise _notAny(pattern, text, index)
            continue
        value = variable.value(split(given)[0])
        if element.alias or (value == LATEST and element.by):
            if ANY in raw[: index + 1]:
                raise _notAny(pattern, text, raw.index(ANY))
            aliases[KEY if index == len(raw) - 1 else element.by] = "/".join(raw[: index + 1])
        elif element.by in PARENTS or element.by == KEY:
            conditions[element.by] = value
        elif element.by:
            fields[element.by] = value
    return Topic(text, pattern.resource, None if event == ANY else event, conditions, fields, aliases, parts)


def _notAny(pattern: TopicPattern, text: str, index: int) -> BadQuery:
    variable = pattern.elements[index].variable
    assert variable is not None
    return BadQuery(
        f"{text}: the {variable.name} cannot be * here, because the events of a {pattern.resource.Name} do not say "
        f"which it is; possible: {', '.join(_shorter(pattern))}",
        parameter="topic",
    )


def _shorter(pattern: TopicPattern) -> Iterator[str]:
    """The same type's topics that take * everywhere."""
    words = [element.word if element.variable is None else ANY for element in pattern.elements]
    yield "/".join([*words[-4:], ANY])
    yield "/".join([*words[-2:], ANY])


def _unknown(
    catalogue: Catalogue, patterns: Sequence[TopicPattern], text: str, raw: Sequence[str], event: str
) -> BadQuery | NotFound:
    """Why there is no such topic."""
    whole = [*raw, event]
    for pattern in patterns:
        if len(pattern.elements) == len(whole) and all(map(_Element.takes, pattern.elements, whole)):
            known = ", ".join([*pattern.events, ANY])
            return BadQuery(f"{text}: it ends too early: an event follows, one of {known}", parameter="topic")
    for path in ("/".join(raw), "/".join(whole)):
        if (found := _resource(catalogue, path)) is not None:
            return BadQuery(f"{text}: {_instead(patterns, found)}", parameter="topic")
    matched = 0
    possible: set[str] = set()
    for pattern in patterns:
        length = 0
        for element, given in zip(pattern.elements, whole, strict=False):
            if not element.takes(given):
                break
            length += 1
        if length >= matched and length < len(pattern.elements):
            possible = (possible if length == matched else set()) | {pattern.elements[length].shown}
            matched = length
    where = f"after {'/'.join(whole[:matched])}" if matched else "at the start"
    what = f"{whole[matched]!r} is not known" if matched < len(whole) else "it ends too early"
    return NotFound(f"There is no topic {text}: {what} {where}; possible: {', '.join(sorted(possible)) or 'an event'}")


def _resource(catalogue: Catalogue, path: str) -> type[Resource] | None:
    """What a path of the API answers with, with some number for each ``*``."""
    try:
        return catalogue.find(
            "/".join("1" if element == ANY else element for element in path.split("/"))
        ).pattern.resource
    except NotFound:
        return None


def _instead(patterns: Sequence[TopicPattern], resource: type[Resource]) -> str:
    own = [pattern for pattern in patterns if pattern.resource is resource]
    if not own:
        having = sorted({pattern.resource.Plural for pattern in patterns})
        return f"nothing is announced of {resource.Plural}; there are events of {', '.join(having)}"
    shown = [
        "/".join([*(element.word if element.variable is None else ANY for element in pattern.elements), ANY])
        for pattern in own
    ]
    return f"events of {resource.Plural} do not say that; they are announced as {', '.join(dict.fromkeys(shown))}"
