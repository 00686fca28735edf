"""Whatever dies, is cut off, stops reading, is forgotten or put back: every subscriber, in every language, has
everything that it was entitled to, once and in order, or was told that it is gone; the listener has handled everything.

Writers, the server, the listener's process and PostgreSQL itself are killed at random moments, connections go through
proxies that delay, truncate and cut. For longer: ``BUILDBOT_CRASH_ROUNDS=500 python -m pytest -s
master/buildbot/test/contract/test_crash_all.py``; a seed that is printed is repeated by ``BUILDBOT_CRASH_SEED``, as far
as processes can be repeated.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random, SystemRandom
from typing import Any
from unittest import SkipTest

import attrs
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from buildbot.db import schema
from buildbot.db.connector import Database
from buildbot.db.writes.trim import Keep, trim
from buildbot.status.client import connect, following
from buildbot.status.events.cursor import seqOf
from buildbot.status.events.event import Event
from buildbot.status.events.log import LIMIT, Read, eventsOf, history
from buildbot.status.events.notify import NotifySource
from buildbot.status.events.tail import StampSource
from buildbot.status.listeners.memory import FileMemory
from buildbot.status.recorder import Recorder
from buildbot.status.service import StatusService
from buildbot.test import postgres
from buildbot.test.contract.cases import catalogue
from buildbot.test.contract.crash_followers import Follower, SocketConnection, Truth
from buildbot.test.contract.crash_proxy import Proxy
from buildbot.test.contract.crashing import Counts, KilledProcess, WriterProcess
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor, temporaryFolder
from buildbot.test.status.listeners import handled
from buildbot.test.status.listeners.crash_listener import NAME
from buildbot.test.status.recording import metadata

ROUNDS = int(os.environ.get("BUILDBOT_CRASH_ROUNDS", "3"))
SEED = os.environ.get("BUILDBOT_CRASH_SEED") or str(SystemRandom().randrange(10**6))
PROGRAM = "import sys; from buildbot.scripts.entry import main; sys.exit(main())"
CONFIG = """
from random import Random
from twisted.internet import reactor
from buildbot.status.client import following
from buildbot.status.listeners import desk, follower
from buildbot.test.status.listeners.crash_listener import Fragile

following.SHORTEST, following.LONGEST = 0.05, 0.2
desk.FIRST_PAUSE, follower.IDLE, follower.FIRST_PAUSE = 0.01, 0.1, 0.1
BuildmasterConfig = {{"status": [Fragile({output!r}, Random(), reactor)]}}
"""
Happening = Callable[[], Awaitable[None]]
SKIPPED = 300
"""One event in so many, by a planted fault."""


class Server(KilledProcess):
    """``buildbot`` with some arguments, which says when it has started."""

    def __init__(self, *arguments: str) -> None:
        self.started: Deferred[None] = Deferred()
        self._said = b""
        super().__init__("-c", PROGRAM, *arguments, output="r")

    def outReceived(self, data: bytes) -> None:
        self._said += data
        if b"Ctrl-C" in self._said and not self.started.called:
            self.started.callback(None)

    def processEnded(self, reason: Any) -> None:
        if not self.started.called:
            self.started.callback(None)  # it was killed, or whoever waits sees that it does not run
        super().processEnded(reason)


class CrashAll(DatabaseCase):
    """One database, its writers, a server that follows it, and all who follow the server."""

    timeout = 120 + 30 * ROUNDS
    names: Sequence[str] = ("one",)

    async def begin(self) -> None:
        sys.stdout.write(f"\n{type(self).__name__}.{self._testMethodName}: seed {SEED}\n")
        self.random, self.counts, self.truth = Random(SEED), Counts(), Truth()
        self.patch(following, "SHORTEST", 0.05)
        self.patch(following, "LONGEST", 0.2)
        self.url = self.makeUrl()
        self.fill(self.url, [f"INSERT INTO alembic_version VALUES ('{schema.REVISION}')"])
        self.folder = temporaryFolder(self)
        self.confirmed: dict[str, list[str]] = {name: [] for name in self.names}
        self.numbers = dict.fromkeys(self.names, 0)
        self.killed: dict[str, int] = {}
        """How often, by what."""
        self.running: dict[str, Server] = {}
        self.ports = {"http": postgres.freePort(), "pb": postgres.freePort()}
        self.proxies = {name: Proxy(port, self.random) for name, port in self.ports.items()}
        self.fronts = {name: self.listen(proxy) for name, proxy in self.proxies.items()}
        self.followers: list[Follower] = []
        self.addCleanup(self.cleanUp)
        await self.write([1])
        self.serve()
        await self.running["server"].started

    def makeUrl(self) -> str:
        return self.withRevision(self.newUrl(metadata))

    def withRevision(self, url: str) -> str:
        location = make_url(url)
        if location.drivername == "postgresql":
            location = location.set(drivername="postgresql+psycopg")
        engine = create_engine(location)
        schema.alembic_version.create(engine)
        engine.dispose()
        return url

    def listen(self, proxy: Proxy) -> int:
        port: Any = reactor.listenTCP(0, proxy, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        number: int = port.getHost().port
        return number

    async def cleanUp(self) -> None:
        for follower in self.followers:
            await follower.stop()
        for proxy in self.proxies.values():
            proxy.cut()
        for server in self.running.values():
            server.kill()
            await server.ended

    # -- who takes part

    def serve(self) -> None:
        arguments = ("attach", "--db", self.url, "--events", "log", "--log-file", f"{self.folder}/server.log")
        ports = ("--port", str(self.ports["http"]), "--pb", str(self.ports["pb"]))
        self.running["server"] = Server(*arguments, *ports)

    async def follow(self, read: Callable[[Read], Read] = lambda read: read) -> None:
        """Begin to, in every language. ``read``: what becomes of what is read in this process, for planted faults."""
        database = Database(self.url, reactor=reactor)
        database.startService()
        self.addCleanup(database.stopService)
        source = Spoilt(NotifySource if database.dialect == "postgresql" else StampSource, database, read)
        await source.start()
        self.addCleanup(source.stopService)
        here = StatusService(database, catalogue(), events=source.it, logIsHere=True)
        remote: list[Any] = [
            connect(f"{scheme}://127.0.0.1:{self.fronts[scheme]}", reactor=reactor) for scheme in ("http", "pb")
        ]
        for connection in remote:
            self.addCleanup(connection.close)
        connections: dict[str, Any] = {"here": here, "http": remote[0], "pb": remote[1]}
        connections["socket"] = SocketConnection(remote[0], self.fronts["http"])
        for name, connection in connections.items():
            follower = Follower(name, connection, Random(f"{SEED} {name}"), self.counts)
            self.followers.append(follower)
            follower.start()
        while not all(follower.segments for follower in self.followers):
            await deferLater(reactor, 0.01)

    async def hear(self) -> None:
        """A listener, in a process of its own, from now on."""
        self.output, self.state = Path(self.folder, "output"), f"{self.folder}/listeners.sqlite"
        self.output.touch()
        Path(self.folder, "listeners.cfg").write_text(CONFIG.format(output=str(self.output)))
        self.heardFrom = await self.head()
        memory = FileMemory(self.state, reactor=reactor)
        await memory.open()
        await memory.store(NAME, self.heardFrom, [], [])
        await memory.close()
        self.listenerStarts()

    def listenerStarts(self) -> None:
        source = ("--from", f"http://127.0.0.1:{self.fronts['http']}")
        kept = ("--state", self.state, "--log-file", f"{self.folder}/listener.log")
        self.running["listener"] = Server("listen", *source, "--config", f"{self.folder}/listeners.cfg", *kept)

    # -- what happens

    async def write(self, moments: Sequence[int], happens: Happening | None = None) -> None:
        """All writers, each until it has said so much more as each of the moments; something happens at each."""
        writers = {name: self.writer_(name) for name in self.names}
        for writer in writers.values():
            writer.begin()
        first = writers[self.names[0]]
        for moment in moments:
            await first.hasSaid(len(first.lines) + moment)
            if happens is not None:
                await happens()
        for name, writer in writers.items():
            writer.kill()
            await writer.ended
            self.counts.kills += 1
            self.confirmed[name] += [line for line in writer.lines if line != "started"]
        await self.learn()

    def writer_(self, name: str) -> WriterProcess:
        self.numbers[name] += 1
        writer = WriterProcess(self.url, name, f"{SEED} {self.numbers[name]}")
        self.addCleanup(writer.kill)
        return writer

    async def something(self) -> None:
        """That nobody wants."""
        await self.random.choice(self.somethings())()

    def somethings(self) -> list[Happening]:
        return [
            lambda: self.die("server", self.serve),
            lambda: self.cut("http"),
            lambda: self.cut("pb"),
            *([lambda: self.die("listener", self.listenerStarts)] if "listener" in self.running else []),
        ]

    async def die(self, name: str, start: Callable[[], None]) -> None:
        """A process is killed, and started again."""
        self.running[name].kill()
        await self.running[name].ended
        self.counts.kills += 1
        self.killed[name] = self.killed.get(name, 0) + 1
        start()

    async def cut(self, scheme: str) -> None:
        self.proxies[scheme].cut()
        self.counts.cuts += 1

    async def learn(self) -> None:
        """What the log holds, while nobody writes."""
        database = Database(self.url, reactor=reactor)
        database.startService()
        try:
            events, cursors, epochs = await database.run("learn", _all, lane="large", deadline=60.0)
        finally:
            await database.stopService()
        self.assertEqual(self.truth.learn(events, cursors, epochs), [])
        self.stored: Sequence[Event] = events

    async def head(self) -> str:
        database = Database(self.url, reactor=reactor)
        database.startService()
        try:
            return str(await database.run("head", lambda snapshot: history(snapshot).head))
        finally:
            await database.stopService()

    async def end(self) -> list[str]:
        """Let everybody see everything; what is not as it was promised."""
        await self.write([1])  # takes back what the last kill has left
        for follower in self.followers:
            follower.finish()
        while not all(map(self.truth.isAtEnd, self.followers)):
            await deferLater(reactor, 0.02)
        found = [line for follower in self.followers for line in self.truth.complaints(follower, self.counts)]
        for name, confirmed in self.confirmed.items():
            self.counts.confirmed += len(confirmed)
            found += self.truth.unkept(name, confirmed)
        return found

    async def heard(self) -> list[str]:
        """Wait until the listener has handled everything; what is not as it was promised."""
        last = self.truth.last()
        while True:
            [(cursor,)] = self.remembered("SELECT cursor FROM status_consumers")
            [(waiting,)] = self.remembered("SELECT count(*) FROM status_deliveries WHERE state = 'waiting'")
            if seqOf(cursor) >= last and not waiting:
                break
            await deferLater(reactor, 0.02)
        counts = handled.Counts()
        events = [event for event in self.stored if seqOf(self.heardFrom) < event.seq <= seqOf(cursor)]
        parked = self.remembered("SELECT seq, method FROM status_deliveries WHERE state = 'parked'")
        found = handled.complaints(events, self.output.read_text().splitlines(), parked, counts)
        sys.stdout.write(f"listener: {counts}\n")
        return [f"listener: {line}" for line in found]

    def remembered(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.state, timeout=30)) as connection:
            return connection.execute(sql).fetchall()

    def report(self) -> None:
        sys.stdout.write(f"{self.counts} {self.killed}\n")

    # -- what makes cursors gone

    async def restored(self) -> None:
        """Put back what was kept by :meth:`keep`."""
        raise NotImplementedError

    async def keep(self) -> None:
        """A copy of the database, while nobody writes."""
        raise NotImplementedError

    async def putBack(self) -> None:
        """The older copy, with all that was confirmed before it."""
        await self.restored()
        self.truth.restore(self.keptSeq)
        self.confirmed = {name: lines[: self.keptLines[name]] for name, lines in self.confirmed.items()}

    async def keepIt(self) -> None:
        await self.keep()
        self.keptSeq = seqOf(await self.head())
        self.keptLines = {name: len(lines) for name, lines in self.confirmed.items()}

    async def forget(self) -> None:
        """Retention runs out: of the log, hardly anything is left."""
        database = Database(self.url, reactor=reactor)
        recorder = Recorder(database, catalogue())
        recorder.startService()
        try:
            while await recorder.writer.run("trim", lambda tx: trim(tx, int(reactor.seconds()), Keep(most=20))):
                pass
        finally:
            await recorder.stopService()

    async def foreign(self) -> None:
        """A stock master has had the database."""
        self.counts.foreign += 1
        self.fill(self.url, ["UPDATE masters SET last_active = last_active + 1"])

    def afterwards(self) -> list[Happening]:
        return [self.forget, self.foreign, self.putBack]


class Spoilt:
    """A source that is spoilt on purpose."""

    def __init__(self, kind: Any, database: Database, spoil: Callable[[Read], Read]) -> None:
        class It(kind):  # type: ignore[misc]  # whichever it is
            def read(self, after: Any, limit: int = LIMIT) -> Any:
                return super().read(after, limit).addCallback(spoil)

        self.it = It(database)
        self.start, self.stopService = self.it.start, self.it.stopService


def _all(snapshot: Any) -> tuple[Sequence[Event], dict[int, str], Sequence[str]]:
    snapshot.begin()
    events, found = eventsOf(snapshot), history(snapshot)
    cursors = {event.seq: str(found.at(event.seq)) for event in events}
    return events, cursors, [epoch.epoch for epoch in found.epochs]


class Runs(CrashAll):
    async def test_killed(self) -> None:
        """Processes are killed and connections cut: everybody has everything, and nothing is ever gone."""
        await self.begin()
        await self.follow()
        await self.hear()
        for _ in range(ROUNDS):
            await self.write([self.random.choice([1, 30, 150, 300]) for _ in range(3)], self.something)
        found = await self.end()
        found += await self.heard()
        self.report()
        self.assertEqual(found, [])
        self.assertEqual(self.counts.gone, 0)
        self.assertGreater(self.counts.kills, 0)

    async def test_gone(self) -> None:
        """The log is forgotten, written by somebody else, put back as it was: whoever misses something is told so."""
        await self.begin()
        await self.follow()
        await self.keepIt()
        for number in range(max(ROUNDS, 3)):
            await self.write([self.random.choice([100, 200, 400])], self.something)
            happens = self.afterwards()[number % 3]
            await happens()
            if happens == self.putBack:
                await self.keepIt()
        found = await self.end()
        self.report()
        self.assertEqual(found, [])
        self.assertGreater(self.counts.gone, 0)


class CrashAllOnSQLite(Runs, OnSQLite):
    async def test_planted(self) -> None:
        """A source that skips one event in some hundreds is found out."""
        await self.begin()

        def skip(read: Read) -> Read:
            return attrs.evolve(read, events=[event for event in read.events if event.seq % SKIPPED])

        await self.follow(skip)
        await self.write([600], self.something)
        found = await self.end()
        self.assertTrue(found)
        self.assertEqual({line.partition(":")[0] for line in found}, {"here"})

    async def keep(self) -> None:
        path = make_url(self.url).database or ""
        with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(f"{path}.kept")) as copy:
            connection.backup(copy)

    async def restored(self) -> None:
        path = make_url(self.url).database or ""
        for suffix in ("-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)
        shutil.copy(f"{path}.kept", f"{path}.new")
        os.replace(f"{path}.new", path)


class CrashAllOnPostgreSQL(Runs, OnPostgreSQL):
    """Two writers, and a server of its own, which is killed as well."""

    names = ("one", "two")

    def makeUrl(self) -> str:
        try:
            self.cluster = postgres.Cluster()
        except postgres.Unavailable as error:
            raise SkipTest(str(error)) from None
        self.addCleanup(self.cluster.remove)
        self.cluster.start()
        self.postgres = postgres.Server(self.cluster.url)
        self.name = self.postgres.newDatabase(metadata)
        return self.withRevision(self.postgres.urlOf(self.name))

    def somethings(self) -> list[Happening]:
        return [*super().somethings(), self.postgresDies, self.postgresCuts]

    async def postgresDies(self) -> None:
        await deferToThread(self.cluster.stop)
        self.counts.kills += 1
        self.killed["postgresql"] = self.killed.get("postgresql", 0) + 1
        await deferToThread(self.cluster.start)

    async def postgresCuts(self) -> None:
        self.counts.cuts += 1
        await deferToThread(
            self.postgres.execute,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname IS NOT NULL",
        )

    async def keep(self) -> None:
        await deferToThread(self._copy, self.name, f"{self.name}_kept")

    async def restored(self) -> None:
        await deferToThread(self._copy, f"{self.name}_kept", self.name)

    def _copy(self, source: str, target: str) -> None:
        self.postgres.dropDatabase(target)
        for attempt in range(100):
            self.postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{source}'")
            try:
                self.postgres.execute(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy")
                return
            except Exception:  # somebody has connected again
                if attempt == 99:
                    raise


del CrashAll, Runs
