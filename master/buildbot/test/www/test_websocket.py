"""Events by WebSocket: Buildbot's commands and frames, and cursors beside them, by a real client."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory
from cryptography import x509
from twisted.internet import reactor as installed
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, serverFromString, wrapClientTLS
from twisted.internet.ssl import CertificateOptions

from buildbot.test.status.events.logged import EPOCH, Row
from buildbot.test.status.test_pb_tls import certificate
from buildbot.test.www.eventclients import EventsCase, Socket
from buildbot.www import websocket

reactor: Any = installed


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

    async def test_names(self) -> None:
        """One path with two queries: each has a name, which its frames have."""
        build = await self.first()
        await self.build(build.buildid, "update", results=0)
        socket = await self.socket()
        for name, results in (("good", 0), ("bad", 2)):
            start = {"cmd": "startConsuming", "path": "builds/*/*", "cursors": True, "name": name}
            answer = await socket.say(**start, query={"results": results, "field": "results"}, _id=name)
            self.assertEqual(answer["code"], 200)
        await self.build(build.buildid, "update", results=2)
        frames = [await socket.frames.get() for _ in range(2)]
        told = {frame["name"]: (frame["m"], frame.get("left", False), frame["number"]) for frame in frames}
        self.assertEqual(told, {"good": ({"results": 2}, True, 1), "bad": ({"results": 2}, False, 1)})
        self.assertIn("not consumed", (await socket.say(cmd="stopConsuming", path="builds/*/*", _id=1))["error"])
        self.assertEqual((await socket.say(cmd="stopConsuming", path="builds/*/*", name="good", _id=2))["code"], 200)
        await self.build(build.buildid, "update", results=0)
        self.assertEqual((await socket.frames.get())["name"], "bad")
        answer = await socket.say(cmd="startConsuming", path="builds/*/*", name="x", _id=3)
        self.assertIn("goes with cursors", answer["error"])

    async def test_several(self) -> None:
        """Several paths that are consumed together come in one order."""
        build = await self.first()
        [step] = await self.service.getSteps(limit=1)
        socket = await self.socket()
        paths = ["steps/*/finished", "builds/*/update"]
        self.assertEqual((await socket.say(cmd="startConsuming", path=paths, _id=1))["code"], 200)
        for number in (1, 2):
            await self.build(build.buildid, "update", state_string=str(number))
            self.write(Row("steps", step.stepid, "finished", step.asDict(), {}))
        keys = [(await socket.frames.get())["k"] for _ in range(4)]
        self.assertEqual(keys, [f"builds/{build.buildid}/update", f"steps/{step.stepid}/finished"] * 2)
        answer = await socket.say(cmd="stopConsuming", path=paths[:1], _id=2)
        self.assertIn("path was not consumed 'steps/*/finished'", answer["error"])
        self.assertEqual((await socket.say(cmd="stopConsuming", path=paths, _id=3))["code"], 200)

    async def test_bookmark(self) -> None:
        """Who wants cursors and is told of nothing is told from where to go on, once."""
        build = await self.first()
        socket = await self.socket()
        await socket.say(cmd="startConsuming", path="builds/*/finished", cursors=True, _id=1)
        await socket.say(cmd="startConsuming", path="builds/*/new", _id=2)
        await self.build(build.buildid, "update", state_string="x")
        feed = self.service.feed
        await self.condition(lambda: feed and not feed.behind)
        [channel] = self.site.channels
        for _ in range(2):
            channel.sweep(channel._heard + websocket.PING - 1)
        found = await socket.frames.get()
        self.assertEqual(found, {"bookmark": "builds/*/finished", "cursor": str(self.writer.cursor)})
        self.assertEqual((await socket.say(cmd="ping", _id=3))["msg"], "pong")

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
            (b'{"_id":1,"cmd":"startConsuming","path":["builds/*/*",1]}', 400, "invalid path format", 1),
            (b'{"_id":1,"cmd":"startConsuming","path":[]}', 400, "0 topics", 1),
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
