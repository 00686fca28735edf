"""A generated database with a log of events beside its tables, and a writer that changes both in one transaction."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import simplejson
from sqlalchemy import create_engine
from twisted.internet import reactor as installed
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from buildbot.db import own
from buildbot.db.connector import Database
from buildbot.db.own import PARENTS
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import EventLog
from buildbot.status.events.source import RecorderSource
from buildbot.status.service import StatusService
from buildbot.test.www.served import generated

reactor: Any = installed
EPOCH = "e" * 16


@attrs.frozen
class Row:
    """An event to write."""

    type: str
    key: int
    event: str
    body: Mapping[str, Any] = attrs.field(factory=dict)
    changed: Mapping[str, Any] | None = None
    parents: Mapping[str, int] | None = None
    """By default what the body has of them."""


class Writer:
    """Writes events, and what they tell of, into a SQLite file."""

    def __init__(self, path: str) -> None:
        engine = create_engine(f"sqlite:///{path}")
        own.metadata.create_all(engine)
        engine.dispose()
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=OFF")
        self.seq = 1
        self.connection.execute("INSERT INTO status_epochs VALUES (?, 1, 0)", (EPOCH,))
        self.connection.execute("INSERT INTO status_head VALUES (1, 1, 1, '')")

    @property
    def cursor(self) -> Cursor:
        """The end of the log."""
        return Cursor(EPOCH, self.seq)

    def append(self, *rows: Row, sql: Sequence[str] = ()) -> Cursor:
        """All of this in one transaction."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        for statement in sql:
            execute(statement)
        for row in rows:
            self.seq += 1
            parents = {name: row.body.get(name) for name in PARENTS} if row.parents is None else row.parents
            changed = None if row.changed is None else simplejson.dumps(row.changed)
            values = [self.seq, int(time.time()), row.type, row.key, row.event]
            values += [parents.get(name) for name in PARENTS]
            values += [simplejson.dumps(row.body), changed, None]
            execute(f"INSERT INTO status_events VALUES ({', '.join('?' * len(values))})", values)
        execute("UPDATE status_head SET seq = ?", (self.seq,))
        execute("COMMIT")
        return self.cursor

    def trim(self, oldest: int) -> None:
        """Forget what is older."""
        self.connection.execute("DELETE FROM status_events WHERE seq < ?", (oldest,))
        self.connection.execute("UPDATE status_head SET oldest = ?", (oldest,))

    def close(self) -> None:
        self.connection.close()


class LoggedCase(TestCase):
    """A service over such a database."""

    timeout = 20

    def setUp(self) -> None:
        self.file = shutil.copy(generated(), self.mktemp())
        self.writer = Writer(self.file)
        self.addCleanup(self.writer.close)
        self.database = Database(f"sqlite:///{self.file}", reactor=reactor)
        self.database.startService()
        self.addCleanup(self.database.stopService)
        self.source = RecorderSource(EventLog(self.database), reactor)
        self.source.advance(self.writer.cursor)
        self.service = self.makeService()

    def makeService(self) -> StatusService:
        return StatusService(self.database, Catalogue(), events=self.source, logIsHere=True)

    def write(self, *rows: Row, sql: Sequence[str] = ()) -> Cursor:
        """Write, and tell."""
        cursor = self.writer.append(*rows, sql=sql)
        self.source.advance(cursor)
        return cursor

    async def build(self, buildid: int, event: str, **changes: Any) -> Cursor:
        """Something happens to a build: its row and its event change together."""
        before = (await self.service.get(f"builds/{buildid}")).one.asDict()
        changed = {name: before[name] for name in changes}
        sets = ", ".join(f"{name} = {value!r}" for name, value in changes.items() if name != "complete")
        sql = [f"UPDATE builds SET {sets} WHERE id = {buildid}"] if sets else []
        return self.write(Row("builds", buildid, event, {**before, **changes}, changed), sql=sql)

    async def condition(self, holds: Any) -> None:
        """Returns once something holds; the test's time-out is the limit."""
        while not holds():
            await deferLater(reactor, 0.005)
