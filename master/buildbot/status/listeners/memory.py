"""What remembers how far listeners are: a SQLite file, or, for tests, the memory of the process."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
from sqlalchemy import bindparam, create_engine, delete, event, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import Deferred, execute
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer

from buildbot.db.own import metadata, status_consumers, status_deliveries
from buildbot.errors import ConfigError, DatabaseUnavailable
from buildbot.status.listeners.delivery import WAITING, Kept, Remembered
from buildbot.status.listeners.interfaces import IListenerMemory

T = TypeVar("T")
Id = tuple[str, str]
"""Of a row of a listener: cursor and method."""
TABLES = [status_consumers, status_deliveries]
_COLUMNS = [column.name for column in status_deliveries.columns if column.name != "consumer"]

_CURSOR = select(status_consumers.c.cursor).where(status_consumers.c.name == bindparam("listener"))
_WAITING = (
    select(*(status_deliveries.c[name] for name in _COLUMNS))
    .where(status_deliveries.c.consumer == bindparam("listener"), status_deliveries.c.state == WAITING)
    .order_by(status_deliveries.c.seq, status_deliveries.c.method)
)
_DROP = delete(status_deliveries).where(
    status_deliveries.c.consumer == bindparam("listener"),
    status_deliveries.c.cursor == bindparam("at_cursor"),
    status_deliveries.c.method == bindparam("of_method"),
)
_KEEP = insert(status_deliveries)
_KEEP = _KEEP.on_conflict_do_update(
    index_elements=["consumer", "cursor", "method"],
    set_={name: _KEEP.excluded[name] for name in ("state", "attempts", "failed_at", "error")},
)
_MOVE = insert(status_consumers)
_MOVE = _MOVE.on_conflict_do_update(
    index_elements=["name"], set_={name: _MOVE.excluded[name] for name in ("cursor", "updated_at")}
)


@implementer(IListenerMemory)
class FileMemory:
    """A SQLite file of its own, which one process at a time uses, in a thread of its own."""

    def __init__(self, path: str, *, reactor: Any) -> None:
        """``path``: absolute; the file is made if it is not there, for nobody but this user."""
        self._path, self._reactor = path, reactor
        self._pool = ThreadPool(1, 1, "listeners")
        self._lock: int | None = None
        self._engine: Engine | None = None

    def open(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        self._pool.start()
        return self._run(self._open)

    def load(self, listener: str) -> Deferred[Remembered]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return self._run(self._load, listener)

    def store(self, listener: str, cursor: str, keep: Sequence[Kept], drop: Sequence[Id]) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return self._run(self._store, listener, cursor, keep, drop, int(self._reactor.seconds()))

    def close(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return self._run(self._close).addBoth(self._end)

    def _run(self, function: Callable[..., T], *arguments: Any) -> Deferred[T]:
        return deferToThreadPool(self._reactor, self._pool, self._guarded, function, *arguments)

    def _end(self, result: T) -> T:
        self._pool.stop()
        return result

    # -- in the thread

    def _guarded(self, function: Callable[..., T], *arguments: Any) -> T:
        try:
            return function(*arguments)
        except (SQLAlchemyError, sqlite3.Error) as error:
            reason = getattr(error, "orig", None) or error
            raise DatabaseUnavailable(f"{self._path} cannot be used: {reason}") from error

    def _open(self) -> None:
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            self._lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._engine = create_engine(f"sqlite:///{self._path}")
            event.listen(self._engine, "connect", _durable)
            metadata.create_all(self._engine, tables=TABLES)
        except BlockingIOError:
            raise ConfigError(
                f"{self._path} is used by another process that runs listeners; each needs a file of its own"
            ) from None
        except (OSError, SQLAlchemyError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or getattr(error, "orig", None) or error
            raise ConfigError(f"{self._path} cannot be used to remember how far listeners are: {reason}") from None

    def _load(self, listener: str) -> Remembered:
        assert self._engine is not None
        with self._engine.connect() as connection:
            cursor = connection.execute(_CURSOR, {"listener": listener}).scalar()
            rows = connection.execute(_WAITING, {"listener": listener}).all()
        return Remembered(cursor, [Kept(**dict(zip(_COLUMNS, row, strict=True))) for row in rows])

    def _store(self, listener: str, cursor: str, keep: Sequence[Kept], drop: Sequence[Id], now: int) -> None:
        assert self._engine is not None
        with self._engine.begin() as connection:
            if keep:
                rows = [{"consumer": listener, **attrs.asdict(each)} for each in keep]
                connection.execute(_KEEP, rows)
            if drop:
                connection.execute(_DROP, [{"listener": listener, "at_cursor": at, "of_method": of} for at, of in drop])
            connection.execute(_MOVE, {"name": listener, "cursor": cursor, "updated_at": now})

    def _close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def _durable(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


@implementer(IListenerMemory)
class ProcessMemory:
    """The memory of this process: for tests, of listeners and of their host."""

    def __init__(self) -> None:
        self.cursors: dict[str, str] = {}
        """By the listener's name."""
        self.rows: dict[tuple[str, str, str], Kept] = {}
        """By the listener's name, the cursor and the method."""

    def open(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(lambda: None)

    def load(self, listener: str) -> Deferred[Remembered]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(self._load, listener)

    def _load(self, listener: str) -> Remembered:
        rows = [row for (owner, *_), row in self.rows.items() if owner == listener and row.state == WAITING]
        return Remembered(self.cursors.get(listener), sorted(rows, key=lambda row: (row.seq, row.method)))

    def store(self, listener: str, cursor: str, keep: Sequence[Kept], drop: Sequence[Id]) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(self._store, listener, cursor, keep, drop)

    def _store(self, listener: str, cursor: str, keep: Sequence[Kept], drop: Sequence[Id]) -> None:
        self.cursors[listener] = cursor
        for each in keep:
            self.rows[listener, *each.id] = each
        for id in drop:
            self.rows.pop((listener, *id), None)

    def close(self) -> Deferred[None]:
        """See :class:`~buildbot.status.listeners.interfaces.IListenerMemory`."""
        return execute(lambda: None)
