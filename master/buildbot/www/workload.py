"""What builds do, as numbers: counted from events, since somebody asked for the numbers first; and, for what is under
way, read from the database when they are asked for, but not more often than every few seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.db.connector import Snapshot
from buildbot.db.workload import Workload, builderNames, workload
from buildbot.errors import Gone, StatusError
from buildbot.status.results import RESULTS
from buildbot.status.service import StatusService
from buildbot.www.metrics import Histogram

PERIOD = 10.0
"""Seconds between two readings."""
STALE = 60.0
"""Seconds after which a reading is shown no more, if none could be had since."""
PAUSE = 5.0
"""Seconds until it is tried again to be told of events."""
MOST_BUILDERS = 200
"""Those that are named first have numbers of their own; all others have theirs together, as :data:`OTHERS`."""
OTHERS = "(others)"
OTHER = 0
"""Their id: no builder's."""
DURATIONS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0)
"""Upper bounds, in seconds, inclusive."""


@attrs.frozen
class Frozen:
    """The numbers at one moment: what a thread makes text of while they go on."""

    names: Mapping[int, str]
    """Of builders that have numbers of their own, and of the others."""
    finished: Mapping[tuple[int, str], int]
    """By builder and result."""
    durations: Sequence[tuple[int, Sequence[int], float]]
    """By builder: how many lay below each bound, and their sum."""
    workload: Workload | None
    now: float


class WorkloadMetrics:
    """The numbers of one process. Nothing is counted or read until somebody asks."""

    log = Logger()

    def __init__(self, service: StatusService, clock: Any) -> None:
        self._service, self._clock = service, clock
        self._names: dict[int, str | None] = {}
        """Of builders that have numbers of their own; None: not known yet."""
        self._finished: Counter[tuple[int, str]] = Counter()
        self._durations: dict[int, Histogram] = {}
        self._workload: Workload | None = None
        self._readAt = float("-inf")
        self._reading = False
        self._counting: Deferred[None] | None = None
        self._subscription: Any = None

    @property
    def subscriptions(self) -> int:
        """How many this has among those of the feed."""
        return int(self._subscription is not None)

    async def refresh(self) -> None:
        """Have numbers that are new enough, if they can be had: not where there are no events, and so no builds, as
        beside nothing but listeners."""
        if self._service.feed is None:
            return
        if self._counting is None:
            self._counting = Deferred.fromCoroutine(self._count())
            self._counting.addErrback(lambda failure: failure.trap(CancelledError) and None)
            self._counting.addErrback(self._broken)
        if self._reading or self._clock.seconds() - self._readAt < PERIOD:
            return
        self._reading = True
        try:
            await self._read()
        except StatusError as error:
            self.log.debug("What is under way could not be read: {error}", error=error)
        finally:
            self._reading = False

    async def _read(self) -> None:
        found = await self._service.database.run("metrics.workload", workload)
        for builderid in sorted({*found.running, *found.pending}):
            self._own(builderid)
        unnamed = [builderid for builderid, name in self._names.items() if name is None]

        def names(snapshot: Snapshot) -> Mapping[int, str]:
            return builderNames(snapshot, unnamed)

        if unnamed:
            named = await self._service.database.run("metrics.names", names)
            self._names.update({id: named.get(id, f"builder {id}") for id in unnamed})
        self._workload, self._readAt = found, self._clock.seconds()

    def stop(self) -> None:
        """Count no more."""
        counting, self._counting = self._counting, None
        if counting is not None:
            counting.cancel()

    def _broken(self, failure: Failure) -> None:
        self.log.failure("Builds that end are not counted any more.", failure)
        self._counting = None  # so it is tried again when somebody asks the next time

    async def _count(self) -> None:
        while True:
            try:
                self._subscription = await self._service.subscribe("builds/*/finished")
                while True:
                    for delivery in await self._subscription.next():
                        self._ended(delivery.record)
            except Gone:
                self.log.warn("Some ends of builds are not in the metrics: this process was too busy.")
            except StatusError:
                await deferLater(self._clock, PAUSE)
            finally:
                subscription, self._subscription = self._subscription, None
                if subscription is not None:
                    subscription.close()

    def _ended(self, build: Any) -> None:
        builderid = self._own(build.builderid)
        result = RESULTS[build.results] if build.results in range(len(RESULTS)) else "unknown"
        self._finished[builderid, result] += 1
        if build.complete_at is not None:
            histogram = self._durations.setdefault(builderid, Histogram(DURATIONS))
            histogram.observe(float(max(build.complete_at - build.started_at, 0)))

    def _own(self, builderid: int) -> int:
        """The builder, if it has numbers of its own."""
        if builderid not in self._names:
            if len(self._names) >= MOST_BUILDERS:
                return OTHER
            self._names[builderid] = None
        return builderid

    def frozen(self) -> Frozen:
        """As they are now."""
        # What has no name yet has one in some seconds; a series that changes its name would be two.
        names = {OTHER: OTHERS, **{id: name for id, name in self._names.items() if name is not None}}
        isNew = self._clock.seconds() - self._readAt < STALE
        return Frozen(
            names,
            {key: number for key, number in self._finished.items() if key[0] in names},
            [(id, list(each.counts), each.sum) for id, each in self._durations.items() if id in names],
            self._workload if isNew else None,
            self._clock.seconds(),
        )


def families(frozen: Frozen) -> Iterator[Metric]:
    """As Prometheus has them. Takes some time for many builders, so it is for a thread."""
    names = frozen.names
    finished = CounterMetricFamily(
        "buildbot_builds_finished", "Builds that have ended since this was asked first.", labels=["builder", "result"]
    )
    for (builderid, result), number in frozen.finished.items():
        finished.add_metric([names[builderid], result], number)
    yield finished
    durations = HistogramMetricFamily(
        "buildbot_build_duration_seconds", "From the start of builds to their end.", labels=["builder"]
    )
    for builderid, counts, total in frozen.durations:
        durations.add_metric([names[builderid]], cumulated(DURATIONS, counts), total)
    yield durations
    if frozen.workload is not None:
        yield from _underWay(frozen, frozen.workload)


def _underWay(frozen: Frozen, now: Workload) -> Iterator[Metric]:
    running = GaugeMetricFamily("buildbot_builds_running", "Builds that run.", labels=["builder"])
    pending = GaugeMetricFamily("buildbot_requests_pending", "Requests that no master has taken.", labels=["builder"])
    oldest = GaugeMetricFamily(
        "buildbot_requests_pending_oldest_seconds", "For how long the oldest of them has waited.", labels=["builder"]
    )
    runs, waits, since = Counter[int](), Counter[int](), dict[int, int]()
    for builderid, count in now.running.items():
        runs[builderid if builderid in frozen.names else OTHER] += count
    for builderid, (count, submitted) in now.pending.items():
        own = builderid if builderid in frozen.names else OTHER
        waits[own] += count
        since[own] = min(submitted, since.get(own, submitted))
    for builderid, name in frozen.names.items():
        running.add_metric([name], runs[builderid])
        pending.add_metric([name], waits[builderid])
        oldest.add_metric([name], max(frozen.now - since[builderid], 0) if builderid in since else 0)
    yield from (running, pending, oldest)
    yield GaugeMetricFamily("buildbot_workers", "Workers that there have been, connected or not.", now.workers)
    yield GaugeMetricFamily("buildbot_workers_connected", "Workers that a master is connected to.", now.connected)
    yield GaugeMetricFamily("buildbot_workers_paused", "Workers that start no new builds.", now.paused)


def cumulated(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    """A histogram as Prometheus has it: how many were at most as large as each bound."""
    found, total = [], 0
    for bound, number in zip((*map(str, bounds), "+Inf"), counts, strict=True):
        total += number
        found.append((bound, float(total)))
    return found
