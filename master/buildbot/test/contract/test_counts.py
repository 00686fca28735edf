"""Counts that are remembered are those that counting anew gives."""

from __future__ import annotations

import sqlite3
from random import Random
from typing import Any

from sqlalchemy.engine import make_url

from buildbot.status.sql import counts

from .cases import ContractOnSQLite

BOUND = 20
"""Rows that are counted here without being asked to count all."""


class CountsTest(ContractOnSQLite):
    """PostgreSQL does not tell cheaply whether anything changed, so nothing is remembered there."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(counts, "BOUND", BOUND)
        self.url = self.filledUrl()
        self.service = self.serve(self.url)
        self.statements = self.recorded(self.service.database)

    def counting(self) -> int:
        """How many statements counted since the last call."""
        found = sum(statement.sql.startswith("SELECT count(*)") for statement in self.statements)
        self.statements.clear()
        return found

    async def test_right(self) -> None:
        """Whatever was asked before, a list's length is what it is."""
        random = Random(7)
        every = [build.asDict() for build in await self.service.get("builds", limit=1000)]
        for _ in range(400):
            field = random.choice(["buildid", "number", "started_at"])
            op = random.choice(["lt", "le", "gt", "ge"])
            value = random.choice(every)[field]
            query: dict[str, Any] = {f"{field}__{op}": value, "limit": random.choice([1, 5])}
            if random.random() < 0.3:
                query["complete"] = random.choice([True, False])
            answer = await self.service.get("builds", query)
            compare = getattr(int, f"__{op}__")
            real = sum(
                compare(build[field], value) and build["complete"] == query.get("complete", build["complete"])
                for build in every
            )
            expected = {"total_at_least": BOUND} if real > BOUND and "next" in answer.meta else {"total": real}
            said = {name: answer.meta[name] for name in ("total", "total_at_least") if name in answer.meta}
            self.assertEqual(said, expected, query)

    async def test_once(self) -> None:
        """The pages of a list are counted once, and lists that a longer one contains are not counted at all."""
        answer = await self.service.get("builds", limit=5, order="-buildid")
        self.assertEqual(self.counting(), 1)
        for _ in range(3):
            answer = await self.service.get(answer.meta["next"])
        self.assertEqual(self.counting(), 0)
        newest = answer.one.asDict()["buildid"] + 15
        for below in range(newest, newest - 10, -1):
            await self.service.get("builds", limit=5, order="-buildid", buildid__lt=below)
        self.assertEqual(self.counting(), 1)

    async def test_forgotten(self) -> None:
        """What changes is counted again."""
        await self.service.get("builds", limit=5, results=0)
        await self.service.get("builds", limit=1, results=0)
        self.assertEqual(self.counting(), 1)
        with sqlite3.connect(make_url(self.url).database or "") as connection:
            connection.execute("DELETE FROM builds WHERE results = 0 AND id NOT IN (SELECT max(id) FROM builds)")
            left = connection.execute("SELECT count(*) FROM builds WHERE results = 0").fetchone()[0]
        connection.close()
        answer = await self.service.get("builds", limit=1, results=0)
        self.assertEqual(answer.meta["total"], left)
