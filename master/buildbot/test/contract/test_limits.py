"""Totals beyond what is counted, and endpoints under limits that are meant for callers."""

from __future__ import annotations

from typing import Any

from buildbot.errors import BadQuery
from buildbot.status.query import Limits
from buildbot.status.sql import counts

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite

BOUND = 20
"""Rows that are counted here without being asked to count all."""


class LimitsTests(ContractCase):
    """Over the generated database, with small limits."""

    async def test_aTotalIsNeverWrong(self) -> None:
        """On every page of a list that is longer than what is counted, ``total`` is absent or right."""
        self.patch(counts, "BOUND", BOUND)
        service = self.serve()
        whole = (await service.get("builds", limit=1, total="exact")).meta["total"]
        self.assertGreater(whole, 3 * BOUND)
        path, pages, seen = "builds?limit=30", 0, 0
        while path:
            answer = await service.get(path)
            pages, seen = pages + 1, seen + len(answer)
            self.assertEqual(answer.meta.get("total", whole), whole, path)
            if "total" not in answer.meta:
                self.assertEqual(answer.meta["total_at_least"], BOUND)
            path = answer.meta.get("next", "")
        self.assertEqual(seen, whole)
        self.assertGreater(pages, 3)

    async def test_limitsOfCallersAreNotThoseOfEndpoints(self) -> None:
        """However little may be asked for at once, an endpoint answers what it answers without limits."""
        url = self.filledUrl()
        free = self.serve(url)
        bound = self.serve(url, limits=Limits(default=1, largest=2, perParent=1, depth=1, embedded=1, conditions=1))
        for path in await self.paths(free):
            self.assertEqual((await bound.get(path)).records, (await free.get(path)).records, path)
        logid = (await free.get("logs", type="s", limit=1, num_lines__gt=0)).one.asDict()["logid"]
        heads = [(await service.open(f"logs/{logid}/raw")).head for service in (free, bound)]
        self.assertEqual(heads[0], heads[1])
        await self.failure(bound.get("builds", limit=3), BadQuery)

    async def paths(self, service: Any) -> list[str]:
        """Of endpoints that read more than the thing that their path names."""
        commits = [record.asDict() for record in await service.get("commits")]
        first = next(commit for commit in commits if commit["parent_commitid"])
        span = f"codebases/{first['codebaseid']}/commit_range/{first['parent_commitid']}/{first['commitid']}"
        properties = [f"{kind}/{number}/properties" for kind in ("builds", "buildsets") for number in range(1, 30)]
        return [f"{span}/commits_common_parent", *properties]


class OnSQLite(LimitsTests, ContractOnSQLite):
    """On SQLite."""


class OnPostgreSQL(LimitsTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


del LimitsTests
