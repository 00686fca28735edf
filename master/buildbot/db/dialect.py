"""What SQLite and PostgreSQL say differently, in the few words that compiled statements need.

Statements are compiled by SQLAlchemy for one of them, kept as text, and run on the raw cursor; so each
dialect also says how a Python value is bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs
import simplejson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Integer,
    SmallInteger,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect as SqlDialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, ColumnElement, FromClause, Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, Label

BETWEEN = "\x1e"
"""Between two JSON texts: in one, this character is always escaped."""


@attrs.frozen
class Member:
    """A member of JSON objects that are made of rows."""

    name: str
    kind: str
    """A scalar field type's; ``json`` for a column that holds JSON text."""
    column: int = 0
    """Which of the statement's."""
    constant: str | None = None
    """JSON text, for what is the same in all rows."""
    isKey: bool = False
    """It is a primary key, which holds whole numbers only."""


class Dialect(Protocol):
    """The differences."""

    name: str
    sql: SqlDialect
    scansForChoices: bool
    """Reads a whole table where a join's condition is a sub-select that depends on the other table."""
    nullsFirst: bool
    """Sorts nulls before all else, as everywhere here; the other must be told."""
    readsLate: bool
    """Gains by sorting keys alone, and reading the rows of those that were chosen after that."""

    def values(self, bind: str, kind: str) -> Select[Any]:
        """A sub-select of the elements of a bound list; ``kind`` is a field type's."""

    def keys(self, bind: str, kind: str) -> FromClause:
        """A table of a bound list, columns ``value`` and ``position``."""

    def bindList(self, values: Sequence[Any]) -> Any:
        """How such a list is bound."""

    def jsonList(self, rows: Select[Any]) -> ColumnElement[Any]:
        """Text of a JSON array of a sub-select's rows, in its order: of scalars for one column that has no label,
        of objects by label otherwise."""

    def jsonTexts(self, rows: Select[Any], members: Sequence[Member]) -> Select[Any] | None:
        """One text: the rows of a statement, in its order, each as a JSON object, with :data:`BETWEEN` between them.
        Fails for values that it could not spell as simplejson does. None: this database does not do it."""

    def jsonElement(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        """An element of a JSON array, as JSON text."""

    def jsonElementText(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        """An element of a JSON array that is a text, as that text."""

    def contains(self, column: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[bool]:
        """Case-sensitive substring."""

    def codepoint(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Text that is compared and sorted by code point."""

    def limitedJoin(
        self, keys: FromClause, table: FromClause, key: ColumnElement[Any], inner: Select[Any]
    ) -> FromClause:
        """Join each key with those rows of a table that a sub-select, correlated to the key, names by their key."""

    def recordset(self, bind: str, columns: Mapping[str, str]) -> FromClause:
        """A table from a bound JSON array of objects; ``columns`` gives each one's kind."""

    def compile(self, statement: ClauseElement) -> str:
        """The text for the raw cursor."""


class _Common:
    sql: SqlDialect
    _PLACE = re.compile(r"(?<!:):(\w+)|%\((\w+)\)s|__\[POSTCOMPILE_(\w+)\]")

    def compile(self, statement: ClauseElement) -> str:
        """The text for the raw cursor. Constants are written into it, so that only what a call binds is left."""
        compiled = statement.compile(dialect=self.sql)
        assert isinstance(compiled, SQLCompiler)
        constants = {name: _literal(compiled, bind) for name, bind in compiled.binds.items() if not bind.required}
        return self._PLACE.sub(lambda m: constants.get(m[1] or m[2] or m[3], m[0]), compiled.string)


class SQLite(_Common):
    """SQLite from 3.38 on (JSON functions built in)."""

    name = "sqlite"
    nullsFirst = True
    scansForChoices = False
    readsLate = True

    def __init__(self) -> None:
        self.sql = sqlite.dialect(paramstyle="named")

    def values(self, bind: str, kind: str) -> Select[Any]:
        each = func.json_each(bindparam(bind)).table_valued("value").alias()
        return select(each.c.value)

    def keys(self, bind: str, kind: str) -> FromClause:
        each = func.json_each(bindparam(bind)).table_valued("key", "value").alias("k")
        return select(each.c.value, each.c.key.label("position")).subquery("keys")

    def bindList(self, values: Sequence[Any]) -> Any:
        return simplejson.dumps(values)

    def jsonList(self, rows: Select[Any]) -> ColumnElement[Any]:
        inner = rows.subquery()
        columns = list(inner.c)
        element: Any = columns[0]
        if _labelled(rows):
            element = func.json_object(*(part for c in columns for part in (literal_column(f"'{c.name}'"), c)))
        return select(func.json_group_array(element)).select_from(inner).scalar_subquery()

    def jsonTexts(self, rows: Select[Any], members: Sequence[Member]) -> Select[Any] | None:
        inner = rows.subquery()
        columns = list(inner.c)
        parts: list[Any] = []
        for member in members:
            parts += [_text(member.name), self._spelled(member, columns)]
        return select(func.group_concat(func.json_object(*parts), func.char(ord(BETWEEN))))

    @staticmethod
    def _spelled(member: Member, columns: Sequence[ColumnElement[Any]]) -> Any:
        if member.constant is not None:
            return func.json(_text(member.constant))
        column = columns[member.column]
        if member.kind == "json":
            return func.json(column)
        if member.kind == "boolean":
            return func.json(
                case((column.is_(None), _text("null")), (column != 0, _text("true")), else_=_text("false"))
            )
        if member.kind in ("datetime", "integer") and not member.isKey:
            # A column holds what somebody wrote: Buildbot has written times with fractions. SQLite gives 15 digits.
            return case((func.typeof(column) == _text("real"), func.json(_text("unspeakable"))), else_=column)
        return column

    def jsonElement(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        # A cast, because columns of a union must be of one type to be looked into.
        return cast(column.op("->")(literal_column(f"'$[{index}]'")), Text)

    def jsonElementText(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        return cast(column.op("->>")(literal_column(f"'$[{index}]'")), Text)

    def contains(self, column: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[bool]:
        return func.instr(column, part) > 0

    def codepoint(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return column

    def limitedJoin(
        self, keys: FromClause, table: FromClause, key: ColumnElement[Any], inner: Select[Any]
    ) -> FromClause:
        return keys.join(table, key.in_(inner))

    def recordset(self, bind: str, columns: Mapping[str, str]) -> FromClause:
        each = func.json_each(bindparam(bind)).table_valued("key", "value").alias()
        extracted = (func.json_extract(each.c.value, literal_column(f"'$.{name}'")).label(name) for name in columns)
        return select(each.c.key.label("position"), *extracted).subquery()


class PostgreSQL(_Common):
    """PostgreSQL from 13 on, through psycopg 3."""

    name = "postgresql"
    nullsFirst = False
    scansForChoices = True
    readsLate = False
    types: Mapping[str, Any] = {"integer": BigInteger, "datetime": BigInteger, "boolean": Boolean}

    def __init__(self) -> None:
        self.sql = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's is not typed
        # What is compared with a column may be larger than what the column can hold.
        large = self.sql.colspecs[BigInteger]
        self.sql.colspecs = {**self.sql.colspecs, Integer: large, SmallInteger: large}

    def _array(self, bind: str, kind: str) -> ColumnElement[Any]:
        return cast(bindparam(bind), ARRAY(self.types.get(kind, Text)))

    def values(self, bind: str, kind: str) -> Select[Any]:
        return select(func.unnest(self._array(bind, kind)))

    def keys(self, bind: str, kind: str) -> FromClause:
        each = func.unnest(self._array(bind, kind)).table_valued("value", with_ordinality="position")
        return each.render_derived("keys")

    def bindList(self, values: Sequence[Any]) -> Any:
        return list(values)

    def jsonList(self, rows: Select[Any]) -> ColumnElement[Any]:
        inner = rows.subquery("e")
        element: Any = literal_column("e") if _labelled(rows) else next(iter(inner.c))
        listed = func.coalesce(cast(func.json_agg(element), Text), literal_column("'[]'"))
        return select(listed).select_from(inner).scalar_subquery()

    def jsonTexts(self, rows: Select[Any], members: Sequence[Member]) -> Select[Any] | None:
        return None

    def jsonElement(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        return cast(cast(column, postgresql.JSON).op("->")(literal_column(str(index))), Text)

    def jsonElementText(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        return cast(column, postgresql.JSON).op("->>")(literal_column(str(index)))

    def contains(self, column: ColumnElement[Any], part: ColumnElement[Any]) -> ColumnElement[bool]:
        return func.strpos(column, cast(part, Text)) > 0

    def codepoint(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return column.collate("C")

    def limitedJoin(
        self, keys: FromClause, table: FromClause, key: ColumnElement[Any], inner: Select[Any]
    ) -> FromClause:
        named = inner.lateral("l")
        return keys.join(named, text("true")).join(table, key == next(iter(named.c)))

    def recordset(self, bind: str, columns: Mapping[str, str]) -> FromClause:
        each = func.json_array_elements(cast(bindparam(bind), postgresql.JSON)).table_valued(
            "value", with_ordinality="position"
        )
        rows = each.render_derived()
        extracted = (
            cast(rows.c.value.op("->>")(literal_column(f"'{name}'")), self.types.get(kind, Text)).label(name)
            for name, kind in columns.items()
        )
        return select(rows.c.position, *extracted).subquery()


def _literal(compiled: SQLCompiler, bind: BindParameter[Any]) -> str:
    values: Any = bind.value if bind.expanding else [bind.value]
    return ", ".join(compiled.render_literal_value(value, bind.type) for value in values)


def _text(text: str) -> ColumnElement[Any]:
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'")


def _labelled(rows: Select[Any]) -> bool:
    return any(isinstance(column, Label) for column in rows.selected_columns)


class Written(ColumnElement[Any]):
    """A sub-select written as text, with expressions in the place of ``{name}``."""

    inherit_cache = False
    __visit_name__ = "written"

    def __init__(self, text: str, inserted: Mapping[str, Any]) -> None:
        self.text, self.inserted = text, inserted


@compiles(Written)
def _written(element: Written, compiler: SQLCompiler, **more: Any) -> str:
    return f"({element.text.format(**{n: compiler.process(e) for n, e in element.inserted.items()})})"


def dialectOf(name: str) -> Dialect:
    """The dialect of a database, by its name."""
    return SQLite() if name == "sqlite" else PostgreSQL()
