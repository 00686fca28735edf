"""A stock master with our tables in its database: it opens it, builds in it, upgrades it and gives it back."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect
from twisted.trial.unittest import SkipTest, TestCase

from buildbot.db.upgrade import NONE, Upgraded, revisions, upgrade
from buildbot.db.url import parse
from buildbot.test import postgres
from buildbot.test.live.processes import Master, Worker, created, until
from buildbot.test.oracle.environment import stockEnvironment


class Upgrade:
    """The test, on each database."""

    timeout = 120
    folder: Path
    url: str
    addCleanup: Callable[..., None]
    assertEqual: Callable[..., None]

    def database(self) -> str:
        """The URL of an empty one, as ``master.cfg`` has it."""
        raise NotImplementedError

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="live-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.url = self.database()
        self.port = postgres.freePort()
        created(self.folder / "master", self.url, self.port)

    def master(self) -> Master:
        master = Master(self.folder / "master")
        self.addCleanup(master.kill)
        return master

    def build(self, master: Master, count: int) -> None:
        master.force("small")
        path = "builders/small/builds?complete=true&results=0"
        until(lambda: len(master.get(path)["builds"]) == count, "it is built")
        until(lambda: not master.get("buildrequests?complete=false")["buildrequests"], "and the request is complete")

    def run_(self, ask: Callable[[Any], Any]) -> Any:
        engine = create_engine(self.url.replace("+psycopg2", "+psycopg"))
        with engine.begin() as connection:
            found = ask(connection)
        engine.dispose()
        return found

    def names(self) -> set[str]:
        return {name for name in self.run_(lambda each: inspect(each).get_table_names()) if name.startswith("status_")}

    def test_stock(self) -> None:
        """With them, and after they have gone."""
        newest = revisions()[-1]
        done = upgrade(parse(self.url))
        self.assertEqual((done.before, done.after), ("", newest))
        self.run_(lambda each: each.exec_driver_sql("INSERT INTO status_epochs VALUES ('0123456789abcdef', 1, 2)"))
        with_ = self.names()
        master = self.master()
        worker = Worker(self.folder / "worker", self.port)
        self.addCleanup(worker.stop)
        self.build(master, 1)
        master.kill()
        subprocess.run(
            [stockEnvironment().buildbot, "upgrade-master", "--quiet", str(self.folder / "master")],
            check=True,
            capture_output=True,
        )
        self.assertEqual(self.names(), with_)
        rows = self.run_(lambda each: each.exec_driver_sql("SELECT * FROM status_epochs").fetchall())
        self.assertEqual([tuple(row) for row in rows], [("0123456789abcdef", 1, 2)])
        self.assertEqual(upgrade(parse(self.url)), Upgraded(newest, newest))
        upgrade(parse(self.url), NONE, backup=False)
        self.assertEqual(self.names(), set())
        self.build(self.master(), 2)


class SQLiteTest(Upgrade, TestCase):
    """With a file."""

    def database(self) -> str:
        return f"sqlite:///{self.folder}/state.sqlite"


class PostgreSQLTest(Upgrade, TestCase):
    """With a server."""

    def database(self) -> str:
        try:
            cluster = postgres.Cluster()
        except postgres.Unavailable as error:
            raise SkipTest(str(error)) from None
        self.addCleanup(cluster.remove)
        cluster.start()
        return cluster.tcpUrl.replace("postgresql:", "postgresql+psycopg2:")
