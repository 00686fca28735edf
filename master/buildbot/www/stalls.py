"""How long the reactor was kept from its work: the lateness of a timer that is due every 20 ms."""

from __future__ import annotations

import gc
from typing import Any

from buildbot.www.metrics import Histogram

INTERVAL = 0.02
"""Seconds. A stall that is longer is always seen, as it was or at most this much shorter."""
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

COLLECT_AFTER = 50_000
"""Objects made; by default it would be hundreds, and one long list makes tens of thousands."""


def calmCollector() -> None:
    """Call once a server is up: what is there now stays, and need not be looked at again.

    A full collection that goes through all modules, statements and definitions holds the interpreter for 20 to 80 ms;
    without this one comes every second under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


class StallWatch:
    """Measures while it runs; ``clock`` is a reactor."""

    def __init__(self, clock: Any) -> None:
        self.histogram = Histogram(BOUNDS)
        self.longest = 0.0
        self._clock = clock
        self._call: Any = None
        self._due = 0.0

    def start(self) -> None:
        self._due = self._clock.seconds() + INTERVAL
        self._call = self._clock.callLater(INTERVAL, self._look)

    def stop(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call.cancel()

    def _look(self) -> None:
        late = max(self._clock.seconds() - self._due, 0.0)
        self.histogram.observe(late)
        self.longest = max(self.longest, late)
        self.start()
