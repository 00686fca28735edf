"""What has an index is found by it: an answer never reads through a table that grows with the builds."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from buildbot.db import schema
from buildbot.db.indexes import script
from buildbot.db.postgresql import conninfo
from buildbot.db.url import parse

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, Statement

BUILDS, BUILDERS = 20_000, 20

_BUILDER = f"n % {BUILDERS} + 1"
_CODE = "'main', 'a7b5f0e3d9c1428690ab5c7e1f3d2b4a6c8e' || n, 'https://example.org/team/project.git', '', 'project'"

ROWS = [
    (1, "masters (id, name, name_hash, active, last_active)", "n, 'm', 'm', 1, 1"),
    (1, "workers (id, name, info)", "n, 'w', '{}'"),
    (BUILDERS, "builders (id, name, name_hash)", "n, 'b' || n, 'b' || n"),
    (BUILDERS, "builder_masters (id, builderid, masterid)", "n, n, 1"),
    (
        BUILDS,
        "sourcestamps (id, ss_hash, branch, revision, repository, codebase, project, created_at)",
        f"n, 's' || n, {_CODE}, n",
    ),
    (
        BUILDS,
        "changes (changeid, author, comments, branch, revision, repository, codebase, project, when_timestamp,"
        " sourcestampid, parent_changeids)",
        f"n, 'a', 'c', {_CODE}, n, n, nullif(n - 1, 0)",
    ),
    (BUILDS, "change_files (changeid, filename)", "n, 'f'"),
    (BUILDS, "change_properties (changeid, property_name, property_value)", "n, 'p', '[1, \"s\"]'"),
    (
        BUILDS,
        "buildsets (id, reason, submitted_at, complete, complete_at, results, parent_buildid)",
        "n, 'r', n, 1, n, 0, NULL",
    ),
    (BUILDS, "buildset_properties (buildsetid, property_name, property_value)", "n, 'p', '[1, \"s\"]'"),
    (BUILDS, "buildset_sourcestamps (id, buildsetid, sourcestampid)", "n, n, n"),
    (
        BUILDS,
        "buildrequests (id, buildsetid, builderid, priority, complete, results, submitted_at, complete_at, waited_for)",
        f"n, n, {_BUILDER}, 0, 1, 0, n, n, 0",
    ),
    (BUILDS, "buildrequest_claims (brid, masterid, claimed_at)", "n, 1, n"),
    (
        BUILDS,
        "builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, complete_at, results,"
        " locks_duration_s, state_string)",
        f"n, (n - 1) / {BUILDERS} + 1, {_BUILDER}, n, 1, 1, n, n, 0, 0, 's'",
    ),
    (2 * BUILDS, "build_properties (buildid, name, value, source)", "(n + 1) / 2, 'p' || (n % 2), '1', 's'"),
    (BUILDS, "build_data (id, buildid, name, value, length, source)", "n, n, 'd', '', 0, 's'"),
    (
        2 * BUILDS,
        "steps (id, number, name, buildid, started_at, complete_at, state_string, results, urls_json, hidden,"
        " locks_acquired_at)",
        "n, n % 2, 's' || (n % 2), (n + 1) / 2, n, n, 's', 0, '[]', 0, n",
    ),
    (BUILDS, "logs (id, name, slug, stepid, complete, num_lines, type)", "n, 'stdio', 'stdio', 2 * n, 1, 9, 's'"),
    (BUILDS, "logchunks (logid, first_line, last_line, content, compressed)", "n, 0, 8, NULL, 0"),
    (
        BUILDS,
        "test_result_sets (id, builderid, buildid, stepid, category, value_unit, tests_passed, tests_failed, complete)",
        f"n, {_BUILDER}, n, 2 * n, 'pass_fail', 'boolean', 1, 1, 1",
    ),
    (BUILDS, "test_names (id, builderid, name)", f"n, {_BUILDER}, 't' || n"),
    (
        2 * BUILDS,
        "test_results (id, builderid, test_result_setid, test_nameid, value)",
        f"n, (n + 1) / 2 % {BUILDERS} + 1, (n + 1) / 2, n / 3 + 1, n % 2",
    ),
]
"""How many, into what, and the values of the n-th, from 1: as if twenty builders had been at work for long."""

GROWS = {re.split(r"\W", into)[0] for rows, into, _ in ROWS if rows >= BUILDS}

AROUND = [
    "builder", "master", "worker", "buildrequest.buildset", "buildset.parent_build", "steps.logs", "data",
    "previous_build", "triggering_build", "sourcestamps", "current_step",
]  # fmt: skip

STAMPS = {"expand": "sourcestamps", "sourcestamps.order": "-ssid", "sourcestamps.limit": 5}
LATEST = {"results.order": ["-test_result_setid", "-test_resultid"], "results.limit": 40}

QUESTIONS: list[tuple[str, Mapping[str, Any]]] = [
    # Lists by an index.
    ("builds", {"limit": 50, "order": "-buildid"}),
    ("builds", {"limit": 50, "order": "-buildid", "buildid__lt": BUILDS // 2, "property": "*"}),
    ("builders/3/builds", {"limit": 50, "order": "-number"}),
    ("builders/3/builds/-1", {}),
    ("builders/3/builds/70", {}),
    ("steps", {"limit": 50}),
    ("builds/777/steps", {}),
    ("builds/777/steps/0/logs/stdio", {}),
    ("builds/777/properties", {}),
    ("logs", {"limit": 50}),
    ("logs/777/contents", {}),
    ("changes", {"limit": 50, "order": "-changeid"}),
    ("buildsets", {"limit": 50, "order": "-bsid"}),
    ("buildrequests", {"limit": 50}),
    ("buildrequests/777", {}),
    # Relations of every record of a page, with limits.
    ("builders", {"expand": "builds", "builds.limit": 5, "builds.order": "-number"}),
    ("builders", {"expand": ["latest_build", "last_finished_build", "last_good_build", "first_failed_build"]}),
    ("builds", {"limit": 10, "order": "-buildid", "expand": AROUND, "steps.limit": 5}),
    ("buildsets", {"limit": 10, "expand": ["builds", "buildrequests", "properties_list"]}),
    ("builds", {"limit": 10, "expand": "property_list"}),
    ("builds", {"limit": 10, "field": ["buildid", "branches", "got_revision"]}),
    ("buildsets", {"limit": 10, "expand": ["builders", "changes"], "changes.limit": 5}),
    ("builds", {"limit": 10, "order": "-buildid", "property": "got_revision", "field": "properties", **STAMPS}),
    ("buildrequests", {"complete": False, "claimed": False, "limit": 10, "order": "-buildrequestid", **STAMPS}),
    ("buildrequests", {"limit": 10, "expand": "sourcestamps"}),
    ("builds/777/logs", {}),
    ("schedulers/1/pending_buildsets", {}),
    ("schedulers/1/pending_changes", {}),
    # A build and all around it.
    ("builds/777", {"expand": AROUND, "property": "*"}),
]
"""To which the indexes of a stock database lead, in any number of builds. A build's changes are no such question: they
are looked for among the builder's earlier builds."""

WITH_OWN: list[tuple[str, Mapping[str, Any]]] = [
    ("builds", {"limit": 50, "order": "-started_at"}),
    ("builds", {"limit": 50, "order": "-complete_at"}),
    ("builds", {"limit": 50, "complete": False}),
    ("builds", {"limit": 50, "results": 4}),
    ("builders", {"field": ["builderid", "state"]}),
    ("builders", {"expand": "current_builds"}),
    ("builds/777/triggered_builds", {}),
    ("builds", {"limit": 10, "expand": "triggered_builds"}),
    ("changes/777/builds", {}),
    ("builds/777/test_results", {"limit": 50}),
    ("builders/3/builds", {"limit": 40, "order": "-number", "expand": "test_result_sets.failures"}),
    ("tests", {"testid": [*range(1, 50)], "expand": "results", "results.test_result_setid__ge": 3, **LATEST}),
    ("builders/3/tests", {"name": "t42", "expand": "results.test_result_set.build.sourcestamps", **LATEST}),
    ("builders/3/tests", {"limit": 50, "order": "name"}),
]
"""To which the indexes of ``--print-indexes`` lead."""


class PlansTests(ContractCase):
    timeout = 60

    async def test_whatIsReadDoesNotGrow(self) -> None:
        """Lists by an index, relations with limits, a build and all around it."""
        url = self.grown()
        await self.readNarrowly(url, QUESTIONS)
        self.change(url, script(parse(url)))
        await self.readNarrowly(url, WITH_OWN)

    async def readNarrowly(self, url: str, questions: list[tuple[str, Mapping[str, Any]]]) -> None:
        """Fail where a statement reads through a table that grows; counts excepted, which stop by themselves."""
        service = self.serve(url)
        statements = self.recorded(service.database)
        wide = []
        for path, query in questions:
            statements.clear()
            await service.get(path, query)
            self.assertTrue(statements)
            wide += [
                f"{path} {dict(query)}: {said}\n{statement.sql}"
                for statement in statements
                if not statement.sql.startswith("SELECT count(*)")
                for said in self.wide(url, statement)
            ]
        if wide:
            self.fail("\n\n".join(wide))

    def grown(self) -> str:
        """The URL of a database with the rows."""
        url = self.newUrl(schema.metadata)
        counted = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {}) SELECT {} FROM c"
        filled = [f"INSERT INTO {into} {counted.format(rows, values)}" for rows, into, values in ROWS]
        self.change(url, ";".join(filled))
        return url

    def change(self, url: str, sql: str) -> None:
        """Execute statements, which are separated by semicolons."""
        raise NotImplementedError

    def wide(self, url: str, statement: Statement) -> list[str]:
        """How a statement reads through a table that grows; empty where it does not."""
        raise NotImplementedError


class OnSQLite(PlansTests, ContractOnSQLite):
    """By the instructions of its virtual machine: a plan names also scans that are stopped by a limit, or that a
    condition without a column never begins. Without ANALYZE, as in a stock database."""

    def change(self, url: str, sql: str) -> None:
        connection = sqlite3.connect(make_url(url).database or "")
        connection.executescript(f"PRAGMA synchronous = off; BEGIN; {sql}; COMMIT")
        connection.close()

    def wide(self, url: str, statement: Statement) -> list[str]:
        connection = sqlite3.connect(make_url(url).database or "")
        instructions = 0

        def count() -> None:
            nonlocal instructions
            instructions += 100

        connection.set_progress_handler(count, 100)
        connection.execute(statement.sql, statement.values).fetchall()
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.values).fetchall()
        connection.close()
        # A scan takes two instructions a row and more.
        return ["\n".join([f"{instructions} instructions", *(row[3] for row in plan)])] if instructions > BUILDS else []


class OnPostgreSQL(PlansTests, ContractOnPostgreSQL):
    """By its plans, after ANALYZE."""

    def change(self, url: str, sql: str) -> None:
        with psycopg.connect(conninfo(make_url(url)), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for each in [*sql.split(";"), "ANALYZE"]:
                connection.execute(each.encode())

    def wide(self, url: str, statement: Statement) -> list[str]:
        with psycopg.connect(conninfo(make_url(url))) as connection:
            plan = connection.execute(f"EXPLAIN {statement.sql}".encode(), statement.values).fetchall()
        text = "\n".join(line for (line,) in plan)
        return [text] if GROWS & set(re.findall(r"Seq Scan on (\w+)", text)) else []


del PlansTests
