"""What the how-tos for operators tell to type works."""

from __future__ import annotations

import grp
import os
import pwd
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildbot.config.attach import Options, settings
from buildbot.db.postgresql import conninfo
from buildbot.master import Attached
from buildbot.test import postgres
from buildbot.test.contract.attached import attach
from buildbot.test.docs.executed import DOCS, HTTP, blocks, run
from buildbot.test.oracle.everything import fill

READ = """
import os, sys
from twisted.internet.defer import Deferred
from twisted.internet.task import react
import buildbot.db.sqlite
from buildbot.db.connector import Database
from buildbot.db.revision import checkRevision

def main(reactor):
    os.setgroups([int(sys.argv[2])])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[3]))
    database = Database(sys.argv[1], reactor=reactor)
    database.startService()
    reading = database.run("revision", checkRevision)
    return reading.addCallback(print).addBoth(lambda _: database.stopService())

react(main)
"""


def made(url: str) -> None:
    engine = create_engine(url)
    fill(engine)
    engine.dispose()


class AttachTest(TestCase):
    """``howto/attach.rst``."""

    def block(self, language: str) -> str:
        [found] = (block.text for block in blocks("howto/attach.rst") if block.language == language)
        return found

    def test_configuration(self) -> None:
        """The configuration file is one, and says what its comments do."""
        path = Path(self.mktemp())
        path.write_text(self.block("python"))
        found = settings(Options(config=str(path)))
        assert found.web is not None and found.pb is not None
        self.assertEqual((found.web.port, found.web.interface, found.web.basePath), (8020, "127.0.0.1", "/status"))
        self.assertEqual((found.pb.endpoint, found.pb.anonymous), ("tcp:8021:interface=127.0.0.1", False))
        self.assertEqual((found.limits.default, found.limits.largest, found.limits.embedded), (1000, 10000, 5000))
        self.assertEqual(found.notices, [])

    async def test_user(self) -> None:
        """The user that the SQL makes is enough, may not write, and may read the tables of an upgrade."""
        url = make_url(postgres.freshDatabase(self))
        made(url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
        with psycopg.connect(conninfo(url), autocommit=True) as owner:
            owner.execute("DROP ROLE IF EXISTS status")
            for statement in self.block("sql").split(";"):
                owner.execute(statement.encode())
            self.addCleanup(self.drop, url)
            owner.execute("CREATE TABLE later (id integer)")
        user = url.set(username="status", password="choose-one")
        attached = Attached(settings(Options(db=user.render_as_string(hide_password=False), port="0")), reactor=reactor)
        self.addCleanup(attached.stop)
        await attached.start()
        self.assertTrue((await attached.status.get("builds", limit=1)).records)
        with psycopg.connect(conninfo(user), autocommit=True) as connection:
            connection.execute("SELECT * FROM later")
            for statement in ("DELETE FROM builds", "CREATE TABLE own (id integer)"):
                self.assertRaises(psycopg.errors.InsufficientPrivilege, connection.execute, statement.encode())

    @staticmethod
    def drop(url: Any) -> None:
        with psycopg.connect(conninfo(url), autocommit=True) as owner:
            owner.execute("DROP OWNED BY status; DROP ROLE status")

    def test_group(self) -> None:
        """A member of the folder's group may read, also what SQLite makes anew, after the commands for that."""
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")
        group, nobody = grp.getgrnam("nogroup").gr_gid, pwd.getpwnam("nobody").pw_uid
        folder = Path("/tmp") / f"attach-{os.getpid()}"
        folder.mkdir(mode=0o700)
        self.addCleanup(subprocess.run, ["rm", "-r", str(folder)], check=True)
        path = folder / "state.sqlite"
        made(f"sqlite:///{path}")
        os.chmod(path, 0o600)
        for line in DOCS.joinpath("howto/attach.rst").read_text("utf-8").splitlines():
            if line.startswith("   # ch"):
                command = line[5:].replace("/home/buildbot/master", str(folder)).replace(" buildbot ", " nogroup ")
                subprocess.run(command, shell=True, check=True)
        with closing(sqlite3.connect(path)) as master:
            master.execute("PRAGMA journal_mode = WAL")
            master.execute("UPDATE masters SET last_active = 1")
            master.commit()
            arguments = [f"sqlite:///{path}", str(group), str(nobody)]
            done = subprocess.run([sys.executable, "-c", READ, *arguments], capture_output=True, text=True)
        self.assertEqual((done.stdout, done.stderr), ("067\n", ""))


class OperateTest(TestCase):
    """``howto/operate.rst``."""

    def test_commands(self) -> None:
        """Every command prints what the page says."""
        folder = Path(self.mktemp()).resolve()
        folder.mkdir(parents=True)
        url = f"sqlite:///{folder}/state.sqlite"
        made(url)
        server = attach(self, url)
        count, wrong = run("howto/operate.rst", folder, {HTTP: server.http.removeprefix("http://")})
        self.assertEqual(wrong, [], "\n".join(wrong))
        self.assertEqual(count, 2)
