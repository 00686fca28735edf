"""One thing and lists over HTTP: addresses, bodies, entity tags, forms, links."""

from __future__ import annotations

import gzip
import re
import sqlite3
from typing import Any

import brotli
import zstandard

from buildbot.errors import Forbidden
from buildbot.status.definition import Resource
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.test.www.served import SiteCase
from buildbot.www.settings import WebSettings
from buildbot.www.site import cacheControl

DECODERS = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


class AddressTests(SiteCase):
    async def test_list(self) -> None:
        """A list is compact JSON under its plural, with meta."""
        reply = await self.ask("/api/v2/builders?limit=2")
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["content-type"], "application/json; charset=utf-8")
        self.assertEqual(reply.headers["x-content-type-options"], "nosniff")
        self.assertEqual(len(reply.json["builders"]), 2)
        self.assertIn("meta", reply.json)
        self.assertNotIn(b"\n", reply.body)

    async def test_latest(self) -> None:
        """``latest`` is another word for ``v2``."""
        self.assertEqual((await self.ask("/api/latest/masters")).json, (await self.ask("/api/v2/masters")).json)

    async def test_versions(self) -> None:
        """``/api`` says where the API is."""
        reply = await self.ask("/api")
        self.assertEqual(reply.json, {"api_versions": {"v2": f"http://127.0.0.1:{self.number}/api/v2"}})

    async def test_root(self) -> None:
        """``/api/v2`` is the root; with a slash at its end it is not there."""
        self.assertIn("rootlinks", (await self.ask("/api/v2")).json)
        self.assertEqual((await self.ask("/api/v2/")).status, 404)

    async def test_nowhere(self) -> None:
        """Everything else is a 404 in JSON that names the path."""
        for path in ("/api/", "/api/v3/masters", "/api/v2/masters/", "/api/v2/nosuch", "/nosuch", "/api/v2//masters"):
            reply = await self.ask(path)
            self.assertEqual((path, reply.status), (path, 404))
            self.assertEqual(reply.headers["content-type"], "application/json; charset=utf-8")
            self.assertTrue(reply.json["error"].startswith("Invalid path: "), reply.json)

    async def test_encodedNames(self) -> None:
        """Elements of a path are decoded after it is split; ``+`` stays."""
        name = sqlite3.connect(self.file).execute("SELECT name FROM builders WHERE name LIKE '%/%'").fetchone()[0]
        reply = await self.ask("/api/v2/builders/" + "".join(f"%{byte:02X}" for byte in name.encode()))
        self.assertEqual(reply.json["builders"][0]["name"], name)

    async def test_noValue(self) -> None:
        """What has no ``=`` is no parameter; an empty value is one."""
        self.assertEqual((await self.ask("/api/v2/masters?1700000000&&")).status, 200)
        self.assertEqual((await self.ask("/api/v2/masters?x=")).status, 400)

    async def test_badQuery(self) -> None:
        """A bad parameter is a 400 that names it."""
        reply = await self.ask("/api/v2/builds?nosuch=1")
        self.assertEqual((reply.status, reply.json["parameter"]), (400, "nosuch"))
        self.assertIn("nosuch", reply.json["error"])

    async def test_noEventLog(self) -> None:
        """There is no event log, so no cursor is sent and none is taken."""
        for name in ("since", "min_cursor"):
            self.assertIn("no event log", (await self.ask(f"/api/v2/builds?{name}=x")).json["error"])

    async def test_missing(self) -> None:
        """What does not exist is a 404 in Buildbot's shape and RFC 9457's."""
        reply = await self.ask("/api/v2/builders/99999")
        self.assertEqual((reply.status, reply.json["status"]), (404, 404))
        self.assertEqual(reply.json["error"], reply.json["detail"])
        self.assertEqual(reply.json["type"], "/about/errors/not-found")
        self.assertEqual(reply.headers["cache-control"], "no-store")

    async def test_absent(self) -> None:
        """HEAD is GET without its body, kept or not, errors included."""
        for path in ("/api/v2/builders", "/api/v2/builders", "/api/v2/builders/99999"):
            head, get = await self.ask(path, "HEAD"), await self.ask(path)
            self.assertEqual((head.status, head.body), (get.status, b""))
            for name in ("content-type", "etag", "content-length"):
                self.assertEqual(head.headers.get(name), get.headers.get(name))


class KeptTests(SiteCase):
    async def test_kept(self) -> None:
        """The second answer is the first, byte by byte, and is not read again."""
        first = await self.ask("/api/v2/builders/1")
        runs = self.runs()
        second = await self.ask("/api/v2/builders/1")
        self.assertEqual((first.body, self.runs()), (second.body, runs))
        self.assertEqual(self.site.metrics.requests["kept", 200], 1)

    async def test_written(self) -> None:
        """After a write an answer is read anew, and its entity tag is another one if it has changed."""
        first = await self.ask("/api/v2/builders/1")
        with sqlite3.connect(self.file) as connection:
            connection.execute("UPDATE builders SET description = 'changed' WHERE id = 1")
        second = await self.ask("/api/v2/builders/1")
        self.assertEqual(second.json["builders"][0]["description"], "changed")
        self.assertNotEqual(first.headers["etag"], second.headers["etag"])

    async def test_notModified(self) -> None:
        """Who holds an answer is told so, without a statement: by its tag, weak or in a list, or by ``*``."""
        tag = (await self.ask("/api/v2/builders")).headers["etag"]
        runs = self.runs()
        for held in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            reply = await self.ask("/api/v2/builders", If_None_Match=held)
            self.assertEqual((reply.status, reply.body), (304, b""))
            self.assertEqual(reply.headers["etag"], tag)
            self.assertEqual(reply.headers["cache-control"], "no-cache")
            self.assertIn("Accept-Encoding", reply.headers["vary"])
            self.assertNotIn("content-type", reply.headers)
        self.assertEqual(self.runs(), runs)
        self.assertEqual((await self.ask("/api/v2/builders", If_None_Match='"x"')).status, 200)

    async def test_unrelatedWrite(self) -> None:
        """A write that does not change an answer does not change its tag: who holds it need not load it again."""
        tag = (await self.ask("/api/v2/builders")).headers["etag"]
        with sqlite3.connect(self.file) as connection:
            connection.execute("UPDATE masters SET last_active = last_active + 1")
        self.assertEqual((await self.ask("/api/v2/builders", If_None_Match=tag)).status, 304)

    async def test_forms(self) -> None:
        """Each encoding is a form of its own, with a tag of its own."""
        plain = await self.ask("/api/v2/builders")
        tags = {plain.headers["etag"]}
        for encoding, decode in DECODERS.items():
            for _ in range(2):
                reply = await self.ask("/api/v2/builders", Accept_Encoding=encoding)
                self.assertEqual(reply.headers["content-encoding"], encoding)
                self.assertEqual(int(reply.headers["content-length"]), len(reply.body))
                self.assertEqual(decode(reply.body), plain.body)
            tags.add(reply.headers["etag"])
        self.assertEqual(len(tags), 4)

    async def test_smallBodies(self) -> None:
        """What is very short is not compressed, unless nothing else is taken."""
        self.assertNotIn("content-encoding", (await self.ask("/api/v2/masters/1", Accept_Encoding="gzip")).headers)
        reply = await self.ask("/api/v2/masters/1", Accept_Encoding="gzip, identity;q=0")
        self.assertEqual(reply.headers["content-encoding"], "gzip")

    async def test_noEncoding(self) -> None:
        """Who takes no encoding that there is gets a 406 that lists them."""
        reply = await self.ask("/api/v2/builders", Accept_Encoding="compress, identity;q=0")
        self.assertEqual(reply.status, 406)
        self.assertIn("gzip", reply.json["error"])

    async def test_large(self) -> None:
        """A long list, compressed in a thread, is what it is unencoded."""
        path = "/api/v2/builds?limit=10000&expand=steps"
        plain, packed = await self.ask(path), await self.ask(path, Accept_Encoding="gzip")
        self.assertGreater(len(plain.body), 200_000)
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        self.assertEqual((await self.ask(path)).body, plain.body)

    async def test_indented(self) -> None:
        """A browser's address bar and ``pretty=1`` get the same JSON indented; ``pretty=0`` does not."""
        plain = await self.ask("/api/v2/builders")
        browser = "text/html,application/xhtml+xml,*/*;q=0.8"
        for path, accept in (("?pretty=1", "*/*"), ("", browser), ("?pretty=true", browser)):
            reply = await self.ask("/api/v2/builders" + path, Accept=accept)
            self.assertIn(b'\n  "builders"', reply.body)
            self.assertEqual(reply.json, plain.json)
            self.assertNotEqual(reply.headers["etag"], plain.headers["etag"])
        self.assertEqual((await self.ask("/api/v2/builders?pretty=0", Accept=browser)).body, plain.body)
        self.assertEqual((await self.ask("/api/v2/builders?pretty=1")).json, plain.json)
        self.assertEqual((await self.ask("/api/v2/builders?pretty=x")).status, 400)

    def runs(self) -> int:
        """How many transactions the database has seen."""
        return sum(numbers.runs for numbers in self.database.metrics.runs.values())


class AuthorizedService(StatusService):
    """Asks a function that a test may change."""

    def __init__(self, *arguments: Any) -> None:
        self.visibility: str | None = "full"
        super().__init__(*arguments, authorize=self.authorize)

    def authorize(self, principal: Principal, verb: str, resource: type[Resource]) -> str:
        if self.visibility is None:
            raise Forbidden("not you")
        return self.visibility


class AllowedTests(SiteCase):
    serviceClass = AuthorizedService
    service: AuthorizedService

    async def test_before(self) -> None:
        """Whether somebody may have an answer is asked each time, before what is kept is looked at."""
        tag = (await self.ask("/api/v2/builders")).headers["etag"]
        self.service.visibility = None
        for held in ('"x"', tag, "*"):
            reply = await self.ask("/api/v2/builders", If_None_Match=held)
            self.assertEqual((reply.status, reply.json["error"]), (403, "not you"))

    async def test_visibility(self) -> None:
        """What was kept for one class is not for another; both are kept."""
        seen = []
        for visibility in ("full", "limited", "full", "limited"):
            self.service.visibility = visibility
            await self.ask("/api/v2/builders")
            seen.append(self.database.metrics.runs["builders.list", "large"].runs)
        self.assertEqual(seen, [1, 2, 2, 2])


class FreshnessTests(SiteCase):
    async def test_age(self) -> None:
        """Where the database is looked at from time to time, ``Cache-Control`` says how old an answer may be."""
        self.assertEqual(cacheControl(self.service), "no-cache")
        self.database.freshness = 0.5
        self.assertEqual(cacheControl(self.service), "no-cache, max-age=1")


class LinkTests(SiteCase):
    settings = WebSettings(baseURL="https://ci.example.org/bb/", allowedHosts=["127.0.0.1"])

    async def test_next(self) -> None:
        """``Link`` leads through a list to its end, under the path that a proxy serves."""
        path, seen = "/api/v2/builds?limit=7&order=-buildid", []
        while path:
            reply = await self.ask(path)
            seen += [build["buildid"] for build in reply.json["builds"]]
            link = re.fullmatch(r'<(/bb/api/v2/[^>]*)>; rel="next"', reply.headers.get("link", ""))
            path = link[1] if link else ""
        everything = (await self.ask("/api/v2/builds?order=-buildid")).json["builds"]
        self.assertEqual(seen, [build["buildid"] for build in everything])

    async def test_base(self) -> None:
        """What is under the proxy's path is there without it as well; addresses in answers are the proxy's."""
        self.assertEqual((await self.ask("/bb/api/v2/masters")).body, (await self.ask("/api/v2/masters")).body)
        self.assertEqual((await self.ask("/bb/api")).json["api_versions"]["v2"], "https://ci.example.org/bb/api/v2")
        self.assertEqual((await self.ask("/bb/")).headers["location"], "/bb/about/api")
        self.assertEqual((await self.ask("/api/v2/x")).json["type"], "/bb/about/errors/not-found")
