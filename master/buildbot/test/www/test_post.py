"""Batches and actions."""

from __future__ import annotations

import gzip
from typing import Any

import simplejson

from buildbot.test.www.served import Reply, SiteCase
from buildbot.www.settings import WebSettings

JSON = "application/json"


class BatchTests(SiteCase):
    async def post(self, calls: Any, contentType: str = JSON, **headers: str) -> Reply:
        body = calls if isinstance(calls, bytes) else simplejson.dumps(calls).encode()
        return await self.ask("/api/v2/batch", "POST", body, Content_Type=contentType, **headers)

    async def test_same(self) -> None:
        """Each answer is what the call alone is answered with, in both ways to write a batch."""
        alone = [await self.ask("/api/v2/builders?limit=2&field=name"), await self.ask("/api/v2/masters/1")]
        calls = [["builders", {"limit": 2, "field": "name"}], ["masters/1", {}]]
        for form in (calls, {"calls": calls}):
            reply = await self.post(form)
            self.assertEqual(reply.status, 200)
            self.assertEqual(reply.json["answers"], [each.json for each in alone])

    async def test_errors(self) -> None:
        """An error stands in the place of its call, the others are answered."""
        first, second, third, raw = (
            await self.post([["builders/99999"], ["masters"], ["builds", {"nosuch": 1}], ["logs/1/raw"]])
        ).json["answers"]
        self.assertEqual((first["status"], third["status"], third["parameter"]), (404, 400, "nosuch"))
        self.assertIn("masters", second)
        self.assertIn("error", raw)

    async def test_oneSnapshot(self) -> None:
        """All are read in one transaction."""
        await self.post([["builders"], ["masters"], ["builds", {"limit": 3}]])
        self.assertEqual({name for name, _ in self.database.metrics.runs}, {"batch"})

    async def test_compressed(self) -> None:
        """The answer is compressed as any other; a long one in a thread."""
        for calls in ([["builders"]], [["builds", {"limit": 10_000, "expand": "steps"}]]):
            plain, packed = await self.post(calls), await self.post(calls, Accept_Encoding="gzip")
            self.assertEqual(gzip.decompress(packed.body), plain.body)

    async def test_malformed(self) -> None:
        """What is no batch is a 400 in words."""
        for calls in (b"", b"{", b"[" * 100_000, b'{"calls": 1}', b"[[1]]", b'[["masters", {"x": {}}]]', b"\xff"):
            self.assertEqual((calls[:9], (await self.post(calls)).status), (calls[:9], 400))
        self.assertEqual((await self.post([["masters"]] * 101)).status, 400)
        self.assertEqual((await self.post([["masters"]], contentType="text/plain")).status, 400)
        self.assertEqual((await self.post([["masters"]], Origin="https://evil.example")).status, 400)


class ActionTests(SiteCase):
    settings = WebSettings(baseURL="https://ci.example.org/")

    async def post(self, path: str, call: Any, **headers: str) -> Reply:
        body = call if isinstance(call, bytes) else simplejson.dumps(call).encode()
        return await self.ask(f"/api/v2/{path}", "POST", body, **{"Host": "localhost", "Content_Type": JSON, **headers})

    def call(self, **other: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "method": "stop", "id": 7, "params": {}, **other}

    async def test_readOnly(self) -> None:
        """Every action is a 403 that says why, in the shape of JSON-RPC."""
        for path in ("builds/1", "workers/1", "forceschedulers/force", "builders"):
            reply = await self.post(path, self.call())
            self.assertEqual((reply.status, reply.headers["content-type"]), (403, "application/json; charset=utf-8"))
            self.assertEqual((reply.json["id"], reply.json["jsonrpc"]), (7, "2.0"))
            self.assertEqual(reply.json["error"]["code"], -32600)
            self.assertIn("only reads", reply.json["error"]["message"])

    async def test_nowhere(self) -> None:
        """An action on a path that there is not is a 404."""
        reply = await self.post("nosuch", self.call())
        self.assertEqual((reply.status, reply.json["error"]["code"]), (404, -32600))

    async def test_malformed(self) -> None:
        """What is no call is a 400 with the code that Buildbot gives it."""
        for call, code in (
            (b"{", -32700),
            (b"[]", -32600),
            (b"1", -32600),
            ({}, -32600),
            (self.call(jsonrpc="1.0"), -32600),
            (self.call(method=1), -32600),
            (self.call(id=True), -32600),
            (self.call(id=1.5), -32600),
            (self.call(params=[]), -32600),
        ):
            reply = await self.post("builds/1", call)
            self.assertEqual((call, reply.status, reply.json["error"]["code"]), (call, 400, code))
            self.assertNotIn("id", reply.json)

    async def test_contentType(self) -> None:
        """Only JSON is taken: no form of a foreign page can send it. Nor may a foreign page send JSON."""
        reply = await self.post("builds/1", self.call(), Content_Type="text/plain")
        self.assertEqual((reply.status, reply.json["error"]["code"]), (400, -32600))
        reply = await self.post("builds/1", self.call(), Origin="https://evil.example")
        self.assertEqual(reply.status, 400)
        self.assertTrue(reply.json["error"]["message"].startswith("invalid origin: "), reply.json)
        reply = await self.post("builds/1", self.call(), Content_Type="application/json; charset=utf-8")
        self.assertEqual(reply.status, 403)
