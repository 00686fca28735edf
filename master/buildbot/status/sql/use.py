"""One use of a type's table in a statement: a fresh alias, and the expressions of its fields."""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import FromClause
from sqlalchemy.sql import ColumnElement

from buildbot.db.dialect import Dialect
from buildbot.db.tables import TABLES
from buildbot.status.definition import Field, Resource, arity
from buildbot.status.sql.tables import Tables


def keyColumn(resource: type[Resource]) -> str:
    """The column of a type's key; empty for types that have none."""
    return (resource.Key.column or resource.Key.name) if resource.Key is not None else ""


@attrs.frozen(eq=False)
class Use:
    """A type's table under a name of its own."""

    dialect: Dialect
    resource: type[Resource]
    table: FromClause

    @classmethod
    def of(cls, dialect: Dialect, resource: type[Resource]) -> Use:
        """A fresh one: of the table, of a sub-select, or of rows that are bound, for types that live in memory."""
        if resource.Rows is not None:
            columns = {name: field.type.kind for name, field in resource.Fields.items()}
            return cls(dialect, resource, dialect.recordset("rows", columns))
        if resource.From is not None:
            return cls(dialect, resource, resource.From(Tables(dialect)))
        return cls(dialect, resource, TABLES[resource.Table or ""].alias())

    @property
    def t(self) -> Any:
        """The table's columns."""
        return self.table.c

    def q(self, **ancestors: Any) -> Tables:
        """Other tables; for one part of the statement."""
        return Tables(self.dialect, keyColumn(self.resource), ancestors)

    def key(self) -> ColumnElement[Any]:
        """The key's column."""
        column: ColumnElement[Any] = self.t[keyColumn(self.resource)]
        return column

    def expression(self, field: Field) -> ColumnElement[Any]:
        """A field's value."""
        found: ColumnElement[Any]
        if field.sql is None:
            found = self.t[field.column or field.name]
        else:
            found = field.sql(self.t) if arity(field.sql) == 1 else field.sql(self.t, self.q())
        return found

    def text(self, field: Field) -> ColumnElement[Any]:
        """A field's value, where it is compared or sorted: texts by code point."""
        found = self.expression(field)
        return self.dialect.codepoint(found) if field.type.kind in ("string", "identifier") else found
