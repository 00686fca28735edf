"""The database: named read transactions in lanes of threads, off the reactor.

``db.run("builds", fn)`` hands ``fn`` a snapshot in a thread and fires with what it returns. ``fn`` must be
pure: it is called again when the database changed below it or the connection broke.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from twisted.application.service import Service
from twisted.internet import defer
from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.db.job import Job, T
from buildbot.db.lane import Backend, Lane, Outcome, Replies
from buildbot.db.metrics import LaneMetrics, Metrics
from buildbot.db.snapshot import Snapshot
from buildbot.db.url import Location, parse
from buildbot.errors import Busy, ConfigError, DatabaseUnavailable, DeadlineExceeded

__all__ = ["Database", "Snapshot"]

SLOW = 0.5
"""Seconds; a transaction that takes longer is logged by its name."""
TICK = 0.02
"""Seconds between two looks at what is running, while anything is."""
JOIN = 5.0
"""Seconds that :meth:`Database.stopService` waits for each thread."""


class Database(Service):
    """One database, read in two lanes: ``small`` for requests of a few rows, ``large`` for all else, so that
    the former never queue behind the latter."""

    log = Logger()

    def __init__(
        self,
        url: str,
        *,
        reactor: Any,
        basedir: str | None = None,
        deadline: float = 2.0,
        patience: float = 10.0,
        small: int = 1,
        large: int = 2,
        queueLimit: int = 1000,
    ) -> None:
        """``small`` and ``large`` are numbers of threads. A run is given ``deadline`` seconds from the moment
        a thread takes it, and fails with Busy if that takes longer than ``patience`` seconds; at most
        ``queueLimit`` runs wait or run in each lane. A relative SQLite path is relative to ``basedir``, by
        default the current directory. Nothing is opened before the first run. Raises ConfigError for a URL
        that is not supported.
        """
        self.location = parse(url, basedir)
        self.metrics = Metrics()
        self._reactor = reactor
        self._deadline = deadline
        self._patience = patience
        self._queueLimit = queueLimit
        self._backend = _backend(self.location, reactor)
        self.dialect: str = self._backend.dialect
        """``"sqlite"`` or ``"postgresql"``."""
        self._stamp = self._backend.stamp(self.run)
        self.freshness: float = self._stamp.freshness
        """The age in seconds that :meth:`stamp` may have."""
        self._replies = Replies(reactor, self._answer)
        self._lanes: dict[str, Lane] = {}
        self._addLane("small", small)
        self._addLane("large", large)
        if self._backend.polls:
            self._addLane("stamp", 1)
        self._outstanding: set[Job[Any]] = set()
        self._tick: DelayedCall | None = None
        self._away = False

    def _addLane(self, name: str, threads: int) -> None:
        self._lanes[name] = Lane(name, threads, self._backend.reader, self._replies)
        self.metrics.lanes[name] = LaneMetrics(threads)

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        for lane in self._lanes.values():
            lane.start()

    def stopService(self) -> Deferred[None]:
        """Cancels what waits or runs; fires when the threads have ended. It cannot be started again."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self._stamp.close()
        for job in list(self._outstanding):
            job.deferred.cancel()
        for lane in self._lanes.values():
            lane.finish()
        joined = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._join)
        return joined.addCallback(self._stopped)

    def _join(self) -> None:
        for lane in self._lanes.values():
            lane.join(JOIN)

    def _stopped(self, _: None) -> None:
        tick, self._tick = self._tick, None
        if tick is not None:
            tick.cancel()

    def run(
        self, name: str, fn: Callable[[Snapshot], T], *, lane: str = "small", deadline: float | None = None
    ) -> Deferred[T]:
        """Call ``fn(snapshot)`` in a thread of the lane, in one read transaction; fires with what it returns.

        ``fn`` is pure: it may be called more than once, for one result. ``name`` is a constant of the code;
        logs and metrics show it. Cancelling the Deferred takes the run out of the queue or interrupts it.
        Fails with what
        ``fn`` raises, CancelledError, DeadlineExceeded, Busy (too much is waiting), DatabaseUnavailable.
        """
        numbers = self.metrics.lanes[lane]
        if not self.running:
            return defer.fail(DatabaseUnavailable("The database is not open: its service is not running."))
        if numbers.outstanding >= self._queueLimit:
            numbers.refused += 1
            return defer.fail(Busy(f"{numbers.outstanding} reads are waiting already. Ask again later."))
        deferred: Deferred[T] = Deferred(lambda _: self._cancelled(job))
        ahead = self.metrics.lanes["small"] if lane == "large" else None
        seconds = self._deadline if deadline is None else deadline
        job = Job(name, fn, lane, seconds, self._patience, deferred, ahead)
        self._outstanding.add(job)
        numbers.outstanding += 1
        self._lanes[lane].put(job)
        if self._tick is None:
            self._tick = self._reactor.callLater(TICK, self._watch)
        return deferred

    def threads(self) -> list[int]:
        """The native ids of the first thread of each lane."""
        found = (lane.threads[0].nativeId for lane in self._lanes.values())
        return [thread for thread in found if thread is not None]

    @property
    def reactor(self) -> Any:
        """The reactor in whose thread everything fires."""
        return self._reactor

    def stamp(self) -> int:
        """Another number when anything in the database may have changed since the last call, at most
        ``freshness`` seconds late; on the reactor thread, some microseconds."""
        return self._stamp.stamp()

    def _answer(self, outcome: Outcome) -> None:
        job, result, ended = outcome
        if job.stopped:
            return
        self._leave(job)
        self._count(job, ended)
        if isinstance(result, Failure):
            self._countFailure(job, result)
            job.deferred.errback(result)
        else:
            self._present()
            job.deferred.callback(result)

    def _leave(self, job: Job[Any]) -> None:
        job.stopped = True
        self._outstanding.discard(job)
        self.metrics.lanes[job.lane].outstanding -= 1

    def _count(self, job: Job[Any], ended: float) -> None:
        numbers = self.metrics.of(job.name, job.lane)
        seconds = ended - job.started
        numbers.runs += 1
        numbers.repeats += job.repeats
        numbers.waitSeconds += job.started - job.submitted
        numbers.runSeconds += seconds
        self.metrics.connects += job.connects
        if seconds > SLOW:
            self.log.warn(
                "Transaction {name!r} took {seconds:.2f} s in lane {lane!r}.",
                name=job.name,
                lane=job.lane,
                seconds=seconds,
            )

    def _countFailure(self, job: Job[Any], failure: Failure) -> None:
        numbers = self.metrics.of(job.name, job.lane)
        numbers.failed += 1
        if isinstance(failure.value, DeadlineExceeded):
            numbers.deadlineExceeded += 1
        elif isinstance(failure.value, DatabaseUnavailable):
            self.metrics.unavailable += 1
            self._absent(failure.value)

    def _absent(self, error: DatabaseUnavailable) -> None:
        if not self._away:
            self._away = True
            reason = " ".join([str(error), *getattr(error, "__notes__", ())])
            self.log.error("{database}: {reason}", database=self.location.shown, reason=reason)

    def _present(self) -> None:
        if self._away:
            self._away = False
            self.log.info("{database} can be read again.", database=self.location.shown)

    def _cancelled(self, job: Job[Any]) -> None:
        self.metrics.of(job.name, job.lane).cancelled += 1
        self._leave(job)
        self._interrupt(job)

    def _interrupt(self, job: Job[Any]) -> None:
        for thread in self._lanes[job.lane].threads:
            thread.interrupt(job)

    def _watch(self) -> None:
        """Answer what is past its deadline, and interrupt what nobody waits for: again and again, because
        between two statements there is nothing to interrupt."""
        now = monotonic()
        running = [job for lane in self._lanes.values() for thread in lane.threads if (job := thread.current)]
        for job in running:
            if now > job.due:
                self._answer((job, Failure(job.exceeded()), now))
            if job.stopped:
                self._interrupt(job)
        for lane in self._lanes.values():
            lane.relieve()
        self._tick = None
        if self._outstanding or running:
            self._tick = self._reactor.callLater(TICK, self._watch)


def _backend(location: Location, reactor: Any) -> Backend:
    if location.dialect == "sqlite":
        from buildbot.db.sqlite import SQLite

        return SQLite(location)
    try:
        from buildbot.db.postgresql import PostgreSQL
    except ImportError as error:
        raise ConfigError(f"PostgreSQL needs psycopg ({error}): pip install 'buildbot-status[postgresql]'.") from error
    return PostgreSQL(location, reactor)
