"""``q``: what the SQL functions of definitions may use besides their own table; one for each statement part."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnCollection,
    FromClause,
    Select,
    Text,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.sql import ColumnElement

from buildbot.db.dialect import Dialect, Written
from buildbot.db.tables import TABLES
from buildbot.errors import DefinitionError

Tables_ = ColumnCollection[str, Any] | tuple[ColumnCollection[str, Any], ...]
"""The columns of one table, or of several."""


class Tables:
    """``q.some_table`` has the columns of a fresh alias of a table, the same for each use of this ``q``."""

    func = func
    never = false()
    null: ColumnElement[Any] = literal_column("NULL")

    def __init__(
        self, dialect: Dialect, keyColumn: str | None = None, ancestors: Mapping[str, Any] | None = None
    ) -> None:
        self._dialect, self._keyColumn = dialect, keyColumn
        self._aliases: dict[str, FromClause] = {}
        self.ancestors = ancestors or {}
        """Under a path: the key of each thing that the path names, by type. Empty in ``expand=``."""

    def __getattr__(self, name: str) -> ColumnCollection[str, Any]:
        if name not in TABLES:
            raise AttributeError(f"there is no table {name!r}")
        if name not in self._aliases:
            self._aliases[name] = TABLES[name].alias()
        return self._aliases[name].c

    def key(self, t: Any) -> ColumnElement[Any]:
        """The key column of the definition's own table."""
        column: ColumnElement[Any] = t[self._keyColumn]
        return column

    def select(self, *columns: ColumnElement[Any], **named: ColumnElement[Any]) -> Select[Any]:
        """A sub-select of columns; ``named`` ones make JSON objects where a list is made of it."""
        every = [*columns, *(column.label(name) for name, column in named.items())]
        own = [
            column.table
            for column in columns or named.values()
            if isinstance(getattr(column, "table", None), FromClause)
        ]
        return select(*every).correlate_except(*own) if own else select(*every)

    def another(self, name: str) -> ColumnCollection[str, Any]:
        """The columns of one more alias of a table, for statements that use it twice."""
        return TABLES[name].alias().c

    def exists(self, tables: Tables_, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether any row of one table, or of several joined, fulfils the conditions."""
        found: ColumnElement[bool] = self._inner(literal(1), tables, conditions).exists()
        return found

    def one(self, value: Any, tables: Tables_, *conditions: ColumnElement[bool], order: Any = None) -> Any:
        """One value from the rows of one table, or of several joined; the first by ``order``, where there may be
        several."""
        chosen = self._inner(value, tables, conditions)
        if order is not None:
            chosen = chosen.order_by(order).limit(1)
        return chosen.scalar_subquery()

    @staticmethod
    def isIn(column: ColumnElement[Any], text: str, **inserted: Any) -> ColumnElement[bool]:
        """Whether a column is among the rows of a sub-select written as text, for what reads better so; ``{v}`` in it
        stands for an inserted expression."""
        return column.op("IN", is_comparison=True)(Written(text, inserted))

    @staticmethod
    def union(*selects: Select[Any]) -> FromClause:
        """All rows of several sub-selects, as one table."""
        return union_all(*selects).subquery()

    @staticmethod
    def constant(text: str) -> ColumnElement[Any]:
        """A text that is the same in all rows. Where it is compared, databases see at once which sub-select of a
        union has none that match."""
        return literal_column(f"'{text}'", Text)

    @staticmethod
    def integer(value: Any) -> ColumnElement[Any]:
        """As a whole number."""
        return cast(value, BigInteger)

    def jsonElement(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        """An element of a JSON array, as JSON text."""
        return self._dialect.jsonElement(column, index)

    def jsonElementText(self, column: ColumnElement[Any], index: int) -> ColumnElement[Any]:
        """An element of a JSON array that is a text, as that text."""
        return self._dialect.jsonElementText(column, index)

    @staticmethod
    def case(*whens: tuple[ColumnElement[bool], Any], default: Any) -> ColumnElement[Any]:
        """The value of the first condition that holds."""
        return case(*whens, else_=default)

    @staticmethod
    def _inner(value: Any, tables: Tables_, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
        listed = tables if isinstance(tables, tuple) else (tables,)
        froms: list[Any] = [next(iter(columns)).table for columns in listed]
        return select(value).select_from(*froms).where(*conditions).correlate_except(*froms)

    def follow(self, link: str, value: Any) -> Select[Any]:
        """``"a.x.y b.p.q"``: ``q`` of the rows of b whose ``p`` is the ``y`` of those rows of a with ``x`` = value."""
        hops = [hop.split(".") for hop in link.split()]
        if any(len(hop) != 3 for hop in hops):
            raise DefinitionError(f"{link!r}: a link is made of table.from.to")
        tables = [self._fresh(table, link) for table, _, _ in hops]
        try:
            ends = [(table.c[start], table.c[end]) for table, (_, start, end) in zip(tables, hops, strict=True)]
        except KeyError as error:
            raise DefinitionError(f"{link!r}: there is no column {error}") from None
        conditions = [ends[0][0] == value]
        conditions += [later[0] == earlier[1] for earlier, later in itertools.pairwise(ends)]
        primary: list[Any] = list(tables[0].primary_key) or [ends[0][1]]
        return select(ends[-1][1]).where(*conditions).order_by(*primary).correlate_except(*tables)

    def _fresh(self, name: str, link: str) -> FromClause:
        if name not in TABLES:
            raise DefinitionError(f"{link!r}: there is no table {name!r}")
        return TABLES[name].alias()
