"""What contract tests share: a status service over a generated database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any
from unittest import SkipTest

import attrs
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from twisted.trial.unittest import TestCase

from buildbot.db.connector import Database
from buildbot.status.catalogue import Catalogue
from buildbot.status.service import StatusService
from buildbot.test import postgres
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, temporaryFolder
from buildbot.test.oracle.everything import fill
from buildbot.test.status.operated import operated

catalogue = functools.cache(Catalogue)


def engineOf(url: str) -> Any:
    """An SQLAlchemy engine on a test's database."""
    parsed = make_url(url)
    return create_engine(parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed)


@functools.cache
def filledFile() -> str:
    """A SQLite file with everything in it, made once in a process and copied for each test."""
    path = tempfile.mkdtemp(prefix="buildbot-contract-") + "/state.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    fill(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@functools.cache
def filledTemplate() -> str:
    """The name of a PostgreSQL database with everything in it."""
    server = postgres.server()
    name = server.newDatabase()
    engine = engineOf(server.urlOf(name))
    fill(engine)
    engine.dispose()
    return name


def filledCopy(test: TestCase) -> str:
    """The URL of a copy of that database, this test's own. Skips the test where there is no server."""
    try:
        server = postgres.server()
    except postgres.Unavailable as error:
        raise SkipTest(str(error)) from None
    name = server.copyOf(filledTemplate())
    test.addCleanup(server.dropDatabase, name)
    return server.urlOf(name)


class ContractCase(DatabaseCase):
    """A test with a service of its own over a generated database."""

    def filledUrl(self) -> str:
        """The URL of a database with everything in it, this test's own."""
        raise NotImplementedError

    def serve(self, url: str | None = None, **settings: Any) -> StatusService:
        """A service over a database; over one with everything in it, if none is named."""
        service = StatusService(self.open(url or self.filledUrl()), catalogue(), **settings)
        self.operated = operated(self)
        service.serveListeners(self.operated, {})
        return service

    operated: Database
    """Where the tables of listeners are."""

    def recorded(self, database: Database, statements: list[Statement] | None = None) -> list[Statement]:
        """A list that every statement which the database executes for a read is added to."""
        statements = [] if statements is None else statements
        run = database.run

        def recording(name: str, fn: Any, **more: Any) -> Any:
            return run(name, lambda snapshot: fn(_Recording(snapshot, statements)), **more)

        self.patch(database, "run", recording)
        return statements


@attrs.frozen
class Statement:
    """A SELECT as it was executed."""

    sql: str
    values: Mapping[str, Any]


class _Recording:
    """A snapshot that keeps a list of the statements that it executes."""

    def __init__(self, snapshot: Any, statements: list[Statement]) -> None:
        self._snapshot, self._statements = snapshot, statements
        self.dialect, self.check = snapshot.dialect, snapshot.check
        self.memory, self.begin = snapshot.memory, snapshot.begin

    def rows(self, sql: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        return self._recorded(self._snapshot.rows, sql, values)

    def only(self, sql: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        return self._recorded(self._snapshot.only, sql, values)

    def _recorded(self, read: Any, sql: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        self._statements.append(Statement(sql, values))
        found: Sequence[Sequence[Any]] = read(sql, values)
        return found


class ContractOnSQLite(ContractCase, OnSQLite):
    """On a copy of the file."""

    def filledUrl(self) -> str:
        path = temporaryFolder(self) + "/state.sqlite"
        shutil.copyfile(filledFile(), path)
        return f"sqlite:///{path}"


class ContractOnPostgreSQL(ContractCase, OnPostgreSQL):
    """On a copy of the template."""

    def filledUrl(self) -> str:
        return filledCopy(self)
