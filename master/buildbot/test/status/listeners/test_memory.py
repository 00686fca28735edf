"""What is remembered is there after a restart, whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from typing import Any, cast

from sqlalchemy import Column, MetaData, Table
from twisted.trial.unittest import TestCase
from zope.interface.verify import verifyObject

from buildbot.db import own
from buildbot.db.writer import Writer
from buildbot.db.writes import consumers
from buildbot.errors import ConfigError
from buildbot.status.listeners.delivery import PARKED, WAITING, Kept, Remembered
from buildbot.status.listeners.interfaces import IListenerMemory
from buildbot.status.listeners.memory import FileMemory, ProcessMemory, WriterMemory
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite, reactor, temporaryFolder

OLD = """
    CREATE TABLE status_consumers (name TEXT NOT NULL PRIMARY KEY, cursor TEXT NOT NULL, updated_at BIGINT NOT NULL);
    CREATE TABLE status_deliveries (consumer TEXT NOT NULL, cursor TEXT NOT NULL, method TEXT NOT NULL,
        key TEXT NOT NULL, seq BIGINT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, failed_at BIGINT,
        error TEXT, body TEXT NOT NULL, PRIMARY KEY (consumer, cursor, method));
"""
"""As the first version made them."""


def kept(seq: int, method: str = "buildStarted", **more: Any) -> Kept:
    values: dict[str, Any] = {"state": WAITING, "attempts": 0, "failed_at": None, "error": None, "is_replay": False}
    values |= {"topic": "builds/1/new", "event": "new", "body": "{}"}
    return Kept(at(seq), method, "builds/1", seq, **{**values, **more})


def at(seq: int) -> str:
    """A cursor."""
    return f"{'e' * 16}.{seq}"


class MemoryTests(TestCase):
    """Of both kinds."""

    def make(self) -> Any:
        raise NotImplementedError

    async def opened(self) -> Any:
        memory = self.make()
        verifyObject(IListenerMemory, memory)
        await memory.open()
        self.addCleanup(memory.close)
        return memory

    async def test_store(self) -> None:
        """Rows come back in their order, replaced and dropped by cursor and method; parked ones do not."""
        memory = await self.opened()
        self.assertEqual(await memory.load("one"), Remembered(None))
        rows = [kept(10, "stepFinished"), kept(9), kept(10), kept(11)]
        await memory.store("one", at(1), rows, [])
        await memory.store("other", at(2), [kept(12)], [])
        failed = kept(10, attempts=3, failed_at=7, error="ValueError: no")
        await memory.store("one", at(3), [failed, kept(11, state=PARKED)], [kept(9).id, kept(99).id])
        found = await memory.load("one")
        self.assertEqual((found.cursor, list(found.waiting)), (at(3), [failed, kept(10, "stepFinished")]))
        self.assertEqual((found.parked, found.paused, found.replay), (1, False, None))
        self.assertEqual(list((await memory.load("other")).waiting), [kept(12)])

    async def test_seek(self) -> None:
        """What comes after the place is not there, in whatever state it was; what comes before is as it was."""
        memory = await self.opened()
        await memory.store("one", at(12), [kept(10), kept(11, state=PARKED), kept(12)], [])
        await memory.store("other", at(12), [kept(12)], [])
        await memory.run("replay", lambda tx: consumers.replay(tx, "one", at(3), at(9), []))
        self.assertEqual((await memory.load("one")).replay, (at(3), at(9)))
        await memory.run("seek", lambda tx: consumers.seek(tx, 7, "one", at(10), 10))
        self.assertEqual(await memory.load("one"), Remembered(at(10), [kept(10)]))
        self.assertEqual(list((await memory.load("other")).waiting), [kept(12)])

    async def test_forget(self) -> None:
        """Nothing is left of it, and the others are as they were."""
        memory = await self.opened()
        for name in ("one", "other"):
            await memory.store(name, at(12), [kept(10), kept(11, state=PARKED)], [])
        await memory.run("forget", lambda tx: consumers.forget(tx, "one"))
        self.assertEqual(await memory.load("one"), Remembered(None))
        await memory.store("one", at(12), [], [])
        self.assertEqual(await memory.load("one"), Remembered(at(12), []))
        self.assertEqual(await memory.load("other"), Remembered(at(12), [kept(10)], 1))

    async def test_again(self) -> None:
        """A parked one waits again, as one that was asked for, and only a parked one does; one that is dropped does
        not, and its id does not come again."""
        memory = await self.opened()
        await memory.store("one", at(12), [kept(10, state=PARKED, attempts=9), kept(11)], [])
        row = await memory.run("again", lambda tx: consumers.again(tx, 1))
        self.assertEqual(Kept(*row), kept(10, is_replay=True))
        for deliveryid in (1, 2, 99):
            self.assertIs(await memory.run("again", lambda tx, id=deliveryid: consumers.again(tx, id)), None)
        await memory.run("drop", lambda tx: consumers.drop(tx, 2))
        await memory.store("one", at(12), [kept(12, state=PARKED)], [])
        self.assertIs(await memory.run("again", lambda tx: consumers.again(tx, 2)), None)
        self.assertEqual(list((await memory.load("one")).waiting), [kept(10, is_replay=True)])


class ProcessMemoryTests(MemoryTests):
    def make(self) -> ProcessMemory:
        return ProcessMemory()


class WriterMemoryTests(MemoryTests, OnSQLite):
    def make(self) -> WriterMemory:
        writer = Writer(self.newUrl(own.metadata), reactor=reactor, describer=cast(Any, None))
        writer.startService()
        self.addCleanup(writer.stopService)
        return WriterMemory(writer)

    async def test_older(self) -> None:
        """Tables of an older version are not used; what makes them right is said."""
        old = MetaData()
        for table in own.metadata.tables.values():
            columns = [Column(column.name, column.type) for column in table.columns if column.name != "lag"]
            Table(table.name, old, *columns)
        writer = Writer(self.newUrl(old), reactor=reactor, describer=cast(Any, None))
        writer.startService()
        self.addCleanup(writer.stopService)
        error: Any = await self.assertFailure(WriterMemory(writer).open(), ConfigError)
        self.assertIn("buildbot upgrade-db", str(error))


class WriterMemoryOnPostgreSQLTests(MemoryTests, OnPostgreSQL):
    make = WriterMemoryTests.make


class FileMemoryTests(MemoryTests):
    def setUp(self) -> None:
        self.path = os.path.join(temporaryFolder(self), "new", "listeners.sqlite")

    def make(self) -> FileMemory:
        return FileMemory(self.path, reactor=reactor)

    async def test_restart(self) -> None:
        """The next process finds it; the file is for nobody else."""
        memory = self.make()
        await memory.open()
        await memory.store("one", at(1), [kept(9)], [])
        await memory.close()
        found = await (await self.opened()).load("one")
        self.assertEqual((found.cursor, list(found.waiting)), (at(1), [kept(9)]))
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)

    async def test_whole(self) -> None:
        """Of what cannot be stored whole, nothing is."""
        memory = await self.opened()
        await memory.store("one", at(1), [kept(9)], [])
        wrong = kept(11)
        object.__setattr__(wrong, "key", None)
        await self.assertFailure(memory.store("one", at(2), [kept(10), wrong], [kept(9).id]), sqlite3.IntegrityError)
        found = await memory.load("one")
        self.assertEqual((found.cursor, list(found.waiting)), (at(1), [kept(9)]))

    async def test_older(self) -> None:
        """The file of a version that knew neither ids nor pauses is upgraded, with all that is in it."""
        os.makedirs(os.path.dirname(self.path))
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(OLD)
            connection.execute("INSERT INTO status_consumers VALUES ('one', ?, 7)", [at(12)])
            body = '{"topic": "builds/1/new", "event": "new"}'
            for seq, state in ((10, PARKED), (11, WAITING)):
                values = [at(seq), seq, state, body]
                connection.execute(
                    "INSERT INTO status_deliveries VALUES ('one', ?, 'buildStarted', 'builds/1', ?, ?, 3, 5, 'no', ?)",
                    values,
                )
            connection.commit()
        found = await (await self.opened()).load("one")
        expected = kept(11, attempts=3, failed_at=5, error="no", body=body)
        self.assertEqual(found, Remembered(at(12), [expected], 1))

    async def test_allTables(self) -> None:
        """So does one of a version that had all tables, but not all columns of the log."""
        await (await self.opened()).close()
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("ALTER TABLE status_events DROP COLUMN shape")
            connection.execute("PRAGMA user_version = 3")
        self.assertEqual(await (await self.opened()).load("one"), Remembered(None))

    async def test_newer(self) -> None:
        """The file of a newer version is left alone."""
        await (await self.opened()).close()
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA user_version = 99")
        memory = self.make()
        self.addCleanup(memory.close)
        error: Any = await self.assertFailure(memory.open(), ConfigError)
        self.assertIn("newer version", str(error))

    async def test_inUse(self) -> None:
        """One process at a time."""
        await self.opened()
        other = self.make()
        self.addCleanup(other.close)
        error: Any = await self.assertFailure(other.open(), ConfigError)
        self.assertIn("another process that runs listeners", str(error))

    async def test_unusable(self) -> None:
        """Where no file can be, or one of something else is, it says so."""
        text = self.mktemp()
        with open(text, "w") as file:
            file.write("This is no database. " * 100)
        for path in ("/dev/null/listeners.sqlite", os.path.abspath(text)):
            self.path = path
            memory = self.make()
            self.addCleanup(memory.close)
            error: Any = await self.assertFailure(memory.open(), ConfigError)
            self.assertIn(f"{path} cannot be used to remember", str(error))


del MemoryTests, OnSQLite, OnPostgreSQL
