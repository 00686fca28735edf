"""``buildbot upgrade-db``: our tables in a database of Buildbot's, and out of it again."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import DBAPIError

from buildbot.db import own, schema
from buildbot.db import upgrade as upgrading
from buildbot.db.upgrade import NONE, VERSION_TABLE, Upgraded, revisions, upgrade
from buildbot.db.url import parse
from buildbot.errors import ConfigError, DatabaseUnavailable
from buildbot.test.contract.cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, engineOf


class UpgradeTests(ContractCase):
    url: str

    def setUp(self) -> None:
        self.url = self.filledUrl()

    def run_(self, to: str = "newest", **more: Any) -> Upgraded:
        return upgrade(parse(self.url), to, **more)

    def asked(self, ask: Any) -> Any:
        engine = engineOf(self.url)
        with engine.connect() as connection:
            found = ask(connection)
        engine.dispose()
        return found

    def names(self) -> set[str]:
        return {name for name in self.asked(lambda each: inspect(each).get_table_names()) if name.startswith("status_")}

    def rows(self) -> Mapping[str, Any]:
        """Everything in Buildbot's tables."""

        def read(connection: Connection) -> Mapping[str, Any]:
            found = {name: connection.execute(select(table)) for name, table in schema.metadata.tables.items()}
            found["alembic_version"] = connection.execute(select(schema.alembic_version))
            return {name: sorted(map(tuple, rows), key=repr) for name, rows in found.items()}

        found: Mapping[str, Any] = self.asked(read)
        return found

    def test_same(self) -> None:
        """The migrations make the tables that the program uses."""
        self.assertEqual(self.run_(), Upgraded("", revisions()[-1], self.backup()))

        def differences(connection: Connection) -> Any:
            ours = {"include_object": lambda _, name, kind, *more: kind != "table" or name in own.metadata.tables}
            return compare_metadata(
                MigrationContext.configure(connection, opts={**ours, "compare_type": True}), own.metadata
            )

        self.assertEqual(self.asked(differences), [])
        self.assertEqual(self.names(), {*own.metadata.tables, VERSION_TABLE})

    def backup(self) -> str:
        """The name of the last copy; empty where there is none to be."""
        raise NotImplementedError

    def test_buildbotsOwn(self) -> None:
        """Buildbot's tables are as they were, on the way up and down; of ours nothing is left."""
        before = self.rows()
        self.run_(backup=False)
        self.assertEqual(self.rows(), before)
        self.run_(NONE, backup=False)
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.names(), set())

    def test_eachWay(self) -> None:
        """Each revision can be gone to and left, up and down."""
        every = ["", *revisions(), *reversed(revisions()), ""]
        for before, after in itertools.pairwise(every):
            if before != after:
                self.assertEqual(self.run_(after or NONE, backup=False), Upgraded(before, after))

    def test_consumers(self) -> None:
        """What listeners have left goes up and down with them; on the way down, what there was no place for is lost."""
        self.run_("s002", backup=False)
        cursor = f"{'e' * 16}.12"
        consumer = f"('one', '{cursor}', 7)"
        body = '{"topic": "builds/1/new", "event": "new"}'
        delivery = f"('one', '{cursor}', 'buildStarted', 'builds/1', 12, 'parked', 3, 5, 'no', '{body}')"
        self.fill(self.url, [f"INSERT INTO status_consumers VALUES {consumer}"])
        self.fill(self.url, [f"INSERT INTO status_deliveries VALUES {delivery}"])
        before = self.asked(self.ours)
        self.run_("s003", backup=False)
        consumers, deliveries = self.asked(self.ours)
        self.assertEqual(consumers, [(1, "one", cursor, None, None, 0, 0, None, None, 0, None, None, None, 7)])
        expected = (1, 1, cursor, "buildStarted", "builds/1", 12, "parked", 3, 5, "no", "builds/1/new", "new", 0, body)
        self.assertEqual(deliveries, [expected])
        self.run_("s002", backup=False)
        self.assertEqual(self.asked(self.ours), before)

    @staticmethod
    def ours(connection: Connection) -> Any:
        names = ("status_consumers", "status_deliveries")
        return [[tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")] for name in names]

    def test_events(self) -> None:
        """The log goes up and down as it is."""
        self.run_("s003", backup=False)
        event = "(7, 1, 'builds', 3, 'new', 1, 2, 3, 4, 5, 6, 7, '{}', NULL)"
        self.fill(self.url, [f"INSERT INTO status_events VALUES {event}"])
        before = self.asked(self.log)
        self.run_("s004", backup=False)
        self.assertEqual(self.asked(self.log), [(*before[0], None)])
        self.run_("s003", backup=False)
        self.assertEqual(self.asked(self.log), before)

    @staticmethod
    def log(connection: Connection) -> Any:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM status_events")]

    def test_again(self) -> None:
        """Nothing to do: nothing is done, nor copied."""
        self.run_(backup=False)
        self.assertEqual(self.run_(), Upgraded(revisions()[-1], revisions()[-1]))

    def test_allOrNothing(self) -> None:
        """What fails on its way leaves nothing behind."""
        self.fill(self.url, ["CREATE VIEW status_consumers AS SELECT 1 AS a"])
        self.assertRaises(DBAPIError, self.run_, backup=False)
        self.assertEqual(self.names(), set())

    def test_made(self) -> None:
        """Tables that were made with the database, without a revision, are taken over; half of them are not."""
        engine = engineOf(self.url)
        own.metadata.create_all(engine)
        engine.dispose()
        self.assertEqual(self.run_(), Upgraded(revisions()[-1], revisions()[-1]))
        for revision in ("s003", "s002"):
            self.run_(revision, backup=False)
            self.fill(self.url, [f"DROP TABLE {VERSION_TABLE}"])
            self.assertEqual(self.run_(backup=False), Upgraded(revision, revisions()[-1]))
        self.run_(NONE, backup=False)
        self.fill(self.url, ["CREATE TABLE status_head (id INTEGER)"])
        error = self.assertRaises(DatabaseUnavailable, self.run_)
        self.assertIn("DROP TABLE status_head", str(error))

    def test_refused(self) -> None:
        """A revision that there is not; tables of a newer version; a database of another Buildbot."""
        self.assertIn(revisions()[0], str(self.assertRaises(ConfigError, self.run_, "s999")))
        self.run_(backup=False)
        self.fill(self.url, [f"UPDATE {VERSION_TABLE} SET version_num = 's999'"])
        self.assertIn("newer version", str(self.assertRaises(DatabaseUnavailable, self.run_)))
        self.fill(self.url, ["UPDATE alembic_version SET version_num = '066'"])
        self.assertIn("067", str(self.assertRaises(DatabaseUnavailable, self.run_)))


class UpgradeOnSQLite(UpgradeTests, ContractOnSQLite):
    def backup(self) -> str:
        path = Path(parse(self.url).path or "")
        [found] = path.parent.glob(f"{path.name}.before-*")
        return str(found)

    def test_backup(self) -> None:
        """The copy is the file as it was, and as private."""
        path = parse(self.url).path or ""
        os.chmod(path, 0o600)
        before = self.rows()
        copy = self.run_().backup
        self.assertEqual(os.stat(copy).st_mode & 0o777, 0o600)
        self.url = f"sqlite:///{copy}"
        self.assertEqual((self.rows(), self.names()), (before, set()))

    def test_locked(self) -> None:
        """While another program writes, it says so after a while."""
        self.patch(upgrading, "LOCKED", 0.1)
        writer = self.writer(self.url)
        writer.execute("BEGIN IMMEDIATE")
        self.addCleanup(writer.close)
        self.assertIn("locked", str(self.assertRaises(DatabaseUnavailable, self.run_)))


class UpgradeOnPostgreSQL(UpgradeTests, ContractOnPostgreSQL):
    def backup(self) -> str:
        return ""


del UpgradeTests, ContractCase, ContractOnSQLite, ContractOnPostgreSQL
