"""What the poller of ``attach`` reads does not grow with the builds: neither its first look nor the next ones."""

from __future__ import annotations

from time import time

from buildbot.db.dialect import dialectOf
from buildbot.status.events.looks import Known, Look, Looks
from buildbot.status.events.records import Records, kindsOf
from buildbot.test.contract import test_plans
from buildbot.test.contract.cases import catalogue

RUNNING = 5

NEWS = [
    "UPDATE buildsets SET complete = 0, complete_at = NULL, results = -1 WHERE id > {0} - {1}",
    "UPDATE buildrequests SET complete = 0, complete_at = NULL, results = -1 WHERE id > {0} - {1}",
    "UPDATE builds SET complete_at = NULL, results = NULL WHERE id > {0} - {1}",
    "UPDATE steps SET complete_at = NULL, results = NULL WHERE id > 2 * {0} - {1}",
    "UPDATE logs SET complete = 0 WHERE id > {0} - {1}",
]
"""Some of the things run."""
MORE = [
    "UPDATE builds SET state_string = 'ended', complete_at = 1, results = 0 WHERE id = {0}",
    "UPDATE logs SET num_lines = 99 WHERE id > {0} - {1}",
    "INSERT INTO builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, locks_duration_s,"
    " state_string) VALUES ({0} + 3, {0}, 1, {0}, 1, 1, 1, 0, 's')",
]


class _Plans:
    """Beside twenty thousand builds, of which some run."""

    test_whatIsReadDoesNotGrow = None

    async def test_looks(self: test_plans.OnSQLite) -> None:  # type: ignore[misc]  # each class is one of these two
        """The first look, one that finds nothing, and one that finds things that are new, different and over."""
        url = self.grown()
        service = self.serve(url)
        fill = {"0": test_plans.BUILDS, "1": RUNNING}
        values = list(fill.values())
        self.change(url, ";".join(sql.format(*values) for sql in NEWS))
        statements = self.recorded(service.database)
        looks = Looks(kindsOf(catalogue()), Records(catalogue(), dialectOf(service.database.dialect)), time)
        known = Known()
        first = await service.database.run("first", lambda snapshot: looks.begin(snapshot, known))
        known.take(first)
        running = {name: len(known.records[name]) for name in ("buildsets", "buildrequests", "builds", "steps", "logs")}
        self.assertEqual(set(running.values()), {RUNNING} | {running["logs"]}, running)

        async def look() -> Look:
            found = await service.database.run("look", lambda snapshot: looks.next(snapshot, known))
            known.take(found)
            return found

        self.assertTrue((await look()).isEmpty)
        self.change(url, ";".join(sql.format(*values) for sql in MORE))
        told = [(news.type, news.event) for news in (await look()).news]
        self.assertIn(("builds", "finished"), told)
        self.assertIn(("builds", "new"), told)
        self.assertIn(("logs", "append"), told)
        self.assertGreater(len(statements), 3 * len(kindsOf(catalogue())))
        wide = [
            f"{said}\n{statement.sql}"
            for statement in {statement.sql: statement for statement in statements}.values()
            for said in self.wide(url, statement)
        ]
        if wide:
            self.fail("\n\n".join(wide))


class PollerOnSQLite(_Plans, test_plans.OnSQLite):  # type: ignore[misc]  # leaves one test out
    pass


class PollerOnPostgreSQL(_Plans, test_plans.OnPostgreSQL):  # type: ignore[misc]  # leaves one test out
    pass
