"""What ``attach`` announces beside a stock master that is really building, while ``attach`` itself is killed."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import simplejson
from twisted.trial.unittest import SkipTest, TestCase

from buildbot.status.level import Level, steady
from buildbot.test import postgres
from buildbot.test.contract.cases import catalogue
from buildbot.test.live.beside import Beside
from buildbot.test.live.processes import Attached, until

KILLS = int(os.environ.get("BUILDBOT_CRASH_KILLS", "3"))
SEED = os.environ.get("BUILDBOT_CRASH_SEED") or str(SystemRandom().randrange(10**6))
SOON = 1.5
"""Seconds after the master has said so. One is promised; both run on one machine with all else."""
ENDS = {
    "buildsets": "complete",
    "buildrequests": "complete",
    "builds": "finished",
    "steps": "finished",
    "logs": "finished",
}
WITHIN = {"buildrequests": "buildsetid", "builds": "buildrequestid", "steps": "buildid", "logs": "stepid"}
ABOVE = {"buildrequests": "buildsets", "builds": "buildrequests", "steps": "builds", "logs": "steps"}
Row = tuple[int, str, int, str, Mapping[str, Any]]
"""Number, type, key, event, body."""


class Events(Beside):
    """The test; a class of each database starts the processes once."""

    assertLess: Callable[..., None]

    @classmethod
    def attach(cls) -> None:
        cls.attached = Attached(cls.folder / "attached", cls.url, "--state", str(cls.folder / "events.sqlite"))

    def events(self, after: int = 0) -> Sequence[Row]:
        with closing(sqlite3.connect(self.folder / "events.sqlite", timeout=30)) as connection:
            rows = connection.execute(
                "SELECT seq, type, key, event, body FROM status_events WHERE seq > ? ORDER BY seq", (after,)
            ).fetchall()
        return [(seq, type, key, event, simplejson.loads(body)) for seq, type, key, event, body in rows]

    def lists(self) -> dict[str, dict[int, Any]]:
        """Everything of every type that is watched, as we say."""
        found = {}
        for cls in catalogue().types.values():
            if Level.of(cls) is not None:
                assert cls.Key is not None
                listed = self.attached.get(f"{cls.Plural}?limit=1000")[cls.Plural]
                found[cls.Plural] = {record[cls.Key.name]: steady(cls, record) for record in listed}
        return found

    def settled(self) -> None:
        """Wait until the master has nothing to do, and we have announced that."""
        until(lambda: not self.open(self.master), "requests are complete")
        sets = len(self.master.get("buildsets")["buildsets"])
        until(lambda: self.count("buildsets", "complete") == sets, "it is announced")

    @staticmethod
    def open(server: Any) -> Sequence[Any]:
        return [*server.get("buildsets?complete=false")["buildsets"]]

    def count(self, type: str, event: str) -> int:
        return sum(row[1] == type and row[3] == event for row in self.events())

    def finished(self, builder: str) -> int:
        return len(self.master.get(f"builders/{builder}/builds?complete=true")["builds"])

    def force(self, *builders: str) -> None:
        for builder in builders:
            self.master.force(builder)

    def test_everything(self) -> None:
        """Everything that begins and ends is announced once, whatever becomes of us, in an order in which it can have
        been, and soon; old lists and events make the new lists."""
        until(lambda: self.attached.get("workers")["workers"][0]["connected_to"], "the worker is there")
        old = self.lists()
        start = self.events()[-1][0] if self.events() else 0
        self.force("small", "broken", "large")
        until(lambda: self.count("builds", "new") >= 2, "builds are announced")
        self.attached.kill()
        self.force("large", "small")
        until(lambda: self.finished("small") >= 2, "something is built that nobody watches")
        self.attach()
        self.force("small", "large")
        until(lambda: self.count("steps", "started") >= 8, "steps are announced")
        self.attached.kill()
        self.attach()
        self.settled()
        self.assertSoon()
        events = self.events(start)
        for type in ENDS:
            self.assertOnce(type, [row for row in events if row[1] == type])
        self.assertOrder(events)
        self.assertState(old, events)

    def test_random(self) -> None:
        """The same at random moments; longer with ``BUILDBOT_CRASH_KILLS``."""
        sys.stdout.write(f"\n{type(self).__name__}: seed {SEED}\n")
        random = Random(SEED)
        until(lambda: self.attached.get("workers")["workers"][0]["connected_to"], "the worker is there")
        self.settled()
        old, start = self.lists(), self.events()[-1][0]
        for _ in range(KILLS):
            self.force(*random.choices(["small", "broken", "large"], k=2))
            self.announced(start, random.choice([1, 10, 40, 90]))
            self.attached.kill()
            if random.random() < 0.5:
                self.built(random.randrange(2))
            self.attach()
        self.settled()
        events = self.events()
        for type_ in ENDS:
            self.assertOnce(type_, [row for row in events if row[1] == type_])
        self.assertOrder(events)
        self.assertState(old, self.events(start))
        sys.stdout.write(f"{KILLS} kills, {len(self.events(start))} events\n")

    def announced(self, start: int, more: int) -> None:
        """Wait until there are so many more events, or nothing is left to do."""
        most = len(self.events(start)) + more
        until(lambda: len(self.events(start)) >= most or not self.open(self.attached), "something is announced")

    def built(self, more: int) -> None:
        """Have something built, and wait until so many more have ended."""
        most = self.finished("small") + more
        self.force("small")
        until(lambda: self.finished("small") >= most, "something is built that nobody watches")

    def assertSoon(self) -> None:
        """A build is announced as finished soon after the master has said that it is."""
        before, count = self.finished("small"), self.count("builds", "finished")
        self.force("small")
        until(lambda: self.finished("small") > before, "it is built")
        since = time.monotonic()
        until(lambda: self.count("builds", "finished") > count, "it is announced")
        self.assertLess(time.monotonic() - since, SOON)
        self.settled()

    def assertOnce(self, type: str, events: Sequence[Row]) -> None:
        """Each thing that there is is new once, and ends once."""
        key = next(cls.Key for cls in catalogue().types.values() if cls.Plural == type)
        assert key is not None
        there = sorted(record[key.name] for record in self.attached.get(f"{type}?limit=1000")[type])
        self.assertEqual(sorted(row[2] for row in events if row[3] == "new"), there, type)
        self.assertEqual(sorted(row[2] for row in events if row[3] == ENDS[type]), there, type)

    def assertOrder(self, events: Sequence[Row]) -> None:
        """What is part of something begins after it, and ends before it."""
        at = {(type, key, event): seq for seq, type, key, event, _ in events}
        for seq, type, key, event, body in events:
            parent = (ABOVE[type], body[WITHIN[type]]) if type in ABOVE and event in ("new", ENDS[type]) else None
            if parent is None:
                continue
            end = ENDS[parent[0]]
            self.assertLess(at[*parent, "new"], seq, (type, key, event))
            self.assertLess(seq, at[*parent, end], (type, key, event))

    def assertState(self, old: dict[str, dict[int, Any]], events: Sequence[Row]) -> None:
        types = {cls.Plural: cls for cls in catalogue().types.values()}
        for _, type, key, event, body in events:
            if event == "append":
                old[type][key]["num_lines"] = body["last"] + 1
            elif type in old:
                old[type][key] = steady(types[type], body)
        self.assertEqual(old, self.lists())


class SQLiteTest(Events, TestCase):
    """With a file that the master writes."""

    timeout = 180 + 20 * KILLS

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="live-"))
        cls.addClassCleanup(cls.end)
        cls.begin(f"sqlite:///{cls.folder}/state.sqlite")


class PostgreSQLTest(Events, TestCase):
    """With a server that both use."""

    timeout = 180 + 20 * KILLS

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="live-"))
        cls.addClassCleanup(cls.end)
        try:
            cluster = postgres.Cluster()
        except postgres.Unavailable as error:
            raise SkipTest(str(error)) from None
        cls.addClassCleanup(cluster.remove)
        cluster.start()
        cls.begin(cluster.tcpUrl.replace("postgresql:", "postgresql+psycopg2:"))
