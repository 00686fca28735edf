"""``/metrics``: what is counted, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from buildbot.errors import NotFound
from buildbot.www.health import present
from buildbot.www.metrics import Histogram
from buildbot.www.workload import Frozen, cumulated, families

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite


class Exposition:
    """The handler of ``/metrics``."""

    def __init__(self, site: StatusSite) -> None:
        self._site, self._collector = site, SiteCollector(site)
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        request.allow("GET", "HEAD")
        request.kind = "metrics"
        if rest is not None:
            raise NotFound(f"Invalid path: metrics/{rest}: nothing is below /metrics")
        accept = (request.requestHeaders.getRawHeaders("Accept") or [""])[0]
        encode, contentType = choose_encoder(accept)
        await self._site.workload.refresh()
        # Numbers change on the reactor's thread only; to make text of thousands of them is for another one.
        collected: Any = _All([*self._collector.collect()], self._site.workload.frozen(), self._registry)
        body = await self._site.inThread(lambda: encode(collected))
        request.send(200, [("Cache-Control", "no-store")], body, contentType)


class SiteCollector:
    """Turns the plain numbers of a site, its cache and its database into metrics, when they are asked for."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        """On the reactor's thread."""
        yield from self._requests()
        yield from self._events()
        yield from self._writer()
        yield from self._listeners()
        yield from self._cache()
        yield from self._lanes()
        yield from self._transactions()
        count = len(present(self._site.service.problems))
        yield GaugeMetricFamily("buildbot_problems", "What does not work now; /healthz has the words.", count)

    def _requests(self) -> Iterator[Metric]:
        site, metrics = self._site, self._site.metrics
        requests = CounterMetricFamily(
            "buildbot_http_requests",
            "Requests that were answered; 499: the client left before.",
            labels=["kind", "status"],
        )
        for (kind, status), number in metrics.requests.items():
            requests.add_metric([kind, str(status)], number)
        yield requests
        latency = HistogramMetricFamily(
            "buildbot_http_request_seconds", "From a whole request to the end of writing its answer.", labels=["kind"]
        )
        for kind, histogram in metrics.latency.items():
            latency.add_metric([kind], buckets(histogram), histogram.sum)
        yield latency
        yield CounterMetricFamily("buildbot_http_body_bytes", "Bytes of bodies as they were sent.", metrics.bodyBytes)
        yield GaugeMetricFamily("buildbot_http_connections", "Open connections.", len(site.channels))
        yield CounterMetricFamily(
            "buildbot_http_connections_refused", "Connections too many.", metrics.connectionsRefused
        )
        stalls = site.stalls.histogram
        yield HistogramMetricFamily(
            "buildbot_reactor_stall_seconds",
            "How late a timer fired that is due every 20 ms.",
            buckets(stalls),
            stalls.sum,
        )

    def _events(self) -> Iterator[Metric]:
        feed = self._site.service.feed
        if feed is None:
            return
        count = feed.subscriptions - self._site.workload.subscriptions
        yield GaugeMetricFamily("buildbot_events_subscriptions", "Subscriptions, in all languages.", count)
        yield GaugeMetricFamily(
            "buildbot_events_behind", "Events that the slowest subscription has not been given yet.", feed.behind
        )

        if feed.source.cursor is not None:
            yield GaugeMetricFamily(
                "buildbot_events_newest", "Number of the newest event that was seen.", feed.source.cursor.seq
            )

    def _writer(self) -> Iterator[Metric]:
        metrics = self._site.service.instruments.writer()
        if metrics is None:
            return
        yield CounterMetricFamily("buildbot_writer_events", "Events that were stored.", metrics.events)
        yield CounterMetricFamily("buildbot_writer_commits", "Commits.", metrics.commits)
        yield CounterMetricFamily(
            "buildbot_writer_commit_seconds", "Time that commits took, to the disk.", metrics.commitSeconds
        )
        yield GaugeMetricFamily("buildbot_writer_queue", "Operations that are not stored yet.", metrics.outstanding)
        yield CounterMetricFamily(
            "buildbot_writer_unavailable", "Operations that failed for want of a database.", metrics.unavailable
        )

    def _listeners(self) -> Iterator[Metric]:
        standings = self._site.service.instruments.listeners()
        lag = GaugeMetricFamily(
            "buildbot_listener_lag_events", "Events of the log that it has still to look at.", labels=["listener"]
        )
        behind = GaugeMetricFamily(
            "buildbot_listener_behind_seconds", "How long ago the oldest of them happened.", labels=["listener"]
        )
        waiting = GaugeMetricFamily(
            "buildbot_listener_waiting_deliveries", "Deliveries that wait for a next attempt.", labels=["listener"]
        )
        parked = GaugeMetricFamily(
            "buildbot_listener_parked_deliveries", "Deliveries that were given up.", labels=["listener"]
        )
        gaps = CounterMetricFamily(
            "buildbot_listener_gaps", "What came next was not kept any more, so it was not told.", labels=["listener"]
        )
        paused = GaugeMetricFamily("buildbot_listener_paused", "1: it is told nothing.", labels=["listener"])
        now = self._site.reactor.seconds()
        for each in standings:
            if each.lag is not None:
                lag.add_metric([each.name], each.lag)
                behind.add_metric([each.name], 0 if each.behindSince is None else max(now - each.behindSince, 0))
            waiting.add_metric([each.name], each.waiting)
            parked.add_metric([each.name], each.parked)
            gaps.add_metric([each.name], each.gaps)
            paused.add_metric([each.name], each.paused)
        if standings:
            yield from (lag, behind, waiting, parked, gaps, paused)

    def _cache(self) -> Iterator[Metric]:
        cache = self._site.service.cache
        yield GaugeMetricFamily("buildbot_cache_bytes", "Bytes of finished answers that are kept.", cache.bytes)
        yield GaugeMetricFamily("buildbot_cache_limit_bytes", "Bytes that may be kept.", cache.most)
        yield GaugeMetricFamily("buildbot_cache_answers", "Finished answers that are kept.", len(cache))
        yield CounterMetricFamily("buildbot_cache_hits", "Answers that were there already.", cache.hits)
        yield CounterMetricFamily("buildbot_cache_misses", "Answers that were not.", cache.misses)
        yield CounterMetricFamily("buildbot_cache_shared", "Answers that several had asked for at once.", cache.shared)
        yield CounterMetricFamily("buildbot_cache_evicted", "Answers that went to make room.", cache.dropped)

    def _lanes(self) -> Iterator[Metric]:
        metrics = self._site.service.database.metrics
        threads = GaugeMetricFamily("buildbot_lane_threads", "Threads that read.", labels=["lane"])
        running = GaugeMetricFamily("buildbot_lane_running", "Reads that run.", labels=["lane"])
        waiting = GaugeMetricFamily("buildbot_lane_waiting", "Reads that wait for a thread.", labels=["lane"])
        refused = CounterMetricFamily("buildbot_lane_refused", "Reads too many.", labels=["lane"])
        for name, lane in metrics.lanes.items():
            threads.add_metric([name], lane.threads)
            running.add_metric([name], lane.running)
            waiting.add_metric([name], lane.waiting)
            refused.add_metric([name], lane.refused)
        yield from (threads, running, waiting, refused)
        yield CounterMetricFamily("buildbot_database_connects", "Connections that were opened.", metrics.connects)
        yield CounterMetricFamily(
            "buildbot_database_unavailable", "Reads that failed for want of a database.", metrics.unavailable
        )

    def _transactions(self) -> Iterator[Metric]:
        service = self._site.service
        writer = service.instruments.writer()
        runs = {**service.database.metrics.runs, **({} if writer is None else writer.runs)}
        for name, help_, value in (
            ("runs", "Transactions that were answered.", "runs"),
            ("failed", "Of these, those with an error.", "failed"),
            ("cancelled", "Given up by who asked.", "cancelled"),
            ("deadline_exceeded", "Took too long.", "deadlineExceeded"),
            ("wait_seconds", "Waiting for a thread.", "waitSeconds"),
            ("run_seconds", "Reading and encoding.", "runSeconds"),
            ("repeats", "Read again because the database changed below.", "repeats"),
        ):
            family = CounterMetricFamily(f"buildbot_transaction_{name}", help_, labels=["name", "lane"])
            for (transaction, lane), numbers in runs.items():
                family.add_metric([transaction, lane], getattr(numbers, value))
            yield family


def buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """A histogram as Prometheus has it."""
    return cumulated(histogram.bounds, histogram.counts)


class _All:
    """What was collected before, and what a registry collects."""

    def __init__(self, before: Sequence[Metric], frozen: Frozen, registry: CollectorRegistry) -> None:
        self._before, self._frozen, self._registry = before, frozen, registry

    def collect(self) -> Iterator[Metric]:
        """See :class:`CollectorRegistry`."""
        yield from self._before
        yield from families(self._frozen)
        yield from self._registry.collect()
