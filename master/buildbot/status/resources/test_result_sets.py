from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.definition import Endpoint, Many, One, Resource, field, key, lookup, many, one
from buildbot.status.resources.codebases import RANGE

if TYPE_CHECKING:
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.steps import Step


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
