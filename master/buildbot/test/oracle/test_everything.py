"""The generated database."""

from __future__ import annotations

from twisted.trial.unittest import TestCase

from buildbot.db import schema

from .everything import everything


class EverythingTest(TestCase):
    def test_same(self) -> None:
        """Two calls give the same rows; another seed gives others."""
        self.assertEqual(everything().tables, everything().tables)
        self.assertNotEqual(everything().tables, everything(8).tables)

    def test_unique(self) -> None:
        """No row breaks a unique index or lacks what may not be null, so that every database takes it."""
        rows = everything().tables
        for table in schema.metadata.tables.values():
            for index in table.indexes:
                if index.unique:
                    names = [column.name for column in index.columns]
                    keys = [tuple(row.get(name) for name in names) for row in rows[table.name]]
                    whole = [key for key in keys if None not in key]
                    self.assertEqual(len(whole), len(set(whole)), index.name)
            for column in table.columns:
                if not column.nullable and column.server_default is None:
                    missing = [row for row in rows[table.name] if row.get(column.name) is None]
                    self.assertEqual(missing, [], column)

    def test_kinds(self) -> None:
        """It has every type of log, every compression, every result, and what waits, runs and is done."""
        rows = everything().tables
        self.assertEqual({row["type"] for row in rows["logs"]}, set("sthd"))
        self.assertEqual({row["compressed"] for row in rows["logchunks"]}, {0, 1, 2, 3, 4, 5})
        self.assertEqual({row["results"] for row in rows["builds"]}, {None, 0, 1, 2, 3, 4, 5, 6})
        self.assertEqual({row["results"] for row in rows["buildrequests"]}, {-1, 0, 1, 2, 3, 4, 6})
        claimed = {row["brid"] for row in rows["buildrequest_claims"]}
        states = {(row["complete"], row["id"] in claimed) for row in rows["buildrequests"]}
        self.assertLessEqual({(0, False), (0, True), (1, True)}, states)
