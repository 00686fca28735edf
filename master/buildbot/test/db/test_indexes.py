"""Our own indexes: that they can be made, that they are used, and that every order that is promised has one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import psycopg
from sqlalchemy import Table
from sqlalchemy.engine import make_url
from twisted.trial.unittest import TestCase

from buildbot.db import schema
from buildbot.db.indexes import INDEXES, PREFIX, script
from buildbot.db.postgresql import conninfo
from buildbot.db.tables import TABLES
from buildbot.db.url import parse
from buildbot.status.catalogue import Catalogue
from buildbot.test import postgres

WITHIN_A_PARENT = {("builds", "number"), ("steps", "number")}
"""Orders whose indexes begin with the parent's id, because without it they mean little."""


class OrdersTest(TestCase):
    def _indexed(self, table: Table) -> Iterator[str]:
        """The columns with which some index begins."""
        yield from (column.name for column in list(table.primary_key.columns)[:1])
        yield from (next(iter(index.columns)).name for index in table.indexes)
        yield from (index.columns[0] for index in INDEXES if index.table == table.name)

    def test_orders(self) -> None:
        """Every order along which lists can be paged to their end begins an index, stock's or ours."""
        for cls in Catalogue().types.values():
            if cls.Table is None:
                continue
            indexed = set(self._indexed(TABLES[cls.Table]))
            wanted = {cls.Fields[name].column or name for name in cls.Orders}
            missing = {(cls.Table, name) for name in wanted - indexed}
            self.assertEqual(missing - WITHIN_A_PARENT, set())


class SQLiteTest(TestCase):
    def setUp(self) -> None:
        self.location = parse(f"sqlite:///{self.mktemp()}")
        self.connection = sqlite3.connect(self.location.path or "")
        self.addCleanup(self.connection.close)
        for table in schema.metadata.tables.values():
            columns = ", ".join(column.name for column in table.columns)
            self.connection.execute(f"CREATE TABLE {table.name} ({columns})")

    def test_script(self) -> None:
        """The script makes every index, and may be run again."""
        for _ in range(2):
            self.connection.executescript(script(self.location))
        made = self.connection.execute("SELECT name FROM sqlite_master WHERE name LIKE ? || '%'", [PREFIX]).fetchall()
        self.assertEqual({name for (name,) in made}, {index.name for index in INDEXES})

    def test_used(self) -> None:
        """An order that has one needs no sorting, in either direction."""
        self.connection.executescript(script(self.location))
        for column in ("started_at", "complete_at"):
            for direction in ("ASC", "DESC"):
                sql = f"SELECT * FROM builds ORDER BY {column} {direction}, id {direction} LIMIT 9"
                [plan] = self.connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
                self.assertIn(f"USING INDEX status_ix_builds_{column}", plan[3])


class PostgreSQLTest(TestCase):
    def test_script(self) -> None:
        """The same on PostgreSQL, where they are made beside writers and nulls come first."""
        url = postgres.freshDatabase(self, schema.metadata)
        with psycopg.connect(conninfo(make_url(url)), autocommit=True) as connection:
            for _ in range(2):
                for statement in script(parse(url)).split(";"):
                    connection.execute(statement.encode())
            made = connection.execute("SELECT indexname FROM pg_indexes WHERE starts_with(indexname, %s)", [PREFIX])
            self.assertEqual({name for (name,) in made}, {index.name for index in INDEXES})
            connection.execute("SET enable_sort = off")
            connection.execute("SET enable_seqscan = off")
            for order in ("complete_at NULLS FIRST, id", "complete_at DESC NULLS LAST, id DESC"):
                plan = connection.execute(f"EXPLAIN SELECT * FROM builds ORDER BY {order} LIMIT 9".encode()).fetchall()
                text = " ".join(line for (line,) in plan)
                self.assertIn("status_ix_builds_complete_at", text)
                self.assertNotIn("Sort", text)
