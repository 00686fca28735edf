"""One thing and lists over HTTP: bodies, headers, entity tags, errors."""

from __future__ import annotations

from buildbot.test.www.served import SiteCase


class GetTests(SiteCase):
    async def test_list(self) -> None:
        """A list is JSON under its plural, with meta."""
        reply = await self.ask("/api/v2/builders?limit=2")
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["content-type"], "application/json; charset=utf-8")
        self.assertEqual(len(reply.json["builders"]), 2)
        self.assertIn("meta", reply.json)

    async def test_kept(self) -> None:
        """The second answer is the first, byte by byte, and is not read again."""
        first = await self.ask("/api/v2/builders/1")
        second = await self.ask("/api/v2/builders/1")
        self.assertEqual(first.body, second.body)
        self.assertEqual(self.site.metrics.requests["kept", 200], 1)

    async def test_missing(self) -> None:
        """What does not exist is a 404 in Buildbot's shape and RFC 9457's."""
        reply = await self.ask("/api/v2/builders/99999")
        self.assertEqual(reply.status, 404)
        self.assertEqual(reply.json["error"], reply.json["detail"])
        self.assertEqual(reply.json["type"], "/about/errors/not-found")
