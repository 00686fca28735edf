"""``q``: what the SQL functions of definitions may use besides their own table; one for each statement part."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnCollection, FromClause, Select, exists, func, select
from sqlalchemy.sql import ColumnElement

from buildbot.db.schema import metadata
from buildbot.errors import DefinitionError


class Tables:
    """``q.some_table`` has the columns of a fresh alias of a table, the same for each use of this ``q``."""

    func = func

    def __init__(self, keyColumn: str | None = None, ancestors: Mapping[str, Any] | None = None) -> None:
        self._keyColumn = keyColumn
        self._aliases: dict[str, FromClause] = {}
        self.ancestors = ancestors or {}
        """Under a path: the key of each thing that the path names, by type. Empty in ``expand=``."""

    def __getattr__(self, name: str) -> ColumnCollection[str, Any]:
        if name not in metadata.tables:
            raise AttributeError(f"there is no table {name!r}")
        if name not in self._aliases:
            self._aliases[name] = metadata.tables[name].alias()
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

    def exists(self, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether any row of the tables that the conditions name, besides the definition's own, fulfils them."""
        return exists(select(1).where(*conditions).correlate_except(*self._aliases.values()))

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
        if name not in metadata.tables:
            raise DefinitionError(f"{link!r}: there is no table {name!r}")
        return metadata.tables[name].alias()
