"""What builds do, in /metrics: counted, read, and named as Prometheus wants it."""

from __future__ import annotations

import os
import re
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openMetrics
from prometheus_client.parser import text_string_to_metric_families as plainText

from buildbot.db.writer import WriterMetrics
from buildbot.status.instruments import Instruments
from buildbot.status.listeners import StatusListener
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import ProcessMemory
from buildbot.status.listeners.standing import Standing
from buildbot.test.docs.executed import DOCS
from buildbot.test.status.events.logged import Row, reactor
from buildbot.test.www.eventclients import EventsCase
from buildbot.www import workload

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
UNITS = ("_seconds", "_bytes", "_events", "_deliveries")
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Failing(StatusListener):
    def buildFinished(self, build: Any) -> None:
        raise ValueError("always")


class WorkloadCase(EventsCase):
    timeout = 60

    async def scraped(self) -> Samples:
        """Each sample, by name and labels."""
        text = (await self.ask("/metrics")).body.decode()
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in plainText(text)
            for sample in family.samples
        }

    async def until_(self, name: str, value: float, **labels: str) -> Samples:
        """Once a sample has a value."""
        while True:
            samples = await self.scraped()
            if samples.get((name, tuple(sorted(labels.items())))) == value:
                return samples


class CountedTests(WorkloadCase):
    async def test_finished(self) -> None:
        """Builds that end are counted by builder and result, and how long they took, from the first question on."""
        build = await self.first()
        name = (await build.getBuilder()).name
        values = {**build.asDict(), "started_at": 1000, "complete_at": 1100, "complete": True}
        self.write(Row("builds", build.buildid, "finished", {**values, "results": 2}))
        await self.scraped()
        self.write(
            Row("builds", build.buildid, "finished", {**values, "results": 2}),
            Row("builds", build.buildid, "finished", {**values, "results": 0, "complete_at": 1005}),
            Row("builds", build.buildid, "update", values),
            Row("builds", build.buildid, "finished", {**values, "results": 2, "complete_at": 99999}),
        )
        samples = await self.until_("buildbot_builds_finished_total", 2, builder=name, result="failure")
        samples = await self.until_("buildbot_build_duration_seconds_count", 3, builder=name)
        own = (("builder", name),)
        self.assertEqual(samples["buildbot_builds_finished_total", (*own, ("result", "success"))], 1)
        self.assertEqual(samples["buildbot_build_duration_seconds_sum", own], 100 + 5 + 98999)
        bounds = {
            bound: samples["buildbot_build_duration_seconds_bucket", (*own, ("le", bound))]
            for bound in ("10.0", "60.0", "120.0", "28800.0", "+Inf")
        }
        self.assertEqual(list(bounds.values()), [1, 1, 2, 2, 3])

    async def test_underWay(self) -> None:
        """What runs and waits is as the API says; the oldest request's age, too."""
        names = {each.builderid: each.name for each in await self.service.getBuilders()}
        requests: Any = await self.service.getBuildRequests(complete=False, expand="builds")
        running = [build for each in requests for build in each.asDict()["builds"] if not build["complete"]]
        waiting: list[Any] = list(await self.service.getBuildRequests(complete=False, claimed=False))
        self.assertTrue(running and waiting)
        samples = await self.scraped()
        for builderid, name in names.items():
            own = (("builder", name),)
            runs = sum(each["builderid"] == builderid for each in running)
            waits = [each for each in waiting if each.builderid == builderid]
            self.assertEqual(samples.get(("buildbot_builds_running", own), 0), runs, name)
            self.assertEqual(samples.get(("buildbot_requests_pending", own), 0), len(waits), name)
            if waits:
                age = reactor.seconds() - min(each.submitted_at for each in waits)
                self.assertTrue(0 <= age - samples["buildbot_requests_pending_oldest_seconds", own] < 30)
        workers: list[Any] = list(await self.service.getWorkers())
        self.assertEqual(samples["buildbot_workers", ()], len(workers))
        self.assertEqual(samples["buildbot_workers_connected", ()], sum(bool(each.connected_to) for each in workers))
        self.assertEqual(samples["buildbot_workers_paused", ()], sum(each.paused for each in workers))

    async def test_seldom(self) -> None:
        """However often it is asked, the database is read once in some seconds, and not at all where nobody asks."""
        reads = ("buildbot_transaction_runs_total", (("lane", "small"), ("name", "metrics.workload")))
        self.assertNotIn(("metrics.workload", "small"), self.database.metrics.runs)
        for _ in range(5):
            samples = await self.scraped()
        self.assertEqual(samples[reads], 1)
        self.patch(workload, "PERIOD", 0.0)
        await self.scraped()
        self.assertEqual((await self.scraped())[reads], 3)

    async def test_bounded(self) -> None:
        """However many builders there are, only some have numbers of their own."""
        self.patch(workload, "MOST_BUILDERS", 2)
        await self.scraped()
        build = await self.first()
        values = {**build.asDict(), "complete_at": build.started_at, "results": 0}
        self.write(
            *(Row("builds", build.buildid, "finished", {**values, "builderid": 1000 + number}) for number in range(50))
        )
        samples = await self.until_("buildbot_builds_finished_total", 50, builder="(others)", result="success")
        for family in ("buildbot_requests_pending", "buildbot_builds_running", "buildbot_builds_finished_total"):
            builders = {dict(labels)["builder"] for name, labels in samples if name == family}
            self.assertLessEqual(len(builders), 3, family)
        waiting = len(await self.service.getBuildRequests(complete=False, claimed=False))
        pending = [value for (name, _), value in samples.items() if name == "buildbot_requests_pending"]
        self.assertEqual(sum(pending), waiting)

    async def test_away(self) -> None:
        """Without a database the other numbers are still there, and old ones are not taken for new."""
        await self.scraped()
        self.patch(workload, "PERIOD", 0.0)
        self.patch(workload, "STALE", 0.0)
        os.unlink(self.file)
        samples = await self.scraped()
        self.assertNotIn(("buildbot_workers", ()), samples)
        self.assertIn(("buildbot_http_connections", ()), samples)


class StandingTests(WorkloadCase):
    async def test_listeners(self) -> None:
        """How each listener stands, and what does not work."""
        build = await self.first()
        host = ListenerHost(self.service, [Failing("hook")], ProcessMemory(), clock=reactor)
        await host.start()
        self.addCleanup(lambda: host.stopService() if host.running else None)
        self.service.instruments = Instruments(listeners=host.standing)
        self.service.problems.extend((lambda: "The disk is full.", lambda: None))
        samples = await self.until_("buildbot_listener_lag_events", 0, listener="hook")
        self.assertEqual(samples["buildbot_problems", ()], 1)
        self.write(Row("builds", build.buildid, "finished", build.asDict()))
        samples = await self.until_("buildbot_listener_waiting_deliveries", 1, listener="hook")
        own = (("listener", "hook"),)
        self.assertEqual(samples["buildbot_listener_parked_deliveries", own], 0)
        self.assertEqual(samples["buildbot_listener_paused", own], 0)
        self.assertGreaterEqual(samples["buildbot_listener_behind_seconds", own], 0)
        self.assertGreater(samples["buildbot_events_newest", ()], 0)
        await host.stopService()
        self.flushLoggedErrors(ValueError)


class NamesTests(WorkloadCase):
    async def test_openMetrics(self) -> None:
        """Both formats can be read by Prometheus' own parsers, the strict one included."""
        build = await self.first()
        await self.scraped()
        self.write(Row("builds", build.buildid, "finished", {**build.asDict(), "complete_at": 5, "results": 0}))
        name = (await build.getBuilder()).name
        plain = await self.until_("buildbot_builds_finished_total", 1, builder=name, result="success")
        reply = await self.ask("/metrics", Accept=OPEN_METRICS)
        self.assertTrue(reply.headers["content-type"].startswith("application/openmetrics-text"))
        strict = {sample.name for family in openMetrics(reply.body.decode()) for sample in family.samples}
        own = {name for name, _ in plain if name.startswith("buildbot_")}
        self.assertEqual(own - strict, set())

    async def test_conventions(self) -> None:
        """Names are as Prometheus' naming conventions have them, and each has its help."""
        build = await self.first()
        await self.scraped()
        self.write(Row("builds", build.buildid, "finished", {**build.asDict(), "complete_at": 5, "results": 0}))
        name = (await build.getBuilder()).name
        await self.until_("buildbot_builds_finished_total", 1, builder=name, result="success")
        families = [
            family
            for family in plainText((await self.ask("/metrics")).body.decode())
            if family.name.startswith("buildbot_")
        ]
        self.assertGreater(len(families), 30)
        self.assertEqual(len({family.name for family in families}), len(families))
        for family in families:
            self.assertRegex(family.name, r"^buildbot(_[a-z]+)+$")
            self.assertRegex(family.documentation, r"^[A-Z0-9].*\.$", family.name)
            self.assertIn(family.type, ("counter", "gauge", "histogram"))
            self.assertNotRegex(family.name, r"_(ms|milliseconds|minutes|kilobytes|info|count|sum|bucket|total)$")
            for sample in family.samples:
                self.assertEqual(sample.name.endswith("_total"), family.type == "counter", sample.name)
                for label in sample.labels:
                    self.assertTrue(re.fullmatch("[a-z]+", label), sample.name)
            if family.type == "histogram":
                self.assertTrue(family.name.endswith(UNITS), family.name)

    async def test_documented(self) -> None:
        """What operators are told to watch is there, and of what builds and listeners do, all is told."""
        listener = Standing("hook", None, 0, None, 0, 0, False, 0)
        self.service.instruments = Instruments(writer=WriterMetrics, listeners=lambda: [listener])
        build = await self.first()
        await self.scraped()
        self.write(Row("builds", build.buildid, "finished", {**build.asDict(), "complete_at": 5, "results": 0}))
        name = (await build.getBuilder()).name
        samples = await self.until_("buildbot_builds_finished_total", 1, builder=name, result="success")
        there = {re.sub("_(bucket|sum|count)$", "", name) for name, _ in samples if name.startswith("buildbot_")}
        told = set(re.findall(r"buildbot_\w+", (DOCS / "howto" / "operate.rst").read_text()))
        self.assertEqual(told - there, set())
        prefixes = ("buildbot_build", "buildbot_request", "buildbot_worker", "buildbot_listener", "buildbot_writer")
        self.assertEqual({each for each in there - told if each.startswith(prefixes)}, set())
