"""What an operation of the writer gets: statements in one transaction, and events that go with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

import attrs
from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.sql import ClauseElement

from buildbot.db.dialect import dialectOf

Row = tuple[Any, ...]


class Cursor(Protocol):
    """The part of a DB-API cursor that is used here."""

    @property
    def description(self) -> Any: ...

    def execute(self, sql: Any, values: Any = ..., /) -> Any: ...

    def executemany(self, sql: Any, values: Any, /) -> Any: ...

    def fetchall(self) -> list[Any]: ...


@attrs.frozen
class Announcement:
    """That something happened to a thing."""

    type: str
    """The resource type's plural."""
    key: int
    event: str
    """A word of the type's topics."""
    old: Mapping[str, Any] | None = None
    """The record before the change; None for what is new."""
    body: Mapping[str, Any] | None = None
    """Instead of the record."""
    parents: Mapping[str, Any] | None = None
    """Instead of the record's own columns."""


class Describer(Protocol):
    """Knows what things look like to callers, which the database room does not."""

    def record(self, tx: Transaction, type: str, key: int) -> Mapping[str, Any]:
        """The record of a thing as it is now. Raises NotFound."""

    def row(self, tx: Transaction, announcement: Announcement) -> Mapping[str, Any] | None:
        """The row of ``status_events`` for an announcement, without ``seq`` and ``at``, or None for one that says
        nothing; reads what it needs."""


class Transaction:
    """The writer's transaction, while one operation runs. Keep nothing of it but rows."""

    def __init__(self, dialect: str, cursor: Cursor, describer: Describer) -> None:
        self.dialect = dialect
        """``"sqlite"`` or ``"postgresql"``."""
        self._cursor, self._describer = cursor, describer
        self.events: list[Mapping[str, Any]] = []
        """Rows of what was announced."""

    def execute(self, statement: ClauseElement, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Execute a statement of SQLAlchemy's, which is kept and compiled once; the rows that it returns, if any."""
        return self.rows(compiled(statement, self.dialect), values or {})

    def executeMany(self, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a statement once for each of ``rows``."""
        if rows:
            self._cursor.executemany(compiled(statement, self.dialect), rows)

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """Execute a statement that is text; the rows that it returns, if any."""
        self._cursor.execute(sql, values)
        return self._cursor.fetchall() if self._cursor.description else []

    def only(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """The same: what is read here is one state anyway."""
        return self.rows(sql, values)

    def memory(self) -> None:
        """Nothing is remembered of a state that is about to change."""

    def announce(
        self,
        type: str,
        key: int,
        event: str,
        *,
        old: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        parents: Mapping[str, Any] | None = None,
    ) -> None:
        """Have an event in the log, in the order of these calls, if the operation succeeds; see
        :class:`Announcement`. It has the record as it is now."""
        row = self._describer.row(self, Announcement(type, key, event, old, body, parents))
        if row is not None:
            self.events.append(row)

    def record(self, type: str, key: int) -> Mapping[str, Any]:
        """The record of a thing as it is now. Raises NotFound."""
        return self._describer.record(self, type, key)

    @contextmanager
    def changing(self, type: str, key: int, event: str) -> Iterator[Mapping[str, Any]]:
        """Announce what is done to a thing inside of this; gives the record before that. Raises NotFound."""
        old = self.record(type, key)
        yield old
        self.announce(type, key, event, old=old)


@lru_cache(maxsize=500)
def compiled(statement: ClauseElement, dialect: str) -> str:
    """The text of a statement for the raw cursor."""
    return dialectOf(dialect).compile(statement)


def insertInto(table: Table, *columns: str, returning: str | None = None) -> ClauseElement:
    """An INSERT of values that are bound by the columns' names."""
    statement = insert(table).values({name: bindparam(name) for name in columns})
    return statement if returning is None else statement.returning(table.c[returning])


def updateBy(key: str, table: Table, *columns: str, returning: Sequence[str] = ()) -> ClauseElement:
    """An UPDATE of the rows whose column ``key`` is the bound ``the_<key>``."""
    statement = update(table).where(table.c[key] == bindparam(f"the_{key}"))
    statement = statement.values({name: bindparam(name) for name in columns})
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement
