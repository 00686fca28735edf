"""Whenever the process of a listener is killed, everything is handled or parked in the end, in order for each key.

For longer: ``BUILDBOT_CRASH_KILLS=300 python -m pytest -s master/buildbot/test/status/listeners/test_crash.py``; a seed
that is printed is repeated by ``BUILDBOT_CRASH_SEED``.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from twisted.internet.task import deferLater

from buildbot.status.events.cursor import seqOf
from buildbot.status.events.log import EventLog, eventsOf
from buildbot.status.listeners.memory import FileMemory
from buildbot.test.contract.crashing import KilledProcess, WriterProcess
from buildbot.test.db.databases import OnSQLite, reactor, temporaryFolder
from buildbot.test.status.listeners import crash_listener
from buildbot.test.status.listeners.crash_listener import NAME
from buildbot.test.status.listeners.handled import Counts, complaints
from buildbot.test.status.recording import metadata

KILLS = int(os.environ.get("BUILDBOT_CRASH_KILLS", "6"))
SEED = os.environ.get("BUILDBOT_CRASH_SEED") or str(SystemRandom().randrange(10**6))
MOMENTS = (0, 1, 20, 100, 250)
"""After how many handled deliveries the listener is killed."""
WRITTEN = 300
"""Events that each round adds."""


class ListenerCrash(OnSQLite):
    timeout = 60 + 5 * KILLS

    async def run_(self, kills: int, fault: str = "none") -> list[str]:
        """What was not as promised."""
        sys.stdout.write(f"\n{type(self).__name__}: seed {SEED}\n")
        self.random, self.counts = Random(SEED), Counts()
        self.url = self.newUrl(metadata)
        folder = temporaryFolder(self)
        self.state, self.output = f"{folder}/listeners.sqlite", Path(folder, "output")
        self.output.touch()
        self.log = EventLog(self.open(self.url))
        start = await self.begin()
        for round in range(kills):
            listener = self.listener(round, fault)
            before = len(self.lines())
            if round < 6:
                await self.write(str(round), WRITTEN)
            most = before + self.random.choice(MOMENTS)
            await self.until(lambda most=most: len(self.lines()) >= most or self.isAtEnd())
            listener.kill()
            await listener.ended
            self.counts.kills += 1
        listener = self.listener(kills, fault)
        self.head = str(await self.log.head())
        await self.until(self.isAtEnd)
        listener.kill()
        await listener.ended
        stored = await self.open(self.url).run("all", eventsOf, deadline=30.0)
        parked = self.remembered("SELECT seq, method FROM status_deliveries WHERE state = 'parked'")
        found = complaints([event for event in stored if event.seq > seqOf(start)], self.lines(), parked, self.counts)
        sys.stdout.write(f"{self.counts}\n")
        return found

    async def begin(self) -> str:
        """The listener is there already, at the end of a log that has begun."""
        await self.write("first", 1)
        self.head = str(await self.log.head())
        memory = FileMemory(self.state, reactor=reactor)
        await memory.open()
        await memory.store(NAME, self.head, [], [])
        await memory.close()
        return self.head

    async def write(self, name: str, lines: int) -> None:
        writer = WriterProcess(self.url, "one", f"{SEED} {name}")
        self.addCleanup(writer.kill)
        writer.begin()
        await writer.hasSaid(lines)
        writer.kill()
        await writer.ended
        self.head = str(await self.log.head())

    def listener(self, number: int, fault: str) -> KilledProcess:
        arguments = (self.url, self.state, str(self.output), f"{SEED} {number}", fault)
        listener = KilledProcess("-m", crash_listener.__name__, *arguments, output=2)
        self.addCleanup(listener.kill)
        return listener

    def lines(self) -> Sequence[str]:
        return self.output.read_text().splitlines()

    def remembered(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.state)) as connection:
            return connection.execute(sql).fetchall()

    def isAtEnd(self) -> bool:
        [(cursor,)] = self.remembered("SELECT cursor FROM status_consumers")
        [(waiting,)] = self.remembered("SELECT count(*) FROM status_deliveries WHERE state = 'waiting'")
        return seqOf(cursor) >= seqOf(self.head) and not waiting

    async def until(self, holds: Any) -> None:
        while not holds():
            await deferLater(reactor, 0.01)

    async def test_crash(self) -> None:
        """Nothing is lost, invented or out of order; what comes again is the last of its key."""
        self.assertEqual(await self.run_(KILLS), [])
        self.assertEqual(self.counts.kills, KILLS)
        self.assertGreater(self.counts.parked, 0)

    async def test_forgets(self) -> None:
        """A cursor that moves without what lies before it is found out."""
        found = await self.run_(4, "forgets")
        self.assertIn("lost", {line.partition(":")[0] for line in found})

    async def test_skips(self) -> None:
        """So is a source that skips an event now and then."""
        found = await self.run_(1, "skips")
        self.assertEqual({line.partition(":")[0] for line in found}, {"lost"})
