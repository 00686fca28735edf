"""Records that the database spells in JSON itself are the ones that Python would make of the same rows."""

from __future__ import annotations

import sqlite3
from typing import Any

import simplejson
from sqlalchemy.engine import make_url

from buildbot.status.encode import compact
from buildbot.status.principal import ANONYMOUS
from buildbot.status.query import asked
from buildbot.status.service import Body

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, catalogue

SPELLED = (
    "builds",
    "builds?limit=7&order=-number",
    "steps?limit=3",
    "builders?field=tags&field=name",
    "builds/3",
    "logs",
)


class TextsTests(ContractCase):
    async def same(self, service: Any, path: str) -> None:
        """Fail where the bytes of an answer do not say what its records do."""
        answer = await service.get(path)
        (body,) = await service.getBodies(ANONYMOUS, [asked(path, {})])
        said = simplejson.loads(b"".join(body.pieces))
        records = simplejson.loads(compact([record.asDict() for record in answer]))
        self.assertEqual(records, said[body.resource.Plural], path)
        self.assertEqual(dict(answer.meta), said["meta"], path)

    async def test_every(self) -> None:
        """Every list, with all fields and without any being named, whole and its first records."""
        service = self.serve()
        for pattern in catalogue().patterns.values():
            if pattern.single or len(pattern.hops) > 1 or pattern.endpoint is not None:
                continue
            every = "&".join(f"field={name}" for name in pattern.resource.Fields)
            for query in ("", "?limit=2", f"?limit=3&{every}", f"?{every}&offset=1"):
                await self.same(service, pattern.text + query)

    async def test_theirWay(self) -> None:
        """It is the database that does it, where it can."""
        service = self.serve()
        statements = self.recorded(service.database)
        for path in SPELLED:
            statements.clear()
            await service.getBodies(ANONYMOUS, [asked(path, {})])
            self.assertEqual("group_concat(json_object(" in statements[0].sql, service.database.dialect == "sqlite")


class OnSQLite(TextsTests, ContractOnSQLite):
    """On SQLite, where a column holds whatever somebody wrote."""

    async def test_whatItCannotSpell(self) -> None:
        """Times with a fraction, bytes in the place of a text, text that is no JSON: Python makes these records."""
        url = self.filledUrl()
        service = self.serve(url)
        with sqlite3.connect(make_url(url).database or "") as connection:
            for change in (
                "UPDATE builds SET started_at = 1700000000.1234567 WHERE id = 2",
                "UPDATE builders SET description = CAST('bytes' AS BLOB) WHERE id = 1",
                "UPDATE steps SET urls_json = '[NaN' WHERE id = 1",
                "UPDATE builds SET locks_duration_s = 9e999 WHERE id = 3",
                "UPDATE builds SET locks_duration_s = 0.1 + 0.2 WHERE id = 4",
                "UPDATE builds SET state_string = CAST(x'ff61' AS TEXT) WHERE id = 5",
                "UPDATE steps SET urls_json = '" + 1500 * "[" + 1500 * "]" + "' WHERE id = 2",
                "UPDATE masters SET name = 'a' || char(30) || '\"\\' || char(9) || 'ü' WHERE id = 1",
            ):
                self.assertEqual(connection.execute(change).rowcount, 1, change)
            connection.commit()
        connection.close()
        build = await service.get("builds/2")
        self.assertEqual(build.one.asDict()["started_at"], 1700000000.1234567)
        for path in ("builds/2", "builds/3", "builds/4", "builds/5", "builds", "steps/1", "masters", "masters/1"):
            await self.same(service, path)
        self.assertEqual((await service.get("builds/5")).one.asDict()["state_string"], "\N{REPLACEMENT CHARACTER}a")
        self.assertIsNone((await service.get("steps/2")).one.asDict()["urls"])
        answer = await service.get("builds", limit=1, order="state_string", state_string__ge="a")
        self.assertIn("next", answer.meta)

    async def test_bytes(self) -> None:
        """Bytes in the place of a text are shown as far as they are one."""
        url = self.filledUrl()
        with sqlite3.connect(make_url(url).database or "") as connection:
            connection.execute("UPDATE builders SET description = x'ff61' WHERE id = 1")
        connection.close()
        (body,) = await self.serve(url).getBodies(ANONYMOUS, [asked("builders/1", {})])
        assert isinstance(body, Body)
        said = simplejson.loads(b"".join(body.pieces))
        self.assertEqual(said["builders"][0]["description"], "\N{REPLACEMENT CHARACTER}a")

    async def test_pages(self) -> None:
        """A page may end at a time with a fraction."""
        url = self.filledUrl()
        with sqlite3.connect(make_url(url).database or "") as connection:
            connection.execute("UPDATE builds SET started_at = 1600000000.1234567 WHERE id % 2")
        connection.close()
        service = self.serve(url)
        for order in ("started_at", "-started_at"):
            path, seen = f"builds?order={order}&limit=7", []
            while path:
                answer = await service.get(path)
                seen += [record.asDict()["buildid"] for record in answer]
                path = answer.meta.get("next", "")
            self.assertEqual(len(seen), len(set(seen)))
            self.assertEqual(len(seen), answer.meta.get("total", len(seen)))


class OnPostgreSQL(TextsTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


del TextsTests
