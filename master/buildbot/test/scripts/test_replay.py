"""``buildbot replay``."""

from __future__ import annotations

import os
import socket
import sqlite3

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from buildbot.db.url import parse
from buildbot.errors import ConfigError
from buildbot.scripts.replaying import Pace, prepare
from buildbot.test.db.databases import temporaryFolder
from buildbot.test.scripts.test_entry import START, python


class ReplayTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = f"{temporaryFolder(self)}/replay.sqlite"  # type: ignore[arg-type]
        self.url = f"sqlite:///{self.path}"

    def test_played(self) -> None:
        """It makes a database, fills it, and goes on with it another time."""
        for _ in range(2):
            done = python(START, "replay", "--db", self.url, "--lives", "3", "--seed", "7")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("3 lives, ", done.stdout)
            self.assertIn("--seed 7", done.stdout)
        connection = sqlite3.connect(self.path)
        count = connection.execute("SELECT count(*) FROM status_epochs").fetchone()[0]
        builds = connection.execute("SELECT count(*) FROM builds").fetchone()[0]
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        connection.close()
        self.assertEqual((count, version), (2, "067"))
        self.assertGreater(builds, 5)

    def test_refused(self) -> None:
        """What does not go together is said."""
        for words, said in (
            (["tape", "--lives", "3"], "--lives does not go with FILE"),
            (["tape", "--record", "other"], "--record does not go with FILE"),
            (["--same-times"], "--same-times goes with FILE"),
            (["--lives", "3", "--forever"], "--lives does not go with --forever"),
            (["--serve", "nowhere"], "--serve 'nowhere' cannot be listened on"),
            (["nowhere"], "nowhere: No such file or directory"),
        ):
            done = python(START, "replay", "--db", self.url, *words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(said, done.stderr)

    def test_taken(self) -> None:
        """A port that another program has: it is the one of --serve."""
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            done = python(START, "replay", "--db", self.url, "--serve", str(other.getsockname()[1]))
        self.assertEqual((done.returncode, "choose another port with --serve." in done.stderr), (1, True), done.stderr)

    def test_noTape(self) -> None:
        """A file that is no tape is no reason to make a database."""
        path = f"{self.path}.tape"
        for content in (b"", b"builds\n", b"SQLite\xff\x00", b'{"tape": 2}\n'):
            with open(path, "wb") as file:
                file.write(content)
            for more in ([], ["--serve", "0"]):
                done = python(START, "replay", "--db", self.url, path, *more)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(f"{path}: this is no tape of --record", done.stderr)
            self.assertFalse(os.path.exists(self.path))

    def test_ownDatabase(self) -> None:
        """The database of masters that are no replay's is left alone."""
        prepare(parse(self.url))
        connection = sqlite3.connect(self.path)
        connection.execute("INSERT INTO masters VALUES (1, 'host:/srv/bb', 'h', 1, 0)")
        connection.commit()
        connection.close()
        error = self.assertRaises(ConfigError, prepare, parse(self.url))
        self.assertIn("is empty", str(error))

    def test_otherDatabase(self) -> None:
        """So is one that is not Buildbot's."""
        connection = sqlite3.connect(self.path)
        connection.execute("CREATE TABLE t (a INTEGER)")
        connection.close()
        error = self.assertRaises(ConfigError, prepare, parse(self.url))
        self.assertIn("not Buildbot's", str(error))

    def test_pace(self) -> None:
        """Turns come evenly, and none is made up for."""
        clock = Clock()
        pace = Pace(clock, 10)
        turns = [Deferred.fromCoroutine(pace.turn()) for _ in range(3)]
        had = []
        for _ in range(4):
            had.append(sum(turn.called for turn in turns))
            clock.advance(0.1)
        self.assertEqual(had, [0, 1, 2, 3])
        clock.advance(10)
        turns = [Deferred.fromCoroutine(pace.turn()) for _ in range(2)]
        clock.advance(0.1)
        self.assertEqual([turn.called for turn in turns], [True, False])
        clock.advance(0.1)
