"""Keeps the threads that take turns under the interpreter's lock on one processor.

Only one of them runs Python at a time. On different processors, each turn wakes another processor up and brings its
memory along; on one, it costs a switch: half of the work of a small answer (docs/decisions/0016). Which processor it is
follows what others do on the machine. All other threads, whose work is done without the lock, run anywhere.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

EVERY = 5.0
"""Seconds between two looks at how busy the processors are."""
WORTH = 0.25
"""Of a processor's time: how much more another one must have had left for moving there."""
SET_AFFINITY: Callable[[int, Iterable[int]], None] | None = getattr(os, "sched_setaffinity", None)
_TICKS: int = os.sysconf("SC_CLK_TCK")


def idle(text: str) -> Mapping[int, float]:
    """Seconds that each processor had nothing to do since the start, from ``/proc/stat``."""
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition(" ")
        if name.startswith("cpu") and name != "cpu":
            found[int(name[3:])] = int(rest.split()[3]) / _TICKS
    return found


def readIdle() -> Mapping[int, float]:
    """As :func:`idle`, now."""
    with open("/proc/stat") as file:
        return idle(file.read())


class SharedProcessor(Service):
    """Does nothing where the system cannot, or there is one processor."""

    log = Logger()

    def __init__(
        self,
        threads: Callable[[], Iterable[int]],
        *,
        reactor: Any,
        pools: Iterable[Any] = (),
        look: Callable[[], Mapping[int, float]] = readIdle,
        place: Callable[[int, Iterable[int]], None] | None = SET_AFFINITY,
    ) -> None:
        """``threads``: the native ids of those that share it with this one. ``pools``: thread pools whose later
        threads, made by this one, must not."""
        self._threads, self._look, self._place = threads, look, place
        self._pools = pools
        self._allowed: set[int] = set()
        self._now = -1
        self._before: Mapping[int, float] = {}
        self._own = 0.0
        self._looking = LoopingCall(self._follow)
        self._looking.clock = reactor

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        if self._place is None or len(allowed := os.sched_getaffinity(0)) < 2:
            return
        self._allowed = allowed
        for pool in self._pools:
            pool.threadFactory = self._elsewhere
        self._looking.start(EVERY)

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        if self._looking.running:
            self._looking.stop()
            self._put(self._allowed, self._all())

    def _elsewhere(self, *, target: Callable[[], Any], **more: Any) -> threading.Thread:
        """A thread begins where the one is that made it."""

        def run() -> None:
            self._put(self._allowed, [threading.get_native_id()])
            target()

        return threading.Thread(target=run, **more)

    def _follow(self) -> None:
        """Move to the processor that had most time left, this process's own work not counted."""
        try:
            if self._now >= 0 and os.sched_getaffinity(0) != {self._now}:
                self._looking.stop()  # somebody else has decided where this runs
                return
            seen, own = self._look(), sum(os.times()[:2])
            left = {n: seen[n] - self._before.get(n, 0.0) for n in self._allowed if n in seen}
            if self._now in left:
                left[self._now] += own - self._own
            self._before, self._own = seen, own
            best = max(left, key=left.__getitem__)
            if self._now not in left or left[best] > left[self._now] + WORTH * EVERY:
                self._now = best
                self._put({best}, self._all())
        except (OSError, ValueError, IndexError):
            # What the system does not tell or allow is no reason to do without a server.
            self.log.failure("Threads are left where the system puts them")
            self._looking.stop()
            self._put(self._allowed, self._all())

    def _all(self) -> Sequence[int]:
        return [threading.get_native_id(), *self._threads()]

    def _put(self, processors: Iterable[int], threads: Iterable[int]) -> None:
        assert self._place is not None
        for thread in threads:
            try:
                self._place(thread, processors)
            except OSError:
                continue  # it has ended, or a container's limits have changed
