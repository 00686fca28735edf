"""Who may ask: hosts, origins, methods, preflights."""

from __future__ import annotations

from buildbot.test.www.served import SiteCase
from buildbot.www.settings import WebSettings, hostOf


class HostTests(SiteCase):
    settings = WebSettings(baseURL="https://ci.example.org:8443/", allowedHosts=["other.example"])

    async def test_allowed(self) -> None:
        """A Host may name this machine, the host of buildbotURL, or one of those that are configured; any port."""
        for host in ("localhost", "LOCALHOST:99", "127.0.0.1", "[::1]:8010", "ci.example.org", "other.example.:1"):
            self.assertEqual((host, (await self.ask("/api/v2/masters", Host=host)).status), (host, 200))

    async def test_refused(self) -> None:
        """Any other is a 421 that says what to configure, also where the answer is kept; but health is for all."""
        await self.ask("/api/v2/masters")
        for host in ("evil.example", "localhost.evil.example", "127.0.0.2", ""):
            reply = await self.ask("/api/v2/masters", Host=host)
            self.assertEqual((host, reply.status), (host, 421))
            self.assertIn("allowed_hosts", reply.json["error"])
            self.assertEqual((await self.ask("/metrics", Host=host)).status, 421)
            self.assertEqual((await self.ask("/healthz", Host=host)).status, 200)

    async def test_absolute(self) -> None:
        """An absolute address counts, not the Host beside it."""
        ask = "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"
        good = await self.raw(ask.format("http://localhost/api/v2/masters", "evil.example").encode())
        bad = await self.raw(ask.format("http://evil.example/api/v2/masters", "localhost").encode())
        self.assertEqual((good[9:12], bad[9:12]), (b"200", b"421"))

    async def test_missing(self) -> None:
        """HTTP/1.1 needs a Host, HTTP/1.0 does not."""
        self.assertIn(b" 400 ", await self.raw(b"GET /api/v2/masters HTTP/1.1\r\nConnection: close\r\n\r\n"))
        self.assertIn(b" 200 ", await self.raw(b"GET /api/v2/masters HTTP/1.0\r\n\r\n"))

    def test_hostOf(self) -> None:
        """The port goes, the brackets of IPv6 stay."""
        for header, name in (
            ("[::1]:80", "[::1]"),
            ("A.b:1", "a.b"),
            ("x.", "x"),
            ("[::1]", "[::1]"),
        ):
            self.assertEqual(hostOf(header), name)


class AddressTests(SiteCase):
    settings = WebSettings(interface="0.0.0.0")

    async def test_allowed(self) -> None:
        """Where others than this machine can connect, a Host may be an IP address."""
        for host in ("192.0.2.7", "192.0.2.7:8020", "[2001:db8::7]:8020", "127.0.0.2"):
            self.assertEqual((host, (await self.ask("/api/v2/masters", Host=host)).status), (host, 200))

    async def test_refused(self) -> None:
        """Names are not addresses, whatever they look like, and a browser may be led here by any."""
        for host in ("evil.example", "192.0.2.7.evil.example", "192.0.2", "3221225991", "0x7f.1", "2001:db8::7", "[x]"):
            self.assertEqual((host, (await self.ask("/api/v2/masters", Host=host)).status), (host, 421))

    def test_interfaces(self) -> None:
        """Every interface but those of loopback."""
        for interface, expected in (
            ("0.0.0.0", True),
            ("::", True),
            ("192.0.2.7", True),
            ("127.0.0.1", False),
            ("::1", False),
            ("localhost", False),
        ):
            self.assertEqual((interface, WebSettings(interface=interface).byAddress), (interface, expected))


class OriginTests(SiteCase):
    settings = WebSettings(baseURL="https://ci.example.org/", allowedOrigins=["https://*.example.org"])

    async def test_allowed(self) -> None:
        """An allowed origin may read the answer and its headers, whether it is kept or not, an error included."""
        for path in ("/api/v2/masters", "/api/v2/masters", "/api/v2/nosuch"):
            reply = await self.ask(path, Origin="https://Web.example.org")
            self.assertEqual(reply.headers["access-control-allow-origin"], "https://web.example.org")
            self.assertIn("ETag", reply.headers["access-control-expose-headers"])
            self.assertIn("Origin", reply.headers["vary"])

    async def test_own(self) -> None:
        """This server's own origin is always allowed."""
        reply = await self.ask("/api/v2/masters", Origin=f"http://127.0.0.1:{self.number}")
        self.assertEqual(reply.status, 200)

    async def test_refused(self) -> None:
        """A wrong origin is refused, as Buildbot does, even where the answer is kept."""
        await self.ask("/api/v2/masters")
        for origin in ("https://evil.example", "null", "https://web.example.org.evil.example"):
            reply = await self.ask("/api/v2/masters", Origin=origin)
            self.assertEqual(reply.status, 400)
            self.assertTrue(reply.json["error"].startswith("invalid origin: "), reply.json)
            self.assertIn("www['allowed_origins']", reply.json["error"])
            self.assertNotIn("access-control-allow-origin", reply.headers)

    async def test_preflight(self) -> None:
        """A preflight says what may be sent; one for another method is refused."""
        origin = "https://web.example.org"
        reply = await self.ask("/api/v2/masters", "OPTIONS", Origin=origin, Access_Control_Request_Method="POST")
        self.assertEqual((reply.status, reply.body), (200, b""))
        self.assertEqual(reply.headers["access-control-allow-origin"], origin)
        self.assertIn("POST", reply.headers["access-control-allow-methods"])
        self.assertEqual(reply.headers["access-control-max-age"], "3600")
        reply = await self.ask("/api/v2/masters", "OPTIONS", Origin=origin, Access_Control_Request_Method="DELETE")
        self.assertEqual((reply.status, reply.json["error"]), (400, "invalid method"))
        reply = await self.ask("/api/v2/x", "OPTIONS", Origin="null", Access_Control_Request_Method="GET")
        self.assertEqual(reply.status, 400)

    async def test_options(self) -> None:
        """OPTIONS says which methods there are."""
        self.assertEqual((await self.ask("/api/v2/masters", "OPTIONS")).headers["allow"], "GET, HEAD, OPTIONS, POST")
        self.assertEqual((await self.ask("/api/v2/batch", "OPTIONS")).headers["allow"], "OPTIONS, POST")

    async def test_methods(self) -> None:
        """A method that a path does not take is a 405 that names those it takes."""
        for path, allowed in (
            ("/api/v2/masters", "GET, HEAD, OPTIONS, POST"),
            ("/api", "GET, HEAD"),
            ("/metrics", "GET, HEAD"),
            ("/healthz", "GET, HEAD"),
        ):
            reply = await self.ask(path, "DELETE")
            self.assertEqual((reply.status, reply.headers["allow"]), (405, allowed))
        self.assertEqual((await self.ask("/api/v2/batch")).headers["allow"], "OPTIONS, POST")


class RequestIdTests(SiteCase):
    async def test_own(self) -> None:
        """Each answer names its request, by another name each time."""
        names = {(await self.ask("/api/v2/masters")).headers["x-request-id"] for _ in range(3)}
        self.assertEqual(len(names), 3)

    async def test_given(self) -> None:
        """A client's own name is kept if it is one."""
        reply = await self.ask("/api/v2/masters", X_Request_Id="mine-1.2_3")
        self.assertEqual(reply.headers["x-request-id"], "mine-1.2_3")
        for bad in ("a b", "x" * 65, "ü", '"'):
            reply = await self.ask("/api/v2/masters", X_Request_Id=bad)
            self.assertNotEqual(reply.headers["x-request-id"], bad)
