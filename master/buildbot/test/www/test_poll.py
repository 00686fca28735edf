"""Long polls, by a plain client: what happens after a cursor, as soon as it does."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from twisted.internet.defer import Deferred

from buildbot.test.status.events.logged import EPOCH, Row
from buildbot.test.www.eventclients import EventsCase
from buildbot.www import poll


class PollTests(EventsCase):
    def asking(self, path: str) -> Deferred[Any]:
        return Deferred.fromCoroutine(self.ask(f"/api/v2/{path}"))

    async def subscribed(self) -> None:
        """A poll waits at the server."""
        await self.condition(lambda: self.service.feed and any(self.service.feed._parked.values()))

    async def test_there(self) -> None:
        """What has happened already comes at once, and meta.next goes on after it, without a gap."""
        build = await self.first()
        answer = await self.ask("/api/v2/builds?limit=1")
        for number in range(3):
            await self.build(build.buildid, "update", state_string=str(number))
        since = answer.headers["x-status-cursor"]
        reply = await self.ask(f"/api/v2/builds?field=state_string&since={since}&wait=30")
        self.assertEqual((reply.status, reply.headers["cache-control"]), (200, "no-store"))
        changes = reply.json["changes"]
        self.assertEqual([change["record"] for change in changes], [{"state_string": str(n)} for n in range(3)])
        self.assertEqual(
            {name: changes[0][name] for name in ("type", "topic", "event", "left", "changed")},
            {
                "type": "builds",
                "topic": f"builds/{build.buildid}/update",
                "event": "update",
                "left": False,
                "changed": {"state_string": build.state_string},
            },
        )
        cursor = str(self.writer.cursor)
        self.assertEqual((changes[-1]["cursor"], reply.json["meta"]["cursor"]), (cursor, cursor))
        self.assertEqual(reply.headers["x-status-cursor"], cursor)
        following = reply.json["meta"]["next"]
        self.assertEqual(reply.headers["link"], f'</api/v2/{following}>; rel="next"')
        waiting = self.asking(following)
        await self.subscribed()
        self.assertFalse(waiting.called)
        await self.build(build.buildid, "update", state_string="later")
        self.assertEqual([c["record"] for c in (await waiting).json["changes"]], [{"state_string": "later"}])

    async def test_filter(self) -> None:
        """As in every subscription: a filter, with what has left; the cursor goes on past what it leaves out."""
        build = await self.first()
        await self.build(build.buildid, "update", results=2)
        start = str(self.writer.cursor)
        reply = await self.ask(f"/api/v2/builds?results=2&since={start}")
        self.assertEqual(reply.json["changes"], [])
        await self.build(build.buildid, "update", results=0)
        await self.build(build.buildid, "update", state_string="x")
        reply = await self.ask(f"/api/v2/builds?results=2&limit=1&order=-number&since={start}&wait=1")
        self.assertEqual([change["left"] for change in reply.json["changes"]], [True])
        self.assertEqual(reply.json["meta"]["cursor"], str(self.writer.cursor))

    async def test_empty(self) -> None:
        """After the seconds, or at once without any, an empty list comes with the cursor."""
        start = str(self.writer.cursor)
        for wait in ("", "&wait=0", "&wait=1"):
            reply = await self.ask(f"/api/v2/builds?since={start}{wait}")
            self.assertEqual((reply.status, reply.json["changes"]), (200, []))
            self.assertEqual(reply.json["meta"]["cursor"], start)

    async def test_paths(self) -> None:
        """One thing, by whatever address, and topics with wildcards."""
        build = await self.first()
        [step] = await self.service.getSteps(limit=1)
        start = str(self.writer.cursor)
        await self.build(build.buildid, "finished", results=2)
        self.write(Row("steps", step.stepid, "finished", step.asDict(), {}))
        for path, topics in (
            (f"builders/{build.builderid}/builds/{build.number}", [f"builds/{build.buildid}/finished"]),
            ("builds/*/finished", [f"builds/{build.buildid}/finished"]),
            ("builds/*/update", []),
            (f"builds/{step.buildid}/steps", [f"builds/{step.buildid}/steps/{step.stepid}/finished"]),
        ):
            reply = await self.ask(f"/api/v2/{quote(path, safe='/*')}?since={start}")
            self.assertEqual([change["topic"] for change in reply.json["changes"]], topics)

    async def test_most(self) -> None:
        """At most 500, and the rest with meta.next."""
        build = await self.first()
        record = build.asDict()
        start = str(self.writer.cursor)
        self.write(*(Row("builds", build.buildid, "update", {**record, "number": n}, {}) for n in range(1_100)))
        following = f"builds?since={start}&wait=5&field=number"
        seen: list[int] = []
        while len(seen) < 1_100:
            answer = (await self.ask(f"/api/v2/{following}")).json
            self.assertLessEqual(len(answer["changes"]), 500)
            seen += [change["record"]["number"] for change in answer["changes"]]
            following = answer["meta"]["next"]
        self.assertEqual(seen, list(range(1_100)))

    async def test_wrong(self) -> None:
        """What is wrong says so; a cursor that is gone, with the oldest that is not."""
        start = str(self.writer.cursor)
        for path, status, words in (
            (f"builds?since={'a' * 16}.5&wait=5", 410, "List again"),
            ("builds?wait=5", 400, "goes with since="),
            ("builds?conflate=true", 400, "goes with since="),
            (f"builds?since={start}&since={start}", 400, "takes one cursor"),
            ("builds?since=x&wait=5", 400, "no cursor"),
            (f"builds?since={start}&wait=51", 400, "at most 50"),
            (f"builds?since={start}&wait=-1", 400, "whole seconds"),
            (f"builds?since={start}&wait=1&wait=2", 400, "one value"),
            (f"builds?since={start}&nosuch=2", 400, "nosuch"),
            (f"masters/1/builders?since={start}", 400, "do not say that"),
            (f"logs/1/contents?since={start}", 400, "nothing is announced"),
            (f"nosuch?since={start}", 404, "Invalid path: nosuch"),
            (f"builds/*/nosuch?since={start}", 400, "no event 'nosuch'"),
        ):
            reply = await self.ask(f"/api/v2/{path}")
            self.assertEqual((path, reply.status), (path, status))
            self.assertIn(words, reply.json["error"])
        self.assertEqual((await self.ask(f"/api/v2/builds?since={'a' * 16}.5")).json["oldest"], f"{EPOCH}.1")

    async def test_ends(self) -> None:
        """A client that leaves, and a server that ends, leave nothing; the latter answers those who wait."""
        start = str(self.writer.cursor)
        client = await self.raw()
        client.transport.write(f"GET /api/v2/builds?since={start}&wait=50 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await self.subscribed()
        client.transport.abortConnection()
        feed = self.service.feed
        await self.condition(lambda: feed and not feed.subscriptions)
        waiting = self.asking(f"builds?since={start}&wait=50")
        await self.subscribed()
        self.port.stopListening()
        drained = Deferred.fromCoroutine(self.site.drain(5))
        self.assertEqual((await waiting).json["changes"], [])
        await drained

    async def test_pretty(self) -> None:
        """For people it is indented."""
        start = str(self.writer.cursor)
        self.assertIn(b"\n  ", (await self.ask(f"/api/v2/builds?since={start}&pretty=1")).body)
        self.assertGreater(60, poll.LONGEST)
