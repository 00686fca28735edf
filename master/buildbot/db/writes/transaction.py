"""What an operation of the writer gets: statements in one transaction, and events that go with them.

Where a record is one row of one table and nothing else, as those are that change most, a change and its record are not
had one by one: changes of a kind are made together (:meth:`Transaction.change`), and what they made is read together,
as soon as a statement might notice that this was not done at once, and at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol, cast

import attrs
import psycopg
from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.sql import ClauseElement

from buildbot.db.dialect import dialectOf
from buildbot.db.tables import TABLES
from buildbot.db.writes.effects import Effects, effectsOf
from buildbot.db.writes.known import Known
from buildbot.errors import NotFound

Row = tuple[Any, ...]
Record = Mapping[str, Any]


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
    old: Record | None = None
    """The record before the change; None for what is new."""
    body: Record | None = None
    """Instead of the record."""
    parents: Mapping[str, Any] | None = None
    """Instead of the record's own columns."""


class Describer(Protocol):
    """Knows what things look like to callers, which the database room does not."""

    def tables(self, type: str) -> Sequence[str]:
        """The tables of which records are made."""

    def plain(self, type: str) -> str | None:
        """The table, if a record is one row of it, and nothing else."""

    def records(self, tx: Transaction, type: str, keys: Sequence[int]) -> Iterable[tuple[int, Record]]:
        """Those of these things that there are, as they are now, by key."""

    def row(self, announcement: Announcement, record: Record) -> Mapping[str, Any] | None:
        """The row of ``status_events`` for an announcement, without ``seq`` and ``at``, or None for one that says
        nothing."""


class Transaction:
    """The writer's transaction. Keep nothing of it but rows."""

    def __init__(self, dialect: str, cursor: Cursor, describer: Describer, known: Known | None = None) -> None:
        """``known``: records as the transactions before this one left them."""
        self.dialect = dialect
        """``"sqlite"`` or ``"postgresql"``."""
        self._cursor, self._describer = cursor, describer
        self._known = Known() if known is None else known
        self._events: list[Mapping[str, Any] | None] = []
        self._changes: dict[ClauseElement, list[Mapping[str, Any]]] = {}
        """Not made yet; each of another row."""
        self._changing: dict[str, set[str]] = {}
        """The columns that those set, by table."""
        self._awaited: dict[str, dict[int, list[tuple[int, Announcement]]]] = {}
        """What was announced and is to be read still, by type and key; and where in the events it belongs."""

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """Rows of what was announced, once :meth:`settle` was called."""
        return [row for row in self._events if row is not None]

    def execute(self, statement: ClauseElement, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Execute a statement of SQLAlchemy's, which is kept and compiled once; the rows that it returns, if any."""
        self._expect(effectsOf(statement))
        return self.rows(compiled(statement, self.dialect), values or {})

    def executeMany(self, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute a statement once for each of ``rows``."""
        if rows:
            self._expect(effectsOf(statement))
            self._cursor.executemany(compiled(statement, self.dialect), rows)

    def append(self, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows into a table of which no records are made, by the fastest way that there is."""
        if self.dialect == "postgresql":
            with cast("psycopg.Cursor[Any]", self._cursor).copy(_copyInto(table, columns)) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            self._cursor.executemany(_appendTo(table, columns), rows)

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """Execute a statement that is text and reads; the rows that it returns."""
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
        old: Record | None = None,
        body: Record | None = None,
        parents: Mapping[str, Any] | None = None,
    ) -> None:
        """Have an event in the log, in the order of these calls, if the operation succeeds; see
        :class:`Announcement`. It has the record as it is now."""
        announcement = Announcement(type, key, event, old, body, parents)
        if body is None and self._describer.plain(type) is not None:
            place = (len(self._events), announcement)
            self._awaited.setdefault(type, {}).setdefault(key, []).append(place)
            self._events.append(None)
        else:
            record = self.record(type, key) if body is None else body
            self._events.append(self._describer.row(announcement, record))

    def record(self, type: str, key: int) -> Record:
        """The record of a thing as it is now. Raises NotFound."""
        if key in self._awaited.get(type, ()):
            self.settle()
        record = self._known.get(type, key)
        if record is not None:
            return record
        if self._describer.plain(type) is None and not self._changing.keys().isdisjoint(self._describer.tables(type)):
            self.settle()
        return self._read(type, [key])[key]

    @contextmanager
    def changing(self, type: str, key: int, event: str) -> Iterator[Record]:
        """Announce what is done to a thing inside of this; gives the record before that. Raises NotFound."""
        old = self.record(type, key)
        yield old
        self.announce(type, key, event, old=old)

    def change(self, type: str, key: int, event: str, **columns: Any) -> None:
        """Set columns of a thing's row, and announce it; for types whose records are plain. Raises NotFound."""
        table = self._describer.plain(type)
        assert table is not None, type
        with self.changing(type, key, event):
            self._known.forget(type, key)
            statement = _updateOf(table, tuple(columns))
            self._changes.setdefault(statement, []).append({"the_key": key, **columns})
            self._changing.setdefault(table, set()).update(columns)

    def settle(self) -> None:
        """Make the changes that were left until now, and read what they made."""
        changes, self._changes, self._changing = self._changes, {}, {}
        for statement, rows in changes.items():
            self._cursor.executemany(compiled(statement, self.dialect), rows)
        awaited, self._awaited = self._awaited, {}
        for type, places in awaited.items():
            records = self._read(type, list(places))
            for key, announcements in places.items():
                for index, announcement in announcements:
                    self._events[index] = self._describer.row(announcement, records[key])

    def _read(self, type: str, keys: Sequence[int]) -> Mapping[int, Record]:
        records = dict(self._describer.records(self, type, keys))
        for key in keys:
            if key not in records:
                raise NotFound(f"{type}/{key}: there is no such thing")
        table = self._describer.plain(type)
        if table is not None:
            self._known.put(table, type, records)
        return records

    def _expect(self, effects: Effects) -> None:
        """A statement is about to be executed."""
        if effects.changes:
            self.settle()
            self._known.clear(effects.table)
        elif self._changing and effects.mayNotice(self._changing):
            self.settle()


@lru_cache(maxsize=200)
def _updateOf(table: str, columns: Sequence[str]) -> ClauseElement:
    (key,) = TABLES[table].primary_key.columns
    statement = update(TABLES[table]).where(key == bindparam("the_key"))
    return statement.values({name: bindparam(name) for name in columns})


@lru_cache
def _copyInto(table: Table, columns: Sequence[str]) -> str:
    return f"COPY {table.name} ({', '.join(map(_quoted, columns))}) FROM STDIN"


@lru_cache
def _appendTo(table: Table, columns: Sequence[str]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table.name} ({', '.join(map(_quoted, columns))}) VALUES ({places})"


def _quoted(name: str) -> str:
    return f'"{name}"'


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
