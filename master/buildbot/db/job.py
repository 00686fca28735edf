"""One run of a named transaction, from its acceptance until its answer."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from twisted.internet.defer import CancelledError, Deferred

from buildbot.errors import DeadlineExceeded

if TYPE_CHECKING:
    from buildbot.db.snapshot import Snapshot

T = TypeVar("T")


class Job(Generic[T]):
    """One run. The reactor thread makes and answers it; a lane's thread executes it in between.

    ``stopped`` is the only thing that both sides change: the reactor sets it, the thread looks at it.
    """

    __slots__ = (
        "deadline",
        "deferred",
        "due",
        "fn",
        "lane",
        "name",
        "repeats",
        "started",
        "stopped",
        "submitted",
    )

    def __init__(
        self, name: str, fn: Callable[[Snapshot], T], lane: str, deadline: float, deferred: Deferred[T]
    ) -> None:
        self.name = name
        self.fn = fn
        self.lane = lane
        self.deadline = deadline
        self.deferred = deferred
        self.stopped: Exception | None = None
        """Why nobody waits for the result any more; its Deferred has fired then."""
        self.submitted = monotonic()
        self.started = 0.0
        """When a thread took it; 0.0 until then."""
        self.due = float("inf")
        self.repeats = 0

    def start(self) -> None:
        """A thread takes this: its deadline runs from now on."""
        self.started = monotonic()
        self.due = self.started + self.deadline

    def check(self) -> None:
        """Raise if nobody waits for this any more, or its time is up."""
        if self.stopped is not None:
            raise self.stopped
        if monotonic() > self.due:
            raise self.exceeded()

    def exceeded(self) -> DeadlineExceeded:
        """The error for a run whose time is up."""
        return DeadlineExceeded(
            f"{self.name!r} was stopped after {self.deadline:g} s. Ask for less, or by an indexed order."
        )

    def stop(self, why: Exception | None = None) -> None:
        """Nobody waits for this any more; without ``why``, because its caller cancelled it."""
        if self.stopped is None:
            self.stopped = why or CancelledError()
