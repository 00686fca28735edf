"""One test, both databases: a mixin of tests is combined with :class:`OnSQLite` and with
:class:`OnPostgreSQL`."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import psycopg
from sqlalchemy import MetaData, create_engine
from sqlalchemy.engine import make_url
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from buildbot.db.connector import Database
from buildbot.db.postgresql import conninfo
from buildbot.test import postgres

reactor: Any = installed
"""The reactor; its interfaces tell a type checker too little."""


ErrorT = TypeVar("ErrorT", bound=Exception)


class Writer(Protocol):
    """A DB-API connection that commits each statement by itself."""

    def execute(self, sql: Any, values: Any = ..., /) -> Any: ...

    def close(self) -> None: ...


class DatabaseCase(TestCase):
    """A test with databases of its own."""

    def newUrl(self, metadata: MetaData | None = None) -> str:
        """The URL of a new database, empty or with those tables; gone after the test."""
        raise NotImplementedError

    def writer(self, url: str) -> Writer:
        """A connection that may write to it."""
        raise NotImplementedError

    def open(self, url: str, **settings: Any) -> Database:
        """A running Database on it, stopped before the URL's database is dropped."""
        database = Database(url, reactor=reactor, **settings)
        database.startService()
        self.addCleanup(database.stopService)
        return database

    def fill(self, url: str, statements: Sequence[str]) -> None:
        """Execute statements."""
        writer = self.writer(url)
        for statement in statements:
            writer.execute(statement)
        writer.close()

    async def failure(self, deferred: Deferred[Any], kind: type[ErrorT]) -> ErrorT:
        """The error that a Deferred fails with, which is of that kind."""
        return cast(ErrorT, await self.assertFailure(deferred, kind))

    def endless(self, url: str) -> tuple[str, Mapping[str, Any]]:
        """A SELECT that takes a minute, and its values."""
        raise NotImplementedError

    def place(self, name: str) -> str:
        """The placeholder of a bound value."""
        raise NotImplementedError


def temporaryFolder(test: TestCase) -> str:
    """A folder of this test's own."""
    folder = tempfile.mkdtemp()
    test.addCleanup(shutil.rmtree, folder)
    return folder


class OnSQLite(DatabaseCase):
    """On a SQLite file with a write-ahead log, as a stock master makes it."""

    def newUrl(self, metadata: MetaData | None = None) -> str:
        url = f"sqlite:///{temporaryFolder(self)}/state.sqlite"
        self.fill(url, ["PRAGMA journal_mode=WAL"])
        if metadata is not None:
            engine = create_engine(url)
            metadata.create_all(engine)
            engine.dispose()
        return url

    def writer(self, url: str) -> Writer:
        return sqlite3.connect(make_url(url).database or "", isolation_level=None)

    def endless(self, url: str) -> tuple[str, Mapping[str, Any]]:
        return "WITH RECURSIVE n(a) AS (VALUES (1) UNION ALL SELECT a + 1 FROM n) SELECT max(a) FROM n", {}

    def place(self, name: str) -> str:
        return f":{name}"


class OnPostgreSQL(DatabaseCase):
    """On a database of the test run's PostgreSQL server."""

    def newUrl(self, metadata: MetaData | None = None) -> str:
        return postgres.freshDatabase(self, metadata)

    def writer(self, url: str) -> Writer:
        return psycopg.connect(conninfo(make_url(url)), autocommit=True)

    def endless(self, url: str) -> tuple[str, Mapping[str, Any]]:
        return "SELECT 1 FROM pg_sleep(60)", {}

    def place(self, name: str) -> str:
        return f"%({name})s"
