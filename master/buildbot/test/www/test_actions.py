"""Who may act over HTTP: whoever has the token, from nowhere but a page of this server, or no page at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import simplejson
from twisted.trial.unittest import TestCase

from buildbot.errors import BadQuery, ConfigError, Forbidden, NotFound, Unauthenticated
from buildbot.status.actions import Actor
from buildbot.status.client import connect
from buildbot.status.passwords import PasswordChecker
from buildbot.status.pb import PBStatusServer, portalOf
from buildbot.status.principal import HERE
from buildbot.status.service import StatusService
from buildbot.test.status.operated import operated
from buildbot.test.www.served import Reply, SiteCase, reactor
from buildbot.www.settings import WebSettings
from buildbot.www.token import Token

SEEK = {"cursor": f"{'e' * 16}.7"}


class Acts:
    """What was done."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, Mapping[str, Any]]] = []

    @property
    def actors(self) -> Mapping[str, Actor]:
        return {"consumers": self.act}

    async def act(self, record: Any, action: str, arguments: Mapping[str, Any]) -> Any:
        if record.name == "linux":
            raise ValueError("a mistake")
        self.done.append((record.name, action, arguments))
        return {"did": action}


class ActionCase(SiteCase):
    settings = WebSettings(baseURL="https://ci.example.org/", allowedOrigins=["https://*.example.org"])

    def setUp(self) -> None:
        super().setUp()
        self.acts = Acts()
        self.service.serveListeners(operated(self), self.acts.actors)
        self.token = Token.at(os.path.abspath(self.mktemp()))
        self.site.token = self.token

    async def post(self, path: str = "consumers/mail", action: str = "pause", **headers: str) -> Reply:
        call = {"jsonrpc": "2.0", "method": action, "id": 7, "params": SEEK if action == "seek" else {}}
        known = {"Content_Type": "application/json", "Authorization": f"Bearer {self.token.value}"}
        sent = {name: value for name, value in {**known, **headers}.items() if value}
        return await self.ask(f"/api/v2/{path}", "POST", simplejson.dumps(call).encode(), **sent)

    def assertNothing(self, reply: Reply, status: int, words: str) -> None:
        """Refused in words, and nothing was done."""
        self.assertEqual((reply.status, self.acts.done), (status, []), reply.body)
        self.assertIn(words, str(reply.json))
        self.assertNotIn(self.token.value, reply.body.decode())


class HostileTests(ActionCase):
    async def test_allowed(self) -> None:
        """With the token, it is done, and its result comes back; from this server's own pages, too."""
        reply = await self.post(action="seek")
        self.assertEqual((reply.status, reply.json), (200, {"id": 7, "jsonrpc": "2.0", "result": {"did": "seek"}}))
        self.assertEqual(self.acts.done, [("mail", "seek", {**SEEK, "time": None})])
        for origin in (f"http://127.0.0.1:{self.number}", "https://ci.example.org"):
            self.assertEqual((await self.post(Origin=origin)).status, 200, origin)
        self.assertEqual(
            (await self.post("consumers/a%2Fb%20c", Authorization=f"bearer {self.token.value}")).status, 200
        )

    async def test_noToken(self) -> None:
        """Without it, or with another one, it is a 401 that says who knows the token, and not in which file it is,
        whoever asks from where."""
        value = self.token.value
        for authorization in (
            "",
            "Bearer",
            "Bearer ",
            f"Bearer {value[:-1]}",
            f"Bearer {value}x",
            f"Bearer {value.swapcase()}",
            "Bearer ünknown",
            f"Basic {value}",
            value,
            f"Bearer {value}, Bearer {value}",
        ):
            reply = await self.post(Authorization=authorization, X_Forwarded_For="127.0.0.1")
            self.assertNothing(reply, 401, "the server says at its start")
            self.assertNotIn(self.token.path, str(reply.json))
            self.assertEqual(reply.headers["www-authenticate"], "Bearer")
            self.assertEqual(reply.json["error"]["code"], -32600)
        reply = await self.post("consumers/nobody", Authorization="")
        self.assertNothing(reply, 401, "the server says at its start")
        self.site.token = None
        self.assertNothing(await self.post(), 401, "started without a token")

    async def test_twice(self) -> None:
        """Two Authorization headers are none."""
        body = b'{"jsonrpc": "2.0", "method": "pause", "id": 7, "params": {}}'
        head = "POST /api/v2/consumers/mail HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Authorization: Bearer {self.token.value}\r\n" * 2
        head += f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        received = await self.raw(head.encode() + body)
        self.assertTrue(received.startswith(b"HTTP/1.1 401 "), received)
        self.assertEqual(self.acts.done, [])

    async def test_origin(self) -> None:
        """A page of another origin may do nothing, though it may read; nor may one without an origin."""
        for origin in ("https://evil.example", "https://www.example.org", "null", "file://", "http://127.0.0.1:1"):
            self.assertNothing(await self.post(Origin=origin), 400, "invalid origin")
        self.assertEqual((await self.ask("/api/v2/consumers", Origin="https://www.example.org")).status, 200)

    async def test_rebinding(self) -> None:
        """A page whose own name leads here is same-origin for the browser, and is refused for that name."""
        reply = await self.post(Host=f"evil.example:{self.number}", Origin=f"http://evil.example:{self.number}")
        self.assertNothing(reply, 421, "evil.example")

    async def test_form(self) -> None:
        """What a form of a page can send is not taken."""
        for contentType in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""):
            self.assertNothing(await self.post(Content_Type=contentType), 400, "Invalid content-type")

    async def test_methods(self) -> None:
        """Nothing is done by GET, and no page may ask beforehand whether it may send the token."""
        reply = await self.ask("/api/v2/consumers/mail?method=pause", Authorization=f"Bearer {self.token.value}")
        self.assertNothing(reply, 400, "method")
        reply = await self.ask(
            "/api/v2/consumers/mail",
            "OPTIONS",
            Origin="https://www.example.org",
            Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="authorization",
        )
        self.assertNotIn("authorization", reply.headers.get("access-control-allow-headers", "").lower())

    async def test_errors(self) -> None:
        """What is wrong is said in the shape of JSON-RPC, with all that an error has elsewhere."""
        for path, action, status, code, words in (
            ("consumers/nobody", "pause", 404, -32600, "there is no such consumer"),
            ("consumers/mail", "paws", 501, -32601, "pause, resume"),
            ("consumers/mail/deliveries", "drop", 403, -32600, "runs no listeners"),
            ("builders/1", "pause", 403, -32600, "only reads"),
            ("consumers", "pause", 400, -32602, "one thing"),
        ):
            reply = await self.post(path, action)
            self.assertNothing(reply, status, words)
            self.assertEqual(reply.json["error"]["code"], code)
            self.assertEqual(reply.json["error"]["data"]["status"], status)
        reply = await self.post("consumers/linux")
        self.assertNothing(reply, 500, "log has more")
        self.assertNotIn("mistake", str(reply.json))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)


class LanguagesTests(ActionCase):
    async def test_same(self) -> None:
        """The same results and errors in the process, over HTTP with the token, and over Perspective Broker for who
        has logged in."""
        checker = PasswordChecker({"ada": "p"}, reactor=reactor)
        server = PBStatusServer(
            self.service, "tcp:0:interface=127.0.0.1", portalOf(checker, anonymous=True), reactor=reactor
        )
        server.startService()
        self.addCleanup(server.stopService)
        assert server.listening is not None
        port: Any = await server.listening
        number = port.getHost().port
        http = f"http://127.0.0.1:{self.number}"
        known = {
            "in-process": self.service,
            "http": connect(http, token=self.token.value),
            "pb": connect(f"pb://ada:p@127.0.0.1:{number}"),
        }
        unknown = {
            "no token": connect(http),
            "another": connect(http, token="x" * 30),
            "anonymous": connect(f"pb://127.0.0.1:{number}"),
        }
        for connection in (*known.values(), *unknown.values()):
            if not isinstance(connection, StatusService):
                self.addCleanup(connection.close)
        for name, connection in known.items():
            del self.acts.done[:]
            self.assertEqual(await connection.act("consumers/a%2Fb c", "seek", **SEEK), {"did": "seek"}, name)
            self.assertEqual(self.acts.done, [("a/b c", "seek", {**SEEK, "time": None})], name)
            for error, words, path, action, arguments in (
                (NotFound, "no such consumer", "consumers/nobody", "pause", {}),
                (BadQuery, "seek: time: a time", "consumers/mail", "seek", {"time": "soon"}),
                (BadQuery, "no argument 'now'", "consumers/mail", "pause", {"now": True}),
                (Forbidden, "only reads", "builds/1", "stop", {}),
            ):
                found = await self.assertFailure(connection.act(path, action, **arguments), error)
                self.assertIn(words, str(found), name)
            await self.assertFailure(connection.act("consumers/mail", "seek", cursor=object()), BadQuery)
        del self.acts.done[:]
        for connection in unknown.values():
            await self.assertFailure(connection.act("consumers/mail", "pause"), Unauthenticated)
            await connection.get("consumers/mail")
        self.assertEqual(self.acts.done, [])

    async def test_cancelled(self) -> None:
        """Who does not wait for the end stops waiting, and nothing else."""
        doing = self.service.actAs(HERE, "consumers/mail", "pause", {})
        doing.addErrback(lambda failure: None)
        doing.cancel()
        await self.condition(lambda: bool(self.acts.done))


class TokenTests(TestCase):
    def setUp(self) -> None:
        self.path = os.path.join(os.path.abspath(self.mktemp()), "token")

    def test_made(self) -> None:
        """It is made once, for nobody else's eyes, and kept."""
        before = os.umask(0)
        try:
            token = Token.at(self.path)
        finally:
            os.umask(before)
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(self.path)).st_mode & 0o777, 0o700)
        self.assertEqual(Token.at(self.path), token)
        self.assertGreaterEqual(len(token.value), 40)
        self.assertNotIn(token.value, repr(token))
        os.unlink(self.path)
        self.assertNotEqual(Token.at(self.path).value, token.value)

    def test_refused(self) -> None:
        """One that others can read, that is too short, or no text; a place where none can be."""
        Token.at(self.path)
        os.chmod(self.path, 0o640)
        self.assertIn("chmod 600", str(self.assertRaises(ConfigError, Token.at, self.path)))
        for content in (b"short\n", b"", b"\xff" * 30, b"with a space in the middle of it", b"x" * 30 + b"\ny"):
            with open(self.path, "wb") as file:
                file.write(content)
            os.chmod(self.path, 0o600)
            self.assertRaises(ConfigError, Token.at, self.path)
        for mode in (0o600, 0o644):  # perhaps a file of something else: nothing is to be done to it
            os.chmod(self.path, mode)
            self.assertIn("there is no token in it", str(self.assertRaises(ConfigError, Token.read, self.path)))
        self.assertIn("--token-file", str(self.assertRaises(ConfigError, Token.at, "/dev/null/token")))
        self.assertRaises(ConfigError, Token.read, f"{self.path}-2")
