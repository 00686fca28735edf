"""Records that the database spells in JSON itself are the ones that Python would make of the same rows."""

from __future__ import annotations

import sqlite3
from typing import Any

import simplejson
from sqlalchemy.engine import make_url

from buildbot.status.principal import ANONYMOUS
from buildbot.status.query import asked

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
        self.assertEqual([record.asDict() for record in answer], said[body.resource.Plural], path)
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
                "UPDATE masters SET name = 'a' || char(30) || '\"\\' || char(9) || 'ü' WHERE id = 1",
            ):
                self.assertEqual(connection.execute(change).rowcount, 1, change)
            connection.commit()
        connection.close()
        build = await service.get("builds/2")
        self.assertEqual(build.one.asDict()["started_at"], 1700000000.1234567)
        for path in ("builds/2", "builds", "steps/1", "masters", "masters/1"):
            await self.same(service, path)


class OnPostgreSQL(TextsTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


del TextsTests
