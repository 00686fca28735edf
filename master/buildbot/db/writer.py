"""Writing a database: operations and their events, many to one commit.

One thread takes what is waiting; a commit is for all that came while the one before it ran. Nobody waits for company.
An operation that fails takes nothing from the others: then all of them are executed once more, each with a savepoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, Generic, TypeVar

import attrs
from twisted.application.service import Service
from twisted.internet import defer
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.db.metrics import Metrics
from buildbot.db.url import parse
from buildbot.db.writes import events
from buildbot.db.writes.connections import Connection, connect, unavailable
from buildbot.db.writes.known import Known
from buildbot.db.writes.transaction import Describer, Transaction
from buildbot.errors import Busy, DatabaseUnavailable

T = TypeVar("T")

MOST = 100
"""Operations in one commit."""
LONGEST = {"sqlite": 0.005, "postgresql": 0.02}
"""Seconds after which a transaction takes no further operation. Where each statement is a message to a server and an
answer, a shorter one would mostly be its beginning and its end."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two attempts to connect while nobody asks: doubled from the one to the other."""
JOIN = 10.0
"""Seconds that :meth:`Writer.stopService` waits for its thread."""
LANE = "writer"
"""Under which the operations are in the metrics."""


class _Refused(Exception):
    """An operation failed by itself."""


class _Operation(Generic[T]):
    __slots__ = ("began", "deferred", "fn", "name", "result", "submitted")

    def __init__(self, name: str, fn: Callable[[Transaction], T], deferred: Deferred[T]) -> None:
        self.name, self.fn = name, fn
        self.deferred: Deferred[T] | None = deferred
        """None once nobody waits for it."""
        self.submitted = monotonic()
        self.began = 0.0
        self.result: Any = None


@attrs.define
class WriterMetrics(Metrics):
    """All numbers of one writer; see :class:`~buildbot.db.metrics.Metrics`."""

    commits: int = 0
    commitSeconds: float = 0.0
    """That commits took, of transactions that had been executed by then."""
    events: int = 0
    outstanding: int = 0
    """Operations that were accepted and not yet answered."""


class Writer(Service):
    """The one connection of a process that writes to a database."""

    log = Logger()

    def __init__(
        self,
        url: str,
        *,
        reactor: Any,
        describer: Describer,
        committed: Callable[[str, int], None] = lambda epoch, seq: None,
        fingerprint: Callable[[Transaction], str] = lambda tx: "",
        basedir: str | None = None,
        queueLimit: int = 10_000,
    ) -> None:
        """``describer`` makes an event of what an operation announces. ``committed(epoch, seq)`` is called on the
        reactor's thread after each commit, before the Deferreds of what was committed fire, and once the database has
        been opened. ``fingerprint`` tells whether somebody else wrote meanwhile (see
        :mod:`buildbot.db.writes.fingerprint`). Raises ConfigError for a URL that is not supported."""
        self.location = parse(url, basedir)
        self.metrics = WriterMetrics()
        self.problem: str | None = None
        """Why nothing can be stored at the moment, for operators; None while it can."""
        self._reactor = reactor
        self._describer, self._committed, self._fingerprint = describer, committed, fingerprint
        self._queueLimit = queueLimit
        self._queue: SimpleQueue[_Operation[Any] | None] = SimpleQueue()
        self._connection: Connection | None = None
        self._known = Known()
        self._left: events.Head | None = None
        """The head, as the last transaction left it."""
        self._pause = 0.0
        self._thread = Thread(target=self._loop, name="status writer", daemon=True)

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self._thread.start()

    def stopService(self) -> Deferred[None]:
        """Stores what was accepted; fires when that is done. It cannot be started again."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self._queue.put(None)
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._thread.join, JOIN)

    def run(self, name: str, fn: Callable[[Transaction], T]) -> Deferred[T]:
        """Call ``fn(tx)`` in the writer's thread; fires with what it returns, once that and its events are committed.

        ``name`` is a constant of the code, for logs and metrics. Operations are executed, and their events numbered, in
        the order of these calls. ``fn`` may be called again if the connection broke before its commit, or
        another operation failed. Fails with what ``fn`` raises, and then has changed nothing; with Busy; with
        DatabaseUnavailable: the disk is full, the database is away. If it went away during the commit itself,
        the message says that it is not known whether this was stored. Cancelling takes the operation out of the
        queue if it has not begun.
        """
        if not self.running:
            return defer.fail(DatabaseUnavailable("The database is not open: its service is not running."))
        if self.metrics.outstanding >= self._queueLimit:
            return defer.fail(Busy(f"{self.metrics.outstanding} operations are waiting already. Try again later."))
        deferred: Deferred[T] = Deferred(lambda _: self._cancelled(operation))
        operation = _Operation(name, fn, deferred)
        self.metrics.outstanding += 1
        self._queue.put(operation)
        return deferred

    def _cancelled(self, operation: _Operation[Any]) -> None:
        operation.deferred = None
        self.metrics.outstanding -= 1
        self.metrics.of(operation.name, LANE).cancelled += 1

    # -- in the writer's thread

    def _loop(self) -> None:
        self._store([])
        while (batch := self._wait()) is not None:
            self._store(batch)
        self._close()

    def _wait(self) -> list[_Operation[Any]] | None:
        """The first operation that is waiting; none, if it is time to look whether one can write again; None at the
        end."""
        try:
            operation = self._queue.get(timeout=self._pause or None)
        except Empty:
            return []
        return None if operation is None else [operation]

    def _store(self, batch: list[_Operation[Any]], *, guarded: bool = False) -> None:
        """Execute these operations and what else waits, in one transaction; once more if they met a connection that
        had broken since the last one. ``guarded``: each has a savepoint, because one of them fails."""
        was = self._connection
        try:
            connection = self._connection or self._open()
            place, count = self._transact(connection, batch, guarded)
        except _Refused:
            self._rollback()
            self._store(batch, guarded=True)
            return
        except Exception as error:
            broken = was is not None and was.broken
            self._rollback()
            if broken:
                self._store(batch, guarded=guarded)
            else:
                self._fail(batch, unavailable(error) or error)
            return
        executed = monotonic()
        try:
            connection.commit()
        except Exception as error:
            failure = _unknown(error) if connection.broken else unavailable(error) or error
            self._rollback()
            self._fail(batch, failure)
            return
        self._pause = 0.0
        self._reactor.callFromThread(self._stored, batch, place, count, executed, monotonic())

    def _transact(
        self, connection: Connection, batch: list[_Operation[Any]], guarded: bool
    ) -> tuple[tuple[str, int], int]:
        """All but the commit; where the log then ends, and the number of events."""
        connection.begin()
        tx = self._transaction(connection)
        head = events.lock(tx)
        if head is None:
            raise DatabaseUnavailable("The log of events was emptied by another program. Start this one again.")
        if head != self._left:
            self._known.clear()  # somebody else has written
        rows: list[Mapping[str, Any]] = []
        until = monotonic() + LONGEST[self.location.dialect]
        for operation in self._batch(batch, until):
            if guarded:
                rows += self._guarded(connection, operation)
            else:
                self._execute(connection, operation, tx)
        if not guarded:
            self._attempt(connection, tx.settle)
            rows = tx.events
        self._left = attrs.evolve(head, seq=head.seq + len(rows), fingerprint=self._fingerprint(tx))
        return events.append(tx, head, rows, int(self._reactor.seconds()), self._left.fingerprint), len(rows)

    def _batch(self, batch: list[_Operation[Any]], until: float) -> Iterator[_Operation[Any]]:
        """Those of a batch, and what else waits, which is put into it."""
        yield from list(batch)
        while len(batch) < MOST and monotonic() < until and (more := self._next()) is not None:
            batch.append(more)
            yield more

    def _transaction(self, connection: Connection) -> Transaction:
        return Transaction(self.location.dialect, connection.cursor, self._describer, self._known)

    def _next(self) -> _Operation[Any] | None:
        try:
            operation = self._queue.get_nowait()
        except Empty:
            return None
        if operation is None:
            self._queue.put(None)
        return operation

    def _execute(self, connection: Connection, operation: _Operation[Any], tx: Transaction) -> None:
        """Raises _Refused for one that fails by itself."""
        operation.began = monotonic()
        if operation.deferred is not None:
            operation.result = self._attempt(connection, lambda: operation.fn(tx))

    def _attempt(self, connection: Connection, work: Callable[[], T]) -> T:
        """Raises _Refused for a failure that is not the database's."""
        try:
            return work()
        except Exception as error:
            if not connection.inTransaction or unavailable(error) is not None:
                raise
            raise _Refused from error

    def _guarded(self, connection: Connection, operation: _Operation[Any]) -> Sequence[Mapping[str, Any]]:
        """The rows of its events. For one that fails by itself, that is its result."""
        connection.cursor.execute("SAVEPOINT operation")
        tx = self._transaction(connection)
        try:
            self._execute(connection, operation, tx)
            self._attempt(connection, tx.settle)
        except _Refused as refused:
            operation.result = Failure(refused.__cause__)
            connection.cursor.execute("ROLLBACK TO SAVEPOINT operation")
            self._known.clear()
            tx = self._transaction(connection)
        connection.cursor.execute("RELEASE SAVEPOINT operation")
        return tx.events

    def _open(self) -> Connection:
        connection = connect(self.location)
        try:
            connection.begin()
            tx = self._transaction(connection)
            events.openEpoch(tx, int(self._reactor.seconds()), self._fingerprint)
            connection.commit()
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _rollback(self) -> None:
        """Take back what was not committed; a connection on which that is not possible is no more."""
        self._known.clear()
        connection = self._connection
        if connection is None:
            return
        try:
            if connection.inTransaction:
                connection.rollback()
        except Exception:
            self._close()
        if connection.broken:
            self._close()

    def _fail(self, batch: Sequence[_Operation[Any]], error: Exception) -> None:
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._reactor.callFromThread(self._failed, batch, error, monotonic())

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    # -- on the reactor's thread

    def _stored(
        self, batch: Sequence[_Operation[Any]], place: tuple[str, int], rows: int, executed: float, ended: float
    ) -> None:
        if self.problem is not None:
            self.log.info("{database} can be written again.", database=self.location.shown)
            self.problem = None
        self.metrics.commits += 1
        self.metrics.commitSeconds += ended - executed
        self.metrics.events += rows
        self._committed(*place)
        for operation in batch:
            self._answer(operation, operation.result, ended)

    def _failed(self, batch: Sequence[_Operation[Any]], error: Exception, ended: float) -> None:
        if self.problem is None:
            reason = " ".join([str(error), *getattr(error, "__notes__", ())])
            self.log.error("{database}: {reason}", database=self.location.shown, reason=reason)
        self.problem = str(error)
        self.metrics.unavailable += len(batch)
        for operation in batch:
            self._answer(operation, Failure(error), ended)

    def _answer(self, operation: _Operation[Any], result: Any, ended: float) -> None:
        deferred, operation.deferred = operation.deferred, None
        if deferred is None:
            return
        self.metrics.outstanding -= 1
        numbers = self.metrics.of(operation.name, LANE)
        numbers.runs += 1
        numbers.failed += isinstance(result, Failure)
        numbers.waitSeconds += operation.began - operation.submitted if operation.began else 0.0
        numbers.runSeconds += ended - operation.began if operation.began else 0.0
        deferred.callback(result)


def _unknown(error: Exception) -> DatabaseUnavailable:
    """The connection broke during a commit."""
    found = DatabaseUnavailable("The database went away during a commit: whether this was stored is not known.")
    found.add_note(str(error).strip())
    return found
