"""Fields and relations that follow from other rows: state, positions, estimates, neighbours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from buildbot.db import schema
from buildbot.errors import BadQuery, NotFound

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, engineOf

MINUTE = 60


class DerivedTests(ContractCase):
    """Builder 1 is busy, 2 is ready, 3 has a worker on a dead master only, 4 has none."""

    def setUp(self) -> None:
        url = self.newUrl(schema.metadata)
        engine = engineOf(url)
        with engine.begin() as connection:
            for table, rows in self.rows().items():
                connection.execute(insert(schema.metadata.tables[table]), rows)
        engine.dispose()
        self.service = self.serve(url)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """By table, in an order that foreign keys allow."""
        named = [{"id": n, "name": f"n{n}", "name_hash": str(n)} for n in (1, 2, 3, 4)]
        sets = [
            {"id": n, "submitted_at": n, "complete": 0, "results": -1, "parent_buildid": None, "reason": "r"}
            for n in (1, 2)
        ]
        requests = [
            # id, set, priority, submitted, complete
            (1, 1, 0, 10, 1), (2, 1, 0, 20, 0), (3, 1, 5, 30, 0), (4, 1, 0, 15, 0), (5, 1, 0, 20, 0), (6, 2, 0, 1, 1),
        ]  # fmt: skip
        builds = [
            # id, builder, number, request, started, complete, results
            (1, 1, 1, 1, 100, 100 + 10 * MINUTE, 0), (2, 1, 2, 1, 1000, 1000 + 20 * MINUTE, 1),
            (3, 1, 3, 1, 2000, 2000 + 99 * MINUTE, 2), (4, 1, 4, 1, 9000, None, None),
            (5, 2, 1, 6, 50, 60, 0),
            (6, 3, 1, 6, 50, 60, 4), (7, 3, 2, 6, 60, 70, 6), (8, 3, 3, 6, 70, 80, 2),
        ]  # fmt: skip
        columns = ("id", "builderid", "number", "buildrequestid", "started_at", "complete_at", "results")
        made: list[dict[str, Any]] = [dict(zip(columns, build, strict=True)) for build in builds]
        common = {"workerid": 1, "masterid": 1, "locks_duration_s": 0, "state_string": "s"}
        return {
            "masters": [{**row, "active": row["id"] == 1, "last_active": 1} for row in named[:2]],
            "builders": named,
            "workers": [{"id": n, "name": f"w{n}", "info": "{}"} for n in (1, 2)],
            "builder_masters": [
                {"id": 1, "builderid": 1, "masterid": 1},
                {"id": 2, "builderid": 2, "masterid": 1},
                {"id": 3, "builderid": 3, "masterid": 2},
                {"id": 4, "builderid": 4, "masterid": 1},
            ],
            "configured_workers": [{"buildermasterid": n, "workerid": 1} for n in (1, 2)]
            + [{"buildermasterid": 3, "workerid": 2}, {"buildermasterid": 4, "workerid": 2}],
            "connected_workers": [{"masterid": 1, "workerid": 1}, {"masterid": 2, "workerid": 2}],
            "buildsets": sets,
            "buildrequests": [
                {
                    "id": n, "buildsetid": of, "builderid": 1 if of == 1 else 2, "priority": priority,
                    "submitted_at": at, "complete": complete, "results": -1, "waited_for": 0,
                }
                for n, of, priority, at, complete in requests
            ],
            "buildrequest_claims": [{"brid": 4, "masterid": 1, "claimed_at": 16}],
            "builds": [{**common, **build} for build in made],
            "steps": [
                {
                    "id": build["id"], "number": 0, "name": "compile", "buildid": build["id"], "urls_json": "[]",
                    "started_at": build["started_at"], "state_string": "s", "hidden": 0, "results": build["results"],
                    "complete_at": build["started_at"] + 5 * MINUTE if build["complete_at"] else None,
                }
                for build in made
            ],
        }  # fmt: skip

    async def values(self, path: str, field: str, key: str) -> dict[Any, Any]:
        """A field of every record of a list, by another field."""
        answer = await self.service.get(path, field=[field, key])
        return {record.asDict()[key]: record.asDict()[field] for record in answer}

    async def test_aBuildersState(self) -> None:
        """``building`` where a build runs, ``idle`` where a connected worker may build, else ``offline``; workers and
        builds of masters that are not alive do not count."""
        states = await self.values("builders", "state", "builderid")
        self.assertEqual(states, {1: "building", 2: "idle", 3: "offline", 4: "offline"})
        idle = await self.service.get("builders", state="idle", field="builderid")
        self.assertEqual([record.asDict() for record in idle], [{"builderid": 2}])
        self.assertNotIn("state", (await self.service.get("builders/1")).one.asDict())

    async def test_aRequestsPosition(self) -> None:
        """From 1, by priority and then by age; null for what is claimed or complete."""
        positions = await self.values("buildrequests", "position", "buildrequestid")
        self.assertEqual(positions, {1: None, 2: 2, 3: 1, 4: None, 5: 3, 6: None})
        waiting = await self.service.get("builders/1/waiting_buildrequests")
        self.assertEqual([record.asDict()["buildrequestid"] for record in waiting], [3, 2, 5])

    async def test_estimates(self) -> None:
        """A build is expected to take the mean of earlier good builds (10 and 20 minutes; not the failed one of 99), a
        step the mean of its namesakes in these; what is complete has no estimate."""
        self.assertEqual(
            await self.values("builds", "eta", "buildid"),
            {**dict.fromkeys(range(1, 9)), 4: 9000 + 15 * MINUTE},
        )
        steps = await self.values("steps", "eta", "stepid")
        self.assertEqual(steps, {**dict.fromkeys(range(1, 9)), 4: 9000 + 5 * MINUTE})

    async def test_neighbours(self) -> None:
        """The latest and the running builds of a builder, and the one before a build."""
        builder: Any = (await self.service.get("builders/1", expand="latest_build,current_builds")).one
        values = builder.asDict()
        self.assertEqual((values["latest_build"]["buildid"], len(values["current_builds"])), (4, 1))
        self.assertEqual((await self.service.get("builds/4/previous_build")).one.asDict()["buildid"], 3)
        await self.failure(self.service.get("builds/1/previous_build"), NotFound)
        self.assertEqual((await self.service.get("builders/1/builds/-1")).one.asDict()["number"], 4)
        await self.failure(self.service.get("builders/4/builds/-1"), NotFound)
        self.assertEqual(len(await self.service.get("builders/99/builds")), 0)

    async def test_brokenSince(self) -> None:
        """A builder is broken since the first build that failed after the last good one: success or warnings."""
        answer = await self.service.get("builders", expand="last_good_build,first_failed_build")
        found = [record.asDict() for record in answer]
        self.assertEqual(
            [each["last_good_build"] and each["last_good_build"]["buildid"] for each in found], [2, 5, None, None]
        )
        self.assertEqual(
            [each["first_failed_build"] and each["first_failed_build"]["buildid"] for each in found], [3, None, 6, None]
        )

    async def test_whatIsDerivedIsFilteredAndSorted(self) -> None:
        """As any other field, where it is a single value."""
        answer = await self.service.get("builds", eta__null=False, field="buildid")
        self.assertEqual([record.asDict() for record in answer], [{"buildid": 4}])
        answer = await self.service.get("buildrequests", order="-position", limit=2, field="buildrequestid")
        self.assertEqual([record.asDict()["buildrequestid"] for record in answer], [5, 2])
        await self.failure(self.service.get("builders", state__contains=["a", "b"], nosuch=1), BadQuery)


class OnSQLite(DerivedTests, ContractOnSQLite):
    """On SQLite."""


class OnPostgreSQL(DerivedTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


del DerivedTests
