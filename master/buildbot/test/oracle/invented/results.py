"""Test results: sets of every category, names and paths that are shared, missing, or lead nowhere."""

from __future__ import annotations

from random import Random

from .rows import Rows

CATEGORIES = [
    ("pass_fail", "boolean"),
    ("pass_only", "message"),
    ("fail_only", "message"),
    ("code_issue", "größe"),
    ("performance", "ns"),
]


Known = dict[int, tuple[list[int | None], list[int | None]]]
"""The ids of names and of paths that tests of a builder may have."""


def testResults(rows: Rows, random: Random) -> None:
    """A set or two for every fifth build that has a step, and one set whose build is not there."""
    known = _known(rows)
    builds = {row["buildid"]: row["id"] for row in rows.tables["steps"]}
    for number, (buildid, stepid) in enumerate(list(builds.items())[::5]):
        build = next((row for row in rows.tables["builds"] if row["id"] == buildid), None)
        if build is None:
            continue
        for category in CATEGORIES[number % 5 : number % 5 + 2]:
            _set(rows, random, build["builderid"], buildid, stepid, category, known)
    _set(rows, random, 99, 9999, 99_999, CATEGORIES[0], known)


def _known(rows: Rows) -> Known:
    found: Known = {}
    for builderid in (*rows.ids("builders"), 99):
        names: list[int | None] = [None, 999]
        paths: list[int | None] = [None, 999]
        for number in range(3):
            name = f"test größe {number}" if number else "test_of_nothing"
            names.append(rows.add("test_names", builderid=builderid, name=name))
            paths.append(rows.add("test_code_paths", builderid=builderid, path=f"src/größe/{number}.py"))
        found[builderid] = (names, paths)
    return found


def _set(
    rows: Rows,
    random: Random,
    builderid: int,
    buildid: int,
    stepid: int,
    category: tuple[str, str],
    known: Known,
) -> None:
    names, paths = known[builderid]
    count = random.choice([0, 1, 3, 8])
    counted = category[0] != "performance"
    passed = random.randrange(count + 1) if counted else None
    setid = rows.add(
        "test_result_sets",
        builderid=builderid,
        buildid=buildid,
        stepid=stepid,
        description=random.choice([None, "größe of it", ""]),
        category=category[0],
        value_unit=category[1],
        tests_passed=passed,
        tests_failed=None if passed is None else count - passed,
        complete=random.choice([0, 1, 1]),
    )
    for _ in range(count):
        rows.add(
            "test_results",
            builderid=builderid,
            test_result_setid=setid,
            test_nameid=random.choice(names),
            test_code_pathid=random.choice(paths),
            line=random.choice([None, 0, 123]),
            duration_ns=random.choice([None, 0, 2_000_000_000]),
            value=random.choice(["0", "1", "größe failed\nbecause", "12345.5"]),
        )
