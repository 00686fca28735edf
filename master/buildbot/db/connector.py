"""The database: named read transactions in lanes of threads, off the reactor.

``db.run("builds", fn)`` hands ``fn`` a snapshot in a thread and fires with what it returns. ``fn`` must be
pure: it is called again when the database changed below it or the connection broke.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from twisted.application.service import Service
from twisted.internet import defer
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.db.job import Job, T
from buildbot.db.lane import Lane, Outcome, Replies
from buildbot.db.metrics import LaneMetrics, Metrics
from buildbot.db.snapshot import Snapshot
from buildbot.db.sqlite import SQLiteReader, SQLiteStamp
from buildbot.db.statement import Statement
from buildbot.db.url import parse
from buildbot.errors import Busy, DatabaseUnavailable, DeadlineExceeded

__all__ = ["Database", "Snapshot", "Statement"]

SLOW = 0.5
"""Seconds; a transaction that takes longer is logged by its name."""
TICK = 0.05
"""Seconds between two looks at what is running, while anything is."""


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
        small: int = 1,
        large: int = 2,
        queueLimit: int = 1000,
    ) -> None:
        """``small`` and ``large`` are numbers of threads; ``deadline`` is in seconds from the moment a thread
        takes a run; at most ``queueLimit`` runs wait or run in each lane. Raises ConfigError for a URL that
        is not supported.
        """
        self.location = parse(url, basedir)
        self.metrics = Metrics()
        self._reactor = reactor
        self._deadline = deadline
        self._queueLimit = queueLimit
        self._threads = {"small": small, "large": large}
        self._lanes: dict[str, Lane] = {}
        self._tick: IDelayedCall | None = None
        self._outstanding: set[Job[Any]] = set()
        for name, threads in self._threads.items():
            self.metrics.lanes[name] = LaneMetrics(threads)
        self.dialect = self.location.dialect
        self.sqlDialect: Dialect = sqlite.dialect(paramstyle="named")
        assert self.location.path is not None
        self._stamp = SQLiteStamp(self.location.path)
        self.freshness = self._stamp.freshness

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        replies = Replies(self._reactor, self._answer)
        for name, threads in self._threads.items():
            self._lanes[name] = Lane(name, threads, self._makeReader, replies)
            self._lanes[name].start()

    def stopService(self) -> Deferred[None]:
        """Cancels what waits or runs; fires when all threads have ended."""
        super().stopService()  # type: ignore[no-untyped-call]
        for job in list(self._outstanding):
            job.deferred.cancel()
        for lane in self._lanes.values():
            lane.finish()
        joined = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._join)
        return joined.addCallback(self._stopped)

    def _join(self) -> None:
        for lane in self._lanes.values():
            lane.join()

    def _stopped(self, _: None) -> None:
        self._lanes = {}
        self._stamp.close()
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None

    def run(
        self, name: str, fn: Callable[[Snapshot], T], *, lane: str = "small", deadline: float | None = None
    ) -> Deferred[T]:
        """Call ``fn(snapshot)`` in a thread of the lane, in one read transaction; fires with what it returns.

        ``fn`` is pure: it may be called more than once, for one result. Cancelling the Deferred takes the run
        out of the queue or interrupts it. Fails with what ``fn`` raises, CancelledError, DeadlineExceeded,
        Busy (too much is waiting), DatabaseUnavailable.
        """
        numbers = self.metrics.lanes[lane]
        if not self.running:
            return defer.fail(DatabaseUnavailable("The database is not open: its service is not running."))
        if numbers.waiting >= self._queueLimit:
            numbers.refused += 1
            return defer.fail(Busy(f"{numbers.waiting} reads are waiting already. Ask again in a moment."))
        deferred: Deferred[T] = Deferred(lambda _: self._cancelled(job))
        job = Job(name, fn, lane, self._deadline if deadline is None else deadline, deferred)
        self._outstanding.add(job)
        numbers.waiting += 1
        self._lanes[lane].put(job)
        if self._tick is None:
            self._tick = self._reactor.callLater(TICK, self._watch)
        return deferred

    def stamp(self) -> int:
        """A number that is another one when anything in the database may have changed since the last call, at
        most
        ``freshness`` seconds late; on the reactor thread, some microseconds."""
        return self._stamp.stamp()

    def _makeReader(self) -> SQLiteReader:
        assert self.location.path is not None
        return SQLiteReader(self.location.path)

    def _answer(self, outcome: Outcome) -> None:
        job, result, ended = outcome
        if job not in self._outstanding:
            return
        self._leave(job)
        numbers = self.metrics.of(job.name, job.lane)
        numbers.runs += 1
        numbers.repeats += job.repeats
        numbers.waitSeconds += job.started - job.submitted
        numbers.runSeconds += ended - job.started
        if ended - job.started > SLOW:
            self._logSlow(job, ended - job.started)
        if isinstance(result, Failure):
            numbers.failed += 1
            if result.check(DeadlineExceeded):
                numbers.deadlineExceeded += 1
            job.deferred.errback(result)
        else:
            job.deferred.callback(result)

    def _leave(self, job: Job[Any]) -> None:
        self._outstanding.discard(job)
        self.metrics.lanes[job.lane].waiting -= 1

    def _cancelled(self, job: Job[Any]) -> None:
        self.metrics.of(job.name, job.lane).cancelled += 1
        self._leave(job)
        job.stop()
        self._interrupt(job)

    def _interrupt(self, job: Job[Any]) -> None:
        for thread in self._lanes[job.lane].threads:
            thread.interrupt(job)

    def _watch(self) -> None:
        """Answer what is past its deadline, and interrupt what nobody waits for."""
        now = monotonic()
        running = [thread.current for lane in self._lanes.values() for thread in lane.threads]
        for job in running:
            if job is None:
                continue
            if job.stopped is None and now > job.due:
                error = job.exceeded()
                job.stop(error)
                self._answer((job, Failure(error), now))
            if job.stopped is not None:
                self._interrupt(job)
        self._tick = None
        if self._outstanding or any(running):
            self._tick = self._reactor.callLater(TICK, self._watch)

    def _logSlow(self, job: Job[Any], seconds: float) -> None:
        self.log.warn(
            "Transaction {name} took {seconds:.2f} s in lane {lane}.",
            name=job.name,
            seconds=seconds,
            lane=job.lane,
        )
