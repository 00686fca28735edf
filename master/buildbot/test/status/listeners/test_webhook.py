"""Webhooks, as receivers get them, who check them with the libraries that they have."""

from __future__ import annotations

from typing import Any

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook as Receiving
from standardwebhooks import WebhookVerificationError
from twisted.internet.defer import Deferred, succeed
from twisted.logger import capturedLogs, formatEvent
from zope.interface.verify import verifyObject

from buildbot.config.rendering import Secret
from buildbot.config.secrets import Secrets as Kept
from buildbot.db.states import PARKED, WAITING
from buildbot.errors import ConfigError
from buildbot.plugins import reporters
from buildbot.status.listeners.interfaces import IStatusListener
from buildbot.status.listeners.webhook import Webhook
from buildbot.test.status.events.logged import Row, reactor
from buildbot.test.status.listeners.hosted import HostCase, row
from buildbot.test.status.listeners.receiving import Asked, ReceivingCase, answer

OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


class Secrets:
    """One provider's."""

    def get(self, name: str) -> Deferred[str]:
        return succeed({"old": OLD, "new": NEW}[name])

    def masked(self, text: str) -> str:
        return text


class WebhookCase(HostCase, ReceivingCase):
    def setUp(self) -> None:
        super().setUp()
        self.receiver, self.port = self.receive()
        self.url = f"http://127.0.0.1:{self.port}/hook?token=hidden"

    def hook(self, *topics: str, **options: Any) -> Webhook:
        given: dict[str, Any] = {"secrets": [OLD], "allow": ["127.0.0.1"], "name": "hook", **options}
        hook = Webhook(given.pop("url", self.url), topics or ["builds/*/finished"], **given)
        hook.buildbotURL = "https://ci.example.org/"
        self.addCleanup(lambda: hook.sender.close())
        return hook

    async def asked(self, count: int) -> list[Asked]:
        """So many requests, once they have come."""
        await self.until(lambda: len(self.receiver.asked) >= count)
        return self.receiver.asked

    def states(self) -> list[tuple[str, str | None]]:
        """Of what is kept."""
        return [(kept.state, kept.error) for kept in self.memory.rows.values()]


class MessageTests(WebhookCase):
    async def test_signed(self) -> None:
        """The signature is one that the receivers' library takes, and for another secret or body it does not."""
        [build] = await self.builds(1)
        await self.host(self.hook())
        self.write(row({**build, "state_string": "grün"}, "finished"))
        [asked] = await self.asked(1)
        event = Receiving(OLD).verify(asked.body, asked.headers)
        self.assertEqual(event["data"]["state_string"], "grün")
        self.assertRaises(WebhookVerificationError, Receiving(NEW).verify, asked.body, asked.headers)
        self.assertRaises(WebhookVerificationError, Receiving(OLD).verify, asked.body + b" ", asked.headers)
        self.assertEqual((asked.method, asked.path), ("POST", "/hook?token=hidden"))

    async def test_rotation(self) -> None:
        """While there are two secrets, who knows either can check it."""
        [build] = await self.builds(1)
        await self.host(self.hook(secrets=[Secret("old"), Secret("new")]), secrets=Secrets())
        self.write(row(build, "finished"))
        [asked] = await self.asked(1)
        for secret in (OLD, NEW):
            Receiving(secret).verify(asked.body, asked.headers)

    async def test_cloudEvent(self) -> None:
        """The body is a CloudEvent with the record as it was at the event, whatever has happened since."""
        [build] = await self.builds(1)
        self.receiver.answers.append(answer(503))
        start = str(self.writer.cursor)
        await self.host(self.hook("builds/*/*"))
        before = int(reactor.seconds())
        self.write(row({**build, "results": None}, "update"))
        await self.asked(1)
        self.write(row({**build, "results": 2}, "finished", results=None))
        self.clock.advance(1)
        _, asked, last = await self.asked(3)
        event: Any = from_http_event(HTTPMessage(asked.headers, asked.body))
        self.assertEqual(event.get_source(), "https://ci.example.org/")
        self.assertEqual(event.get_type(), "net.buildbot.builds.update")
        self.assertEqual(event.get_subject(), f"builds/{build['buildid']}")
        self.assertTrue(before - 1 <= event.get_time().timestamp() <= reactor.seconds())
        self.assertEqual(event.get_data(), {**build, "results": None})
        self.assertEqual(last.json["type"], "net.buildbot.builds.finished")
        subscription = await self.service.subscribe("builds/*/*", since=start)
        cursors: list[str] = []
        while len(cursors) < 2:
            cursors += [delivery.cursor for delivery in await subscription.next()]
        self.assertEqual([event.get_id(), last.json["id"]], cursors)
        subscription.close()

    async def test_beside(self) -> None:
        """What an event says beside the record is in its data."""
        log = (await self.service.getLogs(limit=1))[0]
        await self.host(self.hook("logs/*/append"))
        self.write(Row("logs", log.logid, "append", {"logid": log.logid, "first": 3, "last": 5}, {}))
        [asked] = await self.asked(1)
        self.assertEqual(asked.json["data"], {**log.asDict(), "first": 3, "last": 5})

    async def test_renderables(self) -> None:
        """The address and headers may be secrets, too."""
        [build] = await self.builds(1)

        class Address(Secret):
            async def getRenderingFor(_, props: Any) -> str:
                return self.url

        await self.host(self.hook(url=Address("x"), headers={"X-Token": Secret("new")}), secrets=Secrets())
        self.write(row(build, "finished"))
        [asked] = await self.asked(1)
        self.assertEqual(asked.headers["x-token"], NEW)

    async def test_filters(self) -> None:
        """Only what its topics and filters say is sent."""
        [build] = await self.builds(1)
        await self.host(self.hook(filters={"results": 2}))
        self.write(*(row({**build, "results": results}, "finished") for results in (0, 2, 1)), row(build, "update"))
        self.write(row({**build, "results": 2, "state_string": "last"}, "finished"))
        first, last = await self.asked(2)
        self.assertEqual([asked.json["data"]["results"] for asked in (first, last)], [2, 2])
        self.assertEqual(last.json["data"]["state_string"], "last")


class DeliveryTests(WebhookCase):
    async def test_again(self) -> None:
        """What is not taken comes again with the same id and body, in order, with a timestamp and signature of its own
        time."""
        [build] = await self.builds(1)
        self.receiver.answers.extend((answer(500), answer(302, Location="/elsewhere"), answer(204), answer(200)))
        await self.host(self.hook("builds/*/*"))
        self.write(row(build, "update"), row(build, "finished"))
        await self.asked(1)
        self.clock.advance(1)
        await self.asked(2)
        self.clock.advance(2)
        asked = await self.asked(4)
        ids = [each.headers["webhook-id"] for each in asked]
        self.assertEqual(len({*ids[:3]}), 1)
        self.assertNotEqual(ids[3], ids[2])
        self.assertNotIn(".", "".join(ids))
        self.assertEqual(len({each.body for each in asked[:3]}), 1)
        for each in asked:
            Receiving(OLD).verify(each.body, each.headers)
        await self.until(lambda: not self.memory.rows)

    async def test_retryAfter(self) -> None:
        """A receiver says when it wants to be asked again."""
        [build] = await self.builds(1)
        self.receiver.answers.append(answer(429, Retry_After="90"))
        await self.host(self.hook())
        self.write(row(build, "finished"))
        await self.asked(1)
        await self.until(lambda: bool(self.memory.rows))
        self.clock.advance(80)
        await self.until(lambda: True)
        self.assertEqual(len(self.receiver.asked), 1)
        self.clock.advance(10)
        await self.asked(2)

    async def test_refused(self) -> None:
        """What it refuses is parked, and the next goes on."""
        [build] = await self.builds(1)
        self.receiver.answers.append(answer(400, b"no such project"))
        await self.host(self.hook("builds/*/*"))
        self.write(row(build, "update"), row(build, "finished"))
        await self.asked(2)
        await self.until(lambda: bool(self.states()))
        sentence = f"http://127.0.0.1:{self.port} answered 400 Bad Request: no such project"
        self.assertEqual(self.states(), [(PARKED, sentence)])
        self.flushLoggedErrors()

    async def test_gone(self) -> None:
        """After a 410 nothing more is sent, whatever is started anew, until it is resumed; then everything comes."""
        first, second = await self.builds(2)
        self.receiver.answers.append(answer(410, b"unsubscribed"))
        host = await self.host(self.hook("builds/*/*"))
        self.write(row(first, "update"))
        await self.asked(1)
        await self.until(lambda: host.standing()[0].paused)
        [(state, error)] = self.states()
        self.assertEqual(state, WAITING)
        self.assertEqual(
            error, f"http://127.0.0.1:{self.port} answered 410 Gone: unsubscribed: it wants no more webhooks"
        )
        self.write(row(first, "finished"), row(second, "finished"))
        self.clock.advance(3600)
        await host.stopService()
        again = await self.host(self.hook("builds/*/*"))
        self.clock.advance(3600)
        await self.until(lambda: again.standing()[0].paused)
        self.assertEqual(len(self.receiver.asked), 1)
        await self.resume(again)
        asked = await self.asked(4)
        self.assertEqual(asked[0].headers["webhook-id"], asked[1].headers["webhook-id"])
        self.assertEqual(
            sorted(each.json["type"] for each in asked[1:]),
            ["net.buildbot.builds.finished", "net.buildbot.builds.finished", "net.buildbot.builds.update"],
        )

    async def resume(self, host: Any) -> None:
        from buildbot.db.writes import consumers

        done = host.change("hook", lambda tx: consumers.setPaused(tx, "hook", False))
        await self.until(lambda: done.called)

    async def test_goneAtOnce(self) -> None:
        """What was to follow for other builds is not sent either."""
        builds = await self.builds(20)
        hook = self.hook()
        hook.concurrency = 1
        self.receiver.answers.append(answer(410))
        host = await self.host(hook)
        self.write(*(row(build, "finished") for build in builds))
        await self.until(lambda: host.standing()[0].paused)
        self.assertEqual(len(self.receiver.asked), 1)

    async def test_guarded(self) -> None:
        """By default this machine is no receiver; nor is it for who follows a redirect."""
        [build] = await self.builds(1)
        await self.host(self.hook(url=f"http://localhost:{self.port}/hook", allow=[]))
        self.write(row(build, "finished"))
        await self.until(lambda: bool(self.states()))
        [(state, error)] = self.states()
        self.assertEqual(state, PARKED)
        self.assertIn("requests into the own network are not sent", str(error))
        self.assertEqual(self.receiver.asked, [])
        self.flushLoggedErrors()

    async def test_secrets(self) -> None:
        """A secret that is none, or that nobody has, is said in one line, and what was to be sent is parked."""
        first, second = await self.builds(2)
        none, unknown = self.hook(secrets=[Secret("plain")]), self.hook(secrets=[Secret("nowhere")], name="unknown")
        host = await self.host(none, unknown, secrets=Kept([Plain()]))
        with capturedLogs() as logged:
            self.write(row(first, "finished"), row(second, "finished"))
            await self.until(lambda: [each.parked for each in host.standing()] == [2, 2])
        self.assertEqual({state for state, _ in self.states()}, {PARKED})
        said = [formatEvent(event) for event in logged if "is parked" in formatEvent(event)]
        what = f"builds/{first['buildid']}/finished is parked: "
        self.assertTrue(any(f"hook: happened of {what}a secret of a webhook is whsec_ and" in line for line in said))
        self.assertTrue(any(f"unknown: happened of {what}" in line and "'nowhere'" in line for line in said))
        self.assertEqual((len(said), self.receiver.asked, self.flushLoggedErrors()), (4, [], []))


class Plain:
    """A provider with a secret that is none of a webhook."""

    def get(self, name: str) -> str | None:
        return "hidden" if name == "plain" else None


class ConfigurationTests(WebhookCase):
    def test_interface(self) -> None:
        """It is a listener, and has its place among the reporters."""
        verifyObject(IStatusListener, self.hook())
        self.assertIs(reporters.Webhook, Webhook)

    def test_name(self) -> None:
        """By default it is called after the receiver."""
        self.assertEqual(self.hook(url="https://hooks.example.org/x", name=None).name, "Webhook-hooks.example.org")
        self.assertEqual(self.hook(url=Secret("x"), name=None).name, "Webhook")

    def test_address(self) -> None:
        """What may never be connected to is refused with the reason; what is allowed, or may be one day, is not."""
        error = self.assertRaises(ConfigError, self.hook, url="https://10.1.2.3/")
        self.assertEqual(
            str(error), "10.1.2.3: requests into the own network are not sent; what may get them is named in allow="
        )
        for url in ("https://10.1.2.3/", "https://[fd00::1]:8443/", "https://8.8.8.8/", "http://localhost/"):
            self.hook(url=url, allow=["10.1.2.0/24", "fd00::/8"])

    def test_wrong(self) -> None:
        """What cannot work is said at once, and no secret is."""
        wrong: tuple[dict[str, Any], ...] = (
            {"url": "ftp://hooks.example.org/hidden"},
            {"url": 5},
            {"secrets": []},
            {"secrets": OLD},
            {"secrets": ["hidden"]},
            {"secrets": ["whsec_hidden"]},
            {"secrets": ["whsec_" + "hide" * 5]},
            {"allow": "10.0.0.0/8"},
            {"verify": "/nowhere"},
            {"url": "https://10.1.2.3/hidden"},
            {"url": "https://[::ffff:127.0.0.1]/hidden", "allow": []},
            {"url": "https://8.8.8.8:25/hidden"},
        )
        for options in wrong:
            error = self.assertRaises(ConfigError, self.hook, **options)
            self.assertNotIn("hid", str(error))
        self.assertRaises(ConfigError, Webhook, "https://hooks.example.org", "builds/*/finished", secrets=[OLD])
