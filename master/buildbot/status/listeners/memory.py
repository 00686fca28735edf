"""What remembers how far listeners are: a SQLite file of their own, the database that a recorder writes, or, for tests,
the memory of the process."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from time import time
from typing import Any, TypeVar

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred, execute
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from zope.interface import implementer

from buildbot.db import own
from buildbot.db.migrations.versions import s003_operated, s004_shapes
from buildbot.db.own import status_consumers, status_deliveries
from buildbot.db.writer import Writer
from buildbot.db.writes import consumers
from buildbot.db.writes.transaction import Transaction
from buildbot.errors import ConfigError, DatabaseUnavailable
from buildbot.status.listeners.delivery import Kept, Remembered
from buildbot.status.listeners.interfaces import IListenerMemory

T = TypeVar("T")
Id = tuple[str, str]
"""Of a row of a listener: cursor and method."""
_NOTHING: Any = None
"""What describes events: none is announced here."""
VERSION = 4
"""Of a file's tables: the number of the newest migration that is done to them."""


class _Memory:
    """What each kind has in common; a kind's own part is :meth:`run`."""

    @property
    def problem(self) -> str | None:
        """Why nothing can be stored at the moment, in words that anybody may read, where nobody else says it."""
        return None

    def run(self, name: str, fn: Callable[[Transaction], T]) -> Deferred[T]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        raise NotImplementedError

    def load(self, listener: str) -> Deferred[Remembered]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return self.run("consumers.begin", lambda tx: consumers.begin(tx, listener)).addCallback(_remembered)

    def store(self, listener: str, cursor: str, keep: Sequence[Kept], drop: Sequence[Id]) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        now, rows = int(time()), [each.row() for each in keep]
        return self.run("consumers.store", lambda tx: consumers.store(tx, now, listener, cursor, rows, drop))


def _remembered(loaded: consumers.Loaded | None) -> Remembered:
    if loaded is None:
        return Remembered(None)
    waiting = [Kept(*row) for row in loaded.waiting]
    return Remembered(loaded.cursor, waiting, loaded.parked, loaded.paused, loaded.behind_since, loaded.replay)


@implementer(IListenerMemory)
class FileMemory(_Memory):
    """A SQLite file of its own, which one process at a time uses. Others may read it meanwhile: its tables are ours
    (:mod:`buildbot.db.own`), so a :class:`~buildbot.db.connector.Database` on :attr:`url` is what a
    :class:`~buildbot.status.service.StatusService` answers for ``consumers`` and ``deliveries`` from. A process that
    has no database of Buildbot's makes its service over nothing but that::

        catalogue = Catalogue([RootLink, Consumer, Delivery])
        status = StatusService(Database(memory.url, reactor=reactor), catalogue)
        status.serveListeners(status.database, actorsOf(host))

    once the memory is open, which makes the file."""

    def __init__(self, path: str, *, reactor: Any) -> None:
        """``path``: absolute; the file is made if it is not there, for nobody but this user, and upgraded if it is of
        an older version of this program."""
        self._path, self._reactor = path, reactor
        self.url = f"sqlite:///{path}"
        """As a database's."""
        self._writer = Writer(self.url, reactor=reactor, describer=_NOTHING)
        self._lock: int | None = None

    @property
    def problem(self) -> str | None:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        why = self._writer.problem
        return None if why is None else f"How far listeners are cannot be stored at the moment: {why}"

    def open(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return Deferred.fromCoroutine(self._open())

    async def _open(self) -> None:
        await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._make)
        self._writer.startService()
        try:
            await self.run("consumers.open", consumers.endAll)
        except DatabaseUnavailable as error:
            raise self._unusable(error) from None

    def run(self, name: str, fn: Callable[[Transaction], T]) -> Deferred[T]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return self._writer.run(name, fn)

    def close(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return Deferred.fromCoroutine(self._close())

    async def _close(self) -> None:
        if self._writer.running:
            await self._writer.stopService()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _make(self) -> None:
        """In a thread."""
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            self._lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._upgrade()
        except BlockingIOError:
            raise ConfigError(
                f"{self._path} is used by another process that runs listeners; each needs a file of its own"
            ) from None
        except (OSError, SQLAlchemyError, sqlite3.Error) as error:
            raise self._unusable(error) from None

    def _upgrade(self) -> None:
        """Make what tables are missing; what a version of this program made that knew only two of them is as after the
        migration before ours."""
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            [version] = connection.execute("PRAGMA user_version").fetchone()
            old = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'status_consumers'").fetchone()
        if version > VERSION:
            raise ConfigError(f"{self._path} is of a newer version of this program: run that, or name another file")
        if version == VERSION:
            return
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection_:
            connection_.exec_driver_sql("BEGIN IMMEDIATE")
            with Operations.context(MigrationContext.configure(connection_)):
                if version == 3:
                    s004_shapes.upgrade()
                elif old:
                    s003_operated.upgrade()
            own.metadata.create_all(connection_)
            connection_.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
            connection_.exec_driver_sql("COMMIT")
        engine.dispose()

    def _unusable(self, error: Exception) -> ConfigError:
        reason = getattr(error, "strerror", None) or getattr(error, "orig", None) or error
        return ConfigError(f"{self._path} cannot be used to remember how far listeners are: {reason}")


@implementer(IListenerMemory)
class WriterMemory(_Memory):
    """Buildbot's database, where this process writes it: through a recorder's writer."""

    def __init__(self, writer: Writer) -> None:
        """``writer``: runs already, and for longer than this."""
        self._writer = writer

    def open(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return self.run("consumers.open", consumers.check).addErrback(self._unusable)

    def _unusable(self, failure: Failure) -> None:
        raise ConfigError(
            f"How far listeners are cannot be stored in {self._writer.location.shown} ({failure.getErrorMessage()}). "
            "buildbot upgrade-db makes the tables as they must be."
        )

    def run(self, name: str, fn: Callable[[Transaction], T]) -> Deferred[T]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return self._writer.run(name, fn)

    def close(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(lambda: None)


@implementer(IListenerMemory)
class ProcessMemory(_Memory):
    """The memory of this process: for tests, of listeners and of their host."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        engine = create_engine("sqlite://", creator=lambda: self._connection)
        own.metadata.create_all(engine, tables=[status_consumers, status_deliveries])

    def open(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(lambda: None)

    def run(self, name: str, fn: Callable[[Transaction], T]) -> Deferred[T]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(self._run, fn)

    def _run(self, fn: Callable[[Transaction], T]) -> T:
        self._connection.execute("BEGIN")
        try:
            found = fn(Transaction("sqlite", self._connection.cursor(), _NOTHING))
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return found

    def close(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(lambda: None)

    @property
    def cursors(self) -> Mapping[str, str]:
        """How far each listener is, by name."""
        return dict(self._connection.execute("SELECT name, cursor FROM status_consumers").fetchall())

    @property
    def rows(self) -> Mapping[tuple[str, str, str], Kept]:
        """Deliveries by the listener's name, the cursor and the method."""
        listed = ", ".join(f"d.{name}" for name in consumers.COLUMNS)
        sql = f"SELECT c.name, {listed} FROM status_deliveries AS d JOIN status_consumers AS c ON c.id = d.consumerid"
        found = [(name, Kept(*row)) for name, *row in self._connection.execute(sql)]
        return {(name, *kept.id): kept for name, kept in found}
