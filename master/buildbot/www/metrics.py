"""What the HTTP server counts: plain numbers, changed on the reactor thread only; :mod:`buildbot.www.exposition` shows
them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

LATENCY = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds, in seconds, inclusive."""


class Histogram:
    """How many values lay below each bound, and their sum."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """Of each interval; the last is for all beyond the largest bound."""
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


class WebMetrics:
    """The requests of one site since its start."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        """By kind and status; 499: the client left before its answer was written."""
        self.latency: dict[str, Histogram] = {}
        """By kind: seconds from the end of a request to the end of writing its answer."""
        self.bodyBytes = 0
        """Of all answers, as they were sent."""
        self.connectionsRefused = 0
        """Closed as they came, because too many were open."""

    def ended(self, kind: str, status: int, seconds: float, size: int) -> None:
        """Count one request."""
        self.requests[kind, status] += 1
        self.bodyBytes += size
        histogram = self.latency.get(kind)
        if histogram is None:
            histogram = self.latency[kind] = Histogram(LATENCY)
        histogram.observe(seconds)

    def refused(self, status: int) -> None:
        """Count what was no request, or too large a one."""
        self.requests["refused", status] += 1
