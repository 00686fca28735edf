"""Named transactions: results, errors, one state, cancelling, deadlines, limits."""

from __future__ import annotations

import sqlite3

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildbot.db.connector import Database, Snapshot


class SQLiteTests(TestCase):
    def setUp(self) -> None:
        self.path = self.mktemp()
        connection = sqlite3.connect(self.path)
        connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        connection.execute("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
        connection.commit()
        connection.close()
        self.db = Database(f"sqlite:///{self.path}", reactor=reactor)
        self.db.startService()
        self.addCleanup(self.db.stopService)

    async def test_rows(self) -> None:
        """A run fires with what its function returns; rows are tuples in the order of the columns."""

        def read(snapshot: Snapshot) -> list[tuple[object, ...]]:
            return snapshot.rows("SELECT a, b FROM t WHERE a >= :low ORDER BY a", {"low": 1})

        self.assertEqual(await self.db.run("t", read), [(1, "x"), (2, None)])

    async def test_error(self) -> None:
        """A run fails with what its function raises."""

        def read(snapshot: Snapshot) -> None:
            raise ZeroDivisionError

        await self.assertFailure(self.db.run("t", read), ZeroDivisionError)
