"""Nothing that was confirmed is ever lost, and nobody who follows the log misses an event without being told.

Writers are killed at random moments again and again, while a subscriber, which is cut as well, follows by cursor. For
longer: ``BUILDBOT_CRASH_KILLS=1000 python -m pytest -s master/buildbot/test/contract/test_crash.py``; a seed that is
printed is repeated by ``BUILDBOT_CRASH_SEED``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from random import Random, SystemRandom
from typing import Any

import attrs
from twisted.internet.defer import Deferred, gatherResults

from buildbot.status.events.event import Event
from buildbot.status.events.log import Read, eventsOf
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue
from buildbot.test.contract.crashing import Counts, Subscriber, WriterProcess, complaints
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite
from buildbot.test.status.recording import metadata

KILLS = int(os.environ.get("BUILDBOT_CRASH_KILLS", "6"))
SEED = os.environ.get("BUILDBOT_CRASH_SEED") or str(SystemRandom().randrange(10**6))
KEYS = {
    "builds": "buildid",
    "steps": "stepid",
    "buildrequests": "buildrequestid",
    "buildsets": "bsid",
    "changes": "changeid",
}
SKIPPED = 200
"""One event in so many, by a planted fault."""


class CrashTests(DatabaseCase):
    """One run of kills and cuts."""

    timeout = 60 + 5 * KILLS
    names: Sequence[str] = ("one",)
    moments: Sequence[int] = (0, 1, 30, 300, 1000, 1500)
    """After how many confirmed events a writer is killed."""
    foreign = 0.0
    """How often somebody else writes after a kill."""

    async def run_(self, kills: int, read: Any = lambda read: read) -> list[str]:
        """What was not as promised."""
        sys.stdout.write(f"\n{type(self).__name__}: seed {SEED}\n")
        self.url = self.newUrl(metadata)
        self.random = Random(SEED)
        self.counts = Counts()
        subscriber = Subscriber(self.url, self.random, self.counts, read)
        following = Deferred.fromCoroutine(subscriber.follow())
        confirmed = await gatherResults(
            [Deferred.fromCoroutine(self.killed(name, kills // len(self.names))) for name in self.names]
        )
        await self.settle()
        subscriber.finish()
        await following
        stored = await self.database().run("all", eventsOf, deadline=30.0)
        found = complaints(stored, dict(zip(self.names, confirmed, strict=True)), subscriber, self.counts)
        found += await self.differences(stored)
        sys.stdout.write(f"{self.counts}\n")
        return found

    def database(self) -> Any:
        return self.open(self.url)

    async def killed(self, name: str, kills: int) -> list[str]:
        """Start writers and kill them; all that they confirmed."""
        confirmed: list[str] = []
        next_ = self.start(name, 0)
        for number in range(1, kills + 1):
            writer, next_ = next_, self.start(name, number)
            writer.begin()
            most = self.random.choice(self.moments)
            await writer.hasSaid(most)
            self.interfere()
            writer.kill()
            await writer.ended
            self.counts.kills += 1
            confirmed += [line for line in writer.lines if line != "started"]
            if self.random.random() < self.foreign:
                self.counts.foreign += 1
                self.fill(self.url, ["UPDATE masters SET last_active = last_active + 1"])
        next_.kill()
        await next_.ended
        self.counts.confirmed += len(confirmed)
        return confirmed

    def interfere(self) -> None:
        """What else happens at the moment of a kill."""

    def start(self, name: str, number: int) -> WriterProcess:
        writer = WriterProcess(self.url, name, f"{SEED} {number}")
        self.addCleanup(writer.kill)
        return writer

    async def settle(self) -> None:
        """One more start, which takes back what the last kill has left, and is killed as soon as it has."""
        writer = self.start("last", 0)
        writer.begin()
        await writer.hasSaid(1)
        writer.kill()
        await writer.ended

    async def differences(self, stored: Sequence[Event]) -> list[str]:
        """Where the newest event of a thing does not have the thing as it is."""
        latest = {(event.type, event.key): event for event in stored}
        service = StatusService(self.database(), catalogue())
        found = []
        for type, key in KEYS.items():
            for record in await service.get(type, limit=10_000):
                values = record.asDict()
                event = latest[type, values[key]]
                if event.record != values:
                    found.append(f"{type}: {event.record} in the newest event, {values} in the database")
        return found


class Runs(CrashTests):
    async def test_crash(self) -> None:
        """Every confirmed event is in the log once, in order; the subscriber saw every event once, in order, or was
        told that it misses some; the newest event of each thing is how it is."""
        self.assertEqual(await self.run_(KILLS), [])
        self.assertEqual(self.counts.kills, KILLS // len(self.names) * len(self.names))


class CrashOnSQLite(Runs, OnSQLite):
    foreign = 0.3

    async def test_planted(self) -> None:
        """A source that skips one event in some hundreds is found out."""

        def skip(read: Read) -> Read:
            return attrs.evolve(read, events=[event for event in read.events if event.seq % SKIPPED])

        self.moments, self.foreign = (600,), 0.0
        found = await self.run_(2, skip)
        self.assertTrue(found)
        self.assertEqual({line[:5] for line in found}, {"lost:"})


class CrashOnPostgreSQL(Runs, OnPostgreSQL):
    names = ("one", "two")

    def interfere(self) -> None:
        """The connections of the other writer, and of the subscriber, may be cut."""
        if self.random.random() < 0.3:
            self.counts.cuts += 1
            self.fill(
                self.url,
                [
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ],
            )


del CrashTests, Runs
