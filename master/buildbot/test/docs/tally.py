"""The database that the documentation's examples are run over: what the sandbox of ``make run`` has after a while."""

from __future__ import annotations

from sqlalchemy import create_engine

from buildbot.test.oracle.everything import load
from buildbot.test.oracle.invented.logs import GZ, addLog
from buildbot.test.oracle.invented.rows import EPOCH, Rows, asJson, hashOf

COMMITS = ["Begin", "Count words", "Count characters", "Report totals", "Read from a pipe", "Version 0.1.1"]
BROKEN = 4
"""The number of the builder's build whose tests fail."""
STEPS = ["git", "version", "compile", "windows paths", "tests", "clean up"]
SUCCESS, FAILURE, SKIPPED = 0, 2, 3
TESTS, NIGHTLY = 1, 6
HOUR = 3600
OUTPUT = ["htest_words (tests.WordsTest)", "otest_words ... ok", "otest_pipe ... {pipe}", "o", "oRan 15 tests in 0.02s"]


def tally(path: str) -> None:
    """Make the database, a SQLite file."""
    rows = Rows()
    _configured(rows)
    for number, comment in enumerate(COMMITS, 1):
        _commit(rows, number, comment)
    engine = create_engine(f"sqlite:///{path}")
    load(engine, rows)
    engine.dispose()


def _configured(rows: Rows) -> None:
    rows.named("masters", "sandbox:/srv/sandbox", active=1, last_active=EPOCH)
    rows.named("projects", "tally", slug="tally", description="Counts lines, words and characters")
    for name in ("north", "south"):
        workerid = rows.add("workers", name=name, info=asJson({"version": "4.3.0"}))
        rows.add("connected_workers", masterid=1, workerid=workerid)
    tags = {tag: rows.named("tags", tag) for tag in ("fast", "slow", "release")}
    for name, tag, about in (
        ("tests", "fast", "Unit tests on every commit"),
        ("style", "fast", "What the style checker has to say"),
        ("docs", "slow", "Reference pages"),
        ("package", "release", "One file that runs"),
        ("smoke", "release", "Whether a package starts"),
        ("nightly", "slow", "The tests, thirty times over"),
    ):
        builderid = rows.named("builders", name, projectid=1, description=about)
        rows.add("builders_tags", builderid=builderid, tagid=tags[tag])
        link = rows.add("builder_masters", builderid=builderid, masterid=1)
        for workerid in (1, 2):
            rows.add("configured_workers", buildermasterid=link, workerid=workerid)


def _commit(rows: Rows, number: int, comment: str) -> None:
    at, revision = EPOCH + HOUR * number, hashOf(comment)
    place = {"branch": "main", "revision": revision, "repository": "/srv/sandbox/tally.git", "project": "tally"}
    ssid = rows.add("sourcestamps", ss_hash=hashOf(revision), created_at=at, **place)
    rows.add(
        "changes",
        author="Ada <ada@example.org>",
        committer="Ada <ada@example.org>",
        comments=comment,
        when_timestamp=at,
        sourcestampid=ssid,
        parent_changeids=number - 1 or None,
        **place,
    )
    rows.add("change_files", changeid=number, filename="tally/count.py")
    running = number == len(COMMITS)
    builder = TESTS if number != 5 else NIGHTLY
    _build(rows, ssid, builder, number if builder == TESTS and number < 5 else 5 if running else 1, at, running)


def _build(rows: Rows, ssid: int, builderid: int, number: int, at: int, running: bool) -> None:
    failed = builderid == TESTS and number == BROKEN
    results = FAILURE if failed else SUCCESS
    end = {"complete": int(not running), "complete_at": None if running else at + 20}
    bsid = rows.add("buildsets", reason="scheduler", submitted_at=at, results=-1 if running else results, **end)
    rows.add("buildset_sourcestamps", buildsetid=bsid, sourcestampid=ssid)
    request = rows.add(
        "buildrequests",
        buildsetid=bsid,
        builderid=builderid,
        submitted_at=at,
        results=-1 if running else results,
        **end,
    )
    rows.add("buildrequest_claims", brid=request, masterid=1, claimed_at=at + 1)
    buildid = rows.add(
        "builds",
        number=number,
        builderid=builderid,
        buildrequestid=request,
        workerid=1 + number % 2,
        masterid=1,
        started_at=at + 2,
        complete_at=end["complete_at"],
        locks_duration_s=0,
        state_string="building"
        if running
        else "15 tests, 1 failed (failure)"
        if failed
        else "build successful 15 tests",
        results=None if running else results,
    )
    rows.add(
        "build_properties", buildid=buildid, name="branch", value=asJson("main"), source=asJson("Build").strip('"')
    )
    for place, name in enumerate(STEPS):
        _step(rows, buildid, place, name, at + 2 + 3 * place, running and name == "tests", failed)
        if running and name == "tests":
            break


def _step(rows: Rows, buildid: int, place: int, name: str, at: int, running: bool, failed: bool) -> None:
    skipped, broken = name == "windows paths", failed and name == "tests"
    words = "testing" if running else "skipped" if skipped else "15 tests, 1 failed (failure)" if broken else "finished"
    stepid = rows.add(
        "steps",
        number=place,
        name=name,
        buildid=buildid,
        started_at=at,
        locks_acquired_at=at,
        complete_at=None if running else at + 3,
        state_string=words,
        results=None if running else FAILURE if broken else SKIPPED if skipped else SUCCESS,
        urls_json="[]",
        hidden=int(name == "clean up"),
    )
    if name == "tests":
        output = [line.format(pipe="FAIL" if broken else "ok") for line in OUTPUT]
        addLog(rows, stepid, "stdio", "stdio", "s", output, [(3, GZ)], complete=not running)
