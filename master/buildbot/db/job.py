"""One run of a named transaction, from its acceptance until its answer."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING, Generic, TypeVar

from twisted.internet.defer import CancelledError, Deferred

from buildbot.db.metrics import LaneMetrics
from buildbot.errors import Busy, DeadlineExceeded, StatusError

if TYPE_CHECKING:
    from buildbot.db.snapshot import Snapshot

T = TypeVar("T")

GIVE_WAY = 0.0001
"""Seconds for which a run steps aside at each check while others go first: as short as a thread can sleep.
Without it, each of their steps may wait for the interpreter's switch interval, 5 ms."""


class Job(Generic[T]):
    """One run. The reactor thread makes and answers it; a lane's thread executes it in between.

    ``stopped`` is the only thing that both sides change: the reactor sets it, the thread looks at it.
    """

    __slots__ = (
        "ahead",
        "connects",
        "deadline",
        "deferred",
        "due",
        "fn",
        "lane",
        "name",
        "obstacle",
        "patience",
        "repeats",
        "started",
        "stopped",
        "submitted",
    )

    def __init__(
        self,
        name: str,
        fn: Callable[[Snapshot], T],
        lane: str,
        deadline: float,
        patience: float,
        deferred: Deferred[T],
        ahead: LaneMetrics | None = None,
    ) -> None:
        self.name = name
        self.fn = fn
        self.lane = lane
        self.deadline = deadline
        self.patience = patience
        self.deferred = deferred
        self.ahead = ahead
        """A lane whose runs go first."""
        self.stopped = False
        """Nobody waits for the result any more; its Deferred has fired."""
        self.submitted = monotonic()
        self.started = 0.0
        """When a thread took it; 0.0 until then."""
        self.due = float("inf")
        self.obstacle: StatusError | None = None
        """What it waits for, if that is not its own work: the error if it is still waiting when its time is
        up."""
        self.repeats = 0
        self.connects = 0

    def start(self) -> None:
        """A thread takes this: its deadline runs from now on. Raises Busy if that came too late."""
        self.started = monotonic()
        self.due = self.started + self.deadline
        waited = self.started - self.submitted
        if waited > self.patience:
            raise Busy(f"{self.name!r} waited {waited:.1f} s for its turn. Ask again later.")

    def check(self) -> None:
        """Raise if nobody waits for this any more, or its time is up; let runs that go first have the
        interpreter."""
        if self.stopped:
            raise CancelledError
        if monotonic() > self.due:
            raise self.exceeded()
        if self.ahead is not None and self.ahead.outstanding:
            sleep(GIVE_WAY)

    def exceeded(self) -> StatusError:
        """The error for a run whose time is up."""
        return self.obstacle or DeadlineExceeded(
            f"{self.name!r} was stopped after {self.deadline:g} s. Ask for less, or by an indexed order."
        )
