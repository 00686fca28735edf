"""What failed of a set of results, all results of a build, and the results of one test."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from buildbot.db import schema

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, engineOf

SETS = [
    # id, build, category, unit, failed
    (1, 1, "pass_fail", "boolean", 1), (2, 1, "fail_only", "message", 2), (3, 1, "pass_only", "boolean", None),
    (4, 2, "pass_fail", "boolean", None), (5, 2, "performance", "ns", None), (6, 2, "pass_fail", "percent", None),
    (7, 2, "code_issue", "message", 0),
]  # fmt: skip
RESULTS = [
    # set, test, value
    (1, 1, "0"), (1, 2, "1"), (2, None, "1"), (2, 2, "0"), (3, 1, "0"),
    (4, 1, "1"), (4, 2, "0"), (5, 1, "0"), (6, 1, "0"), (7, 2, "0"),
]  # fmt: skip


class FailuresTests(ContractCase):
    """Two builds of builder 1; set 4 is not complete, and set 7 has been counted to have no failure."""

    def setUp(self) -> None:
        url = self.newUrl(schema.metadata)
        engine = engineOf(url)
        common: dict[str, Any] = {"builderid": 1, "started_at": 1, "locks_duration_s": 0, "state_string": "s"}
        request = {"id": 1, "buildsetid": 1, "builderid": 1, "priority": 0, "submitted_at": 1}
        rows: dict[str, list[dict[str, Any]]] = {
            "masters": [{"id": 1, "name": "m", "name_hash": "m", "active": 1, "last_active": 1}],
            "builders": [{"id": n, "name": f"b{n}", "name_hash": f"b{n}"} for n in (1, 2)],
            "buildsets": [{"id": 1, "submitted_at": 1, "complete": 1, "results": 0}],
            "buildrequests": [request],
            "builds": [{**common, "id": n, "number": n, "buildrequestid": 1, "masterid": 1} for n in (1, 2)],
            "steps": [
                {"id": n, "number": 0, "name": "test", "buildid": n, "state_string": "s", "urls_json": "[]"}
                for n in (1, 2)
            ],
            "test_result_sets": [
                {
                    "id": n, "builderid": 1, "buildid": build, "stepid": build, "category": category,
                    "value_unit": unit, "tests_failed": failed, "complete": int(n != 4),
                }
                for n, build, category, unit, failed in SETS
            ],
            "test_names": [
                {"id": n, "builderid": builder, "name": name} for n, builder, name in [(1, 1, "one"), (2, 1, "two")]
            ] + [{"id": 3, "builderid": 2, "name": "one"}],
            "test_code_paths": [{"id": 1, "builderid": 1, "path": "src/main.c"}],
            "test_results": [
                {
                    "id": n, "builderid": 1, "test_result_setid": of, "test_nameid": test,
                    "test_code_pathid": None if test else 1, "value": value,
                }
                for n, (of, test, value) in enumerate(RESULTS, 1)
            ],
        }  # fmt: skip
        with engine.begin() as connection:
            for table, each in rows.items():
                connection.execute(insert(schema.metadata.tables[table]), each)
        engine.dispose()
        self.service = self.serve(url)

    async def got(self, path: str, field: str, **query: Any) -> list[Any]:
        """A field of every record of a list."""
        return [record.asDict()[field] for record in await self.service.get(path, query)]

    async def test_failures(self) -> None:
        """By the kind of the set: those of value 0, all, or none; of a set that is being written, too."""
        found = {n: await self.got(f"test_result_sets/{n}/failures", "test_resultid") for n, *_ in SETS}
        self.assertEqual(found, {1: [1], 2: [3, 4], 3: [], 4: [7], 5: [], 6: [], 7: []})
        answer = await self.service.get("builders/1/builds", expand="test_result_sets.failures", order="number")
        inside: list[Any] = [record.asDict() for record in answer]
        embedded = {of["test_result_setid"]: of["failures"] for build in inside for of in build["test_result_sets"]}
        self.assertEqual({n: [each["test_resultid"] for each in rows] for n, rows in embedded.items()}, found)

    async def test_ofABuild(self) -> None:
        """``builds/N/test_results`` has those of all its sets, and no others."""
        self.assertEqual(await self.got("builds/1/test_results", "test_resultid"), [1, 2, 3, 4, 5])
        self.assertEqual(await self.got("builders/1/builds/2/test_results", "testid"), [1, 2, 1, 1, 2])

    async def test_ofATest(self) -> None:
        """A builder's tests by name; each with its results, of the newest sets first, and where those are from."""
        self.assertEqual(await self.got("builders/1/tests", "name", order="-name"), ["two", "one"])
        self.assertEqual(await self.got("builders/2/tests", "testid", name="one"), [3])
        self.assertEqual(await self.got("tests/1/results", "test_result_setid"), [6, 5, 4, 3, 1])
        answer = await self.service.get("tests/1/results", limit=1, expand="test,test_result_set.build.builder")
        record: Any = answer.one.asDict()
        self.assertEqual(record["test"]["name"], "one")
        self.assertEqual(record["test_result_set"]["build"]["builder"]["name"], "b1")


class OnSQLite(FailuresTests, ContractOnSQLite):
    pass


class OnPostgreSQL(FailuresTests, ContractOnPostgreSQL):
    pass


del FailuresTests
