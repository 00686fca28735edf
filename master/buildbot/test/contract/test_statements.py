"""The number of statements of an answer does not depend on the number of its records."""

from __future__ import annotations

from buildbot.status.definition import Resource
from buildbot.status.paths import Pattern

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, catalogue


def lists() -> list[Pattern]:
    """Every list at the root that has a table."""
    return [p for p in catalogue().patterns.values() if not p.single and len(p.hops) == 1 and p.endpoint is None]


class StatementsTests(ContractCase):
    """For every list, with every relation expanded."""

    async def test_aListCostsTheSameForOneRecordAndForFifty(self) -> None:
        """One statement for the rows, one to count, one for each embedded or expanded relation: at 1 row and at 50
        never more than the definitions say. (Fewer where a page has nothing for a relation to start from.)"""
        service = self.serve()
        statements = self.recorded(service.database)
        self.recorded(self.operated, statements)
        for pattern in lists():
            for limit in (1, 50):
                statements.clear()
                query = {"limit": limit, "expand": sorted(pattern.resource.Relations), "total": "exact"}
                await service.get(pattern.text, query)
                self.assertLessEqual(len(statements), most(pattern.resource), f"{pattern.text}, limit {limit}")

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


def most(cls: type[Resource]) -> int:
    """The statements that a list with all relations expanded may take: the rows, the count, and the attachments."""
    return 2 + embedded(cls) + sum(1 + embedded(relation.target) for relation in cls.Relations.values())


def embedded(cls: type[Resource]) -> int:
    """The statements that a type's embedded records take, and those embedded in them."""
    return sum(1 + embedded(field.relation.target) for field in cls.Fields.values() if field.relation is not None)


class OnSQLite(StatementsTests, ContractOnSQLite):
    """On SQLite."""


class OnPostgreSQL(StatementsTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


del StatementsTests
