"""What is read for /metrics does not grow with the builds."""

from __future__ import annotations

from buildbot.db.workload import builderNames, workload
from buildbot.test.contract import test_plans

OPEN = 5

NEWS = [
    "UPDATE buildrequests SET complete = 0, complete_at = NULL, results = -1 WHERE id > {0} - 2 * {1}",
    "DELETE FROM buildrequest_claims WHERE brid > {0} - {1}",
    "DELETE FROM builds WHERE buildrequestid > {0} - {1}",
    "UPDATE builds SET complete_at = NULL, results = NULL WHERE buildrequestid > {0} - 2 * {1}",
]
"""Some requests wait, and as many builds run."""


class _Plans:
    """Beside twenty thousand builds."""

    test_whatIsReadDoesNotGrow = None

    async def test_workload(self: test_plans.OnSQLite) -> None:  # type: ignore[misc]  # each class is one of these two
        """What runs, what waits and who could do it, and the names of builders."""
        url = self.grown()
        service = self.serve(url)
        self.change(url, ";".join(sql.format(test_plans.BUILDS, OPEN) for sql in NEWS))
        statements = self.recorded(service.database)
        found = await service.database.run("workload", workload)
        self.assertEqual(sum(found.running.values()), OPEN)
        self.assertEqual(sum(count for count, _ in found.pending.values()), OPEN)
        self.assertEqual(min(oldest for _, oldest in found.pending.values()), test_plans.BUILDS - OPEN + 1)
        self.assertEqual((found.workers, found.connected), (1, 0))
        names = await service.database.run("names", lambda snapshot: builderNames(snapshot, [1, 3, 10**9]))
        self.assertEqual(names, {1: "b1", 3: "b3"})
        self.assertEqual(len(statements), 4)
        wide = [f"{said}\n{statement.sql}" for statement in statements for said in self.wide(url, statement)]
        if wide:
            self.fail("\n\n".join(wide))


class WorkloadOnSQLite(_Plans, test_plans.OnSQLite):  # type: ignore[misc]  # leaves one test out
    pass


class WorkloadOnPostgreSQL(_Plans, test_plans.OnPostgreSQL):  # type: ignore[misc]  # leaves one test out
    pass
