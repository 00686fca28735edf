"""From a pattern and the shape of a query to a plan: SQL is built here, by SQLAlchemy, once for each shape.

A path becomes *one* condition of scalar sub-selects: there is no separate look-up of what it names, so whether a parent
exists needs no statement, and a list below one that does not is empty by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import simplejson
from sqlalchemy import Boolean, FromClause, and_, bindparam, false, func, literal, not_, or_, select, tuple_
from sqlalchemy.sql import ColumnElement, Select

from buildbot.db.dialect import Dialect
from buildbot.db.schema import metadata
from buildbot.status.definition import ALWAYS, Field, Relation, Resource, arity
from buildbot.status.paths import Hop, Pattern
from buildbot.status.plan import Attachment, Plan, maker
from buildbot.status.query import Condition, Shape, orderColumns
from buildbot.status.tables import Tables

COUNT_BOUND = 10_000
Condition_ = Callable[[Any, Tables], Sequence[ColumnElement[bool]]]
"""Conditions on a table, from its columns and ``q``."""


class Compiler:
    """Makes plans for one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def plan(self, pattern: Pattern, latest: frozenset[int], shape: Shape, *, limited: bool) -> Plan:
        """A plan for the things that a pattern names. ``latest``: the hops whose variable is -1, which means
        the highest. ``limited``: a window will be bound."""
        walk = _Walk(self._dialect, pattern.hops, latest)
        kind = "one" if pattern.single else "list"
        return self._build(
            f"{pattern.resource.Plural}.{kind}", pattern.resource, shape, walk.conditions, limited=limited
        )

    def _build(
        self, name: str, resource: type[Resource], shape: Shape, conditions: Condition_, *, limited: bool
    ) -> Plan:
        part = _Part(self._dialect, resource, shape, walk=conditions)
        columns = part.columns()
        where = part.where()
        statement = select(*(column.label(f"c{i}") for i, column in enumerate(columns.all))).select_from(part.table)
        statement = statement.where(*where, *part.pageCondition()).order_by(*part.orderBy())
        if limited:
            statement = statement.limit(bindparam("limit")).offset(bindparam("offset"))
        counted = select(literal(1).label("one")).select_from(part.table).where(*where)
        bounded = counted.limit(COUNT_BOUND + 1).subquery()
        return Plan(
            name=name,
            sql=self._dialect.compile(statement),
            make=columns.maker(),
            attachments=self._attachments(resource, shape, columns),
            count=self._dialect.compile(select(func.count()).select_from(bounded)),
            countAll=self._dialect.compile(select(func.count()).select_from(counted.subquery())),
            order=tuple(columns.orders),
            bindList=self._dialect.bindList,
        )

    def _attachments(self, resource: type[Resource], shape: Shape, columns: _Columns) -> tuple[Attachment, ...]:
        found = []
        for field in columns.embedded:
            assert field.relation is not None
            many = field.type.kind == "list"
            plan = self._related(field.relation, Shape(), f"{resource.Plural}.{field.name}", limited=False)
            found.append(Attachment(field.name, many, plan, columns.own[field.name]))
        for word, below in shape.expand:
            relation = resource.Relations[word]
            plan = self._related(relation, below, f"{resource.Plural}.{word}", limited=relation.many)
            found.append(Attachment(word, relation.many, plan, columns.own[word], word=word))
        return tuple(found)

    def _related(self, relation: Relation[Any], shape: Shape, name: str, *, limited: bool) -> Plan:
        """Records of a relation for many parents at once: the parents' values are one bind, a table of keys."""
        dialect, target = self._dialect, relation.target
        keys = dialect.keys("keys", "integer")
        limited = limited and target.Key is not None

        def belongs(t: Any, q: Tables) -> Sequence[ColumnElement[bool]]:
            return [relation.condition(keys.c.value, t, q, keyColumn(target))]

        part = _Part(dialect, target, shape, walk=(lambda t, q: []) if limited else belongs, filtered=not limited)
        columns = part.columns()
        if limited:
            inner = _Part(dialect, target, shape, walk=belongs)
            named = select(inner.key()).select_from(inner.table).where(*inner.where()).order_by(*inner.orderBy())
            named = named.limit(bindparam("limit")).offset(bindparam("offset")).correlate(keys)
            table = dialect.limitedJoin(keys, part.table, part.key(), named)
        else:
            table = keys.join(part.table, and_(*part.where()))
        listed = [*columns.all, keys.c.value]
        statement = select(*(column.label(f"c{i}") for i, column in enumerate(listed))).select_from(table)
        statement = statement.order_by(keys.c.position, *part.orderBy())
        return Plan(
            name=name,
            sql=dialect.compile(statement),
            make=columns.maker(),
            attachments=self._attachments(target, shape, columns),
            parent=len(columns.all),
            bindList=dialect.bindList,
        )


def keyColumn(resource: type[Resource]) -> str:
    """The column of a type's key; empty for types that have none."""
    return (resource.Key.column or resource.Key.name) if resource.Key is not None else ""


@attrs.define
class _Columns:
    """The columns of a statement, and what is made of them."""

    all: list[ColumnElement[Any]] = attrs.field(factory=list)
    fields: list[tuple[str, str]] = attrs.field(factory=list)
    scope: dict[str, Any] = attrs.field(factory=dict)
    embedded: list[Field] = attrs.field(factory=list)
    own: dict[str, int] = attrs.field(factory=dict)
    """For each attachment, the column that holds what its relation starts from."""
    orders: list[int] = attrs.field(factory=list)

    def add(self, column: ColumnElement[Any]) -> int:
        self.all.append(column)
        return len(self.all) - 1

    def maker(self) -> Callable[..., Any]:
        return maker(self.fields, self.scope)


class _Part:
    """One use of a type's table in a statement."""

    def __init__(
        self,
        dialect: Dialect,
        resource: type[Resource],
        shape: Shape,
        *,
        walk: Condition_,
        filtered: bool = True,
    ) -> None:
        self._dialect, self._resource, self._shape = dialect, resource, shape
        self._walk, self._filtered = walk, filtered
        self.table: FromClause = tableOf(dialect, resource)
        self._t = self.table.c

    def _q(self) -> Tables:
        return Tables(self._dialect, keyColumn(self._resource))

    def key(self) -> ColumnElement[Any]:
        """The key's column."""
        return self._t[keyColumn(self._resource)]

    def expression(self, field: Field) -> ColumnElement[Any]:
        """A field's value, as SQL."""
        return expression(field, self._t, self._q())

    def columns(self) -> _Columns:
        """Everything to select: the fields, what attachments start from, and the order's columns."""
        columns, shape = _Columns(), self._shape
        names = shape.fields or [f.name for f in self._resource.Fields.values() if not f.derived]
        for name in sorted(names):
            self._addField(columns, self._resource.Fields[name])
        for word, _ in shape.expand:
            self._addOwn(columns, self._resource.Relations[word], word)
        if not columns.all:
            columns.add(literal(1))
        for name, _ in orderColumns(self._resource, shape):
            columns.orders.append(columns.add(self.expression(self._resource.Fields[name])))
        return columns

    def _addField(self, columns: _Columns, field: Field) -> None:
        if field.relation is not None:
            columns.embedded.append(field)
            self._addOwn(columns, field.relation, field.name)
        elif field.properties is not None:
            self._addProperties(columns, field)
        elif field.members is not None:
            at = columns.add(self._dialect.jsonList(field.members(self._t, self._q())))
            columns.fields.append((field.name, f"loads(r[{at}])"))
        elif field.isValue:
            self._addValue(columns, field)
        else:
            columns.scope[f"v_{field.name}"] = field.value
            columns.fields.append((field.name, f"v_{field.name}"))

    def _addValue(self, columns: _Columns, field: Field) -> None:
        at = columns.add(self.expression(field))
        value = f"r[{at}]"
        if field.decode is not None:
            columns.scope[f"d_{field.name}"] = field.decode
            value = f"d_{field.name}({value})"
        elif field.type.kind == "boolean":
            value = f"None if {value} is None else bool({value})" if field.type.nullable else f"bool({value})"
        columns.fields.append((field.name, value))

    def _addProperties(self, columns: _Columns, field: Field) -> None:
        assert field.properties is not None
        asked = self._shape.properties or ("all" if field.properties.unasked is ALWAYS else "")
        if not asked:
            columns.scope[f"v_{field.name}"] = field.properties.unasked
            columns.fields.append((field.name, f"v_{field.name}"))
            return
        q = self._q()
        rows = field.properties.rows(self._t, q)
        if asked == "some":
            rows = rows.where(field.properties.name(q).in_(self._dialect.values("properties", "string")))
        name, value, source = rows.selected_columns
        rows = rows.with_only_columns(name.label("n"), value.label("v"), source.label("s"), maintain_column_froms=True)
        at = columns.add(self._dialect.jsonList(rows))
        columns.scope["properties"] = properties
        columns.fields.append((field.name, f"properties(r[{at}])"))

    def _addOwn(self, columns: _Columns, relation: Relation[Any], name: str) -> None:
        columns.own[name] = columns.add(self._t[relation.own or keyColumn(self._resource)])

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions of the path and of the query."""
        conditions = list(self._walk(self._t, self._q()))
        if self._filtered:
            conditions += [self._condition(c, f"f{i}") for i, c in enumerate(self._shape.conditions)]
        return conditions

    def _condition(self, condition: Condition, bind: str) -> ColumnElement[bool]:
        field = self._resource.Fields[condition.field]
        if field.type.kind == "list":
            return self._listCondition(field, condition, bind)
        column = self.expression(field)
        simple = {"null": lambda: column.is_(None), "notnull": lambda: column.is_not(None), "never": false}
        if condition.op in simple:
            return simple[condition.op]()
        if condition.op in ("true", "false"):
            return _truth(column, condition.op == "true")
        text = field.type.kind in ("string", "identifier")
        if condition.op == "contains":
            return self._contains(column, condition, bind)
        if condition.several or condition.op in ("in", "notin"):
            listed = column.in_(self._dialect.values(bind, field.type.kind))
            return not_(listed) if condition.op in ("ne", "notin") else listed
        if text and condition.op in ("lt", "le", "gt", "ge"):
            column = self._dialect.codepoint(column)
        found: ColumnElement[bool] = getattr(column, f"__{condition.op}__")(bindparam(bind))
        if condition.op == "eq" and field.hashed:
            return and_(self._t.name_hash == bindparam(f"{bind}h"), found)
        return found

    def _contains(self, column: ColumnElement[Any], condition: Condition, bind: str) -> ColumnElement[bool]:
        if not condition.several:
            return self._dialect.contains(column, bindparam(bind))
        parts = self._dialect.values(bind, "string").subquery()
        found = self._dialect.contains(column, next(iter(parts.c)))
        return select(literal(1)).select_from(parts).where(found).correlate_except(parts).exists()

    def _listCondition(self, field: Field, condition: Condition, bind: str) -> ColumnElement[bool]:
        if condition.op in ("null", "notnull"):
            return false() if condition.op == "null" else not_(false())
        assert field.members is not None and field.type.of is not None
        elements = field.members(self._t, self._q())
        column = next(iter(elements.selected_columns))
        if condition.several:
            wanted = column.in_(self._dialect.values(bind, field.type.of.kind))
        else:
            wanted = column == bindparam(bind)
        found: ColumnElement[bool] = elements.order_by(None).where(wanted).exists()
        return found

    def orderBy(self) -> Sequence[ColumnElement[Any]]:
        """Nulls first ascending and last descending, text by code point, the key at the end."""
        found: list[ColumnElement[Any]] = []
        for name, descending in orderColumns(self._resource, self._shape):
            field = self._resource.Fields[name]
            column = self.expression(field)
            if field.type.kind in ("string", "identifier"):
                column = self._dialect.codepoint(column)
            ordered = column.desc() if descending else column.asc()
            if field.type.nullable and self._dialect.name != "sqlite":
                ordered = ordered.nulls_last() if descending else ordered.nulls_first()
            found.append(ordered)
        if not found and self._resource.Rows is not None:
            found.append(self._t.position.asc())
        return found

    def pageCondition(self) -> list[ColumnElement[bool]]:
        """What comes after a page's last record, whose values of the order are bound as ``k0``…"""
        nulls = self._shape.page
        if not nulls:
            return []
        columns = orderColumns(self._resource, self._shape)
        return [self._after(columns, nulls, 0)]

    def _after(self, columns: Sequence[tuple[str, bool]], nulls: Sequence[bool], at: int) -> ColumnElement[bool]:
        name, descending = columns[at]
        field = self._resource.Fields[name]
        column: ColumnElement[Any] = self.expression(field)
        bind: ColumnElement[Any] = bindparam(f"k{at}")
        if field.type.kind in ("string", "identifier"):
            column = self._dialect.codepoint(column)
        same = column.is_(None) if nulls[at] else column == bind
        beyond: ColumnElement[bool]
        if nulls[at]:
            beyond = false() if descending else column.is_not(None)
        elif descending:
            beyond = or_(column < bind, column.is_(None)) if field.type.nullable else column < bind
        else:
            beyond = column > bind
        if at == len(columns) - 1:
            return beyond
        rest = columns[at + 1 :]
        if not nulls[at] and not field.type.nullable and len(rest) == 1 and rest[0][1] == descending:
            other = self.expression(self._resource.Fields[rest[0][0]])
            pair, bound = tuple_(column, other), tuple_(bind, bindparam(f"k{at + 1}"))
            return pair < bound if descending else pair > bound
        return or_(beyond, and_(same, self._after(columns, nulls, at + 1)))


def tableOf(dialect: Dialect, resource: type[Resource]) -> FromClause:
    """A fresh alias of a type's table, or the rows that are bound, for types that live in memory."""
    if resource.Rows is not None:
        return dialect.recordset("rows", {name: field.type.kind for name, field in resource.Fields.items()})
    if resource.From is not None:
        made: FromClause = resource.From(Tables(dialect))
        return made
    return metadata.tables[resource.Table or resource.Plural].alias()


def expression(field: Field, t: Any, q: Tables) -> ColumnElement[Any]:
    """A field's value as SQL over a table's columns."""
    if field.sql is None:
        column: ColumnElement[Any] = t[field.column or field.name]
        return column
    found: ColumnElement[Any] = field.sql(t) if arity(field.sql) == 1 else field.sql(t, q)
    return found


def properties(text: str) -> dict[str, Any]:
    """``{name: [value, source]}`` from a JSON array of name, JSON text and source."""
    found = {}
    for row in simplejson.loads(text):
        value = simplejson.loads(row["v"])
        found[row["n"]] = value if row["s"] is None else [value, row["s"]]
    return found


def _truth(column: ColumnElement[Any], wanted: bool) -> ColumnElement[bool]:
    """A condition on an SQL boolean, or on the SMALLINT that a boolean column is."""
    if isinstance(column.type, Boolean):
        return column if wanted else not_(column)
    return column != 0 if wanted else column == 0


class _Walk:
    """The condition that a pattern's hops mean, on the table of the last."""

    def __init__(self, dialect: Dialect, hops: Sequence[Hop], latest: frozenset[int]) -> None:
        self._dialect, self._hops, self._latest = dialect, hops, latest
        variables = [index for index, hop in enumerate(hops) if hop.variable is not None]
        self._binds = {index: f"p{count}" for count, index in enumerate(variables)}

    def conditions(self, t: Any, q: Tables) -> Sequence[ColumnElement[bool]]:
        """On the last hop's table."""
        return self._at(len(self._hops) - 1, t)

    def _at(self, index: int, t: Any) -> list[ColumnElement[bool]]:
        found = self._belongs(index, t)
        variable = self._hops[index].variable
        if variable is None:
            return found
        field = self._hops[index].target.Fields[variable.field]
        column = expression(field, t, Tables(self._dialect, keyColumn(self._hops[index].target)))
        if index in self._latest:
            other = tableOf(self._dialect, self._hops[index].target)
            highest = expression(field, other.c, Tables(self._dialect, keyColumn(self._hops[index].target)))
            newest = select(func.max(highest)).where(*self._belongs(index, other.c)).correlate_except(other)
            return [*found, column == newest.scalar_subquery()]
        if field.hashed:
            found.append(t.name_hash == bindparam(self._binds[index] + "h"))
        return [*found, column == bindparam(self._binds[index])]

    def _belongs(self, index: int, t: Any) -> list[ColumnElement[bool]]:
        hop = self._hops[index]
        if hop.relation is None:
            return []
        q = Tables(self._dialect, keyColumn(hop.target), self._ancestors(index))
        own = hop.relation.own or keyColumn(self._hops[index - 1].target)
        return [hop.relation.condition(self._value(index - 1, own), t, q, keyColumn(hop.target))]

    def _ancestors(self, index: int) -> Mapping[str, Any]:
        return {
            hop.target.Name: self._value(i, keyColumn(hop.target))
            for i, hop in enumerate(self._hops[:index])
            if hop.variable is not None
        }

    def _value(self, index: int, column: str) -> Any:
        """A column of the one thing at a hop: bound directly where it is what the path itself says."""
        hop = self._hops[index]
        key = keyColumn(hop.target)
        if hop.relation is None and hop.variable is not None and index not in self._latest:
            field = hop.target.Fields[hop.variable.field]
            if column == key and field.isKey:
                return bindparam(self._binds[index])
        other = tableOf(self._dialect, hop.target)
        chosen: Select[Any] = select(other.c[column]).where(*self._at(index, other.c)).correlate_except(other)
        return chosen.scalar_subquery()
