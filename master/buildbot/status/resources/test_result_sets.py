from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import SQL, Endpoint, Many, One, Resource, field, key, lookup, many, one
from buildbot.status.resources.codebases import RANGE

if TYPE_CHECKING:
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.steps import Step


def failures(v: SQL, t: SQL, q: SQL) -> SQL:
    """Of set ``v``. What is counted as failed is not looked for where there are none."""
    sets = q.test_result_sets
    failed = (sets.id == v, q.func.coalesce(sets.tests_failed, 1) > 0)
    marked = q.one(sets.id, sets, *failed, sets.category == "pass_fail", sets.value_unit == "boolean")
    every = q.one(sets.id, sets, *failed, sets.category.in_(["fail_only", "code_issue"]))
    return ((t.test_result_setid == marked) & (t.value == "0")) | (t.test_result_setid == every)


def ofBuild(v: SQL, t: SQL, q: SQL) -> SQL:
    """Results of all sets of build ``v``."""
    sets = q.test_result_sets
    return t.test_result_setid.in_(q.select(sets.id).where(sets.buildid == v))


class TestResultSet(Resource):
    """Results of tests, of one kind, that a step collected."""

    Plural = Table = "test_result_sets"
    At = "test_result_sets/n:test_result_setid"
    Orders = ("test_result_setid",)
    Limit = 1000
    Topics = "new completed"
    Level = "new completed:+complete"
    Within = "stepid"
    Endpoints = (
        Endpoint(
            f"{RANGE}/test_result_sets",
            run="commits:testResultSets",
            many=True,
            doc="Of builds of the commits from the first to the second, if the first is an ancestor of the second.",
        ),
    )

    test_result_setid: int = key("id")
    builderid: int = field()
    buildid: int = field()
    stepid: int = field()
    description: str | None = field()
    category: str = field(doc="``pass_fail``, ``pass_only``, ``fail_only``, ``code_issue``, or what the step calls it.")
    value_unit: str = field(doc="What the values are: ``boolean``, ``ns``, ….")
    tests_passed: int | None = field()
    tests_failed: int | None = field()
    complete: bool = field()

    getResults: Many[TestResult] = many("test_result_setid")
    getFailures: Many[TestResult] = many(
        match=failures,
        doc="Of ``pass_fail`` those that failed, of ``fail_only`` and ``code_issue`` all.",
        stability="provisional",
    )
    getBuild: One[Build] = one("buildid", stability="provisional")
    getStep: One[Step] = one("stepid", stability="provisional")


class TestResult(Resource):
    """The result of one test, or one finding."""

    Plural = Table = "test_results"
    Orders = ("test_resultid",)
    Limit = 1000

    test_resultid: int = key("id")
    builderid: int = field()
    test_result_setid: int = field()
    test_name: str | None = lookup("test_names.id.name", own="test_nameid")
    test_code_path: str | None = lookup("test_code_paths.id.path", own="test_code_pathid")
    line: int | None = field()
    duration_ns: int | None = field()
    value: str = field()
    testid: int | None = field("test_nameid", doc="Of its name; null without one.", stability="provisional")

    getTestResultSet: One[TestResultSet] = one("test_result_setid", stability="provisional")
    getTest: One[Test] = one("test_nameid", stability="provisional")


class Test(Resource):
    """What a builder has results of under one name. It stays when it is not run any more."""

    Plural, Table = "tests", "test_names"
    At = "tests/n:testid"
    Orders = ("testid",)
    Limit = 1000

    testid: int = key("id")
    builderid: int = field()
    name: str = field(doc="Two may have the same, where masters recorded it at the same moment.")

    getBuilder: One[Builder] = one("builderid")
    getResults: Many[TestResult] = many(
        "test_nameid", order="-test_result_setid", doc="Those of the newest builds first."
    )
