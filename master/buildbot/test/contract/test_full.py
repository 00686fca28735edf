"""While nothing can be stored, callers are told so, ``/healthz`` says it, and nothing that was confirmed is lost."""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import Any
from unittest import SkipTest

from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from buildbot.config.settings import Settings
from buildbot.db.writes.changes import NewChange
from buildbot.errors import DatabaseUnavailable
from buildbot.master import Recording
from buildbot.scripts.replaying import prepare
from buildbot.test import postgres
from buildbot.test.db.databases import reactor
from buildbot.test.scripts.test_replay_serve import healthOf
from buildbot.www.settings import WebSettings

SIZE = 4 * 1024 * 1024
"""Of a file system, in bytes."""


class UnstorableTests(TestCase):
    """The API of a process that writes, over HTTP."""

    timeout = 60
    url: str

    async def serve(self) -> None:
        web = WebSettings(port=0, interface="127.0.0.1")
        self.served = Recording(Settings(dbUrl=self.url, web=web), reactor=reactor)
        prepare(self.served.database.location)
        self.addCleanup(self.served.stop)
        await self.served.start()
        self.confirmed: list[int] = []

    async def change(self, size: int = 10) -> Any:
        """Record one; the error, if it cannot be."""
        try:
            self.confirmed.append(await self.served.recorder.addChange(NewChange("a", comments="x" * size)))
        except DatabaseUnavailable as error:
            return error
        return None

    async def health(self) -> Any:
        [address] = [address for language, address in self.served.addresses if language == "HTTP JSON"]
        return await deferToThread(healthOf, address.removesuffix("/api/v2"))

    async def stored(self) -> list[int]:
        changes = await self.served.status.get("changes", limit=10_000, order="changeid")
        return [change.asDict()["changeid"] for change in changes]

    async def again(self) -> None:
        """Wait until it can be stored, which is found out by itself."""
        while self.served.recorder.writer.problem is not None:
            await deferLater(reactor, 0.02)
        self.assertIsNone(await self.change())
        self.assertEqual(await self.health(), {"status": "ok"})
        self.assertEqual(await self.stored(), self.confirmed)
        events = await self.served.source.read(self.start, 10_000)
        self.assertEqual([event.key for event in events.events], self.confirmed)

    async def test_full(self) -> None:
        """A file system is really full."""
        folder = mounted(self)
        self.url = f"sqlite:///{folder}/state.sqlite"
        await self.serve()
        self.start: Any = self.served.source.cursor
        filler = os.open(f"{folder}/filler", os.O_WRONLY | os.O_CREAT)
        self.addCleanup(os.close, filler)
        await self.change()
        fill(filler)
        errors = [each for each in [await self.change(20_000) for _ in range(50)] if each]
        self.assertEqual({str(each).partition(".")[0] for each in errors}, {"The disk is full"})
        health = await self.health()
        self.assertEqual(health["status"], "degraded")
        self.assertIn("Nothing can be stored at the moment: The disk is full.", health["problems"][0])
        self.assertEqual(await self.stored(), self.confirmed)
        os.ftruncate(filler, 0)
        await self.again()

    async def test_stopped(self) -> None:
        """A PostgreSQL server is stopped, and comes back."""
        try:
            cluster = postgres.Cluster()
        except postgres.Unavailable as error:
            raise SkipTest(str(error)) from None
        self.addCleanup(cluster.remove)
        cluster.start()
        self.url = cluster.url
        await self.serve()
        self.start = self.served.source.cursor
        await self.change()
        await deferToThread(cluster.stop)
        self.assertIn("cannot be reached", str(await self.change()))
        health = await self.health()
        self.assertEqual(health["status"], "unavailable")
        self.assertIn("Nothing can be stored at the moment: The database cannot be reached.", health["problems"][0])
        await deferToThread(cluster.start)
        await self.again()


def mounted(test: TestCase) -> str:
    """A small file system of the test's own."""
    folder = tempfile.mkdtemp()
    test.addCleanup(os.rmdir, folder)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True)
    if done.returncode:
        raise SkipTest(f"no file system can be mounted here: {done.stderr.decode().strip()}")
    test.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
    return folder


def fill(file: int) -> None:
    """Until nothing more goes."""
    try:
        while True:
            os.write(file, b"\0" * 4096)
    except OSError:
        pass
