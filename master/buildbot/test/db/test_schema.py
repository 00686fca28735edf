"""Our tables against those that the stock package makes."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import inspect
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import ReflectedColumn
from twisted.trial.unittest import TestCase

from buildbot.db import schema
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


class SchemaTest(TestCase):
    def engine(self, path: Path) -> Engine:
        engine = sqlalchemy.create_engine(f"sqlite:///{path}")
        self.addCleanup(engine.dispose)
        return engine

    def test_stock(self) -> None:
        """Every table, column, type, default, key and index of a stock database is ours too, named alike."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        stock = Path(folder.name) / "stock"
        made = subprocess.run(
            [stockEnvironment().buildbot, "create-master", "--quiet", str(stock)],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(made.returncode, 0, made.stderr)
        ours = self.engine(Path(folder.name) / "ours.sqlite")
        schema.metadata.create_all(ours)
        schema.alembic_version.create(ours)
        ourFacts = facts(ours)
        stockFacts = facts(self.engine(stock / "state.sqlite"))
        self.assertEqual({name: ourFacts.get(name) for name in stockFacts}, stockFacts)

    def test_count(self) -> None:
        """There are 42 tables, each also a variable of the module, named like it."""
        self.assertEqual(len(schema.metadata.tables), 42)
        for name, table in schema.metadata.tables.items():
            self.assertIs(getattr(schema, name), table)
