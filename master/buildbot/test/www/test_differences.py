"""What differs from Buildbot beside the answers: a test for each difference that the documentation lists, called by its
name, with what is so here. What Buildbot does was seen once on a stock master."""

from __future__ import annotations

import json

from buildbot.status.principal import ANONYMOUS
from buildbot.test.oracle.rules import UNCOMPARED
from buildbot.test.www.eventclients import EventsCase
from buildbot.test.www.served import SiteCase
from buildbot.www import forms

MASTERS = "/api/v2/masters"


class DifferencesTests(SiteCase):
    def test_all(self) -> None:
        """Every one that is listed is tried here."""
        for name in UNCOMPARED:
            first, *rest = name.split()
            tried = f"test_{first}{''.join(map(str.title, rest))}"
            self.assertTrue(any(hasattr(case, tried) for case in (DifferencesTests, EventDifferencesTests)), name)

    async def test_actions(self) -> None:
        call = json.dumps({"jsonrpc": "2.0", "method": "stop", "id": 1, "params": {}}).encode()
        reply = await self.ask("/api/v2/builds/1", "POST", call, Content_Type="application/json")
        self.assertEqual(reply.status, 403)

    async def test_addresses(self) -> None:
        self.assertEqual((await self.ask(f"{MASTERS}?name={'a' * 17_000}")).status, 414)

    async def test_bodies(self) -> None:
        head = "POST /api/v2/builds/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n"
        taken = await self.raw(head.format(1_000_000).encode() + b" " * 1_000_000)
        refused = await self.raw(head.format(1_000_001).encode())
        self.assertEqual((taken[9:12], refused[9:12]), (b"400", b"413"))

    async def test_contentTypes(self) -> None:
        plain = (await self.ask(MASTERS)).body
        self.assertNotIn(b"\n", plain)
        self.assertEqual(forms.MOST_INDENTED, 1_000_000)
        for most, isIndented in ((len(plain), True), (len(plain) - 1, False)):
            self.patch(forms, "MOST_INDENTED", most)
            # An address of its own, since what was made for one is kept.
            for path, accept in ((MASTERS, "text/html"), (f"{MASTERS}?pretty=1", "text/plain")):
                reply = await self.ask(f"{path}{'&' if '?' in path else '?'}limit={most}", Accept=accept)
                self.assertEqual(reply.headers["content-type"], "application/json; charset=utf-8")
                self.assertEqual(b"\n" in reply.body, isIndented)

    async def test_cookies(self) -> None:
        self.assertNotIn("set-cookie", (await self.ask(MASTERS)).headers)

    async def test_entityTags(self) -> None:
        tag = (await self.ask(MASTERS)).headers["etag"]
        self.assertEqual((await self.ask(MASTERS, If_None_Match=tag)).status, 304)

    async def test_errors(self) -> None:
        reply = await self.ask("/api/v2/nosuch")
        self.assertEqual(reply.headers["content-type"], "application/json; charset=utf-8")
        self.assertEqual(set(reply.json), {"error", "code", "title", "status", "detail", "type"})

    async def test_hosts(self) -> None:
        self.assertEqual((await self.ask(MASTERS, Host="ci.example.org")).status, 421)
        self.assertEqual((await self.ask("/healthz", Host="ci.example.org")).status, 200)

    def test_longLists(self) -> None:
        self.assertEqual(self.service.prepare(ANONYMOUS, "builds", []).query.limit, 1_000)

    async def test_methods(self) -> None:
        reply = await self.ask(MASTERS, "DELETE")
        self.assertEqual((reply.status, reply.headers["allow"]), (405, "GET, HEAD, OPTIONS, POST"))
        self.assertEqual((await self.ask(MASTERS, "OPTIONS")).status, 200)

    async def test_moreBesideTheApi(self) -> None:
        for path in ("/about/api", "/healthz", "/metrics"):
            self.assertEqual((path, (await self.ask(path)).status), (path, 200))
        reply = await self.ask("/api/v2/batch", "POST", b'{"calls":[]}', Content_Type="application/json")
        self.assertEqual((reply.status, reply.json["answers"]), (200, []))

    async def test_origins(self) -> None:
        for origin, status in ((f"http://127.0.0.1:{self.number}", 200), ("http://127.0.0.1", 400)):
            reply = await self.ask(MASTERS, Origin=origin)
            self.assertEqual((origin, reply.status), (origin, status))


class EventDifferencesTests(EventsCase):
    async def test_eventFrames(self) -> None:
        socket = await self.socket()
        socket.sendMessage(b"no JSON")
        self.assertEqual((await socket.frames.get())["code"], 400)
        self.assertEqual((await socket.say(cmd="ping", _id=1))["code"], 200)

    async def test_eventStreams(self) -> None:
        self.assertEqual((await self.ask("/sse/builds/*/*", Origin="http://elsewhere.example")).status, 400)
        self.assertEqual((await self.ask("/sse/builds/*/*", Host="elsewhere.example")).status, 421)
        _, stream = await self.stream("/sse/listen")
        ident = await stream.next("handshake")
        for _ in range(2):
            await self.ask(f"/sse/add/{ident}/builds/*/*")
        build = await self.first()
        for text in ("1", "2"):
            await self.build(build.buildid, "update", state_string=text)
            self.assertEqual((await stream.next("event"))["message"]["state_string"], text)

    async def test_eventTopics(self) -> None:
        socket = await self.socket()
        for path, code in (("control/*/*/*", 404), ("builds/7/nosuch", 400), ("builders/nosuch/builds/*/*", 404)):
            self.assertEqual((await socket.say(cmd="startConsuming", path=path, _id=1))["code"], code)
