"""What a caller may ask of a list or of one thing: one grammar, parsed once, for every language.

A query is parsed from ``(name, text)`` pairs, as they stand in a URL; Python callers give values, which become such
pairs first (:func:`pairs`). What comes out is in two parts: a *shape* (which fields, conditions, order), for
which SQL is compiled once and kept, and *values*, which are bound to it each time.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import attrs
import simplejson

from buildbot.errors import BadQuery
from buildbot.status.definition import Field, Relation, Resource
from buildbot.status.fieldtypes import LARGEST, isText, parseBoolean, parseInteger, parseText

ONE_VALUE = ("lt", "le", "gt", "ge")
OPERATORS = ("eq", "ne", *ONE_VALUE, "contains", "in", "notin", "null")
GENERAL = ("field", "order", "limit", "offset", "page", "total", "min_cursor", "property", "expand")
DEEPEST_OFFSET = 10_000
MOST_VALUES = 10_000
MOST_CONDITIONS = 100


@attrs.frozen
class Limits:
    """How much one answer may hold; configurable."""

    default: int = 1_000
    """Records of a list of a type that grows without end, when no limit is named."""
    largest: int = 10_000
    """The largest limit that may be asked for."""
    perParent: int = 25
    """Records that a relation embeds in each parent, when no limit is named."""
    embedded: int = 5_000
    """Records that all relations of an answer may embed together."""
    depth: int = 4
    """How deep relations may be embedded in each other."""
    conditions: int = MOST_CONDITIONS
    """Conditions, orders, fields and relations in one query, each."""
    answer: int = 64 * 1024 * 1024
    """Bytes of one answer, where it is sent as JSON."""


@attrs.frozen
class Condition:
    """``results__in=0&results__in=1``: a field, an operator, and whether several values are compared."""

    field: str
    op: str
    """One of :data:`OPERATORS`, or ``notnull``, ``true``, ``false``, ``never``, which they come down to."""
    several: bool


@attrs.frozen
class Shape:
    """All of a query but its values: what SQL depends on."""

    fields: tuple[str, ...] | None = None
    """None: all that are not derived."""
    conditions: tuple[Condition, ...] = ()
    order: tuple[str, ...] = ()
    """As in ``order=``, without the key that always follows."""
    properties: str = ""
    """"" (not asked), "some" or "all"."""
    page: tuple[bool, ...] = ()
    """Goes on from a page: for each column of the order, whether it was null there."""
    expand: tuple[tuple[str, Shape], ...] = ()
    """Relations to embed, by word."""


@attrs.frozen
class Query:
    """A parsed query."""

    shape: Shape
    values: tuple[Any, ...] = ()
    """One for each condition; a list where it compares several."""
    limit: int | None = None
    """None: everything."""
    offset: int = 0
    page: tuple[Any, ...] = ()
    exact: bool = False
    """Count all, however many."""
    properties: tuple[str, ...] = ()
    expand: Mapping[str, Query] = attrs.field(factory=dict)
    asked: bool = False
    """A limit was named, rather than taken from the defaults."""


def pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a Python caller gave as keywords, as it would stand in a URL: ``limit=5``, ``results=[0, 1]``,
    ``complete=True``; and ``{"builds.limit": 5}``."""
    found = []
    for name, value in query.items():
        for each in value if isinstance(value, (list, tuple, set, frozenset)) else [value]:
            if each is None:
                raise BadQuery(f"{name}=None: null never compares; {name}__null=True asks for it", parameter=name)
            found.append((name, str(each).lower() if isinstance(each, bool) else str(each)))
    return found


def asked(path: str, query: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """A call as a path and its parameters. The path may bring some: ``meta.next`` does."""
    path, _, own = path.partition("?")
    try:
        given = [*parse_qsl(own, keep_blank_values=True, errors="strict"), *pairs(query)]
        "".join([path, *(part for pair in given for part in pair)]).encode()
    except UnicodeDecodeError:
        raise BadQuery(f"{path}?{own}: the percent-encoded bytes are not UTF-8") from None
    except UnicodeEncodeError:
        raise BadQuery(f"{path!a}: the path, or a parameter, is not UTF-8") from None
    return path, given


class QueryParser:
    """Parses queries for one catalogue's types, within limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def parse(
        self,
        resource: type[Resource],
        given: Iterable[tuple[str, str]],
        *,
        single: bool,
        order: str | None = None,
    ) -> Query:
        """``order`` is the default of the relation that a path ends with, if it has one. Raises
        :class:`~buildbot.errors.BadQuery`, which names the parameter and what would be right."""
        return self._parse(resource, list(given), single=single, prefix="", relation=None, default=order)

    def _parse(
        self,
        resource: type[Resource],
        given: Sequence[tuple[str, str]],
        *,
        single: bool,
        prefix: str,
        relation: Relation[Any] | None,
        default: str | None,
    ) -> Query:
        general: dict[str, list[str]] = {}
        filters: dict[str, list[str]] = {}
        below: dict[str, list[tuple[str, str]]] = {}
        for name, text in given:
            if "." in name:
                word, rest = name.split(".", 1)
                below.setdefault(word, []).append((rest, text))
            elif name in GENERAL:
                general.setdefault(name, []).append(text)
            else:
                filters.setdefault(name, []).append(text)
        most = self.limits.conditions
        for name in ("field", "order"):
            if len(general.get(name, ())) > most:
                raise BadQuery(f"{prefix}{name}: given more than {most} times", parameter=prefix + name)
        if len(filters) > most:
            name = [*filters][most]
            raise BadQuery(f"{prefix}{name}: more than {most} parameters that filter", parameter=prefix + name)
        conditions, values = self._filters(resource, filters, prefix)
        if single and conditions:
            name = next(iter(filters))
            raise BadQuery(f"{prefix}{name}: this is not a list, so nothing can be filtered", parameter=prefix + name)
        order = self._order(resource, general, prefix, default)
        page = self._page(general, prefix, single or relation is not None)
        children = self._expand(resource, general, below, prefix)
        properties = tuple(parseText(f"{prefix}property", text) for text in general.get("property", ()))
        limit, offset = self._window(resource, general, prefix, single, relation)
        shape = Shape(
            fields=self._fields(resource, general, prefix),
            conditions=conditions,
            order=order,
            properties="all" if "*" in properties else "some" if properties else "",
            page=tuple(value is None for value in page),
            expand=tuple((word, child.shape) for word, child in children.items()),
        )
        if page and not isPlace(page, resource, shape):
            raise BadQuery(f"{prefix}page: it belongs to a list with another order", parameter=prefix + "page")
        return Query(
            shape,
            values,
            limit,
            offset,
            page,
            self._total(general, prefix),
            properties,
            children,
            "limit" in general,
        )

    def _fields(
        self, resource: type[Resource], general: Mapping[str, list[str]], prefix: str
    ) -> tuple[str, ...] | None:
        names = general.get("field")
        if names is None:
            return None
        for name in names:
            _known(resource, name, prefix + "field")
        return tuple(sorted(set(names)))

    def _filters(
        self, resource: type[Resource], filters: Mapping[str, list[str]], prefix: str
    ) -> tuple[tuple[Condition, ...], tuple[Any, ...]]:
        conditions, values = [], []
        for name, texts in filters.items():
            condition, value = _condition(resource, prefix + name, name, texts)
            conditions.append(condition)
            values.append(value)
        return tuple(conditions), tuple(values)

    def _order(
        self,
        resource: type[Resource],
        general: Mapping[str, list[str]],
        prefix: str,
        default: str | None,
    ) -> tuple[str, ...]:
        names = tuple(general.get("order", ()))
        for name in names:
            field = _known(resource, name.removeprefix("-"), prefix + "order")
            if not field.type.scalar or not field.isValue:
                raise BadQuery(f"{prefix}order={name}: a {field.type} cannot be sorted by", parameter=prefix + "order")
        if names:
            return names
        default = default or resource.Order
        return (default,) if default else ()

    def _window(
        self,
        resource: type[Resource],
        general: Mapping[str, list[str]],
        prefix: str,
        single: bool,
        relation: Relation[Any] | None,
    ) -> tuple[int | None, int]:
        limit, offset = _count(general, "limit", prefix), _count(general, "offset", prefix) or 0
        if limit is not None and limit > self.limits.largest:
            raise BadQuery(
                f"{prefix}limit={limit}: at most {self.limits.largest} records are sent at once; "
                "meta.next leads to those that follow",
                parameter=prefix + "limit",
            )
        if offset > DEEPEST_OFFSET and not single:
            further = ", ".join(resource.Orders) or "none"
            raise BadQuery(
                f"{prefix}offset={offset}: at most {DEEPEST_OFFSET}; orders that go further, by meta.next: {further}",
                parameter=prefix + "offset",
            )
        if single:
            return None, 0
        if limit is None and relation is not None:
            limit = self.limits.perParent if relation.many else None
        elif limit is None:
            limit = None if resource.Limit is None else min(resource.Limit, self.limits.default)
        if limit is None and offset:
            limit = self.limits.largest
        return limit, offset

    def _page(self, general: Mapping[str, list[str]], prefix: str, impossible: bool) -> tuple[Any, ...]:
        texts = general.get("page")
        if texts is None:
            return ()
        if impossible or len(texts) > 1 or "offset" in general:
            raise BadQuery(f"{prefix}page: goes with one list, once, and without offset", parameter=prefix + "page")
        return decodePage(texts[0], prefix + "page")

    def _total(self, general: Mapping[str, list[str]], prefix: str) -> bool:
        texts = general.get("total", [])
        if any(text != "exact" for text in texts):
            raise BadQuery(f"{prefix}total={texts[0]!r}: only 'exact' is possible", parameter=prefix + "total")
        return bool(texts)

    def _expand(
        self,
        resource: type[Resource],
        general: Mapping[str, list[str]],
        below: dict[str, list[tuple[str, str]]],
        prefix: str,
    ) -> dict[str, Query]:
        wanted: dict[str, list[tuple[str, str]]] = {}
        for path in (path for text in general.get("expand", ()) for path in text.split(",")):
            word, _, rest = path.partition(".")
            wanted.setdefault(word, [])
            if rest:
                wanted[word].append(("expand", rest))
        for word, given in below.items():
            if word not in wanted:
                name = f"{prefix}{word}.{given[0][0]}"
                raise BadQuery(f"{name}: goes with expand={prefix}{word}", parameter=name)
            wanted[word] += given
        if wanted and prefix.count(".") >= self.limits.depth:
            raise BadQuery(f"expand={prefix}{next(iter(wanted))}: at most {self.limits.depth} deep", parameter="expand")
        children = {}
        for word in sorted(wanted):
            relation = resource.Relations.get(word)
            if relation is None:
                known = ", ".join(sorted(resource.Relations)) or "none"
                raise BadQuery(
                    f"expand={prefix}{word}: {resource.__name__} has no such relation; there are: {known}",
                    parameter="expand",
                )
            children[word] = self._parse(
                relation.target,
                wanted[word],
                single=False,
                prefix=f"{prefix}{word}.",
                relation=relation,
                default=relation.order,
            )
        return children


def orderColumns(resource: type[Resource], shape: Shape) -> tuple[tuple[str, bool], ...]:
    """The full order, with the key that makes it total: fields, and whether each is descending."""
    columns: dict[str, bool] = {}
    for name in shape.order:
        columns.setdefault(name.removeprefix("-"), name.startswith("-"))
    if resource.Key is not None:
        columns.setdefault(resource.Key.name, bool(columns) and list(columns.values())[-1])
    return tuple(columns.items())


def encodePage(values: Sequence[Any]) -> str:
    """A place in a list: the values of the order's columns in its last record. Opaque to callers."""
    return base64.urlsafe_b64encode(simplejson.dumps(values).encode()).decode().rstrip("=")


def decodePage(text: str, parameter: str) -> tuple[Any, ...]:
    """The reverse of :func:`encodePage`; BadQuery for anything that did not come from it."""
    try:
        values = simplejson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeError, RecursionError):
        values = None
    if not isinstance(values, list) or not values or any(isinstance(value, (list, dict)) for value in values):
        raise BadQuery(f"{parameter}: not a place in a list; take it from meta.next", parameter=parameter)
    return tuple(values)


def isPlace(page: Sequence[Any], resource: type[Resource], shape: Shape) -> bool:
    """Whether these can be the values of the order's columns in some record."""
    columns = orderColumns(resource, shape)
    return len(page) == len(columns) and all(
        _isValue(value, resource.Fields[name]) for value, (name, _) in zip(page, columns, strict=True)
    )


def _isValue(value: Any, field: Field) -> bool:
    kind = field.type.kind
    if value is None:
        return field.type.nullable or kind == "boolean"
    if kind in ("string", "identifier"):
        return isinstance(value, str) and isText(value)
    if type(value) is float:
        return not field.isKey and abs(value) <= LARGEST  # old times have fractions
    return (type(value) is int and abs(value) <= LARGEST) or (kind == "boolean" and type(value) is bool)


def _known(resource: type[Resource], name: str, parameter: str) -> Field:
    field = resource.Fields.get(name)
    if field is None:
        known = ", ".join(resource.Fields)
        raise BadQuery(
            f"{parameter}={name}: {resource.__name__} has no such field; there are: {known}",
            parameter=parameter,
        )
    return field


def _count(general: Mapping[str, list[str]], name: str, prefix: str) -> int | None:
    texts = general.get(name)
    if texts is None:
        return None
    number = parseInteger(prefix + name, texts[0])
    if number < 0:
        raise BadQuery(f"{prefix}{name}={number}: a number from 0 is expected", parameter=prefix + name)
    return number


def _condition(resource: type[Resource], parameter: str, name: str, texts: list[str]) -> tuple[Condition, Any]:
    field, op = resource.Fields.get(name), "eq"
    if field is None and "__" in name:
        stem, _, op = name.rpartition("__")
        field = resource.Fields.get(stem)
    if field is None:
        known = ", ".join([*GENERAL, *(f.name for f in resource.Fields.values() if f.filterable)])
        raise BadQuery(f"unrecognized query parameter {parameter!r}; known here: {known}", parameter=parameter)
    if op not in OPERATORS:
        raise BadQuery(f"{parameter}: no operator {op!r}; there are: {', '.join(OPERATORS)}", parameter=parameter)
    if not field.filterable:
        raise BadQuery(f"{parameter}: {field.name} cannot be filtered", parameter=parameter)
    if len(texts) > MOST_VALUES:
        raise BadQuery(f"{parameter}: more than {MOST_VALUES} values", parameter=parameter)
    if len(texts) > 1 and op in (*ONE_VALUE, "null"):
        raise BadQuery(f"{parameter}: takes one value, not {len(texts)}", parameter=parameter)
    if op == "null":
        return Condition(field.name, "null" if parseBoolean(parameter, texts[0]) else "notnull", False), None
    if field.type.kind == "boolean":
        return _truth(field, op, parameter, texts), None
    values = [_value(field, op, parameter, text) for text in texts]
    several = len(values) > 1 or op in ("in", "notin")
    return Condition(field.name, op, several), values if several else values[0]


def _truth(field: Field, op: str, parameter: str, texts: list[str]) -> Condition:
    """A condition on a boolean is part of the shape: each of its two values has indexes and plans of its own."""
    if op not in ("eq", "ne", "in", "notin"):
        raise BadQuery(f"{parameter}: a boolean takes eq, ne, in, notin and null", parameter=parameter)
    wanted = {parseBoolean(parameter, text) for text in texts}
    if op in ("ne", "notin"):
        wanted = {0, 1} - wanted
    return Condition(field.name, {(): "never", (0,): "false", (1,): "true"}.get(tuple(wanted), "notnull"), False)


def _value(field: Field, op: str, parameter: str, text: str) -> Any:
    if field.type.kind == "list":
        if op != "contains":
            raise BadQuery(f"{parameter}: a {field.type} takes contains and null only", parameter=parameter)
        return field.type.of.parse(parameter, text) if field.type.of else text
    if op == "contains":
        if field.type.kind not in ("string", "identifier"):
            raise BadQuery(f"{parameter}: contains is for texts and lists, not for a {field.type}", parameter=parameter)
        return parseText(parameter, text)
    return field.type.parse(parameter, text)
