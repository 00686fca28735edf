"""What a definition must keep to by itself; :mod:`buildbot.status.sql.check` holds it against the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from buildbot.errors import DefinitionError
from buildbot.status import level
from buildbot.status.definition import Field, Relation, Resource, arity
from buildbot.status.query import GENERAL


def check(cls: type[Resource]) -> None:
    """Raises :class:`~buildbot.errors.DefinitionError`, which names the type and the field, relation or word."""
    for problem in _problems(cls):
        raise DefinitionError(f"{cls.__name__}{problem}")


def _problems(cls: type[Resource]) -> Iterator[str]:
    yield from _words(cls)
    for field in cls.Fields.values():
        yield from (f".{field.name}: {problem}" for problem in _field(field, cls.Table is not None))
    for relation in cls.Relations.values():
        yield from (f".{relation.name}: {problem}" for problem in _relation(cls, relation))


def _words(cls: type[Resource]) -> Iterator[str]:
    for word in ("Plural", "Name", "At", "Also", "Order", "Topics", "TopicsAt", "Level", "Within"):
        if not isinstance(getattr(cls, word), str):
            yield f": {word} is a text"
    if isinstance(cls.Orders, str) or not all(isinstance(name, str) for name in cls.Orders):
        yield ": Orders is a tuple of fields' names"
    if cls.Limit is not None and type(cls.Limit) is not int:
        yield ": Limit is a whole number, or None"
    if sum(field.isKey for field in cls.Fields.values()) > 1:
        yield " has more than one key()"
    if cls.Table is not None and cls.Key is None and cls.At:
        yield " has addresses but no key()"
    for word, names in (("Order", [cls.Order] if cls.Order else []), ("Orders", cls.Orders)):
        for name in names:
            yield from _order(cls, name, word)
    yield from level.problems(cls)


def _order(cls: type[Resource], name: str, word: str) -> Iterator[str]:
    field = cls.Fields.get(name.removeprefix("-"))
    if field is None:
        yield f": {word} names {name!r}, which is no field (of several, the key always follows)"
    elif not (field.type.scalar and field.isValue):
        yield f": {word} names {name!r}, which is no single value"


def _field(field: Field, stored: bool) -> Iterator[str]:
    if field.name in GENERAL or "__" in field.name:
        yield "is a word of the grammar of queries, or holds '__', so it could not be filtered"
    listed = field.type.kind == "list"
    if (field.members is not None and not listed) or (stored and listed and field.isValue and field.decode is None):
        yield f"a list is made by members() or decode=, and its type is {field.type}"
    if field.hashed and (field.name != "name" or not field.isValue):
        yield "hashed is for the field name, which is the column name_hash is made of"
    if field.sql is not None and arity(field.sql) not in (1, 2):
        yield "its function takes (t) or (t, q)"
    if field.members is not None and arity(field.members) != 2:
        yield "its function takes (t, q)"


def _relation(cls: type[Resource], relation: Relation[Any]) -> Iterator[str]:
    if relation.word in cls.Fields:
        yield f"its word {relation.word!r} is a field as well"
    if relation.match is not None and arity(relation.match) != 3:
        yield "match is (v, t, q)"
    if sum(way is not None for way in (relation.theirs, relation.via, relation.match)) > 1:
        yield "is found in one way: their column, via= or match="
    if relation.order is not None:
        yield from (
            f"order: {relation.target.__name__}{problem}" for problem in _order(relation.target, relation.order, "it")
        )
