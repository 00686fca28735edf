"""Events over HTTP: Buildbot's ``/sse``, and streams of the API's own paths, by real clients."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred, gatherResults

from buildbot.errors import Forbidden
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.test.status.events.logged import EPOCH, Row
from buildbot.test.www.eventclients import EventsCase
from buildbot.www import sse
from buildbot.www.settings import HttpLimits, WebSettings

reactor: Any = installed


class SseTests(EventsCase):
    async def test_listen(self) -> None:
        """Buildbot's stream: a handshake, then key and message; and an id, after which it can be gone on."""
        build = await self.first()
        response, stream = await self.stream("/sse/listen/builds/*/*/")
        self.assertEqual(response.headers.getRawHeaders("Content-Type"), ["text/event-stream"])
        self.assertEqual(len(await stream.next("handshake")), 36)
        await self.build(build.buildid, "update", state_string="1")
        data = await stream.next("event")
        record = (await self.service.get(f"builds/{build.buildid}")).one.asDict()
        self.assertEqual(data, {"key": ["builds", str(build.buildid), "update"], "message": record})
        self.assertEqual(stream.id, str(self.writer.cursor))
        await self.build(build.buildid, "update", state_string="2")
        _, again = await self.stream("/sse/builds/*/*", Last_Event_ID=stream.id)
        await again.next("handshake")
        self.assertEqual((await again.next("event"))["message"]["state_string"], "2")

    async def test_added(self) -> None:
        """Paths can be added to an open stream and taken from it."""
        build = await self.first()
        _, stream = await self.stream("/sse/listen")
        ident = await stream.next("handshake")
        for word in ("add", "add", "remove", "add"):
            reply = await self.ask(f"/sse/{word}/{ident}/builds/*/*")
            self.assertEqual((reply.status, reply.body), (200, b"ok"))
        await self.build(build.buildid, "update", state_string="1")
        await self.build(build.buildid, "update", state_string="2")
        for text in ("1", "2"):
            self.assertEqual((await stream.next("event"))["message"]["state_string"], text)
            self.assertIsNone(stream.id)
        for path, status, words in (
            (f"remove/{ident}/steps/*/*", 404, "not listening"),
            ("add/nosuch/builds/*/*", 400, "unknown uuid"),
            ("add", 400, "need uuid"),
            (f"add/{ident}/builds/1", 400, "an event follows"),
        ):
            reply = await self.ask(f"/sse/{path}")
            self.assertEqual(reply.status, status)
            self.assertIn(words, reply.json["error"])

    async def test_several(self) -> None:
        """Several topics are one stream, in one order."""
        build = await self.first()
        [step] = await self.service.getSteps(limit=1)
        _, stream = await self.stream("/sse/listen?topic=steps/*/finished&topic=builds/*/update")
        await stream.next("handshake")
        for number in (1, 2):
            await self.build(build.buildid, "update", state_string=str(number))
            self.write(Row("steps", step.stepid, "finished", step.asDict(), {}))
        keys = [(await stream.next("event"))["key"] for _ in range(4)]
        self.assertEqual(keys, [["builds", str(build.buildid), "update"], ["steps", str(step.stepid), "finished"]] * 2)
        self.assertEqual((await self.ask("/sse/listen?topic=nosuch/*/*")).status, 404)

    async def test_wrong(self) -> None:
        """What cannot be listened to is an error before the stream begins."""
        for path, status in (("builds/1", 400), ("nosuch/*/*", 404), (f"builds/*/*?since={'a' * 16}.1", 410)):
            self.assertEqual((await self.ask(f"/sse/listen/{path}")).status, status)
        self.assertEqual((await self.ask("/sse/builds/*/*", Origin="http://evil.example")).status, 400)

    async def test_gone(self) -> None:
        """A browser that comes again too late is told, and told what happens from now on."""
        build = await self.first()
        _, stream = await self.stream("/sse/builds/*/*", Last_Event_ID="a" * 16 + ".1")
        await stream.next("handshake")
        self.assertEqual((await stream.next("gone"))["status"], 410)
        await self.build(build.buildid, "update", state_string="1")
        self.assertEqual((await stream.next("event"))["message"]["state_string"], "1")

    async def test_alive(self) -> None:
        """When nothing happens, something comes; and when only other things do, from where to go on."""
        self.patch(sse, "KEEPALIVE", 0.05)
        _, stream = await self.stream("/sse/builds/*/finished")
        await stream.next("handshake")
        block = await stream.blocks.get()
        self.assertEqual(block, {"": "still here", "id": str(self.writer.cursor)})
        build = await self.first()
        await self.build(build.buildid, "update", state_string="1")
        while block.get("id") != str(self.writer.cursor):
            block = await stream.blocks.get()


class FollowTests(EventsCase):
    async def test_sameCall(self) -> None:
        """A path of the API, asked for a stream: its rows, the cursor, then changes: together the present state."""
        build = await self.first()
        path = f"/api/v2/builders/{build.builderid}/builds?field=buildid&field=state_string"
        response, stream = await self.stream(path, Accept="text/event-stream")
        self.assertEqual(response.code, 200)
        listed = (await self.ask(path)).json["builds"]
        rows = [await stream.next("record") for _ in listed]
        self.assertEqual(rows, listed)
        synced = await stream.next("synced")
        self.assertEqual((synced["cursor"], stream.id), (str(self.writer.cursor),) * 2)
        self.assertEqual(synced["meta"]["total"], len(rows))
        await self.build(build.buildid, "update", state_string="new")
        change = await stream.next("change")
        self.assertEqual(change["record"], {"buildid": build.buildid, "state_string": "new"})
        self.assertEqual(
            (change["number"], change["event"], change["left"], change["changed"]),
            (1, "update", False, {"state_string": build.state_string}),
        )
        self.assertEqual(change["topic"], f"builders/{build.builderid}/builds/{build.number}/update")
        await self.build(build.buildid, "update", state_string="newer")
        _, again = await self.stream(path, Accept="text/event-stream", Last_Event_ID=stream.id)
        self.assertEqual((await again.next("change"))["record"]["state_string"], "newer")

    async def test_embedded(self) -> None:
        """What expand= embeds in the rows, it embeds in what changes, as it is then."""
        build = await self.first()
        path = f"/api/v2/builds/{build.buildid}?expand=steps&steps.limit=1&field=buildid"
        _, stream = await self.stream(path, Accept="text/event-stream")
        row = await stream.next("record")
        self.assertEqual(len(row["steps"]), 1)
        await stream.next("synced")
        self.writer.connection.execute(f"UPDATE steps SET name = 'later' WHERE id = {row['steps'][0]['stepid']}")
        await self.build(build.buildid, "update", state_string="x")
        record = (await stream.next("change"))["record"]
        self.assertEqual(record, {**row, "steps": [{**row["steps"][0], "name": "later"}]})

    async def test_one(self) -> None:
        """One thing, by whatever address."""
        build = await self.first()
        path = f"/api/v2/builders/{build.builderid}/builds/{build.number}"
        _, stream = await self.stream(path, Accept="text/event-stream")
        self.assertEqual(await stream.next("record"), build.asDict())
        await stream.next("synced")
        await self.build(build.buildid, "finished", state_string="x")
        self.assertEqual((await stream.next("change"))["topic"], f"builds/{build.buildid}/finished")

    async def test_filtered(self) -> None:
        """A filter holds for rows and for changes; a limit for rows only."""
        build = await self.first()
        await self.build(build.buildid, "update", results=2)
        path = "/api/v2/builds?results=2&order=-buildid&limit=1"
        _, stream = await self.stream(path, Accept="text/event-stream")
        await stream.next("record")
        self.assertIn("next", (await stream.next("synced"))["meta"])
        await self.build(build.buildid, "update", results=0)
        change = await stream.next("change")
        self.assertEqual((change["record"]["results"], change["left"]), (0, True))

    async def test_gone(self) -> None:
        """A cursor in the address that is gone is a 410; a browser's, and everything comes anew."""
        late = "a" * 16 + ".1"
        path = "/api/v2/masters"
        reply = await self.ask(f"{path}?since={late}", Accept="text/event-stream")
        self.assertEqual((reply.status, reply.json["oldest"]), (410, f"{EPOCH}.1"))
        _, stream = await self.stream(path, Accept="text/event-stream", Last_Event_ID=late)
        await stream.next("gone")
        for _ in (await self.ask(path)).json["masters"]:
            await stream.next("record")
        await stream.next("synced")

    async def test_wrong(self) -> None:
        """What has no events, or is no parameter of a stream, is an error that says so."""
        for path, words in (
            ("sourcestamps", "nothing is announced"),
            ("logs/1/contents", "nothing is announced"),
            ("builders/1/workers", "workers/*/*"),
            ("builds?expand=nosuch", "expand"),
            ("builds?offset=5", "offset"),
        ):
            reply = await self.ask(f"/api/v2/{path}", Accept="text/event-stream")
            self.assertEqual(reply.status, 400, path)
            self.assertIn(words, reply.json["error"])

    async def test_kept(self) -> None:
        """An answer that is kept does not stand in for a stream."""
        for _ in range(2):
            self.assertEqual((await self.ask("/api/v2/masters?limit=1")).status, 200)
        response, stream = await self.stream("/api/v2/masters?limit=1", Accept="text/event-stream")
        self.assertEqual(response.headers.getRawHeaders("Content-Type"), ["text/event-stream"])
        await stream.next("record")
        client = await self.raw()
        client.transport.write(
            b"HEAD /api/v2/masters HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Accept: text/event-stream\r\n\r\n"
        )
        self.assertTrue((await client.ended).endswith(b"\r\n\r\n"))

    async def test_cursors(self) -> None:
        """Answers have a cursor, which pages of other origins may read; also on a 304, and those of a batch."""
        reply = await self.ask("/api/v2/masters", Origin=f"http://127.0.0.1:{self.number}")
        self.assertEqual(reply.headers["x-status-cursor"], str(self.writer.cursor))
        self.assertIn("X-Status-Cursor", reply.headers["access-control-expose-headers"])
        again = await self.ask("/api/v2/masters", If_None_Match=reply.headers["etag"])
        self.assertEqual((again.status, again.headers["x-status-cursor"]), (304, str(self.writer.cursor)))
        build = await self.first()
        await self.build(build.buildid, "update", state_string="x")
        later = await self.ask("/api/v2/masters", If_None_Match=reply.headers["etag"])
        self.assertEqual((later.status, later.headers["x-status-cursor"]), (304, str(self.writer.cursor)))


class SameRecordsTests(EventsCase):
    async def test_languages(self) -> None:
        """In the process, by WebSocket and by both kinds of streams, the same records come in the same order."""
        build = await self.first()
        since = str(self.writer.cursor)
        for number in range(30):
            await self.build(build.buildid, "update", state_string=str(number))
        log = (await self.service.getLogs(limit=1))[0]
        self.write(Row("logs", log.logid, "append", {"logid": log.logid, "first": 1, "last": 2}, {}))
        self.write(Row("builds", build.buildid, "finished", build.asDict(), {}))
        for topic, count in (("builds/*/*", 31), ("logs/*/append", 1)):
            subscription = await self.service.subscribe(topic, since=since)
            inProcess: list[Any] = []
            while len(inProcess) < count:
                inProcess += [(d.topic, d.record.asDict()) for d in await subscription.next()]
            subscription.close()
            socket = await self.socket()
            await socket.say(cmd="startConsuming", path=topic, since=since, _id=1)
            frames = [await socket.frames.get() for _ in range(count)]
            _, stock = await self.stream(f"/sse/{topic}?since={since}")
            await stock.next("handshake")
            events = [await stock.next("event") for _ in range(count)]
            plural = topic.partition("/")[0]
            _, own = await self.stream(f"/api/v2/{plural}?since={since}", Accept="text/event-stream")
            changes = [await own.next("change") for _ in range(count)]
            self.assertEqual(inProcess, [(frame["k"], frame["m"]) for frame in frames])
            self.assertEqual(inProcess, [("/".join(event["key"]), event["message"]) for event in events])
            self.assertEqual(inProcess, [(change["topic"], change["record"]) for change in changes])

    async def test_many(self) -> None:
        """Many who ask for the same all get it, and what they get is made once."""
        build = await self.first()
        sockets = await gatherResults([Deferred.fromCoroutine(self.socket()) for _ in range(250)])
        for socket in sockets:
            await socket.say(cmd="startConsuming", path="builds/*/*", _id=1)
        for number in range(20):
            await self.build(build.buildid, "update", state_string=str(number))
        for socket in sockets:
            texts = [(await socket.frames.get())["m"]["state_string"] for _ in range(20)]
            self.assertEqual(texts, [str(number) for number in range(20)])


class AuthorizeTests(EventsCase):
    def makeService(self) -> StatusService:
        self.refused: set[str] = set()

        def authorize(principal: Principal, verb: str, resource: type[Resource]) -> str:
            if resource.Plural in self.refused:
                raise Forbidden(f"you may not {verb} {resource.Plural}")
            return "full"

        return StatusService(self.database, Catalogue(), events=self.source, logIsHere=True, authorize=authorize)

    async def test_refused(self) -> None:
        """What may not be read is not told of, in any language, nor once it may not be any more."""
        build = await self.first()
        self.refused.add("steps")
        socket = await self.socket()
        self.assertEqual((await socket.say(cmd="startConsuming", path="steps/*/*", _id=1))["code"], 403)
        self.assertEqual((await self.ask("/sse/steps/*/*")).status, 403)
        self.assertEqual((await self.ask("/api/v2/steps", Accept="text/event-stream")).status, 403)
        await socket.say(cmd="startConsuming", path="builds/*/*", _id=1)
        _, stream = await self.stream("/sse/builds/*/*")
        await stream.next("handshake")
        self.refused.add("builds")
        self.write(Row("builds", build.buildid, "update", build.asDict(), {}))
        frame = await socket.frames.get()
        self.assertEqual((frame["code"], frame["failed"]), (403, "builds/*/*"))
        self.assertEqual((await stream.next("error"))["status"], 403)
        await stream.ended


class UnreadTests(EventsCase):
    settings = WebSettings(limits=HttpLimits(stalledTime=0))

    async def test_ended(self) -> None:
        """A client that reads nothing for too long is cut off; it can go on from its cursor."""
        build = await self.first()
        socket = await self.socket()
        await socket.say(cmd="startConsuming", path="builds/*/*", _id=1)
        socket.transport.pauseProducing()
        record = {**build.asDict(), "state_string": "x" * 100_000}
        self.write(*(Row("builds", build.buildid, "update", record, {}) for _ in range(200)))
        await self.condition(lambda: not self.site.channels)
        socket.transport.abortConnection()


class WithoutTests(EventsCase):
    def makeService(self) -> StatusService:
        return StatusService(self.database, Catalogue())

    async def emptied(self) -> None:
        """There is no feed."""

    async def test_without(self) -> None:
        """Without a log of events, answers are as they are, and nothing can be subscribed to."""
        reply = await self.ask("/api/v2/masters", Accept="text/event-stream")
        self.assertEqual(reply.status, 200)
        self.assertNotIn("x-status-cursor", reply.headers)
        for path in ("/ws", "/sse/builds/*/*"):
            self.assertEqual((await self.ask(path)).status, 501)
