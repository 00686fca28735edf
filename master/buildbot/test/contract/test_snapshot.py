"""An answer is of one moment, however many statements it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from buildbot.status.answer import Answer

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite


class SnapshotTests(ContractCase):
    """A writer commits between the statements of one answer."""

    async def test_aWriteBetweenStatementsIsNotSeen(self) -> None:
        """Builders and their builds are read by two statements; a build that starts in between is in neither, nor is
        it counted."""
        url = self.written()
        service = self.serve(url)
        query = {"expand": "builds", "builds.limit": 1, "builds.order": "-number", "total": "exact"}
        before = await service.get("builders/1", query)
        newest = before.one.asDict()["builds"][0]
        insert = (
            "INSERT INTO builds (number, builderid, buildrequestid, workerid, masterid, started_at, locks_duration_s,"
            f" state_string) VALUES ({newest['number'] + 1}, 1, {newest['buildrequestid']}, NULL, 1, 5, 0, 'x')"
        )
        self.between(service.database, lambda: self.fill(url, [insert]))
        during = await service.get("builders/1", query)
        self.assertEqual(during, before)
        after = await service.get("builders/1", query)
        self.assertEqual(after.one.asDict()["builds"][0]["number"], newest["number"] + 1)

    async def test_aBatchIsOfOneMoment(self) -> None:
        """What is written between two calls of a batch is seen by neither."""
        url = self.written()
        service = self.serve(url)
        calls: list[tuple[str, Mapping[str, Any]]] = [
            ("builders/1", {"field": "description"}),
            ("builders/1", {"field": ["description", "name"]}),
        ]
        update = "UPDATE builders SET description = 'new' WHERE id = 1"
        self.between(service.database, lambda: self.fill(url, [update]))
        first, second = await service.getMany(calls)
        assert isinstance(first, Answer) and isinstance(second, Answer)
        self.assertEqual(first.one.asDict()["description"], second.one.asDict()["description"])
        third = await service.get("builders/1")
        self.assertEqual(third.one.asDict()["description"], "new")

    def written(self) -> str:
        """A database that another process writes to: on SQLite, its write-ahead log is there all the time."""
        url = self.filledUrl()
        writer = self.writer(url)
        self.addCleanup(writer.close)
        writer.execute("UPDATE masters SET last_active = last_active + 1")
        return url

    def between(self, database: Any, write: Any) -> None:
        """Do something once, after the first statement of the next answer."""
        run = database.run
        left = [write]

        class Writing:
            def __init__(self, snapshot: Any) -> None:
                self._snapshot, self.memory, self.begin = snapshot, snapshot.memory, snapshot.begin

            def rows(self, sql: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
                return self._then(self._snapshot.rows(sql, values))

            def only(self, sql: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
                return self._then(self._snapshot.only(sql, values))

            def _then(self, found: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
                while left:
                    left.pop()()
                return found

        self.patch(database, "run", lambda name, fn, **more: run(name, lambda s: fn(Writing(s)), **more))


class OnSQLite(SnapshotTests, ContractOnSQLite):
    """On SQLite."""


class OnPostgreSQL(SnapshotTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


del SnapshotTests
