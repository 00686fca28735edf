"""What it costs to look for news in a large database: while nothing is built, and while a hundred builds run.

``python -m benchmarks.events.look DATABASE LOOKS``: the path of a database from :mod:`benchmarks.database`, which is
written to, and left as it was.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from statistics import median
from time import monotonic, time

from buildbot.db.connector import Database
from buildbot.db.statefile import StateFile
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.poller import PollerSource

from .process import processorSeconds, reactor, run, say

RUNNING = 100
STEPS = 5
"""Of each running build; the last one runs."""


class Master:
    """What a stock master would write."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = wal")
        self._first = self._one("SELECT max(id) + 1 FROM builds")
        self._firstStep = self._one("SELECT max(id) + 1 FROM steps")
        self._turn = 0

    def _one(self, sql: str) -> int:
        return int(self._database.execute(sql).fetchone()[0])

    def isAlive(self) -> None:
        """A sign of life, and nothing else."""
        self._database.execute("UPDATE masters SET last_active = last_active + 1")

    def begin(self) -> None:
        """A hundred builds run."""
        now, ids = int(time()), range(self._first, self._first + RUNNING)
        db = self._database
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO buildsets (id, reason, submitted_at, complete, results) VALUES (?, 'busy', ?, 0, -1)",
            [(n, now) for n in ids],
        )
        db.executemany(
            "INSERT INTO buildrequests (id, buildsetid, builderid, priority, complete, results, submitted_at,"
            " waited_for) VALUES (?, ?, 1, 0, 0, -1, ?, 0)",
            [(n, n, now) for n in ids],
        )
        db.executemany(
            "INSERT INTO buildrequest_claims (brid, masterid, claimed_at) VALUES (?, 1, ?)", [(n, now) for n in ids]
        )
        db.executemany(
            "INSERT INTO builds (id, number, builderid, buildrequestid, workerid, masterid, started_at, state_string,"
            " locks_duration_s) VALUES (?, ?, 1, ?, 1, 1, ?, 'building', 0)",
            [(n, n, n, now) for n in ids],
        )
        db.executemany(
            "INSERT INTO steps (id, number, name, buildid, started_at, complete_at, state_string, urls_json, hidden)"
            " VALUES (?, ?, ?, ?, ?, ?, 'running', '[]', 0)",
            [
                (self._firstStep + STEPS * (n - self._first) + s, s, f"s{s}", n, now, None if s == STEPS - 1 else now)
                for n in ids
                for s in range(STEPS)
            ],
        )
        db.execute("COMMIT")

    def work(self) -> None:
        """Ten of the builds do something."""
        self._turn += 1
        db = self._database
        db.execute("BEGIN")
        for n in range(10):
            build = (10 * self._turn + n) % RUNNING
            step = self._firstStep + STEPS * build + STEPS - 1
            db.execute("UPDATE steps SET state_string = ? WHERE id = ?", (f"running {self._turn}", step))
            db.execute(
                "UPDATE builds SET state_string = ? WHERE id = ?", (f"building {self._turn}", self._first + build)
            )
        db.execute("COMMIT")

    def clean(self) -> None:
        """Take away what was written."""
        db, first = self._database, self._first
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.execute("BEGIN")
        db.execute("DELETE FROM steps WHERE id >= ?", (self._firstStep,))
        db.execute("DELETE FROM builds WHERE id >= ?", (first,))
        db.execute("DELETE FROM buildrequest_claims WHERE brid >= ?", (first,))
        db.execute("DELETE FROM buildrequests WHERE id >= ?", (first,))
        db.execute("DELETE FROM buildsets WHERE id >= ?", (first,))
        db.execute("COMMIT")
        db.close()


async def main() -> None:
    path, looks = sys.argv[1], int(sys.argv[2])
    master = Master(path)
    database = Database(f"sqlite:///{path}", reactor=reactor)
    database.startService()
    source = PollerSource(database, Catalogue(), StateFile("none"), reactor=reactor, period=1e6)
    began = monotonic()
    await source.start()
    first = monotonic() - began

    async def measure(do: Callable[[], None]) -> tuple[float, float]:
        """Median milliseconds of a look, and of the processor's time in it."""
        took, spent = [], []
        for _ in range(looks):
            do()
            began, cpu = monotonic(), processorSeconds()
            await source.look()
            took.append(monotonic() - began)
            spent.append(processorSeconds() - cpu)
        return 1000 * median(took), 1000 * sum(spent) / looks

    try:
        idle, idleCpu = await measure(master.isAlive)
        master.begin()
        await source.look()
        quiet, quietCpu = await measure(master.isAlive)
        busy, busyCpu = await measure(master.work)
    finally:
        master.clean()
    # Whoever hears this ends this process.
    say(
        first=1000 * first,
        idle=idle,
        idleCpu=idleCpu,
        running=quiet,
        runningCpu=quietCpu,
        busy=busy,
        busyCpu=busyCpu,
    )
    await source.stopService()
    await database.stopService()


if __name__ == "__main__":
    run(main)
