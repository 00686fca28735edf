"""Listeners are told everything, in order, until they have handled it; one that fails holds up only what must wait."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs, formatEvent

from buildbot.errors import ConfigError, DatabaseUnavailable
from buildbot.status.listeners import Parked, RetryAfter, StatusListener
from buildbot.status.listeners import desk as desks
from buildbot.status.listeners import follower as followers
from buildbot.status.listeners.delivery import Kept
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import FileMemory, ProcessMemory
from buildbot.test.status.events.logged import Row, reactor
from buildbot.test.status.listeners.hosted import HostCase, Recording, row


class HostTests(HostCase):
    async def test_order(self) -> None:
        """Several topics come in the order of the log, with records that can ask further."""
        listener = Recording(concurrency=1)
        await self.host(listener)
        build, other = await self.builds(2)
        step = (await self.service.get(f"builds/{build['buildid']}/steps", limit=1)).one.asDict()
        names = []

        async def ask(word: str, record: Any) -> None:
            names.append((await record.getBuilder()).builderid if word != "step" else None)

        listener.handle = ask
        expected = []
        for _ in range(40):
            self.write(row(build, "new"), Row("steps", step["stepid"], "finished", step, {}), row(other, "new"))
            self.write(row(build, "finished"))
            ids = build["buildid"], other["buildid"]
            expected += [("started", ids[0]), ("step", ids[0]), ("started", ids[1]), ("finished", ids[0])]
        await self.until(lambda: len(listener.told) == 160 and self.at() == str(self.writer.cursor))
        for id in (build["buildid"], other["buildid"]):
            self.assertEqual([each for each in listener.told if each[1] == id], [e for e in expected if e[1] == id])
        self.assertEqual(len(listener.told), len(expected))
        self.assertEqual(names[0], build["builderid"])
        self.assertEqual(self.memory.rows, {})

    async def test_kinds(self) -> None:
        """Methods may be plain, return Deferreds, or be coroutines; what each has not finished is not handled."""
        gates: dict[str, Deferred[None]] = {"b": Deferred(), "c": Deferred()}
        done: list[Any] = []

        class Kinds(StatusListener):
            def buildStarted(self, build: Any) -> None:
                done.append("plain")

            @inlineCallbacks
            def buildChangedState(self, build: Any) -> Any:
                yield gates["b"]
                done.append("deferred")

            async def buildFinished(self, build: Any, delivery: Any) -> None:
                await gates["c"]
                done.append((delivery.topic, delivery.key, delivery.attempt, delivery.cursor))

        await self.host(Kinds())
        [build] = await self.builds(1)
        self.write(row(build, "new"), row(build, "update"), row(build, "finished"))
        await self.until(lambda: done == ["plain"])
        gates["c"].callback(None)
        await self.until(lambda: self.at("Kinds") != str(self.writer.cursor))
        self.assertEqual(done, ["plain"])
        gates["b"].callback(None)
        path = f"builds/{build['buildid']}"
        expected = ["plain", "deferred", (f"{path}/finished", path, 1, str(self.writer.cursor))]
        await self.until(lambda: done == expected and self.at("Kinds") == str(self.writer.cursor))

    async def test_retry(self) -> None:
        """What fails is tried again later, in order for its key, while other keys go on; its rows are there as long."""
        first, second = await self.builds(2)
        failing = [True]

        def handle(word: str, record: Any) -> None:
            if record.buildid == first["buildid"] and failing[0]:
                raise ValueError("no")

        listener = Recording(handle)
        await self.host(listener)
        self.write(row(first, "new"), row(first, "finished"), row(second, "new"), row(second, "finished"))
        one, two = first["buildid"], second["buildid"]
        await self.until(lambda: self.at() == str(self.writer.cursor))
        self.assertEqual(listener.told, [("started", one), ("started", two), ("finished", two)])
        rows = sorted(self.memory.rows.values(), key=lambda row: row.seq)
        self.assertEqual(
            [(each.method, each.attempts, each.error) for each in rows],
            [("buildStarted", 1, "ValueError: no"), ("buildFinished", 0, None)],
        )
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.clock.advance(1)
        await self.until(lambda: len(listener.told) == 4)
        self.clock.advance(1.5)
        self.assertEqual(len(listener.told), 4)
        failing[0] = False
        self.clock.advance(1)
        await self.until(lambda: self.memory.rows == {})
        self.assertEqual(listener.told[3:], [("started", one), ("started", one), ("finished", one)])

    async def test_park(self) -> None:
        """After so many attempts it is parked with its error, and what waits behind it goes on."""
        [build] = await self.builds(1)

        def handle(word: str, record: Any) -> None:
            if word == "started":
                raise ValueError("never")

        listener = Recording(handle, attempts=2)
        await self.host(listener)
        self.write(row(build, "new"), row(build, "finished"))
        await self.until(lambda: len(self.memory.rows) == 1)
        self.clock.advance(1)
        await self.until(lambda: self.at() == str(self.writer.cursor) and len(listener.told) == 3)
        [parked] = self.memory.rows.values()
        self.assertEqual((parked.state, parked.attempts, parked.error), ("parked", 2, "ValueError: never"))
        self.assertEqual([word for word, _ in listener.told], ["started", "started", "finished"])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 2)

    async def test_refused(self) -> None:
        """What a handler says is of no use is parked at once, with its sentence, and what waits behind it goes on."""
        [build] = await self.builds(1)

        async def handle(word: str, record: Any) -> None:
            if word == "started":
                raise Parked("there is no such repository")

        listener = Recording(handle)
        await self.host(listener)
        self.write(row(build, "new"), row(build, "finished"))
        await self.until(lambda: self.at() == str(self.writer.cursor) and len(listener.told) == 2)
        [parked] = self.memory.rows.values()
        self.assertEqual((parked.state, parked.attempts, parked.error), ("parked", 1, "there is no such repository"))

    async def test_retryAfter(self) -> None:
        """A handler may say how long it is of no use to try again: a day at most, and never less than the ordinary
        pause."""
        [build] = await self.builds(1)
        waits = iter([90.0, 0.1, 1e9])

        def handle(word: str, record: Any) -> None:
            if (seconds := next(waits, None)) is not None:
                raise RetryAfter(seconds, "too many requests")

        listener = Recording(handle)
        await self.host(listener)
        self.write(row(build, "new"))
        for told, seconds in ((1, 90.0), (2, 2.0), (3, desks.LONGEST_ASKED)):
            await self.until(partial(self.isWaiting, "too many requests", told))
            self.clock.advance(seconds - 0.5)
            self.assertEqual(len(listener.told), told)
            self.clock.advance(0.5)
        await self.until(lambda: len(listener.told) == 4)
        await self.until(lambda: self.memory.rows == {})

    def isWaiting(self, error: str, attempts: int) -> bool:
        return [(row.error, row.attempts) for row in self.memory.rows.values()] == [(error, attempts)]

    async def test_timeout(self) -> None:
        """An attempt that takes too long is cancelled, and has failed; one line says so, each time."""
        [build] = await self.builds(1)
        cancelled: list[Any] = []
        listener = Recording(lambda word, record: Deferred(cancelled.append), timeout=30, attempts=3)
        await self.host(listener)

        async def passes(attempt: int) -> None:
            await self.until(lambda: len(listener.told) == attempt)
            self.clock.advance(29)
            self.assertEqual(len(cancelled), attempt - 1)
            self.clock.advance(1)
            await self.until(lambda: [each.attempts for each in self.kept()] == [attempt])
            self.assertEqual(len(cancelled), attempt)
            self.clock.advance(attempt)

        with capturedLogs() as logged:
            self.write(row(build, "new"))
            for attempt in (1, 2, 3):
                await passes(attempt)
        sentence = "buildStarted took longer than 30 s (timeout) and was cancelled"
        [parked] = self.kept()
        self.assertEqual((parked.state, parked.error), ("parked", sentence))
        said = [formatEvent(event) for event in logged if "listener" in event]
        times = ("once", "2 times", "3 times, and is parked")
        what = f"recording: buildStarted of builds/{build['buildid']}/new has failed"
        self.assertEqual(said, [f"{what} {each}: {sentence}" for each in times])
        self.assertEqual(self.flushLoggedErrors(), [])

    def kept(self) -> list[Kept]:
        return list(self.memory.rows.values())

    async def test_restart(self) -> None:
        """A new host goes on: with what has failed, in its order, and with what happened meanwhile."""
        [build] = await self.builds(1)

        def fail(word: str, record: Any) -> None:
            raise ValueError("no")

        listener = Recording(fail)
        host = await self.host(listener)
        self.write(row(build, "new"), row(build, "finished"))
        await self.until(lambda: self.at() != str(self.writer.cursor) and len(listener.told) == 1)
        await host.stopService()
        self.write(row(build, "new"))
        attempts = []

        class Again(Recording):
            async def buildStarted(self, build: Any, delivery: Any = None) -> None:
                attempts.append(delivery.attempt)
                self.note("started", await self.status.getBuild(build.buildid))

        again = Again()
        await self.host(again)
        await self.until(lambda: len(again.told) == 3 and not self.memory.rows)
        self.assertEqual([word for word, _ in again.told], ["started", "finished", "started"])
        self.assertEqual(attempts, [2, 1])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    async def test_otherVersion(self) -> None:
        """A row that means nothing here is left alone, and holds nothing up."""
        [build] = await self.builds(1)
        start = str(self.writer.cursor)
        what = ("builds/1/new", "new", False, '{"type": "houses", "record": {}}')
        row_ = Kept(start, "buildStarted", "builds/1", 1, "waiting", 0, None, None, *what)
        await self.memory.store("recording", start, [row_], [])
        listener = Recording()
        await self.host(listener)
        self.write(row(build, "new"))
        await self.until(lambda: len(listener.told) == 1 and self.at() == str(self.writer.cursor))
        self.assertEqual(list(self.memory.rows.values()), [row_])
        self.assertEqual(len(self.flushLoggedErrors()), 1)

    async def test_stop(self) -> None:
        """What runs when the host stops may end; if it does not, it is cancelled, and is no failure."""
        first, second = await self.builds(2)
        waiting: list[Deferred[None]] = []

        def handle(word: str, record: Any) -> Deferred[None]:
            waiting.append(Deferred())
            return waiting[-1]

        listener = Recording(handle)
        host = await self.host(listener)
        self.write(row(first, "new"), row(second, "new"))
        await self.until(lambda: len(waiting) == 2)
        stopping = host.stopService()
        waiting[1].callback(None)
        await self.until(lambda: len(self.memory.rows) == 1)
        self.clock.advance(10)
        await stopping
        [kept] = self.memory.rows.values()
        self.assertEqual((kept.key, kept.attempts), (f"builds/{first['buildid']}", 0))
        again = Recording()
        await self.host(again)
        await self.until(lambda: not self.memory.rows)
        self.assertEqual(again.told, [("started", first["buildid"])])

    async def test_concurrency(self) -> None:
        """No more at a time than the listener wants; another listener does not wait."""
        builds = await self.builds(5)
        waiting: list[Deferred[None]] = []

        def handle(word: str, record: Any) -> Deferred[None]:
            waiting.append(Deferred())
            return waiting[-1]

        class Other(Recording):
            pass

        slow, quick = Recording(handle, concurrency=2), Other()
        quick.name = "quick"
        await self.host(slow, quick)
        self.write(*(row(build, "new") for build in builds))
        await self.until(lambda: len(quick.told) == 5 and len(waiting) == 2)
        self.assertEqual(len(slow.told), 2)
        for _ in builds:
            await self.until(lambda: bool(waiting))
            waiting.pop(0).callback(None)
        await self.until(lambda: self.at() == str(self.writer.cursor))
        self.assertEqual(len(slow.told), 5)

    async def test_bounded(self) -> None:
        """A listener that handles nothing reads no more than it may; afterwards nothing is missing."""
        self.patch(desks, "AHEAD", 5)
        builds = await self.builds(3)
        waiting: list[Deferred[None]] = []

        def handle(word: str, record: Any) -> Deferred[None] | None:
            if isOpen:
                return None
            waiting.append(Deferred())
            return waiting[-1]

        isOpen = False
        listener = Recording(handle)
        host = await self.host(listener)
        [follower] = host._followers.values()
        start = self.at()
        self.write(*(row(build, "new") for _ in range(20) for build in builds))
        await self.until(lambda: len(waiting) == 3 and follower._desk.count == 5)
        await self.until(lambda: follower._resting is None)
        self.assertEqual((follower._desk.count, self.at()), (5, start))
        isOpen = True
        for each in waiting:
            each.callback(None)
        await self.until(lambda: len(listener.told) == 60 and self.at() == str(self.writer.cursor))

    async def test_key(self) -> None:
        """What belongs together is what the listener says; it may ask for it."""
        first, second = await self.builds(2)
        gate: Deferred[None] = Deferred()

        class OneByOne(Recording):
            async def keyOf(self, record: Any) -> str:
                return "all of " + type(await self.status.getBuild(record.buildid)).__name__

        listener = OneByOne(lambda word, record: gate if len(listener.told) == 1 else None)
        await self.host(listener)
        self.write(row(first, "new"), row(second, "new"))
        await self.until(lambda: len(listener.told) == 1)
        gate.callback(None)
        await self.until(lambda: len(listener.told) == 2)
        self.assertEqual(listener.told, [("started", first["buildid"]), ("started", second["buildid"])])

    async def test_keyFails(self) -> None:
        """One that cannot say it for now is asked again; one that is wrong gets what is usual."""
        [build] = await self.builds(1)
        answers: list[Any] = [DatabaseUnavailable("away"), ValueError("wrong")]

        class Unsure(Recording):
            def keyOf(self, record: Any) -> str:
                raise answers.pop(0)

        listener = Unsure()
        await self.host(listener)
        self.write(row(build, "new"))
        await self.until(lambda: len(answers) == 1)
        self.clock.advance(1)
        await self.until(lambda: len(listener.told) == 1)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    async def test_gone(self) -> None:
        """What is not kept any more is missed, and the listener is told so; the rest comes."""
        build, other = await self.builds(2)
        listener = Recording()
        begun = str(self.writer.cursor)
        host = await self.host(listener)
        await host.stopService()
        self.write(row(build, "new"))
        trimmed = self.writer.cursor
        self.write(row(other, "new"))
        self.writer.trim(trimmed.seq + 1)
        again = Recording()
        host = await self.host(again)
        await self.until(lambda: len(again.told) == 1)
        self.assertEqual((again.missed, again.told), ([str(trimmed)], [("started", other["buildid"])]))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.assertEqual([standing.gaps for standing in host.standing()], [1])
        noted = "SELECT gaps, missed_at, missed_since, missed_until FROM status_consumers"
        rows = await self.memory.run("test", lambda tx: tx.rows(noted, {}))
        self.assertEqual(rows, [(1, int(self.clock.seconds()), begun, str(trimmed))])

    async def test_cannotStart(self) -> None:
        """A host whose memory another process has does not start, and can be stopped."""
        path = os.path.abspath(self.mktemp())
        first, second = (FileMemory(path, reactor=reactor) for _ in range(2))
        await first.open()
        self.addCleanup(first.close)
        host = ListenerHost(self.service, [Recording()], second, clock=self.clock)
        await self.assertFailure(host.start(), ConfigError)
        await host.stopService()

    async def test_idle(self) -> None:
        """How far it is that is told nothing is stored from time to time, so that it is not gone one day."""
        [build] = await self.builds(1)
        await self.host(Recording())
        self.write(row(build, "update"))
        start = self.at()
        await self.until(lambda: True)
        self.clock.advance(followers.IDLE)
        while self.at() == start:
            await self.until(lambda: True)
            await deferLater(reactor, 0.01)
            self.clock.advance(followers.IDLE)
        self.assertEqual(self.at(), str(self.writer.cursor))

    async def test_disk(self) -> None:
        """While it cannot be stored that something was handled, what comes after it for its key waits."""
        [build] = await self.builds(1)
        memory = Full()
        listener = Recording()
        await self.host(listener, memory=memory)
        await self.until(lambda: "recording" in memory.cursors)
        memory.isFull = True
        self.write(row(build, "new"), row(build, "finished"))
        await self.until(lambda: memory.refused > 0)
        self.clock.advance(1)
        await self.until(lambda: memory.refused > 1)
        self.assertEqual(len(listener.told), 1)
        memory.isFull = False
        self.clock.advance(2)
        await self.until(lambda: len(listener.told) == 2)

    async def test_paused(self) -> None:
        """A worker's pause is told from its other changes."""
        told = []

        class Pauses(StatusListener):
            def workerPaused(self, worker: Any) -> None:
                told.append(("paused", worker.name))

            def workerUnpaused(self, worker: Any) -> None:
                told.append(("unpaused", worker.name))

        await self.host(Pauses())
        worker = (await self.service.get("workers", limit=1)).one.asDict()

        def changed(paused: bool, old: dict[str, Any]) -> Row:
            return Row("workers", worker["workerid"], "state_updated", {**worker, "paused": paused}, old)

        self.write(
            changed(True, {"paused": False}), changed(True, {"graceful": False}), changed(False, {"paused": True})
        )
        await self.until(lambda: self.at("Pauses") == str(self.writer.cursor))
        self.assertEqual(told, [("paused", worker["name"]), ("unpaused", worker["name"])])


class Full(ProcessMemory):
    isFull = False
    refused = 0

    def store(self, *arguments: Any) -> Any:
        if self.isFull:
            self.refused += 1
            raise DatabaseUnavailable("the disk is full")
        return super().store(*arguments)
