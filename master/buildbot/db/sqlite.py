"""Reading a SQLite file that another process writes, without ever writing it.
 While a ``-wal`` (or a rollback journal) is beside the file, it is opened with ``mode=ro`` and SQLite's own
locks make a read one state; its ``-shm`` is the only thing that SQLite may touch then. When there is none,
``mode=ro`` would create both, with this process as their owner, so the file is opened with ``immutable=1``:
nothing is locked or created, and what the file looks like is compared before and after each read instead.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from time import sleep, time
from typing import Any
from urllib.parse import quote

import attrs

from buildbot.db.job import Job, T
from buildbot.db.snapshot import Snapshot
from buildbot.errors import DatabaseUnavailable

SETTLED = 0.025
"""Seconds. Files carry the time of the kernel's tick: two writes within one tick look like one. A file
changed less than this ago is not read without locks."""


@attrs.frozen
class FileState:
    """What identifies one state of a database file as far as one can see from outside."""

    device: int
    inode: int
    size: int
    modified: int
    """In nanoseconds."""
    log: int
    """The inode of the ``-wal``, else of the ``-journal``, else 0."""

    @property
    def immutable(self) -> bool:
        """Whether nobody writes to it now."""
        return not self.log

    def serves(self, other: FileState) -> bool:
        """Whether a connection that was opened in this state is one to the other state too."""
        if self.immutable:
            return self == other
        return (self.device, self.inode, self.log) == (other.device, other.inode, other.log)


def look(path: str) -> FileState:
    """The present state of a database file. Raises DatabaseUnavailable if it is not there.

    Looks without opening it: closing a file drops all locks that SQLite holds on it in this process.
    """
    try:
        log = _inode(f"{path}-wal") or _inode(f"{path}-journal")
        found = os.stat(path)
    except OSError as error:
        raise DatabaseUnavailable(f"{path} cannot be read: {error.strerror}.") from error
    return FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, log)


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


def connect(path: str, state: FileState, timeout: float) -> sqlite3.Connection:
    """A connection that cannot write, fit for that state of the file."""
    mode = "immutable=1" if state.immutable else "mode=ro"
    return sqlite3.connect(
        f"file:{quote(path)}?{mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=timeout,
        cached_statements=512,
    )


class SQLiteReader:
    """One connection to a SQLite file; see :class:`buildbot.db.lane.Reader`."""

    dialect = "sqlite"

    def __init__(self, path: str, connected: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._connected = connected
        self._connection: sqlite3.Connection | None = None
        self._cursor: sqlite3.Cursor | None = None
        self._opened: FileState | None = None

    def read(self, job: Job[T]) -> T:
        while True:
            job.check()
            before = look(self._path)
            cursor = self._open(before)
            if before.immutable:
                _settle(before)
            try:
                result = self._transact(cursor, job)
            except Exception:
                if before.immutable and look(self._path) != before:
                    job.repeats += 1
                    continue
                raise
            if not before.immutable or look(self._path) == before:
                return result
            job.repeats += 1

    def _transact(self, cursor: sqlite3.Cursor, job: Job[T]) -> T:
        try:
            cursor.execute("BEGIN")
            try:
                return job.fn(Snapshot(self.dialect, cursor, job))
            finally:
                cursor.execute("COMMIT")
        except sqlite3.Error as error:
            job.check()
            raise self._translated(error) from error

    def _translated(self, error: sqlite3.Error) -> Exception:
        return error

    def _open(self, state: FileState) -> sqlite3.Cursor:
        if self._cursor is not None and self._opened is not None and self._opened.serves(state):
            return self._cursor
        self.close()
        self._connection = connect(self._path, state, timeout=1.0)
        self._connection.execute("PRAGMA query_only = 1")
        self._connection.execute("PRAGMA cache_size = -16384")
        self._cursor = self._connection.cursor()
        self._opened = state
        self._connected()
        return self._cursor

    def interrupt(self) -> None:
        if self._connection is not None:
            self._connection.interrupt()

    def close(self) -> None:
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            connection.close()


def _settle(state: FileState) -> None:
    age = time() - state.modified / 1e9
    if 0 <= age < SETTLED:
        sleep(SETTLED - age)


class SQLiteStamp:
    """A number that changes when anything in a SQLite file changed; on the reactor thread."""

    freshness = 0.0

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._opened: FileState | None = None
        self._seen: Any = None
        self._number = 0

    def stamp(self) -> int:
        """Some microseconds; never waits for anybody."""
        now = self._look()
        if now is None or now != self._seen:
            self._seen = now
            self._number += 1
        return self._number

    def _look(self) -> Any:
        try:
            state = look(self._path)
            if state.immutable:
                self.close()
                age = time() - state.modified / 1e9
                return None if 0 <= age < SETTLED else state
            if self._connection is None or self._opened is None or not self._opened.serves(state):
                self.close()
                self._connection = connect(self._path, state, timeout=0.0)
                self._opened = state
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return (state.device, state.inode, state.log, version)
        except (DatabaseUnavailable, sqlite3.Error):
            self.close()
            return None

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
