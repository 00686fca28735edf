"""A lane: threads that execute jobs in the order of their arrival, each with a database connection of its
own.

One thread does the work as long as none of it takes long: where every thread must have the interpreter's lock for
most of what it does, more of them only wait for each other. The others step in for one that is held up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.failure import Failure

from buildbot.db.job import Job, T

Outcome = tuple[Job[Any], Any, float]
"""A job, its result or the Failure it ended with, and when."""


class Reader(Protocol):
    """One connection's worth of a database: what differs between SQLite and PostgreSQL."""

    def read(self, job: Job[T]) -> T:
        """Call the job's function with a snapshot, as often as it takes to have it see one state of the
        database.

        Raises what the function raises, or a :class:`buildbot.errors.StatusError`.
        """

    def interrupt(self) -> None:
        """Make the statement fail that is running now. Called from the reactor thread; never blocks. Without
        effect between two statements, therefore repeated while the job is there."""

    def close(self) -> None:
        """Called in the thread that reads, at its end."""


class Stamp(Protocol):
    """Tells whether anything in a database changed; on the reactor thread."""

    freshness: float
    """The age in seconds that what it tells may have."""

    def stamp(self) -> int:
        """Another number when anything may have changed since the last call."""

    def close(self) -> None: ...


class Backend(Protocol):
    """One kind of database."""

    dialect: str
    polls: bool
    """Whether its stamp runs transactions, for which it has the lane ``stamp``."""

    def reader(self) -> Reader:
        """A reader for one thread, not yet connected."""

    def stamp(self, run: Callable[..., Deferred[Any]]) -> Stamp:
        """``run`` is :meth:`buildbot.db.connector.Database.run`, for whoever must ask the server."""


class Replies:
    """Outcomes on their way from threads to the reactor: many to one ``callFromThread`` when they come
    quickly.

    No more than ``slice`` seconds of answering in one reactor turn: what is left goes into the next.
    """

    def __init__(self, reactor: IReactorFromThreads, answer: Callable[[Outcome], None], slice: float = 0.004) -> None:
        self._reactor = reactor
        self._answer = answer
        self._slice = slice
        self._outcomes: deque[Outcome] = deque()
        self._scheduled = False

    def put(self, outcome: Outcome) -> None:
        """In any thread. Lock-free: an outcome is appended before the mark is looked at, and :meth:`_deliver`
        clears the mark before it looks for outcomes, so none is left behind; a call too many finds
        nothing."""
        self._outcomes.append(outcome)
        if not self._scheduled:
            self._scheduled = True
            self._reactor.callFromThread(self._deliver)

    def _deliver(self) -> None:
        self._scheduled = False
        end = monotonic() + self._slice
        while self._outcomes:
            self._answer(self._outcomes.popleft())
            if self._outcomes and monotonic() > end:
                self._scheduled = True
                self._reactor.callFromThread(self._deliver)
                return


LONG = 0.005
"""Seconds after which a job holds up those behind it."""


class LaneThread:
    """One thread of a lane and the job that it executes now."""

    def __init__(
        self,
        name: str,
        jobs: SimpleQueue[Job[Any] | None],
        makeReader: Callable[[], Reader],
        replies: Replies,
        first: LaneThread | None = None,
    ) -> None:
        """``first``: the thread that this one steps in for."""
        self._jobs = jobs
        self._first = first
        self._wanted = Event()
        self._ended = False
        self._reader = makeReader()
        self._replies = replies
        self._lock = Lock()
        self._current: Job[Any] | None = None
        self._thread = Thread(target=self._loop, name=name, daemon=True)

    @property
    def current(self) -> Job[Any] | None:
        """The job that is executed at this moment."""
        return self._current

    @property
    def nativeId(self) -> int | None:
        """What the system calls it; None before it is started."""
        return self._thread.native_id

    @property
    def isHeldUp(self) -> bool:
        """Whether its job has taken long already."""
        job = self._current
        return job is not None and monotonic() - job.started > LONG

    def start(self) -> None:
        self._thread.start()

    def want(self) -> None:
        """Have it look whether it should step in."""
        self._wanted.set()

    def end(self) -> None:
        """Let one that steps in end after what it executes; does not wait."""
        self._ended = True
        self._wanted.set()

    def interrupt(self, job: Job[Any]) -> None:
        """Interrupt the job's running statement, if this thread is at it; never that of another job."""
        with self._lock:
            if self._current is job:
                self._reader.interrupt()

    def join(self, timeout: float) -> None:
        """Wait for the thread's end; blocks."""
        self._thread.join(timeout)

    def _loop(self) -> None:
        try:
            while (job := self._next()) is not None:
                if not job.stopped:
                    self._replies.put((job, self._execute(job), monotonic()))
        finally:
            self._reader.close()

    def _next(self) -> Job[Any] | None:
        if self._first is None:
            return self._jobs.get()
        while not self._ended:
            if self._first.isHeldUp:
                try:
                    return self._jobs.get_nowait()
                except Empty:
                    pass
            self._wanted.wait()
            self._wanted.clear()
        return None

    def _execute(self, job: Job[Any]) -> Any:
        with self._lock:
            self._current = job
        try:
            job.start()
            return self._reader.read(job)
        except BaseException as error:
            return Failure(error)
        finally:
            with self._lock:
                self._current = None


class Lane:
    """A queue and the threads that empty it."""

    def __init__(self, name: str, threads: int, makeReader: Callable[[], Reader], replies: Replies) -> None:
        self.name = name
        self._jobs: SimpleQueue[Job[Any] | None] = SimpleQueue()
        first = LaneThread(f"db-{name}-0", self._jobs, makeReader, replies)
        self._others = [LaneThread(f"db-{name}-{n}", self._jobs, makeReader, replies, first) for n in range(1, threads)]
        self.threads = [first, *self._others]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def put(self, job: Job[Any]) -> None:
        self._jobs.put(job)
        self.relieve()

    def relieve(self) -> None:
        """Have the others step in if the first thread is held up; called now and then while it is."""
        if self._others and self.threads[0].isHeldUp and not self._jobs.empty():
            for thread in self._others:
                thread.want()

    def finish(self) -> None:
        """Let each thread end after what it executes; does not wait."""
        for thread in self._others:
            thread.end()
        self._jobs.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the threads' end, at most so many seconds for each; blocks."""
        for thread in self.threads:
            thread.join(timeout)
