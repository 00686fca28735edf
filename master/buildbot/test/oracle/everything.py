"""A database that has everything in it, the same at every call: what the oracle and we are asked about.

What *everything* is, the modules of ``invented`` say. Ids that lead nowhere are part of it, as are texts
longer than their column: no SQLite database of Buildbot's was ever held to either.
"""

from __future__ import annotations

from random import Random

from sqlalchemy import Column, Index, MetaData, String, Table, Text, insert, text
from sqlalchemy.engine import Connection, Engine

from buildbot.db import schema

from .invented.builds import builds
from .invented.code import code
from .invented.configured import configured
from .invented.results import testResults
from .invented.rows import Rows

SEED = 7


def everything(seed: int = SEED) -> Rows:
    """The rows of the generated database; another seed gives another one of the same kind."""
    rows = Rows()
    configured(rows)
    # A generator for each part, so that a change of one leaves the others as they were.
    made = code(rows, Random(f"{seed} code"))
    builds(rows, Random(f"{seed} builds"), made)
    testResults(rows, Random(f"{seed} results"))
    return rows


def fill(engine: Engine) -> None:
    """Make the tables in an empty database and put everything into them."""
    load(engine, everything())


def load(engine: Engine, rows: Rows) -> None:
    """Make the tables in an empty database and put these rows into them.

    PostgreSQL gets neither foreign keys nor lengths of text, which it would enforce.
    """
    metadata = schema.metadata if engine.dialect.name == "sqlite" else _unenforced()
    with engine.begin() as connection:
        metadata.create_all(connection)
        schema.alembic_version.create(connection)
        connection.execute(insert(schema.alembic_version).values(version_num=schema.REVISION))
        for name, table in metadata.tables.items():
            if rows.tables[name]:
                connection.execute(insert(table), rows.tables[name])
        if engine.dialect.name == "postgresql":
            for table in metadata.tables.values():
                _countOn(connection, table)


def _unenforced() -> MetaData:
    metadata = MetaData()
    for table in schema.metadata.tables.values():
        columns = [
            Column(
                column.name,
                Text() if type(column.type) is String else column.type,
                primary_key=column.primary_key,
                nullable=column.nullable,
                server_default=getattr(column.server_default, "arg", None),
            )
            for column in table.columns
        ]
        indexes = [
            Index(index.name, *index.columns.keys(), unique=index.unique)
            for index in sorted(table.indexes, key=lambda index: str(index.name))
        ]
        Table(table.name, metadata, *columns, *indexes)
    return metadata


def _countOn(connection: Connection, table: Table) -> None:
    """Let the next row get an id after those that came with theirs."""
    for column in table.primary_key.columns:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"
                f" (SELECT max({column.name}) FROM {table.name}))"
            )
        )
