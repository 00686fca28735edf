"""``/metrics``: what is counted, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from buildbot.errors import NotFound
from buildbot.www.metrics import Histogram

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite


class Exposition:
    """The handler of ``/metrics``."""

    def __init__(self, site: StatusSite) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(SiteCollector(site))
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
        request.send(200, [("Cache-Control", "no-store")], encode(self._registry), contentType)


class SiteCollector(Collector):
    """Turns the plain numbers of a site, its cache and its database into metrics, when they are asked for."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        yield from self._requests()
        yield from self._events()
        yield from self._cache()
        yield from self._lanes()
        yield from self._transactions()

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
        yield GaugeMetricFamily("buildbot_events_subscriptions", "Subscriptions, in all languages.", feed.subscriptions)
        yield GaugeMetricFamily(
            "buildbot_events_behind", "Events that the slowest subscription has not been given yet.", feed.behind
        )

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
        runs = self._site.service.database.metrics.runs
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
    """A histogram as Prometheus has it: how many were at most as large as each bound."""
    found, total = [], 0
    for bound, number in zip((*map(str, histogram.bounds), "+Inf"), histogram.counts, strict=True):
        total += number
        found.append((bound, float(total)))
    return found
