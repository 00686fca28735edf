"""What a statement might notice of changes that are left until later, and what it changes itself."""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import lru_cache

import attrs
from sqlalchemy import Column, Delete, Insert, Select, Table, Update
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement, visitors


@attrs.frozen
class Effects:
    """Of one statement."""

    tables: frozenset[str]
    """Which it names."""
    columns: frozenset[str]
    """Names of the columns that it reads, in whichever table."""
    changes: bool = False
    """It may change rows that are there already."""
    table: str | None = None
    """Only of this one; None: of those that depend on it, too."""

    def mayNotice(self, left: Mapping[str, Set[str]]) -> bool:
        """Whether it could tell that these columns of tables have not been set yet."""
        return any(table in self.tables and not self.columns.isdisjoint(columns) for table, columns in left.items())


@lru_cache(maxsize=500)
def effectsOf(statement: ClauseElement) -> Effects:
    """Of a statement of SQLAlchemy's."""
    elements = list(visitors.iterate(statement))
    tables = {element.name for element in elements if isinstance(element, Table)}
    columns = {element.name for element in elements if isinstance(element, Column)}
    if isinstance(statement, Select):
        columns |= {column.name for column in statement.selected_columns}
    changes = isinstance(statement, (Update, Delete, postgresql.Insert))
    written = statement.table if isinstance(statement, (Update, Insert)) else None
    only = written.name if isinstance(written, Table) else None
    return Effects(frozenset(tables), frozenset(columns), changes, only)
