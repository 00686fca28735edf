"""Reading a PostgreSQL database: one connection for each thread, opened again when it breaks.
 Each run is one REPEATABLE READ READ ONLY transaction, so a user who may only SELECT is enough. Results come
in PostgreSQL's binary format, which is half the work of its text format.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL
from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred

from buildbot.db.job import Job, T
from buildbot.db.own import lacking
from buildbot.db.snapshot import Snapshot
from buildbot.db.url import Location
from buildbot.errors import DatabaseUnavailable, DeadlineExceeded

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two attempts to connect: doubled from the one to the other."""
REPEATS = 3
"""How often a run is repeated because its connection broke: a statement may be what breaks it."""

_DEFAULTS = {
    "application_name": "buildbot-status",
    "client_encoding": "utf8",
    "connect_timeout": "5",
    # A server that vanished without a word is noticed after ten seconds.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


def conninfo(url: URL) -> str:
    """A SQLAlchemy URL in libpq's words; its query holds libpq's parameters and wins over our defaults."""
    given: dict[str, Any] = dict(url.translate_connect_args(username="user", database="dbname"))
    for name, value in url.query.items():
        given[name] = value if isinstance(value, str) else ",".join(value)
    return make_conninfo(**{**_DEFAULTS, **given})


class PostgreSQL:
    """A PostgreSQL database; see :class:`buildbot.db.lane.Backend`."""

    dialect = "postgresql"
    polls = True

    def __init__(self, location: Location, reactor: Any) -> None:
        self._conninfo = conninfo(location.url)
        self._reactor = reactor

    def reader(self) -> PostgreSQLReader:
        """A new reader, not yet connected."""
        return PostgreSQLReader(self._conninfo, self._reactor.callInThread)

    def stamp(self, run: Callable[..., Deferred[Any]]) -> PostgreSQLStamp:
        """What tells of changes; ``run`` is :meth:`Database.run`."""
        return PostgreSQLStamp(run, self._reactor)


class PostgreSQLReader:
    """One connection; see :class:`buildbot.db.lane.Reader`."""

    def __init__(self, conninfo: str, callInThread: Callable[..., Any]) -> None:
        self._conninfo = conninfo
        self._callInThread = callInThread
        self._connection: psycopg.Connection[Any] | None = None
        self._cursor: psycopg.Cursor[Any] | None = None
        self._quiet = Event()
        """Set while no request to cancel is under way, which could hit the next run."""
        self._quiet.set()
        self._pauses = _Pauses()

    def read(self, job: Job[T]) -> T:
        self._quiet.wait()
        for _ in range(REPEATS):
            job.check()
            cursor = self._cursor or self._connect(job)
            try:
                return job.fn(Snapshot(PostgreSQL.dialect, cursor, job))
            except Exception as error:
                job.check()
                if not self._repeatable(error):
                    raise _translated(error) from error
            finally:
                self._end()
            job.repeats += 1
        raise _unavailable("The connection to PostgreSQL broke again and again during one read.")

    def _repeatable(self, error: Exception) -> bool:
        if self._connection is not None and self._connection.closed:
            return True
        # A standby server cancels reads that are in the way of what it replays.
        return isinstance(error, psycopg.errors.SerializationFailure)

    def _end(self) -> None:
        """End the transaction. That this fails takes nothing from what was read."""
        if self._connection is not None:
            try:
                self._connection.rollback()
            except psycopg.Error:
                self.close()

    def _connect(self, job: Job[Any]) -> psycopg.Cursor[Any]:
        job.obstacle = _unavailable("PostgreSQL does not answer.")
        self._pauses.wait(job)
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True)
            # If this process is stopped in the middle of a read, the server is not held back for long.
            connection.execute("SET idle_in_transaction_session_timeout = '60s'")
        except psycopg.Error as error:
            raise self._pauses.failed(str(error)) from error
        connection.autocommit = False
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        self._pauses.succeeded()
        job.obstacle = None
        job.connects += 1
        return self._cursor

    def interrupt(self) -> None:
        connection = self._connection
        if connection is not None and self._quiet.is_set():
            self._quiet.clear()
            self._callInThread(self._cancel, connection)

    def _cancel(self, connection: psycopg.Connection[Any]) -> None:
        try:
            connection.cancel_safe(timeout=5)
        except psycopg.Error:
            pass  # It ended meanwhile, or is unreachable; whoever wants it cancelled asks again.
        finally:
            self._quiet.set()

    def close(self) -> None:
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            connection.close()


class _Pauses:
    """When to try to connect again: after a pause that grows from failure to failure.

    What was waiting when an attempt failed fails with it; what comes later waits for the next one. So nothing
    waits long for a database that is away, and the first run after its return finds it.
    """

    def __init__(self) -> None:
        self._failedAt = 0.0
        self._pause = 0.0
        self._why = ""

    def wait(self, job: Job[Any]) -> None:
        if not self._pause:
            return
        if job.submitted <= self._failedAt:
            raise _unavailable(self._why)
        end = self._failedAt + self._pause
        while (left := end - monotonic()) > 0:
            job.check()
            sleep(min(left, 0.02))

    def failed(self, why: str) -> DatabaseUnavailable:
        self._failedAt = monotonic()
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._why = why
        return _unavailable(why)

    def succeeded(self) -> None:
        self._pause = 0.0


def _unavailable(why: str) -> DatabaseUnavailable:
    """The sentence is for everyone; the reason, which may name hosts and users, is a note for the
    operator."""
    error = DatabaseUnavailable("The database cannot be reached. It is tried again by itself; ask again later.")
    error.add_note(why.strip())
    return error


def _translated(error: Exception) -> Exception:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return DeadlineExceeded("The database server stopped this read. Ask for less, or by an indexed order.")
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        unreadable = DatabaseUnavailable(
            "The database user may not read a table that is needed. GRANT SELECT ON ALL TABLES IN its schema."
        )
        unreadable.add_note(str(error).strip())
        return unreadable
    sentence = lacking(error)
    if sentence is not None or isinstance(error, psycopg.errors.UndefinedTable):
        missing = DatabaseUnavailable(sentence or "The database does not have Buildbot's tables (any more).")
        missing.add_note(str(error).strip())
        return missing
    return error


class PostgreSQLStamp:
    """A number that changes when anything in the database server was committed, asked for in regular looks.

    A look that is older than ``freshness`` says nothing: then every call gives a new number. There are no
    looks while nobody calls.
    """

    freshness = 0.5
    PERIOD = 0.25
    """Seconds between two looks."""
    IDLE = 10.0
    """Seconds without a call after which there are no more looks."""

    def __init__(self, run: Callable[..., Deferred[Any]], reactor: Any) -> None:
        self._run = run
        self._reactor = reactor
        self._number = 0
        self._seen: Any = None
        self._lookedAt = float("-inf")
        self._wantedAt = float("-inf")
        self._timer: DelayedCall | None = None
        self._looking: Deferred[Any] | None = None
        self._closed = False

    def stamp(self) -> int:
        """The number; some hundred nanoseconds."""
        self._wantedAt = now = monotonic()
        if self._timer is None and self._looking is None and not self._closed:
            self._look()
        if now - self._lookedAt > self.freshness:
            self._number += 1
        return self._number

    def _look(self) -> None:
        self._timer = None
        if monotonic() - self._wantedAt > self.IDLE:
            return
        began = monotonic()
        self._looking = self._run("stamp", _snapshotNumbers, lane="stamp")
        self._looking.addCallbacks(self._looked, lambda _: None, callbackArgs=(began,))
        self._looking.addBoth(self._next)

    def _looked(self, seen: Any, began: float) -> None:
        self._lookedAt = began
        if seen != self._seen:
            self._seen = seen
            self._number += 1

    def _next(self, _: Any) -> None:
        self._looking = None
        if not self._closed:
            self._timer = self._reactor.callLater(self.PERIOD, self._look)

    def close(self) -> None:
        """No more looks."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
        if self._timer is not None:
            self._timer.cancel()


def _snapshotNumbers(snapshot: Snapshot) -> Any:
    return snapshot.rows("SELECT pg_current_snapshot()::text", {})
