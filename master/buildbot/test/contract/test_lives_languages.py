"""Old lists and events are the new lists, in every language, over random lives: for each type that has events."""

from __future__ import annotations

from random import Random
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from buildbot.scripts.lives import Lives
from buildbot.status.client import connect
from buildbot.status.events.cursor import seqOf
from buildbot.status.events.log import eventsOf
from buildbot.status.pb import PBStatusServer, portalOf
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue
from buildbot.test.contract.test_lives import HEARTBEATS, LIVES, SEED, TYPES
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite, reactor
from buildbot.test.status.recording import RecorderCase
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

KEYS = {type: cls.Key.name for type, cls in TYPES.items() if cls.Key is not None}
TOPICS = [f"{type}/*/*" for type in TYPES]
Lists = dict[str, dict[int, dict[str, Any]]]


class Watcher:
    """Lists everything in one snapshot, and keeps the lists by what it is told."""

    def __init__(self, name: str, connection: Any) -> None:
        self.name, self._connection = name, connection
        self.lists: Lists = {}
        self.at = 0
        self._watching: Deferred[None] | None = None

    async def start(self) -> None:
        since, self.lists = await listed(self._connection)
        self.at = seqOf(since)
        self._subscription = await self._connection.subscribe(TOPICS, since=since)
        self._watching = Deferred.fromCoroutine(self._watch())
        self._watching.addErrback(lambda failure: None)

    async def _watch(self) -> None:
        while True:
            for delivery in await self._subscription.next():
                type = delivery.topic.partition("/")[0]
                record = without(type, delivery.record.asDict())
                key = record[KEYS[type]]
                if delivery.event == "new" and key in self.lists[type]:
                    raise AssertionError(f"{delivery.topic} was in the list already")
                self.lists[type][key] = record
                self.at = seqOf(delivery.cursor)

    def close(self) -> None:
        self._subscription.close()


def without(type: str, record: Any) -> dict[str, Any]:
    return {name: value for name, value in record.items() if (type, name) not in HEARTBEATS}


async def listed(connection: Any) -> tuple[str, Lists]:
    """Every record of every type that has events, by key; and the cursor of that state."""
    answers = await connection.getMany([(type, {"limit": 10_000}) for type in TYPES])
    [cursor] = {answer.cursor for answer in answers}
    lists = {}
    for type, answer in zip(TYPES, answers, strict=True):
        records = [without(type, record.asDict()) for record in answer]
        lists[type] = {record[KEYS[type]]: record for record in records}
    return cursor, lists


class LanguagesTests(RecorderCase):
    timeout = 120

    def setUp(self) -> None:
        self.prepare()
        source = self.recorder.source
        self.service = StatusService(self.database, catalogue(), events=source, logIsHere=True)
        self.lives = Lives(self.recorder, Random(SEED), self.turn)

    async def turn(self) -> None:
        pass

    async def connections(self) -> dict[str, Any]:
        site = StatusSite(self.service, WebSettings(), reactor=reactor)
        port: Any = reactor.listenTCP(0, site, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        server = PBStatusServer(self.service, "tcp:0:interface=127.0.0.1", portalOf(anonymous=True), reactor=reactor)
        server.startService()
        self.addCleanup(server.stopService)
        assert server.listening is not None
        listening: Any = await server.listening
        numbers = {"http": port.getHost().port, "pb": listening.getHost().port}
        found: dict[str, Any] = {"here": self.service}
        for scheme, number in numbers.items():
            found[scheme] = connect(f"{scheme}://127.0.0.1:{number}", reactor=reactor)
            self.addCleanup(found[scheme].close)
        return found

    async def play(self) -> None:
        """Lives, four at a time."""
        left = iter(range(LIVES))

        async def some() -> None:
            for _ in left:
                await self.lives.one()

        await gatherResults([Deferred.fromCoroutine(some()) for _ in range(4)])

    async def test_equal(self) -> None:
        """Wherever one begins, and in whatever language."""
        connections = await self.connections()
        await self.lives.begin()
        watchers = []
        for _ in range(2):
            playing = Deferred.fromCoroutine(self.play())
            for name, connection in connections.items():
                watchers.append(Watcher(name, connection))
                await watchers[-1].start()
            await playing
        await self.lives.end()
        events = await self.database.run("all", eventsOf)
        last = max(event.seq for event in events if event.type in TYPES)
        while any(watcher.at < last for watcher in watchers):
            for watcher in watchers:
                self.assertFalse(watcher._watching.called, watcher.name)  # type: ignore[union-attr]  # it was started
            await deferLater(reactor, 0.02)
        _, new = await listed(self.service)
        for watcher in watchers:
            watcher.close()
            for type in TYPES:
                self.assertEqual(watcher.lists[type], new[type], f"{watcher.name}, {type}, seed {SEED}")


class LanguagesOnSQLite(LanguagesTests, OnSQLite):
    pass


class LanguagesOnPostgreSQL(LanguagesTests, OnPostgreSQL):
    pass


del LanguagesTests
