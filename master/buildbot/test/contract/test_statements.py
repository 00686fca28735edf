"""The number of statements of an answer does not depend on the number of its records."""

from __future__ import annotations

from buildbot.status.paths import Pattern

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, catalogue


def lists() -> list[Pattern]:
    """Every list at the root that has a table."""
    return [p for p in catalogue().patterns.values() if not p.single and len(p.hops) == 1 and p.endpoint is None]


class StatementsTests(ContractCase):
    """For every list, with every relation expanded."""

    async def test_aListCostsTheSameForOneRecordAndForFifty(self) -> None:
        """One statement for the rows, one for each embedded or expanded relation, one to count: at 1 row and at 50."""
        service = self.serve()
        statements = self.recorded(service.database)
        for pattern in lists():
            counts = []
            for limit in (1, 50):
                statements.clear()
                query = {"limit": limit, "expand": sorted(pattern.resource.Relations), "total": "exact"}
                answer = await service.get(pattern.text, query)
                counts.append((len(answer), len(statements)))
            (few, one), (more, fifty) = counts
            if more > few:
                self.assertLessEqual(abs(fifty - one), embeddedBelow(pattern), f"{pattern.text}: {counts}")

    async def test_oneThingIsOneStatement(self) -> None:
        """A thing that embeds nothing is read by one statement, however long its path is."""
        service = self.serve()
        statements = self.recorded(service.database)
        answer = await service.get("builds", limit=1, order="-buildid")
        build = answer.one.asDict()
        for path in (f"builds/{build['buildid']}", f"builders/{build['builderid']}/builds/{build['number']}"):
            statements.clear()
            again = await service.get(path)
            self.assertEqual((again.one, len(statements)), (answer.one, 1))


def embeddedBelow(pattern: Pattern) -> int:
    """How many statements may be missing where a page has nothing to start from: one for each relation, its embedded
    records, and the count that a list that ends needs not."""
    related = [relation.target for relation in pattern.resource.Relations.values()]
    types = [pattern.resource, *related]
    return 1 + len(related) + sum(len([f for f in cls.Fields.values() if f.relation]) for cls in types)


class OnSQLite(StatementsTests, ContractOnSQLite):
    """On SQLite."""


class OnPostgreSQL(StatementsTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


del StatementsTests
