"""Beside a stock master that is really building, on either database; and what becomes of one when the other falls."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url
from twisted.trial.unittest import SkipTest, TestCase

from buildbot.db.indexes import script
from buildbot.db.postgresql import conninfo
from buildbot.db.url import parse
from buildbot.test import postgres
from buildbot.test.live.beside import Beside
from buildbot.test.live.processes import WORKER, Attached, Master, until

SAME = (
    "masters?field=masterid&field=name&field=active",
    "projects?field=projectid&field=name&field=slug",
    "workers",
    "workers/1",
    "schedulers?order=schedulerid",
    "sourcestamps",
    "changes",
    "builders",
    "builders/small",
    "builders?tags__contains=large",
    "builders/small/builds",
    "builders/large/builds/1",
    "builders/broken/builds/1/steps",
    "builders/broken/builds/1/steps/step-1",
    "builds?property=*",
    "builds?results=2",
    "builds?complete=true&order=-buildid&limit=3",
    "builds/1",
    "builds/1/steps",
    "builds/1/properties",
    "builders/large/builds/1/steps/0/logs",
    "builds/1/triggered_builds",
    "builds/2/triggered_builds",
    "builds/3/triggered_builds",
    "buildrequests",
    "buildsets",
    "buildsets/1",
    "logs/1",
    "logs/1/contents",
    "logs/1/contents?offset=2&limit=3",
)
"""What is asked of both. (What differs by rule is the differential test's.)"""
AGE = 1.0
"""Seconds after which news must be there, on PostgreSQL."""


class Live(Beside):
    """The tests; a class of each database starts the processes once."""

    assertIn: Callable[..., None]

    def finished(self, builder: str) -> int:
        """How many builds of a builder are over, as we say."""
        builds = self.attached.get(f"builders/{builder}/builds?complete=true&field=number")
        return len(builds["builds"])

    def build(self, *builders: str) -> None:
        """Let the master build, and wait until we say that it is done."""
        before = {name: self.finished(name) for name in builders}
        for name in builders:
            self.master.force(name)
        for name in builders:
            self.awaitBuilds(name, before[name] + 1)

    def awaitBuilds(self, builder: str, count: int) -> None:
        """Wait until we say that so many builds of a builder are over."""
        until(lambda: self.finished(builder) >= count, f"build {count} of {builder}")

    def settled(self) -> None:
        """Wait until the master has written the last of it: a request is complete after its build is."""
        path = "buildrequests?complete=false&limit=1"
        until(lambda: not self.master.get(path)["buildrequests"], "requests are complete")

    def assertSame(self, path: str) -> None:
        """Both answer with the same records, in any order unless one was asked for; ours may have fields more."""
        [stock] = (found for name, found in self.master.get(path).items() if name != "meta")
        [ours] = (found for name, found in self.attached.get(path).items() if name != "meta")
        names = stock[0].keys() if stock else ()
        ours = [{name: each.get(name) for name in names} for each in ours]
        if "order=" not in path:
            ours, stock = sorted(ours, key=repr), sorted(({n: e[n] for n in names} for e in stock), key=repr)
        self.assertEqual(ours, stock, path)

    def test_same(self) -> None:
        """Once it has settled, every answer is the stock master's."""
        self.build("small", "broken", "large")
        self.settled()
        for path in SAME:
            self.assertSame(path)

    def test_news(self) -> None:
        """What the master has written is there as soon as is promised, though the question is the same as before."""
        for count in range(self.finished("small") + 1, self.finished("small") + 4):
            self.master.force("small")
            self.awaitMaster(count)
            self.assertNews(time.monotonic(), count)

    def awaitMaster(self, count: int) -> None:
        path = "builders/small/builds?complete=true"
        until(lambda: len(self.master.get(path)["builds"]) >= count, "it is built")

    def assertNews(self, since: float, count: int) -> None:
        raise NotImplementedError

    def seen(self, count: int) -> bool:
        return self.finished("small") >= count

    def test_indexes(self) -> None:
        """With our indexes, made while it runs, the master builds as before, and the answers are the same."""
        self.execute(script(parse(self.url)))
        self.build("small", "large")
        self.settled()
        for path in ("builds?order=-started_at,-buildid", "builds?results=0", "builds?complete=true", "builds/1"):
            self.assertSame(path.replace(",", "&order="))

    def execute(self, script: str) -> None:
        raise NotImplementedError

    def connected(self) -> bool:
        """Whether the worker is at work, as we say."""
        [worker] = self.attached.get("workers")["workers"]
        return bool(worker["connected_to"])

    def test_leaving(self) -> None:
        """That a worker has left is seen, and that it has come back; what it says of itself is what the master says."""
        until(self.connected, "it is there")
        self.worker.stop()
        until(lambda: not self.connected(), "it has left")
        self.assertSame("workers/1")
        self.worker.start()
        until(self.connected, "it is back")
        until(lambda: self.attached.get("workers/1") == self.master.get("workers/1"), "all of it is written")
        [worker] = self.attached.get("workers/1")["workers"]
        self.assertEqual((worker["name"], worker["workerinfo"]["version"]), (WORKER, "4.3.0"))

    def test_attachedKilled(self) -> None:
        """Our end does not matter to the master, and the next one goes on where the last one was."""
        self.build("small")
        before = self.attached.get("builders/small/builds")
        self.attached.kill()
        self.master.force("small")
        type(self).attached = Attached(self.folder / "attached", self.url)
        count = len(before["builds"])
        self.awaitBuilds("small", count + 1)
        self.assertEqual(self.attached.get("builders/small/builds")["builds"][:count], before["builds"])

    def test_masterKilled(self) -> None:
        """The master's end does not matter to us: what it built is there, what it was building stays unfinished; and
        when it is back, we say what it says."""
        self.master.force("endless")
        [build] = until(lambda: self.attached.get("builders/endless/builds?complete=false")["builds"], "it is building")
        path = f"builds/{build['buildid']}"
        until(lambda: self.attached.get(f"{path}/steps")["steps"], "its step runs")
        self.master.kill()
        [killed] = self.attached.get(path)["builds"]
        self.assertEqual((killed["complete"], killed["results"]), (False, None))
        self.assertEqual(self.attached.ask("healthz")[0], 200)
        type(self).master = Master(self.folder / "master")
        until(lambda: self.attached.get(path)["builds"][0]["complete"], "it is given up")
        self.assertSame(path)
        [again] = until(
            lambda: self.master.get("builders/endless/builds?complete=false")["builds"], "it is built again"
        )
        self.master.act(f"builds/{again['buildid']}", "stop")
        self.awaitBuilds("endless", again["number"])


class SQLiteTest(Live, TestCase):
    """With a file that the master writes."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="live-"))
        cls.addClassCleanup(cls.end)
        cls.begin(f"sqlite:///{cls.folder}/state.sqlite")

    def assertNews(self, since: float, count: int) -> None:
        self.assertTrue(self.seen(count))

    def execute(self, script: str) -> None:
        with closing(sqlite3.connect(self.folder / "state.sqlite", timeout=30)) as connection:
            connection.executescript(script)


class PostgreSQLTest(Live, TestCase):
    """With a server that both use."""

    cluster: postgres.Cluster

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp(prefix="live-"))
        cls.addClassCleanup(cls.end)
        try:
            cls.cluster = postgres.Cluster()
        except postgres.Unavailable as error:
            raise SkipTest(str(error)) from None
        cls.addClassCleanup(cls.cluster.remove)
        cls.cluster.start()
        cls.begin(cls.cluster.tcpUrl.replace("postgresql:", "postgresql+psycopg2:"))

    def assertNews(self, since: float, count: int) -> None:
        until(lambda: self.seen(count), "news", AGE - (time.monotonic() - since))

    def execute(self, script: str) -> None:
        with psycopg.connect(conninfo(make_url(self.url)), autocommit=True) as connection:
            for statement in script.split(";"):
                connection.execute(statement.encode())

    def test_serverRestarted(self) -> None:
        """While the server is away, the answer is 503, which says so; when it is back, so are we, with what is new."""
        # No test may come after this one: the stock master goes on with connections that are gone.
        path = "api/v2/masters?field=last_active"
        self.assertEqual(self.attached.ask(path)[0], 200)
        self.cluster.stop()
        until(lambda: self.attached.ask(path)[0] == 503, "503")
        status, document = self.attached.ask("api/v2/builds?limit=1")
        self.assertEqual((status, document["title"]), (503, "Database unavailable"))
        self.assertEqual(self.attached.ask("healthz")[0], 503)
        self.cluster.start()
        with psycopg.connect(conninfo(make_url(self.url)), autocommit=True) as connection:
            connection.execute("UPDATE masters SET last_active = 77")
        until(lambda: self.attached.ask("healthz")[0] == 200, "it is there again")
        until(lambda: self.attached.ask(path)[1].get("masters") == [{"last_active": 77}], "news")
