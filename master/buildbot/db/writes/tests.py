"""Results of tests."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.sql import ClauseElement

from buildbot.db import schema
from buildbot.db.writes.find import found
from buildbot.db.writes.transaction import Transaction, insertInto, updateBy
from buildbot.errors import BadRequest

_sets = schema.test_result_sets
_SET = ("builderid", "buildid", "stepid", "description", "category", "value_unit", "complete")
_INSERT_SET = insertInto(_sets, *_SET, returning="id")
_OWNER: ClauseElement = (
    select(schema.builds.c.builderid, schema.steps.c.buildid)
    .join(schema.steps, schema.steps.c.buildid == schema.builds.c.id)
    .where(schema.steps.c.id == bindparam("stepid"))
)
_COMPLETE = updateBy("id", _sets, "complete", "tests_passed", "tests_failed")
_RESULT = (
    "builderid",
    "test_result_setid",
    "test_nameid",
    "test_code_pathid",
    "line",
    "duration_ns",
    "value",
)
_INSERT = insertInto(schema.test_results, *_RESULT)
_results = schema.test_results.c
_COUNT = (
    select(_results.value, func.count())
    .where(_results.test_result_setid == bindparam("setid"))
    .group_by(_results.value)
)


@attrs.frozen
class NewResult:
    """The result of one test, or one finding; it has a name or a path, or both. ``value`` is text."""

    value: str
    name: str | None = None
    path: str | None = None
    line: int | None = None
    duration_ns: int | None = None


def addSet(
    tx: Transaction, now: int, stepid: int, category: str, value_unit: str, description: str | None = None
) -> int:
    """Add a set of results to a step; its id."""
    builderid, buildid = tx.execute(_OWNER, {"stepid": stepid})[0]
    values = (builderid, buildid, stepid, description, category, value_unit, 0)
    setid: int = tx.execute(_INSERT_SET, dict(zip(_SET, values, strict=True)))[0][0]
    tx.announce("test_result_sets", setid, "new")
    return setid


def add(tx: Transaction, now: int, setid: int, results: Sequence[NewResult]) -> None:
    """Add results to a set. Nothing is announced, as in Buildbot: the set's completion is."""
    builderid = tx.record("test_result_sets", setid)["builderid"]
    if any(result.name is None and result.path is None for result in results):
        raise BadRequest("results: each has a name or a path")
    rows = []
    for result in results:
        nameid = _text(tx, schema.test_names, builderid, "name", result.name)
        pathid = _text(tx, schema.test_code_paths, builderid, "path", result.path)
        values = (builderid, setid, nameid, pathid, result.line, result.duration_ns, result.value)
        rows.append(dict(zip(_RESULT, values, strict=True)))
    tx.executeMany(_INSERT, rows)


def _text(tx: Transaction, table: Table, builderid: int, column: str, text: str | None) -> int | None:
    return None if text is None else found(tx, table, {"builderid": builderid, column: text}, {})[0]


def complete(tx: Transaction, now: int, setid: int) -> None:
    """A set has all its results; what passed and failed is counted where its kind says what does."""
    old = tx.record("test_result_sets", setid)
    if old["complete"]:
        raise BadRequest(f"test_result_sets/{setid}: it is complete already")
    counts: dict[str, int] = dict(tx.execute(_COUNT, {"setid": setid}))
    passed, failed = _counted(old["category"], old["value_unit"], counts)
    tx.change("test_result_sets", setid, "completed", complete=1, tests_passed=passed, tests_failed=failed)


def _counted(category: str, unit: str, counts: dict[str, int]) -> tuple[int | None, int | None]:
    every = sum(counts.values())
    if (category, unit) == ("pass_fail", "boolean"):
        return every - counts.get("0", 0), counts.get("0", 0)
    if category == "pass_only":
        return every, None
    if category in ("fail_only", "code_issue"):
        return None, every
    return None, None
