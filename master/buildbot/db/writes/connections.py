"""The writer's own connection: what differs between SQLite and PostgreSQL when one writes."""

from __future__ import annotations

import sqlite3
from typing import Any, Protocol

import psycopg
from psycopg.pq import TransactionStatus

from buildbot.db.own import lacking
from buildbot.db.postgresql import conninfo
from buildbot.db.url import Location
from buildbot.db.writes.transaction import Cursor
from buildbot.errors import DatabaseUnavailable

LOCKED = 5.0
"""Seconds to wait for another program that is writing."""


class Connection(Protocol):
    """A connection that writes. All methods block, and raise the driver's errors."""

    cursor: Cursor

    def begin(self) -> None:
        """Begin a transaction; on SQLite, with the right to write."""

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    @property
    def inTransaction(self) -> bool:
        """Whether the transaction that was begun is still there; an error may have ended it."""

    @property
    def broken(self) -> bool:
        """Whether this can never be used again."""

    def close(self) -> None: ...


class SQLiteConnection:
    """To a SQLite file; each commit is on the disk when it returns."""

    def __init__(self, location: Location) -> None:
        assert location.path is not None
        self._connection = sqlite3.connect(
            location.path, isolation_level=None, timeout=LOCKED, check_same_thread=False, cached_statements=512
        )
        self.cursor: Cursor = self._connection.cursor()
        try:
            self.cursor.execute("PRAGMA journal_mode = WAL")
            self.cursor.execute("PRAGMA synchronous = FULL")
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        self.cursor.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.cursor.execute("COMMIT")

    def rollback(self) -> None:
        self.cursor.execute("ROLLBACK")

    @property
    def inTransaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def broken(self) -> bool:
        return False

    def close(self) -> None:
        self._connection.close()


class PostgreSQLConnection:
    """To a PostgreSQL server."""

    def __init__(self, location: Location) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(conninfo(location.url), autocommit=True)
        self.cursor: Cursor = self._connection.cursor(binary=True)

    def begin(self) -> None:
        self.cursor.execute("BEGIN")

    def commit(self) -> None:
        self.cursor.execute("COMMIT")

    def rollback(self) -> None:
        self.cursor.execute("ROLLBACK")

    @property
    def inTransaction(self) -> bool:
        return self._connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    @property
    def broken(self) -> bool:
        return self._connection.closed

    def close(self) -> None:
        self._connection.close()


def connect(location: Location) -> Connection:
    """A new connection to a database."""
    return SQLiteConnection(location) if location.dialect == "sqlite" else PostgreSQLConnection(location)


def unavailable(error: Exception) -> DatabaseUnavailable | None:
    """What an error of a driver's means, if it is not a mistake of ours; with the driver's words as a note."""
    sentence = _sentence(error)
    if sentence is None:
        return None
    found = DatabaseUnavailable(f"{sentence} Nothing of this was stored.")
    found.add_note(str(error).strip())
    return found


_SQLITE = {
    sqlite3.SQLITE_BUSY: "The database is locked by another program.",
    sqlite3.SQLITE_LOCKED: "The database is locked by another program.",
    sqlite3.SQLITE_FULL: "The disk is full.",
    sqlite3.SQLITE_READONLY: "The database file, or its folder, may not be written.",
    sqlite3.SQLITE_PERM: "The database file may not be written.",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened.",
    sqlite3.SQLITE_IOERR: "The database file cannot be written.",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged.",
    sqlite3.SQLITE_NOTADB: "The database file is not a SQLite database.",
}
"""By primary result code."""


def _sentence(error: Exception) -> str | None:
    if isinstance(error, sqlite3.Error):
        return lacking(error) or _SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    if isinstance(error, (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)):
        return lacking(error)
    if isinstance(error, psycopg.errors.InsufficientResources):
        return "The database server's disk is full, or it has no more of something else that it needs."
    if isinstance(error, (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege)):
        return "The database user may not write."
    if isinstance(error, psycopg.OperationalError) and _isAway(error.sqlstate):
        return "The database cannot be reached. It is tried again by itself."
    return None


def _isAway(state: str | None) -> bool:
    """Whether an error is one of the connection or of the whole server, and not of one statement (a deadlock, one that
    was cancelled)."""
    return state is None or (state[:2] in ("08", "57") and state != "57014")
