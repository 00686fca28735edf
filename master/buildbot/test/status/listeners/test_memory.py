"""What is remembered is there after a restart, whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import Any

import attrs
from twisted.trial.unittest import TestCase
from zope.interface.verify import verifyObject

from buildbot.errors import ConfigError, DatabaseUnavailable
from buildbot.status.listeners.delivery import PARKED, WAITING, Kept
from buildbot.status.listeners.interfaces import IListenerMemory
from buildbot.status.listeners.memory import FileMemory, ProcessMemory
from buildbot.test.db.databases import reactor, temporaryFolder


def kept(seq: int, method: str = "buildStarted", **more: Any) -> Kept:
    values: dict[str, Any] = {"state": WAITING, "attempts": 0, "failed_at": None, "error": None, "body": "{}"}
    return Kept(f"{'e' * 16}.{seq}", method, "builds/1", seq, **{**values, **more})


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
        self.assertEqual(await memory.load("one"), attrs.evolve(await memory.load("other"), cursor=None, waiting=[]))
        rows = [kept(10, "stepFinished"), kept(9), kept(10), kept(11)]
        await memory.store("one", "a", rows, [])
        await memory.store("other", "b", [kept(12)], [])
        failed = kept(10, attempts=3, failed_at=7, error="ValueError: no")
        await memory.store("one", "c", [failed, kept(11, state=PARKED)], [kept(9).id, kept(99).id])
        found = await memory.load("one")
        self.assertEqual((found.cursor, list(found.waiting)), ("c", [failed, kept(10, "stepFinished")]))
        self.assertEqual(list((await memory.load("other")).waiting), [kept(12)])


class ProcessMemoryTests(MemoryTests):
    def make(self) -> ProcessMemory:
        return ProcessMemory()


class FileMemoryTests(MemoryTests):
    def setUp(self) -> None:
        self.path = os.path.join(temporaryFolder(self), "new", "listeners.sqlite")

    def make(self) -> FileMemory:
        return FileMemory(self.path, reactor=reactor)

    async def test_restart(self) -> None:
        """The next process finds it; the file is for nobody else."""
        memory = self.make()
        await memory.open()
        await memory.store("one", "a", [kept(9)], [])
        await memory.close()
        found = await (await self.opened()).load("one")
        self.assertEqual((found.cursor, list(found.waiting)), ("a", [kept(9)]))
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)

    async def test_whole(self) -> None:
        """Of what cannot be stored whole, nothing is."""
        memory = await self.opened()
        await memory.store("one", "a", [kept(9)], [])
        wrong = kept(11)
        object.__setattr__(wrong, "key", None)
        await self.assertFailure(memory.store("one", "b", [kept(10), wrong], [kept(9).id]), DatabaseUnavailable)
        found = await memory.load("one")
        self.assertEqual((found.cursor, list(found.waiting)), ("a", [kept(9)]))

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


del MemoryTests
