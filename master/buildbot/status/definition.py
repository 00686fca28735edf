"""The vocabulary in which a resource type is defined: one class is its definition, and its instances are its records.

A class body states everything there is to say about a resource type, once. What the API offers in every language
(fields, filters, paths, ``expand=``, typed getters, documents, tests) follows from it::

    class Project(Resource):
        \"\"\"What several builders belong to.\"\"\"

        Plural = Table = "projects"
        At = "projects/{n:projectid,s:projectname=name}"

        projectid: int = key("id")
        name: str = field(hashed=True)
        description: str | None = field()
        getBuilders: Many[Builder] = many("projectid")

The type's own words are Capitals, fields are lower case, relations are called ``get…``; beside them only getters
(:func:`getter`) may stand in a class body. SQL stands in functions ``(t)`` or ``(t, q)`` that only the compiler calls,
in a process that has a database: ``t`` has the columns of the type's own table, ``q.some_table`` those of any other
table, ``q.select`` starts a sub-select. So a client imports these classes without a database.

Paths
-----
``At`` lists the addresses of one thing: words and variables. ``n:`` takes a number, ``s:`` any text, ``i:`` one that is
an identifier as a rule; ``s:buildername=name`` is a variable ``buildername`` compared with the field ``name``; braces
hold alternatives; ``{build}`` stands for every address of that type. Below each of them every relation is a word:
``getTriggeredBuilds`` is ``builds/7/triggered_builds``. A type whose address begins with its own plural is listed under
it: ``builds``. ``Also`` has what does not follow from this: further addresses and lists, below which nothing hangs.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Self, TypeVar

import attrs
from twisted.internet.defer import Deferred, succeed

from buildbot.errors import DefinitionError
from buildbot.status.actions import Action
from buildbot.status.fieldtypes import FieldType
from buildbot.status.stability import PROVISIONAL, STABLE, Deprecation, Standing
from buildbot.status.streams import OpenStream

SQL = Any
"""An SQL expression. Its type is not named, because nothing here may import SQLAlchemy."""
R = TypeVar("R", bound="Resource")
T = TypeVar("T")
_UNSET: Any = object()


@attrs.define(slots=False, eq=False)
class Field:
    """One field: where its value comes from. Its type is the annotation beside it."""

    sql: Callable[..., SQL] | None = None
    """``(t)`` or ``(t, q)``; none for constants and embedded records."""
    column: str | None = None
    """The column it is, if it is just that."""
    isKey: bool = False
    hashed: bool = False
    """There is a ``name_hash`` column, and the only index for look-ups is on it."""
    filterable: bool = True
    derived: bool = False
    """Depends on other rows: sent only when named in ``field=``, absent from events."""
    beats: bool = False
    """Renewed again and again while nothing happens: a change of it is no event."""
    value: Any = _UNSET
    """What a constant is."""
    decode: Callable[[Any], Any] | None = None
    """From the column's value to the field's; such a field cannot be filtered."""
    members: Callable[..., SQL] | None = None
    """``(t, q)``: a sub-select of a list's elements, one column, or a mapping of names to columns."""
    relation: Relation[Any] | None = None
    """How an embedded record is found."""
    properties: PropertyRows | None = None
    doc: str = ""
    since: str = "0.1"
    stability: str = STABLE
    deprecated: Deprecation | None = None
    name: str = ""
    owner: str = ""
    type: FieldType = attrs.field(init=False, default=_UNSET)
    """Set by the catalogue, from the annotation."""

    @property
    def isValue(self) -> bool:
        """One SQL expression of the row: neither a list, a constant, nor found elsewhere."""
        return self.members is None and self.relation is None and self.properties is None and self.value is _UNSET

    def __set_name__(self, owner: Any, name: str) -> None:
        self.name, self.owner = name, owner.__name__

    def __get__(self, instance: Resource | None, owner: Any) -> Any:
        return self if instance is None else instance._get(self)


@attrs.frozen
class PropertyRows:
    """Properties by name, ``{name: [value, source]}``, from rows of name, JSON and perhaps source."""

    rows: Callable[..., SQL]
    """``(t, q)``: a sub-select of name, JSON text, and source (null where the JSON holds ``[value, source]``)."""
    name: Callable[..., SQL]
    """``(q)``: the column that holds the name, to pick those that ``property=`` asks for."""
    unasked: Any
    """What the field is without ``property=``; :data:`ALWAYS`: everything."""


ALWAYS: Any = "always"


def key(column: str | None = None, **more: Any) -> Any:
    """The field that identifies one: an integer that the database gave."""
    return Field(column=column, isKey=True, **more)


def field(column: str | None = None, **more: Any) -> Any:
    """A column; without a name, the one with the field's name."""
    return Field(column=column, **more)


def computed(sql: Callable[..., SQL], **more: Any) -> Any:
    """An SQL expression over the row, ``(t)``, or over other tables as well, ``(t, q)``."""
    return Field(sql=sql, **more)


def derived(sql: Callable[..., SQL], **more: Any) -> Any:
    """As :func:`computed`, but sent only when named in ``field=``, because it depends on other rows."""
    return Field(sql=sql, derived=True, stability=more.pop("stability", PROVISIONAL), **more)


def lookup(link: str, *, own: str | None = None, **more: Any) -> Any:
    """A column of the one row elsewhere: ``"buildrequest_claims.brid.claimed_at"`` is ``claimed_at`` of the row whose
    ``brid`` is this thing's key, or its column ``own``; null where there is none."""
    return Field(sql=lambda t, q: q.follow(link, t[own] if own else q.key(t)).limit(1).scalar_subquery(), **more)


def members(source: str | Callable[..., SQL], **more: Any) -> Any:
    """A list: a link, as in :func:`lookup` (several are followed one after the other), or ``(t, q)``."""
    if isinstance(source, str):
        link = source
        return Field(members=lambda t, q: q.follow(link, q.key(t)), **more)
    return Field(members=source, **more)


def embedded(own: str | None = None, *, via: str | None = None, **more: Any) -> Any:
    """Whole records of another type, found as :func:`one` and :func:`many` do, and always sent."""
    return Field(relation=Relation(own=own, via=via), filterable=False, **more)


def propertyMap(rows: Callable[..., SQL], name: Callable[..., SQL], *, unasked: Any, **more: Any) -> Any:
    """Properties by name; see :class:`PropertyRows`."""
    return Field(properties=PropertyRows(rows, name, unasked), filterable=False, **more)


def constant(value: Any, **more: Any) -> Any:
    """Always the same: kept for clients that expect the field."""
    return Field(value=value, filterable=False, **more)


@attrs.define(slots=False, eq=False)
class Relation(Generic[R]):
    """A way from one thing to others, given as a condition on *their* table.

    It is a word in paths, in ``expand=``, and a typed getter. ``(v, t, q)`` of :attr:`match` has the own column's value
    in ``v`` and their columns in ``t``.
    """

    theirs: str | None = None
    """Their column that equals ours; by default their key."""
    own: str | None = None
    """Our column; by default our key."""
    via: str | None = None
    """A link, as in :func:`lookup`, from ours to their key."""
    match: Callable[..., SQL] | None = None
    order: str | None = None
    word: str = ""
    doc: str = ""
    since: str = "0.1"
    stability: str = STABLE
    deprecated: Deprecation | None = None
    name: str = ""
    owner: str = ""
    target: type[Resource] = attrs.field(init=False, default=_UNSET)
    """Set by the catalogue, from the annotation."""

    many: ClassVar[bool] = True

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.owner = name, owner.__name__
        self.word = self.word or snake(name.removeprefix("get"))

    def condition(self, value: SQL, t: SQL, q: SQL, theirKey: str) -> SQL:
        """Which of their rows belong to the thing whose own column is ``value``."""
        if self.match is not None:
            return self.match(value, t, q)
        if self.via is not None:
            return t[theirKey].in_(q.follow(self.via, value).order_by(None))
        return t[self.theirs or theirKey] == value


class Many(Relation[R]):
    """To any number of things: ``await builder.getBuilds(limit=5)`` is a tuple of :class:`Build`."""

    def __get__(self, instance: Resource | None, owner: type) -> Callable[..., Deferred[Sequence[R]]]:
        if instance is None:
            return self  # type: ignore[return-value]  # on the class it is the definition itself
        return lambda **query: instance._follow(self, query)


class One(Relation[R]):
    """To one thing or none: ``await build.getBuilder()`` is a :class:`Builder`, or None."""

    many: ClassVar[bool] = False

    def __get__(self, instance: Resource | None, owner: type) -> Callable[..., Deferred[R | None]]:
        if instance is None:
            return self  # type: ignore[return-value]  # on the class it is the definition itself
        return lambda **query: instance._follow(self, query).addCallback(lambda found: found[0] if found else None)


@attrs.frozen
class Getter(Generic[T]):
    """A getter that is no relation: what a function below ``buildbot.status.getting`` makes of a record."""

    run: str
    """``module:function``; gets the record and the getter's arguments, and returns a Deferred."""
    doc: str = ""

    def __get__(self, instance: Resource | None, owner: type) -> Callable[..., Deferred[T]]:
        if instance is None:
            return self  # type: ignore[return-value]  # on the class it is the definition itself
        module, _, name = self.run.partition(":")
        function = getattr(importlib.import_module(f"buildbot.status.getting.{module}"), name)
        return functools.partial(function, instance)


@attrs.frozen
class Iterating(Getter[T]):
    """A getter that gives one thing after the other: ``async for line in log.followLines()``. Its function returns an
    asynchronous iterator."""

    def __get__(self, instance: Resource | None, owner: type) -> Callable[..., AsyncIterator[T]]:  # type: ignore[override]  # no Deferred
        return super().__get__(instance, owner)  # type: ignore[return-value]  # what the function returns


def getter(run: str, doc: str = "") -> Any:
    """See :class:`Getter`."""
    return Getter(run, doc)


def iterating(run: str, doc: str = "") -> Any:
    """See :class:`Iterating`."""
    return Iterating(run, doc)


def many(theirs: str | None = None, **more: Any) -> Any:
    """To those whose column ``theirs`` is our key, or along ``via=`` a link, or by ``match=(v, t, q)``."""
    return Many(theirs=theirs, **more)


def one(own: str | None = None, **more: Any) -> Any:
    """To the one whose key is our column ``own``, or along ``via=`` a link, or by ``match=(v, t, q)``."""
    return One(own=own, **more)


@attrs.frozen
class Endpoint:
    """What the vocabulary does not fit: a path with code of its own, at most ten in all (a *custom endpoint*)."""

    paths: str
    run: str
    """``module:function`` below ``buildbot.status.endpoints``, a room that only a server imports."""
    raw: bool = False
    """Answers with a stream of bytes, not with records."""
    many: bool = False
    parameters: tuple[str, ...] = ()
    """Parameters that it reads itself, as text."""
    doc: str = ""
    since: str = "0.1"
    stability: str = STABLE
    deprecated: Deprecation | None = None


def snake(name: str) -> str:
    """``TriggeredBuilds`` to ``triggered_builds``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Resource:
    """Base of all resource types; an instance is one immutable record, as read.

    A field that was not sent (``field=`` did not name it) raises an ``AttributeError`` that says so. A getter asks the
    connection that the record came over again: fields are a snapshot, a getter is a fresh query.
    """

    Plural: ClassVar[str] = ""
    """The word in paths and the key in answers."""
    Name: ClassVar[str] = ""
    """The singular; by default from the class's name."""
    Table: ClassVar[str | None] = None
    Rows: ClassVar[str | None] = None
    """Instead of a table: ``module:function`` below ``buildbot.status.endpoints`` that gives all rows, in memory."""
    From: ClassVar[Callable[..., SQL] | None] = None
    """Instead of a table: ``(q)``, a sub-select."""
    List: ClassVar[str | None] = None
    """The path of the list of all; by default the plural, if an address begins with it."""
    At: ClassVar[str] = ""
    Also: ClassVar[str] = ""
    Order: ClassVar[str] = ""
    """The default order, as in ``order=``; the key always follows."""
    Orders: ClassVar[Sequence[str]] = ()
    """Fields with an index, along which long lists can be paged to their end."""
    Limit: ClassVar[int | None] = None
    """How many are sent when no limit is named; None: all, because there are never many."""
    Topics: ClassVar[str] = ""
    """What happens to one, in a word each: the events that are announced."""
    TopicsAt: ClassVar[str] = ""
    """Where they are announced beside the addresses: patterns whose variables are fields of the record."""
    Level: ClassVar[str] = ""
    """Which of the topics can be told from two looks at a record, and how: :mod:`buildbot.status.level`."""
    Text: ClassVar[str] = ""
    """``append:contents``: the event that tells that lines have come, and the endpoint below one that has them."""
    Within: ClassVar[str] = ""
    """The field that names what one is part of, whose events surround its own."""
    Actions: ClassVar[Mapping[str, Action]] = {}
    """What may be done to one, by name."""
    Own: ClassVar[bool] = False
    """Its table is one of :mod:`buildbot.db.own`, which may be in another database than Buildbot's; set by the name."""
    Page: ClassVar[str] = ""
    """Where Buildbot's web pages show one, after ``#/``: ``builders/{builderid}/builds/{number}``. Braces hold a field,
    or, first, the word of a relation: then the page of that thing."""
    Endpoints: ClassVar[Sequence[Endpoint]] = ()
    Since: ClassVar[str] = "0.1"
    Stability: ClassVar[str] = STABLE
    Deprecated: ClassVar[Deprecation | None] = None
    Standings: ClassVar[Mapping[str, Standing]] = {}
    """Of topics, actions and patterns of paths that are younger than the type, less firm, or deprecated."""

    Fields: ClassVar[Mapping[str, Field]] = {}
    Relations: ClassVar[Mapping[str, Relation[Any]]] = {}
    """By word."""
    Getters: ClassVar[Mapping[str, Getter[Any]]] = {}
    """All three are collected from the class body."""
    Ways: ClassVar[Mapping[str, Relation[Any]]] = {}
    """What is a word in paths: the relations, and the embedded records."""
    Key: ClassVar[Field | None] = None

    __slots__ = ("_connection", "_values")
    _values: dict[str, Any]
    _connection: Any

    def __init_subclass__(cls) -> None:
        fields: dict[str, Field] = {}
        relations: dict[str, Relation[Any]] = {}
        getters: dict[str, Getter[Any]] = {}
        for name, value in vars(cls).items():
            if isinstance(value, Field):
                fields[name] = value
            elif isinstance(value, Relation):
                if value.word in relations:
                    raise DefinitionError(f"{cls.__name__}.{name} has the word of {relations[value.word].name}")
                relations[value.word] = value
            elif isinstance(value, Getter):
                getters[name] = value
            elif not (name[0].isupper() and name in vars(Resource)) and not name.startswith("_"):
                raise DefinitionError(f"{cls.__name__}.{name}: neither a field, a relation nor a word of definitions")
        for field_ in fields.values():
            if not field_.name.islower():
                raise DefinitionError(f"{cls.__name__}.{field_.name}: fields are lower case")
        for name in (relation.name for relation in relations.values()):
            if not name.startswith("get"):
                raise DefinitionError(f"{cls.__name__}.{name}: relations are called get…")
        cls.Fields, cls.Relations, cls.Getters = fields, relations, getters
        cls.Ways = {**{f.name: f.relation for f in fields.values() if f.relation is not None}, **relations}
        cls.Name = cls.__dict__.get("Name", snake(cls.__name__))
        cls.Own = (cls.Table or "").startswith("status_")
        cls.Key = next((field_ for field_ in fields.values() if field_.isKey), None)

    def __init__(self, values: dict[str, Any], connection: Any = None) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_connection", connection)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is a record: it cannot be changed")

    def __repr__(self) -> str:
        cls = type(self)
        shown = [name for name in ([cls.Key.name] if cls.Key else []) + ["name", "number"] if name in self._values]
        return f"<{cls.__name__} {' '.join(f'{name}={self._values[name]!r}' for name in shown)}>"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._values == self._values

    def __hash__(self) -> int:
        key_ = type(self).Key
        return hash((type(self), self._values.get(key_.name) if key_ else None))

    def open(self, word: str = "", **query: Any) -> Deferred[OpenStream]:
        """The bytes of a path below this thing's address that answers with bytes, such as ``raw`` of a log; without a
        word, of the first that the definitions have. Fires and fails as ``open`` of a connection does."""
        deferred: Deferred[OpenStream] = self._asking("open").openBelow(self, word, query)
        return deferred

    def _asking(self, method: str) -> Any:
        if self._connection is None:
            raise AttributeError(f"{self!r} came over no connection, so {method}() has nowhere to ask")
        return self._connection

    def refreshed(self, **query: Any) -> Deferred[Self]:
        """The same thing, read again: ``build.refreshed(property="*")``. Fires and fails as a getter of one at the root
        does."""
        deferred: Deferred[Self] = self._asking("refreshed").again(self, query)
        return deferred

    def subscribe(self, event: str = "*", since: str | None = None, **query: Any) -> Deferred[Any]:
        """Be told of what happens to this thing; ``event`` is one of its type's, or all. Fires and fails as
        ``subscribe`` of a connection does."""
        deferred: Deferred[Any] = self._asking("subscribe").subscribeTo(self, event, since, query)
        return deferred

    def waitUntilFinished(self) -> Deferred[Self]:
        """Fires with the record once the thing is complete, at once if it is; fails as ``subscribe`` of a connection
        does. Cancelling it is allowed. Nothing is missed between the look and the waiting. Each is a subscription of
        its own: for many things, subscribe to their topic. Raises AttributeError for a type whose things have no
        end."""
        deferred: Deferred[Self] = self._asking("waitUntilFinished").untilFinished(self)
        return deferred

    def asDict(self) -> dict[str, Any]:
        """The record as it is on the wire: a new dict of plain values."""
        return dict(self._values)

    @classmethod
    def fromWire(cls, values: dict[str, Any], connection: Any = None) -> Self:
        """The record that ``values``, an object as in an answer, stands for."""
        return cls(values, connection)

    def _get(self, field_: Field) -> Any:
        try:
            value = self._values[field_.name]
        except KeyError:
            hint = "named in field=" if field_.derived else "among those that field= named"
            raise AttributeError(f"{self!r}: {field_.name} was not sent; it is if {hint}") from None
        return freeze(value, field_.type, self._connection)

    def _follow(self, relation: Relation[Any], query: Mapping[str, Any]) -> Deferred[Sequence[Any]]:
        """What a relation leads to, as a tuple; what was expanded already costs nothing."""
        if not query and relation.word in self._values:
            found = self._values[relation.word]
            rows = found if isinstance(found, list) else [found] if found else []
            return succeed(tuple(relation.target.fromWire(row, self._connection) for row in rows))
        deferred: Deferred[Sequence[Any]] = self._asking(relation.name).follow(self, relation, query)
        return deferred


def freeze(value: Any, type_: FieldType, connection: Any) -> Any:
    """An immutable view of a value from the wire: tuples, read-only mappings, records."""
    if value is None:
        return None
    if type_.kind == "record" and type_.record is not None:
        return type_.record.fromWire(value, connection)  # type: ignore[attr-defined]  # a Resource, as checked at start
    if type_.kind == "list" and type_.of is not None:
        return tuple(freeze(element, type_.of, connection) for element in value)
    return frozen(value)


def frozen(value: Any) -> Any:
    """Plain JSON values, made read-only all the way down."""
    if isinstance(value, list):
        return tuple(frozen(element) for element in value)
    if isinstance(value, dict):
        from types import MappingProxyType

        return MappingProxyType({name: frozen(element) for name, element in value.items()})
    return value


def arity(function: Callable[..., Any]) -> int:
    """How many arguments an SQL function of a definition takes: ``(t)`` or ``(t, q)``."""
    return len(inspect.signature(function).parameters)
