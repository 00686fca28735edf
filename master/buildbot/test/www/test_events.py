"""Events over HTTP: the WebSocket, Buildbot's ``/sse``, and streams of the API's own paths, by real clients."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import simplejson
from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from cryptography import x509
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred, DeferredQueue, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, serverFromString, wrapClientTLS
from twisted.internet.ssl import CertificateOptions
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers

from buildbot.errors import Forbidden
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.test.status.events.logged import EPOCH, LoggedCase, Row
from buildbot.test.status.test_pb_tls import certificate
from buildbot.test.www.served import RawClient, Reply
from buildbot.www import sse
from buildbot.www.settings import HttpLimits, WebSettings
from buildbot.www.site import StatusSite

reactor: Any = installed


class Socket(WebSocketClientProtocol):
    """A client of the WebSocket, which keeps what comes."""

    transport: Any

    def __init__(self) -> None:
        super().__init__()
        self.frames: DeferredQueue[Any] = DeferredQueue()
        self.opened: Deferred[Socket] = Deferred()
        self.ended: Deferred[tuple[bool, int | None]] = Deferred()

    def onOpen(self) -> None:
        self.opened.callback(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.frames.put(simplejson.loads(payload))

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        if not self.opened.called:
            self.opened.errback(ConnectionError(str(reason)))
        self.ended.callback((wasClean, code))

    def say(self, **frame: Any) -> Deferred[Any]:
        """Send a frame; fires with the next that comes."""
        self.sendMessage(simplejson.dumps(frame).encode())
        return self.frames.get()


class Stream(RawClient):
    """A client of server-sent events: blocks, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: DeferredQueue[dict[str, str]] = DeferredQueue()
        self._rest = ""
        self.id: Any = None

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        *whole, self._rest = (self._rest + data.decode()).split("\n\n")
        for text in whole:
            self.blocks.put(dict(line.split(": ", 1) for line in text.split("\n")))

    async def next(self, event: str) -> Any:
        """The data of the next event of this name; comments and hints between are skipped."""
        while True:
            block = await self.blocks.get()
            if "event" in block:
                if block["event"] != event:
                    raise AssertionError(f"{block} instead of {event}")
                self.id = block.get("id")
                return simplejson.loads(block["data"]) if block["data"].startswith("{") else block["data"]


class EventsCase(LoggedCase):
    """Serves HTTP."""

    settings = WebSettings()

    def setUp(self) -> None:
        super().setUp()
        self.site = StatusSite(self.service, self.settings, reactor=reactor)
        self.port: Any = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)
        self.number = self.port.getHost().port
        self.pool = HTTPConnectionPool(reactor, persistent=False)
        self.addCleanup(self.emptied)

    async def emptied(self) -> None:
        """Nothing of a test is left: no connection, no subscription."""
        for channel in list(self.site.channels):
            channel.transport.abortConnection()
        await self.condition(lambda: not self.site.channels)
        feed = self.service.feed
        assert feed is not None
        self.assertEqual((feed.subscriptions, self.site.ending), (0, set()))

    async def socket(self, path: str = "/ws", **headers: str) -> Socket:
        factory: Any = WebSocketClientFactory(
            f"ws://127.0.0.1:{self.number}{path}", headers={n.replace("_", "-"): v for n, v in headers.items()}
        )
        socket = Socket()
        socket.factory = factory
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", self.number), socket)
        return await socket.opened

    async def stream(self, path: str, *, into: Stream | None = None, **headers: str) -> tuple[Any, Stream]:
        """A response whose body is still coming, and its reader."""
        sent = Headers({name.replace("_", "-"): [value] for name, value in headers.items()})
        url = f"http://127.0.0.1:{self.number}{path}".encode()
        response: Any = await Agent(reactor, pool=self.pool).request(b"GET", url, sent)
        reader = into or Stream()
        response.deliverBody(reader)
        return response, reader

    async def ask(self, path: str, **headers: str) -> Reply:
        """A response that ends."""
        response, reader = await self.stream(path, into=RawClient(), **headers)  # type: ignore[arg-type]  # it is only read
        found = {n.decode().lower(): v[0].decode() for n, v in response.headers.getAllRawHeaders()}
        return Reply(response.code, found, await reader.ended)

    async def raw(self) -> RawClient:
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.number)
        client: RawClient = await connectProtocol(endpoint, RawClient())
        return client

    async def first(self) -> Any:
        """Some build."""
        [build] = await self.service.getBuilds(limit=1)
        return build


class SocketTests(EventsCase):
    async def test_commands(self) -> None:
        """Buildbot's commands are answered with its frames."""
        socket = await self.socket()
        self.assertEqual(await socket.say(cmd="ping", _id=1), {"msg": "pong", "code": 200, "_id": 1})
        ok = {"msg": "OK", "code": 200, "_id": {"any": ["json"]}}
        for command in ("startConsuming", "startConsuming", "stopConsuming"):
            self.assertEqual(await socket.say(cmd=command, path="builds/*/*", _id=ok["_id"]), ok)

    async def test_events(self) -> None:
        """What happens comes as a key and the record, once for each path that is consumed."""
        build = await self.first()
        socket = await self.socket("/ws/anything?x=1")
        await socket.say(cmd="startConsuming", path="builds/*/*", _id=1)
        await socket.say(cmd="startConsuming", path=f"builders/{build.builderid}/builds/*/update", _id=2)
        await self.build(build.buildid, "update", state_string="x")
        frames = [await socket.frames.get(), await socket.frames.get()]
        record = (await self.service.get(f"builds/{build.buildid}")).one.asDict()
        self.assertEqual(
            sorted(frames, key=lambda frame: frame["k"]),
            [
                {"k": f"builders/{build.builderid}/builds/{build.number}/update", "m": record},
                {"k": f"builds/{build.buildid}/update", "m": record},
            ],
        )

    async def test_since(self) -> None:
        """List, then watch: from an answer's cursor nothing is missed, and frames say from where to go on."""
        build = await self.first()
        cursor = (await self.ask("/api/v2/builds?limit=1")).headers["x-status-cursor"]
        await self.build(build.buildid, "update", state_string="1")
        await self.build(build.buildid, "update", state_string="2")
        socket = await self.socket()
        start = {"cmd": "startConsuming", "path": "builds/*/*", "since": cursor, "cursors": True}
        self.assertEqual(await socket.say(**start, _id=1), {"msg": "OK", "code": 200, "_id": 1, "cursor": cursor})
        frames = [await socket.frames.get() for _ in range(2)]
        self.assertEqual([(frame["m"]["state_string"], frame["number"]) for frame in frames], [("1", 1), ("2", 2)])
        again = await self.socket()
        await again.say(**{**start, "since": frames[0]["cursor"]}, _id=1)
        self.assertEqual((await again.frames.get())["m"]["state_string"], "2")

    async def test_query(self) -> None:
        """Filters, with what has left."""
        build = await self.first()
        await self.build(build.buildid, "update", results=0)
        socket = await self.socket()
        query = {"results": [2], "field": ["buildid", "results"]}
        await socket.say(cmd="startConsuming", path="builds/*/*", query=query, _id=1)
        for results in (1, 2, 0):
            await self.build(build.buildid, "update", results=results)
        frames = [await socket.frames.get() for _ in range(2)]
        self.assertEqual([frame["m"] for frame in frames], [{"buildid": build.buildid, "results": n} for n in (2, 0)])
        self.assertEqual([frame.get("left") for frame in frames], [None, True])

    async def test_wrong(self) -> None:
        """What is wrong is a frame that says so; the connection stays, whatever was sent."""
        socket = await self.socket()
        for sent, code, words, ident in (
            (b"not json", 400, "one JSON object", None),
            (b"{} {}", 400, "one JSON object", None),
            (b"[]", 400, "one JSON object", None),
            (b"\xff\xfe", 400, "one JSON object", None),
            (b"[" * 30_000, 400, "one JSON object", None),
            (b'{"cmd":"ping"}', 400, "no '_id' or 'type' in websocket frame", None),
            (b'{"_id":1}', 400, "no 'cmd' in websocket frame", 1),
            (b'{"_id":1,"cmd":"x"}', 404, "no such command type 'x'", 1),
            (b'{"_id":1,"cmd":["ping"]}', 404, "no such command type", 1),
            (b'{"type":1,"cmd":"ping"}', 400, "_id is missing", None),
            (b'{"_id":1,"cmd":"startConsuming"}', 400, "path is missing", 1),
            (b'{"_id":1,"cmd":"ping","x":1}', 400, "x is unknown", 1),
            (b'{"_id":1,"cmd":"startConsuming","path":1}', 400, "invalid path format '1'", 1),
            (b'{"_id":1,"cmd":"startConsuming","path":"builds/1"}', 400, "an event follows", 1),
            (b'{"_id":1,"cmd":"startConsuming","path":"control/*/*/*"}', 404, "no topic", 1),
            (b'{"_id":1,"cmd":"startConsuming","path":"builds/*/*","since":"x"}', 400, "no cursor", 1),
            (b'{"_id":1,"cmd":"stopConsuming","path":"builds/*/*"}', 400, "path was not consumed", 1),
        ):
            socket.sendMessage(sent, isBinary=b"\xff" in sent)
            answer = await socket.frames.get()
            self.assertEqual((answer["code"], answer["_id"]), (code, ident), sent)
            self.assertIn(words, answer["error"])

    async def test_gone(self) -> None:
        """A cursor that is not kept is a 410, with the oldest that is; one that falls out later is a frame."""
        socket = await self.socket()
        answer = await socket.say(cmd="startConsuming", path="builds/*/*", since="a" * 16 + ".7", _id=5)
        self.assertEqual((answer["code"], answer["_id"], answer["oldest"]), (410, 5, f"{EPOCH}.1"))
        await socket.say(cmd="startConsuming", path="builds/*/*", _id=6)
        build = await self.first()
        for _ in range(3):
            self.writer.append(Row("builds", build.buildid, "update", build.asDict(), {}))
        self.writer.trim(self.writer.seq)
        self.source.advance(self.writer.cursor)
        frame = await socket.frames.get()
        self.assertEqual((frame["code"], frame["gone"], frame["_id"]), (410, "builds/*/*", None))
        self.assertEqual((await socket.say(cmd="startConsuming", path="builds/*/*", _id=7))["code"], 200)

    async def test_stopped(self) -> None:
        """What is consumed no more comes no more."""
        build = await self.first()
        socket = await self.socket()
        for path in ("builds/*/update", "builds/*/*"):
            await socket.say(cmd="startConsuming", path=path, _id=1)
        await socket.say(cmd="stopConsuming", path="builds/*/*", _id=2)
        await self.build(build.buildid, "finished", state_string="x")
        await self.build(build.buildid, "update", state_string="y")
        self.assertEqual((await socket.frames.get())["k"], f"builds/{build.buildid}/update")

    async def test_handshake(self) -> None:
        """A page of another origin, and a host that is not this, are refused as by the API; a plain GET is told."""
        for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
            reply = await self.ask("/ws", Upgrade="websocket", Connection="Upgrade", **headers)
            self.assertIn(reply.status, (400, 421))
        client = await self.raw()
        client.transport.write(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = await client.ended
        self.assertTrue(received.startswith(b"HTTP/1.1 426 "))
        self.assertIn(b"\r\nUpgrade: websocket\r\n", received)
        own = await self.socket(Origin=f"http://127.0.0.1:{self.number}")
        self.assertEqual((await own.say(cmd="ping", _id=1))["code"], 200)

    async def test_offered(self) -> None:
        """Nothing is compressed, even if a client could."""
        client = await self.raw()
        client.transport.write(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
        )
        head = await client.until(lambda data: data.endswith(b"\r\n\r\n"))
        self.assertTrue(head.startswith(b"HTTP/1.1 101 "))
        self.assertNotIn(b"Sec-WebSocket-Extensions", head)
        self.assertNotIn(b"Sec-WebSocket-Protocol", head)

    async def test_slow(self) -> None:
        """A client that does not read costs little, holds nobody up, and gets everything in the end."""
        build = await self.first()
        slow, quick = await self.socket(), await self.socket()
        for socket in (slow, quick):
            await socket.say(cmd="startConsuming", path="builds/*/*", cursors=True, _id=1)
        slow.transport.pauseProducing()
        count, text = 1_000, "x" * 20_000
        for start in range(0, count, 100):
            self.write(
                *(
                    Row("builds", build.buildid, "update", {**build.asDict(), "state_string": f"{n}{text}"}, {})
                    for n in range(start, start + 100)
                )
            )
        for number in range(1, count + 1):
            self.assertEqual((await quick.frames.get())["number"], number)
        buffered = [
            len(channel.transport.dataBuffer) + channel.transport._tempDataLen for channel in self.site.channels
        ]
        self.assertGreater(max(buffered), 0)
        metrics = (await self.ask("/metrics")).body.decode()
        self.assertIn("buildbot_events_subscriptions 2.0", metrics)
        behind = re.search(r"^buildbot_events_behind (\S+)$", metrics, re.MULTILINE)
        assert behind is not None
        self.assertGreater(float(behind[1]), 100)
        self.assertLess(max(buffered), 200_000)
        slow.transport.resumeProducing()
        for number in range(1, count + 1):
            self.assertEqual((await slow.frames.get())["number"], number)

    async def test_tls(self) -> None:
        """The connection may be one of TLS."""
        files = [self.mktemp(), self.mktemp()]
        for path, data in zip(files, certificate(x509.DNSName("localhost")), strict=True):
            Path(path).write_bytes(data)
        endpoint = f"ssl:0:interface=127.0.0.1:privateKey={files[0]}:certKey={files[1]}"
        port: Any = await serverFromString(reactor, endpoint).listen(self.site)
        self.addCleanup(port.stopListening)
        number = port.getHost().port
        socket = Socket()
        socket.factory = WebSocketClientFactory(f"wss://127.0.0.1:{number}/ws")
        plain: Any = TCP4ClientEndpoint(reactor, "127.0.0.1", number)
        options: Any = CertificateOptions(verify=False)
        await connectProtocol(wrapClientTLS(options, plain), socket)
        await socket.opened
        await socket.say(cmd="startConsuming", path="builds/*/*", _id=1)
        build = await self.first()
        await self.build(build.buildid, "update", state_string="x")
        self.assertEqual((await socket.frames.get())["m"]["state_string"], "x")
        socket.sendClose()
        await socket.ended

    async def test_left(self) -> None:
        """A client that goes leaves nothing, and is in the metrics."""
        socket = await self.socket()
        await socket.say(cmd="startConsuming", path="builds/*/*", _id=1)
        socket.transport.abortConnection()
        await self.condition(lambda: not self.site.channels)
        self.assertEqual(self.site.metrics.requests["socket", 101], 1)

    async def test_drained(self) -> None:
        """When the server ends, clients are told."""
        socket = await self.socket()
        _, stream = await self.stream("/sse/listen/builds/*/*")
        await stream.next("handshake")
        await self.port.stopListening()
        await self.site.drain(5)
        self.assertEqual(await socket.ended, (True, 1001))
        await stream.ended


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
            ("builds?expand=steps", "expand"),
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
