"""The web pages, served: found where they are installed, kept by browsers, and in nobody's way."""

from __future__ import annotations

import gzip
import json
import re
from html import unescape
from typing import Any

import brotli
from twisted.trial.unittest import SynchronousTestCase

from buildbot.errors import ConfigError
from buildbot.test.www.installed import FILES, INDEX, SCRIPT, Environment
from buildbot.test.www.served import Reply, SiteCase
from buildbot.www.pages import META, NONE, Pages, namesOfViews
from buildbot.www.settings import WebSettings

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JS = "/assets/index-1a2b.js"
VIEW = {"index.js": "import './lib/more.js';\n", "lib/more.js": "export {};\n"}


def told(document: str) -> Any:
    """What a document says to the script in it."""
    [content] = re.findall(f'<meta name="{META}" content="([^"]*)">', document)
    return json.loads(unescape(content))


class PagesCase(SiteCase):
    """Serves pages that are installed."""

    files: dict[str, str | bytes] = {
        **FILES,
        f"{JS[1:]}.br": brotli.compress(SCRIPT.encode(), quality=11),
        f"{JS[1:]}.gz": gzip.compress(SCRIPT.encode(), 9),
        "index.html.br": brotli.compress(b"as it was before the way to the root was put in"),
    }
    views: dict[str, dict[str, Any]] = {}

    def setUp(self) -> None:
        self.environment = Environment(self)
        self.environment.installPages(self.files)
        for name in self.views:
            self.environment.installView(name, VIEW)
        self.pages = Pages.installed(self.views)
        super().setUp()

    async def document(self, path: str = "/") -> Reply:
        """What a browser gets at an address that was typed."""
        reply = await self.ask(path, Accept=BROWSER)
        self.assertEqual((path, reply.status), (path, 200))
        return reply


class ServedTests(PagesCase):
    async def test_document(self) -> None:
        """``/`` is the document, which is asked for again each time, and not sent again where it is held already."""
        reply = await self.ask("/")
        self.assertEqual((reply.status, reply.headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertEqual(reply.headers["cache-control"], "no-cache")
        self.assertIn('<base href="/">', reply.body.decode())
        self.assertEqual(told(reply.body.decode()), {"plugins": []})
        again = await self.ask("/", If_None_Match=reply.headers["etag"])
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(again.headers["cache-control"], "no-cache")

    async def test_encodedDocument(self) -> None:
        """Encoded, it is what it is unencoded, and not what was installed."""
        plain = (await self.ask("/")).body
        for encoding, decoded in (("br", brotli.decompress), ("gzip", gzip.decompress)):
            reply = await self.ask("/", Accept_Encoding=encoding)
            self.assertEqual(reply.headers["content-encoding"], encoding)
            self.assertEqual(decoded(reply.body), plain)

    async def test_hashed(self) -> None:
        """What has its digest in its name is kept for a year and never asked for again; all else is."""
        for path in (JS, "/assets/a-1a2b.png"):
            self.assertEqual((await self.ask(path)).headers["cache-control"], "max-age=31536000, immutable")
        self.assertEqual((await self.ask("/icon.svg")).headers["cache-control"], "no-cache")

    async def test_encodings(self) -> None:
        """Scripts come as they were compressed beforehand: the best that a client takes, by its own order if it has
        one; each with a tag of its own."""
        tags = set()
        for accepted, encoding in (
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, deflate", "gzip"),
            ("br;q=0.5, gzip", "gzip"),
            ("zstd", None),
            ("identity", None),
            ("*;q=0", None),
        ):
            reply = await self.ask(JS, Accept_Encoding=accepted)
            self.assertEqual((reply.status, reply.headers.get("content-encoding")), (200, encoding), accepted)
            made = self.files[JS[1:] + {"br": ".br", "gzip": ".gz", None: ""}[encoding]]
            self.assertEqual(reply.body, made if isinstance(made, bytes) else made.encode())
            self.assertEqual(reply.headers["vary"], "Accept-Encoding, Origin")
            tags.add(reply.headers["etag"])
            held = await self.ask(JS, Accept_Encoding=accepted, If_None_Match=reply.headers["etag"])
            self.assertEqual(held.status, 304)
        self.assertEqual(len(tags), 3)

    async def test_types(self) -> None:
        """Each file is called what it is, which browsers are told not to doubt."""
        for path, kind in (
            (JS, "text/javascript; charset=utf-8"),
            ("/assets/a-1a2b.png", "image/png"),
            ("/icon.svg", "image/svg+xml"),
        ):
            reply = await self.ask(path)
            self.assertEqual(reply.headers["content-type"], kind)
            self.assertEqual(reply.headers["x-content-type-options"], "nosniff")

    async def test_head(self) -> None:
        """HEAD has the headers of GET, and nothing else; nothing can be posted."""
        for path in ("/", JS, "/builders"):
            got = await self.ask(path, Accept=BROWSER, Accept_Encoding="br")
            raw = await self.raw(
                f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {BROWSER}\r\nAccept-Encoding: br\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            lines, _, rest = raw.partition(b"\r\n\r\n")
            self.assertEqual((lines[:15], rest), (b"HTTP/1.1 200 OK", b""))
            for name in ("ETag", "Content-Length", "Content-Encoding", "Cache-Control"):
                self.assertIn(f"\r\n{name}: {got.headers[name.lower()]}\r\n".encode(), lines + b"\r\n")
        for path in ("/", JS):
            reply = await self.ask(path, "POST", b"")
            self.assertEqual((reply.status, reply.headers["allow"]), (405, "GET, HEAD"))

    async def test_policy(self) -> None:
        """Nothing but this server's own scripts, styles and answers; nobody frames the pages or learns where somebody
        came from. For scripts too: workers have the policy of their own file."""
        for path in ("/", "/builders", JS, "/about/api"):
            reply = await self.ask(path, Accept=BROWSER)
            policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
            self.assertEqual(policy.pop("default-src"), "'none'")
            self.assertEqual((policy.pop("frame-ancestors"), policy.pop("form-action")), ("'none'", "'none'"))
            self.assertEqual(policy.pop("img-src"), "'self' data:")
            for name in ("script-src", "style-src", "connect-src", "worker-src", "base-uri"):
                self.assertIn(name, policy)
            self.assertEqual(set(policy.values()), {"'self'"})
            self.assertEqual(reply.headers["referrer-policy"], "no-referrer")


class AddressTests(PagesCase):
    async def test_deep(self) -> None:
        """Every address of the pages is the one document, with the way to the root in it: also where names have dots
        and signs in them."""
        document = (await self.document()).body
        for path in (
            "/waterfall",
            "/about",
            "/builders/linux/builds/7",
            "/builders/python3.12",
            "/builders/a%2Fb/builds/7/steps/1/logs/stdio.txt?first=5",
            "/no/such/thing",
        ):
            reply = await self.document(path)
            self.assertEqual(reply.body, document)
            self.assertEqual(reply.headers["vary"], "Accept, Accept-Encoding, Origin")

    async def test_scripts(self) -> None:
        """What scripts ask for, and what only files are called, is a clear error as ever."""
        for path, accept in (
            ("/waterfall", "*/*"),
            ("/waterfall", "application/json, text/html"),
            ("/robots.txt", BROWSER),
            ("/wp-login.php", BROWSER),
            ("/assets/index-old.js", BROWSER),
            ("/assets", BROWSER),
            ("/plugins/x/index.js", BROWSER),
            ("/index.html", BROWSER),
        ):
            reply = await self.ask(path, Accept=accept)
            self.assertEqual((path, reply.status), (path, 404))
            self.assertIn(f"Invalid path: {path}: nothing is there; possible: /about/api, /api, ", reply.json["error"])
        self.assertEqual((await self.ask("/waterfall", "POST", b"", Accept=BROWSER)).status, 404)

    async def test_hostile(self) -> None:
        """No address leads out of the folder."""
        for path in (
            "/assets/../index.html",
            "/assets/../../__init__.py",
            "/assets/%2e%2e/index.html",
            "/assets/..%2f..%2f__init__.py",
            "/assets/%00",
            f"{JS}%00",
            f"{JS}/",
            "/assets//index-1a2b.js",
            "//assets/index-1a2b.js",
            "/assets\\index-1a2b.js",
            "/../__init__.py",
            "/%2e%2e/__init__.py",
            "/__init__.py",
        ):
            raw = await self.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            self.assertTrue(raw.startswith(b"HTTP/1.1 404 "), (path, raw[:100]))

    async def test_host(self) -> None:
        """A page of another name for this machine gets nothing of it."""
        self.assertEqual((await self.ask("/", Host="evil.example.org")).status, 421)


class ShadowTests(PagesCase):
    """Pages that have files where everything else of the server is."""

    def setUp(self) -> None:
        words = ("api", "healthz", "metrics", "sse", "ws", "about")
        paths = [f"{word}/{name}" for word in words for name in ("x", "live", "v2/x", "api", "errors/not-found")]
        self.files = {**FILES, **dict.fromkeys(paths, "shadow")}
        super().setUp()

    async def test_handlers(self) -> None:
        """Nothing of the API is answered by the pages, for whatever accepts: each handler gets its own word, and all
        below it."""
        handlers = dict(self.site._handlers)
        self.assertEqual({*handlers}, {"api", "healthz", "metrics", "sse", "ws"})
        asked: list[tuple[str, str | None]] = []
        for word in handlers:

            async def handler(request: Any, rest: str | None, word: str = word) -> None:
                asked.append((word, rest))
                await handlers[word](request, rest)

            self.site._handlers[word] = handler
        for word in handlers:
            for path in (word, f"{word}/", f"{word}/x", f"{word}/live", f"{word}/v2/x"):
                for accept in (BROWSER, "*/*"):
                    asked.clear()
                    raw = await self.raw(
                        f"GET /{path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n"
                        "Connection: close\r\n\r\n".encode()
                    )
                    self.assertEqual(asked, [(word, path[len(word) + 1 :] if "/" in path else None)])
                    self.assertNotIn(b"shadow", raw)
                    self.assertNotIn(b"<base", raw)

    async def test_about(self) -> None:
        """Neither is what is below ``/about``."""
        self.assertIn(b"<title>", (await self.ask("/about/api")).body)
        self.assertIn(b"<h1>", (await self.ask("/about/errors/not-found")).body)


class BelowTests(PagesCase):
    """Behind a proxy that takes a path off, or leaves it there."""

    settings = WebSettings(baseURL='https://ci.example.org/b"b/', allowedHosts=["127.0.0.1"])
    views = {"mine": {}}

    async def test_base(self) -> None:
        """The document says where the root is for browsers, however they came to it; everything is found from
        there."""
        document = (await self.document("/")).body
        self.assertIn(b'<base href="/b&quot;b/">', document)
        for path in ("/waterfall", '/b"b', '/b"b/', '/b"b/builders/linux'):
            self.assertEqual((await self.document(path)).body, document)
        self.assertEqual((await self.ask(f'/b"b{JS}')).body, SCRIPT.encode())
        [plugin] = told(document.decode())["plugins"]
        self.assertEqual((await self.ask(f'/b"b/{plugin["module"]}')).body, VIEW["index.js"].encode())


class ViewsTests(PagesCase):
    views = {"mine": {"at most": '<">'}, "my other": {}}

    async def test_views(self) -> None:
        """The document names each view's module and options. Its files may be kept for ever, whatever they are called,
        and name one another as they lie."""
        plugins = told((await self.document()).body.decode())["plugins"]
        self.assertEqual([(plugin["name"], plugin["options"]) for plugin in plugins], [*self.views.items()])
        for plugin in plugins:
            self.assertRegex(plugin["module"], r"^plugins/(mine|my%20other)/[0-9a-f]{18}/index\.js$")
            for path, content in VIEW.items():
                reply = await self.ask("/" + plugin["module"].removesuffix("index.js") + path)
                self.assertEqual((reply.status, reply.body), (200, content.encode()))
                self.assertEqual(reply.headers["cache-control"], "max-age=31536000, immutable")
                self.assertIn("script-src 'self'", reply.headers["content-security-policy"])
        self.assertEqual((await self.ask("/plugins/mine/index.js")).status, 404)

    def test_changed(self) -> None:
        """Whatever changes in a view, its address does."""
        for name, files in (
            ("content", {**VIEW, "lib/more.js": "export {}\n"}),
            ("less", {"index.js": VIEW["index.js"]}),
            ("renamed", {**VIEW, "lib/more.js": "", "lib/mores.js": VIEW["lib/more.js"]}),
            ("empty", {**VIEW, "lib/more.js": "", "lib/most.js": VIEW["lib/more.js"]}),
            ("same", VIEW),
        ):
            self.environment.installView(name, files)
        pages = Pages.installed({name: {} for name in ("content", "less", "renamed", "empty", "same", "mine")})
        assert pages is not None
        digests = {path.split("/")[1]: path.split("/")[2] for path in pages.files("") if path.startswith("plugins/")}
        self.assertEqual(digests.pop("same"), digests["mine"])
        self.assertEqual(len({*digests.values()}), len(digests))


class InstalledTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.environment = Environment(self)

    def refused(self, *views: str) -> str:
        return str(self.assertRaises(ConfigError, self.serve, *views))

    def serve(self, *views: str) -> Any:
        pages = Pages.installed({name: {} for name in views})
        return None if pages is None else pages.files("")

    def test_none(self) -> None:
        """Without any there are none, and what would add to them is an error that says how to get them."""
        self.assertIsNone(self.serve())
        self.environment.installView("mine", VIEW)
        self.assertIsNone(self.serve())
        self.assertEqual(self.refused("mine"), f"www['plugins'] adds to the web pages, but {NONE}")

    def test_views(self) -> None:
        """Only views that are wanted are served; those that are installed are known without being imported."""
        self.environment.installPages()
        self.environment.install("buildbot_status.www_views", "broken", {"index.js": ""}, attribute="NONE")
        self.environment.installView("mine", VIEW)
        self.assertEqual(namesOfViews(), ["broken", "mine"])
        self.assertEqual([path for path in self.serve() if path.startswith("plugins/")], [])
        self.assertEqual(len([path for path in self.serve("mine") if path.startswith("plugins/mine/")]), 2)
        self.assertIn(":NONE cannot be served: AttributeError: ", self.refused("broken"))

    def test_unusable(self) -> None:
        """What cannot be served is named before anything starts."""
        package = self.environment.installPages({"assets/a.js": ""})
        self.assertEqual(self.refused(), f"{package}:FILES cannot be served: it has no index.html")
        other = self.environment.installPages()
        self.assertIn(f"only one can be served: {package}:FILES, {other}:FILES", self.refused())

    def test_base(self) -> None:
        """A document in which the way to the root cannot be put is refused."""
        self.environment.installPages({"index.html": INDEX.replace("./", "/")})
        self.assertIn('does not have <base href="./">', self.refused())


class NoneTests(SiteCase):
    async def test_navigation(self) -> None:
        """Without pages, ``/`` leads to what there is about the API, and nothing else is there."""
        reply = await self.ask("/", Accept=BROWSER)
        self.assertEqual((reply.status, reply.headers["location"]), (302, "/about/api"))
        for path in ("/waterfall", "//", "/assets/x.js", "/index.html"):
            self.assertEqual((await self.ask(path, Accept=BROWSER)).status, 404)
