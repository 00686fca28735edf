"""``buildbot upgrade-db`` as people type it."""

from __future__ import annotations

import os

from click.testing import CliRunner, Result
from sqlalchemy import create_engine
from twisted.trial.unittest import SynchronousTestCase

from buildbot.db.upgrade import revisions
from buildbot.scripts.runner import buildbot
from buildbot.test.oracle.everything import fill


class UpgradeDbTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = os.path.abspath(self.mktemp())
        os.mkdir(self.folder)
        self.url = f"sqlite:///{self.folder}/state.sqlite"

    def run_(self, *arguments: str, **more: str) -> Result:
        return CliRunner().invoke(buildbot, ["upgrade-db", *arguments], env=more)

    def test_said(self) -> None:
        """It says what it has done, and where the copy is."""
        engine = create_engine(self.url)
        fill(engine)
        engine.dispose()
        done = self.run_("--db", self.url)
        copied, said = done.output.splitlines()
        self.assertTrue(copied.startswith(f"Copied to {self.folder}/state.sqlite.before-"), copied)
        newest = revisions()[-1]
        self.assertEqual(
            said, f"{self.url}: the tables have revision {newest}, before: there are no tables of this program."
        )
        done = self.run_(BUILDBOT_DB=self.url)
        self.assertEqual(done.output, f"{self.url}: nothing to do, the tables have revision {newest}.\n")
        done = self.run_("--db", self.url, "--to", "none", "--no-backup")
        self.assertEqual(
            done.output,
            f"{self.url}: there are no tables of this program, before: the tables have revision {newest}.\n",
        )

    def test_wrong(self) -> None:
        """One sentence, which names the database."""
        done = self.run_("--db", self.url)
        self.assertEqual((done.exit_code, done.output), (1, f"Error: {self.url}: The database file cannot be found.\n"))
        done = self.run_("--db", "mysql://x/y")
        self.assertEqual(done.exit_code, 2)
        self.assertIn("Supported are", done.output)
