"""The file in which ``attach`` keeps the log of events."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from buildbot.db import statefile
from buildbot.db.statefile import StateFile, StateUnusable, defaultPath


class StateFileTests(SynchronousTestCase):
    """The file of the log."""

    def opened(self, path: str) -> StateFile:
        state = StateFile(path)
        self.addCleanup(state.close)
        state.open()
        return state

    def test_alone(self) -> None:
        """One process at a time has it."""
        path = f"{self.mktemp()}/state.sqlite"
        first = self.opened(os.path.abspath(path))
        error = self.assertRaises(StateUnusable, self.opened, first.path)
        self.assertIn("another process", str(error))
        first.close()
        self.opened(first.path)

    def test_older(self) -> None:
        """The file of an older version goes on being used, with what is in it."""
        path = os.path.abspath(f"{self.mktemp()}/state.sqlite")
        self.opened(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("ALTER TABLE status_events DROP COLUMN shape")
            connection.execute("INSERT INTO status_marks VALUES ('builds', '{}')")
            connection.execute("PRAGMA user_version = 1")
            connection.commit()
        self.assertEqual(self.opened(path).load().marks, {"builds": {}})
        with closing(sqlite3.connect(path)) as connection:
            self.assertEqual(connection.execute("SELECT shape FROM status_events").fetchall(), [])

    def test_interrupted(self) -> None:
        """What ends while it makes the file leaves nothing half done."""

        def ended(*_: Any) -> None:
            raise RuntimeError

        state = StateFile(os.path.abspath(f"{self.mktemp()}/state.sqlite"))
        patched = self.patch(statefile.metadata, "create_all", ended)
        self.assertRaises(RuntimeError, state.open)
        state.close()
        patched.restore()
        self.assertEqual(self.opened(state.path).load().seen, [])

    def test_newer(self) -> None:
        """That of a newer one is left alone."""
        path = os.path.abspath(f"{self.mktemp()}/state.sqlite")
        self.opened(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 99")
        error = self.assertRaises(StateUnusable, self.opened, path)
        self.assertIn("newer version", str(error))

    def test_foreign(self) -> None:
        """A database of somebody else's is left alone, and so is what is no database."""
        folder = os.path.abspath(self.mktemp())
        os.makedirs(folder)
        with closing(sqlite3.connect(f"{folder}/a.sqlite")) as connection:
            connection.execute("CREATE TABLE builds (id INTEGER)")
        with open(f"{folder}/b.sqlite", "w") as file:
            file.write("text " * 1000)
        for name in "ab":
            self.assertRaises(StateUnusable, self.opened, f"{folder}/{name}.sqlite")

    def test_place(self) -> None:
        """In the user's state directory, or the service's; each database has its own."""
        self.patch(os, "environ", {"XDG_STATE_HOME": "/state"})
        one = defaultPath("sqlite:////a")
        self.assertTrue(one.startswith("/state/buildbot-status/"))
        self.assertNotEqual(one, defaultPath("sqlite:////b"))
        self.patch(os, "environ", {"XDG_STATE_HOME": "/state", "STATE_DIRECTORY": "/var/lib/buildbot-status:/x"})
        self.assertTrue(defaultPath("sqlite:////a").startswith("/var/lib/buildbot-status/"))
