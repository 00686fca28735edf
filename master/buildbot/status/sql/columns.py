"""What a statement selects, and the function that makes records of its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import simplejson
from sqlalchemy import literal
from sqlalchemy.sql import ColumnElement

from buildbot.db.dialect import Member
from buildbot.status.definition import ALWAYS, Field, PropertyRows, Relation
from buildbot.status.encode import compact
from buildbot.status.fieldtypes import fromJson
from buildbot.status.query import Shape, orderColumns
from buildbot.status.sql.plan import Record, Rows, maker
from buildbot.status.sql.use import Use, keyColumn


@attrs.define
class Columns:
    """The columns of a statement over one use of a table, as they are added."""

    use: Use
    all: list[ColumnElement[Any]] = attrs.field(factory=list)
    fields: list[tuple[str, str]] = attrs.field(factory=list)
    """Each field, and the Python expression of its value in a row ``r``."""
    scope: dict[str, Any] = attrs.field(factory=dict)
    """What those expressions use."""
    embedded: list[Field] = attrs.field(factory=list)
    own: dict[str, int] = attrs.field(factory=dict)
    """For each attachment, the column that holds what its relation starts from."""
    orders: list[int] = attrs.field(factory=list)
    """Those that hold the order's values."""
    members: list[Member] = attrs.field(factory=list)
    """Each field, as the database can spell it in JSON."""
    spellable: bool = True
    """Whether it can do so for all of them."""
    placed: bool = True
    """Whether the order's values are among the fields."""

    @classmethod
    def of(cls, use: Use, shape: Shape) -> Columns:
        """Everything that a shape asks for: fields by name, what attachments start from, and the order's values."""
        columns = cls(use)
        every = use.resource.Fields
        for name in sorted(shape.fields or [name for name, field in every.items() if not field.derived]):
            columns._addField(every[name], shape)
        for word, _ in shape.expand:
            columns._addOwn(use.resource.Relations[word], word)
        for name, _ in orderColumns(use.resource, shape):
            columns.orders.append(columns._add(use.expression(every[name])))
            columns.placed &= any(member.name == name for member in columns.members)
        columns.spellable &= not columns.own
        if not columns.all:
            columns._add(literal(1))
        return columns

    def maker(self) -> Callable[[Rows], list[Record]]:
        """The function that makes records of rows."""
        return maker(self.fields, self.scope)

    def _add(self, column: ColumnElement[Any]) -> int:
        self.all.append(column)
        return len(self.all) - 1

    def _addField(self, field: Field, shape: Shape) -> None:
        if field.relation is not None:
            self.embedded.append(field)
            self._addOwn(field.relation, field.name)
        elif field.properties is not None:
            self._addProperties(field, field.properties, shape)
        elif field.members is not None:
            rows = field.members(self.use.t, self.use.q())
            at = self._add(self.use.dialect.jsonList(rows))
            self.fields.append((field.name, f"loads(r[{at}])"))
            self.members.append(Member(field.name, "json", at))
        elif field.isValue:
            self._addValue(field)
        else:
            self._addConstant(field, field.value)

    def _addConstant(self, field: Field, value: Any) -> None:
        self.scope[f"v_{field.name}"] = value
        self.fields.append((field.name, f"v_{field.name}"))
        self.members.append(Member(field.name, "json", constant=compact(value)))

    def _addValue(self, field: Field) -> None:
        at = self._add(self.use.expression(field))
        value = f"r[{at}]"
        kind = field.type.kind if field.decode is None else "json"
        self.members.append(Member(field.name, kind, at, isKey=field.isKey))
        if field.decode is not None:
            self.spellable &= field.decode is fromJson
            self.scope[f"d_{field.name}"] = field.decode
            value = f"d_{field.name}({value})"
        elif field.type.kind == "boolean":
            value = f"None if {value} is None else bool({value})" if field.type.nullable else f"bool({value})"
        self.fields.append((field.name, value))

    def _addProperties(self, field: Field, properties: PropertyRows, shape: Shape) -> None:
        asked = shape.properties or ("all" if properties.unasked is ALWAYS else "")
        if not asked:
            self._addConstant(field, properties.unasked)
            return
        q = self.use.q()
        rows = properties.rows(self.use.t, q)
        if asked == "some":
            rows = rows.where(properties.name(q).in_(self.use.dialect.values("properties", "string")))
        name, value, source = rows.selected_columns
        labels = name.label("n"), value.label("v"), source.label("s")
        at = self._add(self.use.dialect.jsonList(rows.with_only_columns(*labels, maintain_column_froms=True)))
        self.spellable = False
        self.scope["propertiesOf"] = propertiesOf
        self.fields.append((field.name, f"propertiesOf(r[{at}])"))

    def _addOwn(self, relation: Relation[Any], name: str) -> None:
        self.own[name] = self._add(self.use.t[relation.own or keyColumn(self.use.resource)])


def propertiesOf(text: str) -> dict[str, Any]:
    """``{name: [value, source]}`` from a JSON array of objects with name, JSON text and source."""
    found = {}
    for row in simplejson.loads(text):
        value = simplejson.loads(row["v"])
        found[row["n"]] = value if row["s"] is None else [value, row["s"]]
    return found
