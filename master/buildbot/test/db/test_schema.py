"""Our tables against those that the stock package makes."""

from __future__ import annotations

import subprocess
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import ReflectedColumn

from buildbot.db import schema
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, temporaryFolder
from buildbot.test.oracle.environment import stockEnvironment


def _column(column: ReflectedColumn) -> tuple[Any, ...]:
    return (str(column["type"]), column["nullable"], column["default"])


def facts(engine: Engine) -> dict[str, Any]:
    """What a database says of its tables: a value for each name of a table, column, key and index."""
    found: dict[str, Any] = {}
    inspector = inspect(engine)
    for table in inspector.get_table_names():
        found[table] = "table"
        for column in inspector.get_columns(table):
            found[f"{table}.{column['name']}"] = _column(column)
        key = inspector.get_pk_constraint(table)
        found[f"{table} primary key"] = (key["name"], key["constrained_columns"])
        for foreign in inspector.get_foreign_keys(table):
            target = (foreign["referred_table"], foreign["referred_columns"], foreign["options"])
            found[f"{table} foreign key {foreign['constrained_columns']}"] = (foreign["name"], target)
        for index in inspector.get_indexes(table):
            found[f"{table} index {index['name']}"] = (index["column_names"], bool(index["unique"]))
        for unique in inspector.get_unique_constraints(table):
            found[f"{table} unique {unique['name']}"] = unique["column_names"]
    return found


def driven(url: str, driver: str) -> str:
    """A database's URL that names the driver, if it is PostgreSQL's."""
    return url.replace("postgresql://", f"postgresql+{driver}://")


class SchemaTests(DatabaseCase):
    def engine(self, url: str) -> Engine:
        engine = create_engine(driven(url, "psycopg"))
        self.addCleanup(engine.dispose)
        return engine

    def test_stock(self) -> None:
        """Every table, column, type, default, key and index of a stock database is ours too, named alike."""
        stock, ours = self.newUrl(), self.engine(self.newUrl())
        command = [stockEnvironment().buildbot, "create-master", "--quiet", "--db", driven(stock, "psycopg2")]
        made = subprocess.run(
            [*command, f"{temporaryFolder(self)}/master"], capture_output=True, text=True, check=False
        )
        self.assertEqual(made.returncode, 0, made.stderr)
        schema.copied().create_all(ours)
        schema.alembic_version.create(ours)
        ourFacts = facts(ours)
        stockFacts = facts(self.engine(stock))
        self.assertGreater(len(stockFacts), 300)
        self.assertEqual({name: ourFacts.get(name) for name in stockFacts}, stockFacts)

    def test_count(self) -> None:
        """There are 42 tables, each also a variable of the module, named like it."""
        self.assertEqual(len(schema.metadata.tables), 42)
        for name, table in schema.metadata.tables.items():
            self.assertIs(getattr(schema, name), table)


class SQLiteSchemaTests(SchemaTests, OnSQLite):
    """On SQLite."""


class PostgreSQLSchemaTests(SchemaTests, OnPostgreSQL):
    """On PostgreSQL."""


del SchemaTests
