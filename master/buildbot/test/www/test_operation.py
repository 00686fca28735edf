"""What operators see: health, metrics, the access log, pages, and how the server ends."""

from __future__ import annotations

import os
from typing import Any

import simplejson
from prometheus_client.parser import text_string_to_metric_families
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from buildbot.errors import ConfigError, allErrors
from buildbot.test.www.served import SiteCase, reactor
from buildbot.www.accesslog import AccessLog, clientFinder
from buildbot.www.server import WebServer
from buildbot.www.settings import HttpLimits, WebSettings
from buildbot.www.stalls import StallWatch


class HealthTests(SiteCase):
    async def test_ready(self) -> None:
        """A server whose database answers is alive and ready."""
        for path in ("/healthz", "/healthz/live", "/healthz/ready"):
            reply = await self.ask(path)
            self.assertEqual((reply.status, reply.json), (200, {"status": "ok"}))

    async def test_noDatabase(self) -> None:
        """Without its database it is alive, but not ready, and says what is missing, not where."""
        os.unlink(self.file)
        self.assertEqual((await self.ask("/healthz/live")).status, 200)
        reply = await self.ask("/healthz")
        self.assertEqual((reply.status, reply.json["status"]), (503, "unavailable"))
        self.assertNotIn(self.file, reply.body.decode())

    async def test_degraded(self) -> None:
        """While answers can be given, what else does not work is named, without sending anybody away."""
        trouble: list[str | None] = [None, None]
        self.service.problems.extend((lambda: trouble[0], lambda: trouble[1]))
        self.assertEqual((await self.ask("/healthz")).json, {"status": "ok"})
        trouble[1] = "The disk is full."
        reply = await self.ask("/healthz/ready")
        self.assertEqual((reply.status, reply.json), (200, {"status": "degraded", "problems": ["The disk is full."]}))
        self.assertEqual((await self.ask("/healthz/live")).json, {"status": "ok"})
        os.unlink(self.file)
        reply = await self.ask("/healthz/ready")
        self.assertEqual((reply.status, reply.json["problems"]), (503, ["The disk is full."]))

    async def test_unavailable(self) -> None:
        """Without its database an answer is a 503 that asks to come again."""
        os.unlink(self.file)
        reply = await self.ask("/api/v2/masters")
        self.assertEqual((reply.status, reply.headers["retry-after"]), (503, "1"))


class UnexpectedTests(SiteCase):
    async def test_internal(self) -> None:
        """A failure that nobody foresaw is a 500 with the name of its request, and the log has the rest."""

        def fail(*arguments: Any, **more: Any) -> Any:
            raise ZeroDivisionError("secret")

        self.patch(self.service, "getBody", fail)
        reply = await self.ask("/api/v2/masters")
        self.assertEqual((reply.status, reply.json["id"]), (500, reply.headers["x-request-id"]))
        self.assertNotIn(b"secret", reply.body)
        self.assertNotIn(b"ZeroDivision", reply.body)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class MetricsTests(SiteCase):
    async def test_exposed(self) -> None:
        """Requests, lanes, cache, stalls, connections and this process can be scraped."""
        for path in ("/api/v2/masters", "/api/v2/masters", "/api/v2/nosuch"):
            await self.ask(path)
        reply = await self.ask("/metrics")
        self.assertTrue(reply.headers["content-type"].startswith("text/plain"))
        samples = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(reply.body.decode())
            for sample in family.samples
        }
        self.assertEqual(samples["buildbot_http_requests_total", (("kind", "kept"), ("status", "200"))], 1)
        self.assertEqual(samples["buildbot_http_requests_total", (("kind", "read"), ("status", "404"))], 1)
        self.assertEqual(samples["buildbot_http_request_seconds_count", (("kind", "read"),)], 2)
        self.assertEqual(samples["buildbot_cache_answers", ()], 1)
        self.assertGreater(samples["buildbot_cache_bytes", ()], 0)
        self.assertEqual(samples["buildbot_lane_threads", (("lane", "large"),)], 2)
        self.assertEqual(samples["buildbot_transaction_runs_total", (("lane", "large"), ("name", "masters.list"))], 1)
        self.assertGreater(samples["process_open_fds", ()], 0)
        self.assertGreater(samples["process_resident_memory_bytes", ()], 0)
        self.assertIn(("buildbot_reactor_stall_seconds_bucket", (("le", "0.02"),)), samples)

    def test_stalls(self) -> None:
        """A turn that is late is seen as late as it was, and counted once."""
        clock = Clock()
        watch = StallWatch(clock)
        watch.start()
        clock.advance(0.02)
        clock.advance(0.02 + 0.07)
        clock.advance(0.02)
        watch.stop()
        self.assertAlmostEqual(watch.longest, 0.07)
        self.assertEqual(sum(watch.histogram.counts), 3)
        self.assertEqual(watch.histogram.counts[6], 1)


class PageTests(SiteCase):
    async def test_front(self) -> None:
        """``/`` leads to the page about the API."""
        reply = await self.ask("/")
        self.assertEqual((reply.status, reply.headers["location"]), (302, "/about/api"))

    async def test_errors(self) -> None:
        """The address in an error's ``type`` is a page about it, with a policy that forbids everything foreign."""
        for error in allErrors():
            reply = await self.ask(f"/about/errors/{error.code}")
            self.assertEqual((reply.status, reply.headers["content-type"]), (200, "text/html; charset=utf-8"))
            self.assertIn(error.title, reply.body.decode())
            self.assertIn("default-src 'none'", reply.headers["content-security-policy"])

    async def test_tag(self) -> None:
        """A page that is held already is not sent again."""
        tag = (await self.ask("/about/api")).headers["etag"]
        self.assertEqual((await self.ask("/about/api", If_None_Match=tag)).status, 304)
        reply = await self.ask("/about/api", Accept_Encoding="gzip")
        self.assertEqual(reply.headers["content-encoding"], "gzip")
        self.assertNotEqual(reply.headers["etag"], tag)


class AccessLogTests(SiteCase):
    async def test_lines(self) -> None:
        """Each request is one line of JSON, whatever it holds; a file that was moved away is made anew."""
        path = self.mktemp()
        self.site.accessLog = AccessLog(path)
        reply = await self.ask("/api/v2/masters?x=%0A", User_Agent='a"b')
        await self.condition(lambda: os.path.getsize(path) > 0)
        os.rename(path, path + ".1")
        await self.ask("/api/v2/masters", "HEAD")
        self.site.accessLog.close()
        with open(path + ".1") as old, open(path) as new:
            first, second = [simplejson.loads(line) for line in (*old, *new)]
        self.assertEqual((first["status"], first["id"]), (400, reply.headers["x-request-id"]))
        self.assertEqual((first["uri"], first["agent"], first["client"]), ("/api/v2/masters?x=%0A", 'a"b', "127.0.0.1"))
        self.assertEqual((second["method"], second["bytes"]), ("HEAD", 0))
        self.assertRegex(first["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_client(self) -> None:
        """Behind a trusted proxy the client is the last address that is not one; anybody else may claim nothing."""
        find = clientFinder(["10.0.0.0/8", "::1"])
        self.assertEqual(find("10.0.0.1", [b"6.6.6.6, 1.2.3.4, 10.0.0.2"]), "1.2.3.4")
        self.assertEqual(find("10.0.0.1", [b"6.6.6.6", b"1.2.3.4"]), "1.2.3.4")
        self.assertEqual(find("9.9.9.9", [b"1.2.3.4"]), "9.9.9.9")
        self.assertEqual(find("::1", None), "::1")
        self.assertRaises(ConfigError, clientFinder, ["x"])

    def test_unwritable(self) -> None:
        """A log that cannot be written is an error of the configuration."""
        self.assertIn("/nosuch/log", str(self.assertRaises(ConfigError, AccessLog, "/nosuch/log")))


class DrainTests(SiteCase):
    def serve(self, drainTime: int) -> WebServer:
        settings = WebSettings(port=0, limits=HttpLimits(drainTime=drainTime))
        server = WebServer(self.service, settings, reactor=reactor)
        server.startService()
        self.addCleanup(lambda: server.running and server.stopService())
        self.number = server.port
        return server

    async def test_runningEnds(self) -> None:
        """A running request is answered, idle connections are closed, and nothing new is taken."""
        held: Deferred[Any] = Deferred()
        real = self.service.getBody
        self.patch(self.service, "getBody", lambda *given, **more: held.addCallback(lambda _: real(*given, **more)))
        server = self.serve(20)
        idle, busy = await self.connect(), await self.connect()
        busy.transport.write(b"GET /api/v2/masters HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await self.condition(lambda: any(channel.busy for channel in server.site.channels))
        stopped = server.stopService()
        await idle.ended
        await self.assertFailure(Deferred.fromCoroutine(self.connect()), Exception)
        self.assertFalse(stopped.called)
        held.callback(None)
        received = await busy.ended
        self.assertIn(b"Connection: close", received)
        self.assertIn(b'"masters"', received)
        await stopped

    def test_taken(self) -> None:
        """A port that is taken is an error, and leaves nothing open."""
        log = self.mktemp()
        server = WebServer(self.service, WebSettings(port=self.number, accessLog=log), reactor=reactor)
        self.assertRaises(CannotListenError, server.startService)
        self.assertFalse(server.running)
        self.assertIsNone(server.site.accessLog)

    async def test_atLast(self) -> None:
        """What does not end in time is broken off."""
        self.patch(self.service, "getBody", lambda *given, **more: Deferred())
        server = self.serve(0)
        client = await self.connect()
        client.transport.write(b"GET /api/v2/masters HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await self.condition(lambda: any(channel.busy for channel in server.site.channels))
        await server.stopService()
        self.assertEqual(await client.ended, b"")


class SettingsTests(SynchronousTestCase):
    def test_baseURL(self) -> None:
        """buildbotURL is an address of the web, or an error that shows one."""
        for url in ("ci.example.org", "ftp://x/", "http:///x", "http://x/?y"):
            self.assertIn("https://", str(self.assertRaises(ConfigError, WebSettings, baseURL=url)))

    def test_derived(self) -> None:
        """From it follow the path before all links, a host and an origin."""
        settings = WebSettings(baseURL="https://CI.example.org:8443/bb/")
        self.assertEqual(settings.basePath, "/bb")
        self.assertIn("ci.example.org", settings.hosts)
        self.assertEqual(settings.origins, ["https://ci.example.org:8443"])
