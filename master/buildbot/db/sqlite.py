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
from threading import Lock
from time import monotonic, sleep, time
from typing import Any
from urllib.parse import quote

import attrs
from twisted.internet.defer import Deferred

from buildbot.db.job import Job, T
from buildbot.db.own import lacking
from buildbot.db.snapshot import Snapshot
from buildbot.db.url import Location
from buildbot.errors import DatabaseUnavailable

SETTLED = 0.025
"""Seconds. Files carry the time of the kernel's tick: two writes within one tick look like one. A file
changed less than this ago is not read without locks."""
LOCKED = 1.0
"""Seconds to wait for a writer that locks out readers."""
RECHECK = 0.05
"""Seconds for which a file is taken to be the one that it was, while there is a write-ahead log: connections keep that
from going away, so only somebody who replaces the file under a master could make a difference."""
CACHE = 16
"""MiB of pages that each connection keeps."""


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
    isWal: bool

    @property
    def immutable(self) -> bool:
        """Whether nobody writes to it now."""
        return not self.log

    @property
    def unsettled(self) -> float:
        """For how many more seconds a further write could leave this as it is."""
        age = time() - self.modified / 1e9
        return SETTLED - age if 0 <= age < SETTLED else 0.0

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
        wal = _inode(f"{path}-wal")
        log = wal or _inode(f"{path}-journal")
        found = os.stat(path)
    except OSError as error:
        raise _unavailable("The database file cannot be found.", path, error) from error
    return FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, log, bool(wal))


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


class Watch:
    """The state of a database file, for all who read it: none of them goes by an older one than another did before."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = Lock()
        self._seen: FileState | None = None
        self._until = 0.0

    def state(self) -> FileState:
        """The present state, or, beside a write-ahead log, that of a moment ago."""
        seen = self._seen
        return seen if seen is not None and monotonic() < self._until else self.look()

    def look(self) -> FileState:
        """The present state."""
        with self._lock:
            began = monotonic()
            self._until = 0.0
            self._seen = seen = look(self.path)
            if seen.isWal:
                self._until = began + RECHECK
            return seen


def connect(path: str, state: FileState, timeout: float) -> sqlite3.Connection:
    """A connection that cannot write, fit for that state of the file; opens nothing yet."""
    mode = "immutable=1" if state.immutable else "mode=ro"
    return sqlite3.connect(
        f"file:{quote(path)}?{mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=timeout,
        cached_statements=512,
    )


class SQLite:
    """A SQLite file; see :class:`buildbot.db.lane.Backend`."""

    dialect = "sqlite"
    polls = False

    def __init__(self, location: Location) -> None:
        assert location.path is not None
        self._watch = Watch(location.path)

    def reader(self) -> SQLiteReader:
        """A new reader, not yet connected."""
        return SQLiteReader(self._watch)

    def stamp(self, run: Callable[..., Deferred[Any]]) -> SQLiteStamp:
        """What tells of changes."""
        return SQLiteStamp(self._watch)


class SQLiteReader:
    """One connection; see :class:`buildbot.db.lane.Reader`."""

    def __init__(self, watch: Watch) -> None:
        self._watch, self._path = watch, watch.path
        self._connection: sqlite3.Connection | None = None
        self._cursor: sqlite3.Cursor | None = None
        self._opened: FileState | None = None
        self._remembered: dict[Any, Any] = {}
        self._version: int | None = None

    def read(self, job: Job[T]) -> T:
        while True:
            job.check()
            before = self._watch.state()
            if not self._isFit(before):
                before = self._watch.look()  # what is about to be opened may not have been a moment ago
            if before.immutable and (unsettled := before.unsettled):
                sleep(unsettled)
            try:
                cursor = self._open(before, job)
                result = self._transact(cursor, job)
            except Exception as error:
                job.check()
                if _UNDECODABLE in str(error) and self._connection is not None and self._connection.text_factory is str:
                    self._connection.text_factory = _readable
                    continue
                if before.serves(self._watch.look()):
                    raise _translated(error, self._path) from error
            else:
                # With SQLite's locks, a file that was replaced meanwhile does not matter: this was one state.
                if not before.immutable or before == self._watch.look():
                    return result
            job.repeats += 1
            job.obstacle = DatabaseUnavailable(
                "The database file changes all the time, without the write-ahead log that Buildbot uses."
            )

    def _transact(self, cursor: sqlite3.Cursor, job: Job[T]) -> T:
        try:
            return job.fn(Snapshot(SQLite.dialect, cursor, job, begin="BEGIN", memory=self._memory))
        finally:
            self._end(cursor)

    def _memory(self) -> dict[Any, Any]:
        """See :class:`~buildbot.db.snapshot.Snapshot`. The number means something within one connection only."""
        assert self._cursor is not None
        version = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._remembered, self._version = {}, version
        return self._remembered

    def _end(self, cursor: sqlite3.Cursor) -> None:
        """End the transaction, which an error may have ended already. That this fails takes nothing from what
        was read."""
        try:
            if cursor.connection.in_transaction:
                cursor.execute("COMMIT")
        except sqlite3.Error:
            self.close()

    def _isFit(self, state: FileState) -> bool:
        return self._cursor is not None and self._opened is not None and self._opened.serves(state)

    def _open(self, state: FileState, job: Job[Any]) -> sqlite3.Cursor:
        if self._cursor is not None and self._isFit(state):
            return self._cursor
        self.close()
        self._connection = connect(self._path, state, LOCKED)
        self._cursor = self._connection.cursor()
        self._cursor.execute(f"PRAGMA cache_size = {-1024 * CACHE}")
        self._opened = state
        job.connects += 1
        return self._cursor

    def interrupt(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.interrupt()

    def close(self) -> None:
        connection, self._connection, self._cursor, self._version = self._connection, None, None, None
        if connection is not None:
            connection.close()


_UNDECODABLE = "Could not decode to UTF-8"
"""What the module says of a text that is none; only then are all texts decoded here, which takes longer."""


def _readable(text: bytes) -> str:
    return text.decode("utf-8", "replace")


_LOCKED = "The database is locked by another program."
_KILLED = (
    "The program that writes the database was killed in the middle of a change, which it must take back itself: "
    "start it again."
)
_SENTENCES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_READONLY_CANTLOCK: _LOCKED,
    sqlite3.SQLITE_READONLY_ROLLBACK: _KILLED,
    sqlite3.SQLITE_READONLY_RECOVERY: _KILLED,
    sqlite3.SQLITE_READONLY_CANTINIT: _KILLED,
    sqlite3.SQLITE_CANTOPEN: "The database file, or its -wal or -shm, may not be read, or the -shm is missing.",
    sqlite3.SQLITE_PERM: "The database file may not be read.",
    sqlite3.SQLITE_IOERR: "The database file cannot be read.",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged.",
    sqlite3.SQLITE_NOTADB: "The database file is not a SQLite database.",
}
"""By extended, else by primary result code. What is not here is a mistake of ours."""


def _translated(error: Exception, path: str) -> Exception:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return error
    sentence = _SENTENCES.get(code) or _SENTENCES.get(code & 0xFF)
    sentence = sentence or lacking(error)
    if sentence is None and str(error).startswith("no such table"):
        sentence = "The database does not have Buildbot's tables (any more)."
    return error if sentence is None else _unavailable(sentence, path, error)


def _unavailable(sentence: str, path: str, error: Exception) -> DatabaseUnavailable:
    """The sentence is for everyone; the path is a note for the operator."""
    unavailable = DatabaseUnavailable(sentence)
    unavailable.add_note(f"{path}: {getattr(error, 'strerror', error)}")
    return unavailable


class SQLiteStamp:
    """A number that changes when anything in a SQLite file changed; on the reactor thread."""

    freshness = 0.0

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._connection: sqlite3.Connection | None = None
        self._opened: FileState | None = None
        self._seen: FileState | tuple[FileState, int] | None = None
        self._number = 0

    def stamp(self) -> int:
        """The number; some microseconds, waits for nobody. Another one each time while it cannot be told."""
        seen = self._look()
        if seen is None or seen != self._seen:
            self._seen = seen
            self._number += 1
        return self._number

    def _look(self) -> FileState | tuple[FileState, int] | None:
        try:
            state = self._watch.state()
            fit = self._connection is not None and self._opened is not None and self._opened.serves(state)
            if not fit:
                state = self._watch.look()
            if state.immutable:
                self.close()
                return None if state.unsettled else state
            if self._connection is None or self._opened is None or not fit:
                self.close()
                self._connection = connect(self._watch.path, state, timeout=0.0)
                self._opened = state
            return self._opened, self._connection.execute("PRAGMA data_version").fetchone()[0]
        except (DatabaseUnavailable, sqlite3.Error):
            self.close()
            return None

    def close(self) -> None:
        """Close the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
