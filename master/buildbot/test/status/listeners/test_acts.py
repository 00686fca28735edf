"""What an operator does to listeners takes effect at once, survives a restart, and loses nothing."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred

from buildbot.db.connector import Database
from buildbot.errors import BadQuery, BadRequest, Busy, Forbidden, Gone, NotAvailable, NotFound, StatusError
from buildbot.status.listeners import Parked, StatusListener
from buildbot.status.listeners import desk as desks
from buildbot.status.listeners import host as hosts
from buildbot.status.listeners.acts import actorsOf
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import FileMemory
from buildbot.test.db.databases import temporaryFolder
from buildbot.test.status.events.logged import reactor
from buildbot.test.status.listeners.hosted import HostCase, Recording, row


class Telling(StatusListener):
    """Writes down what it is told, with the number of the event and whether somebody asked for it again."""

    def __init__(self, handle: Any = lambda record, delivery: None, **settings: Any) -> None:
        super().__init__("telling")
        self.told: list[tuple[int, bool]] = []
        self.handle = handle
        for name, value in settings.items():
            setattr(self, name, value)

    def buildStarted(self, build: Any, delivery: Any) -> Any:
        self.told.append((int(delivery.cursor.partition(".")[2]), delivery.isReplay))
        return self.handle(build, delivery)

    buildFinished = buildStarted


def wait(waiting: list[Deferred[None]], *_: Any) -> Deferred[None]:
    """Handles nothing until somebody fires what is in the list."""
    waiting.append(Deferred())
    return waiting[-1]


class ActsCase(HostCase):
    """Over a file, which the service answers from."""

    def setUp(self) -> None:
        super().setUp()
        self.path = os.path.join(temporaryFolder(self), "listeners.sqlite")

    async def run_(self, *listeners: Any) -> ListenerHost:
        """A host, in place of the one before it."""
        memory = FileMemory(self.path, reactor=reactor)
        host = await self.host(*listeners, memory=memory)
        self.own = Database(memory.url, reactor=reactor)
        self.own.startService()
        self.addCleanup(self.own.stopService)
        self.service.serveListeners(self.own, actorsOf(host, self.source.find))
        await self.until(lambda: all(each.cursor is not None for each in host.standing()))
        return host

    async def tick(self) -> None:
        """A little time passes."""
        looks = iter((False, True))
        await self.until(lambda: next(looks))

    async def act(self, path: str, action: str, **arguments: Any) -> Any:
        """An action's result."""
        return await self.ended(self.service.act(path, action, **arguments))

    async def ended(self, doing: Deferred[Any]) -> Any:
        await self.until(lambda: doing.called)
        return await doing

    async def refused(self, path: str, action: str, **arguments: Any) -> StatusError:
        doing = self.assertFailure(self.service.act(path, action, **arguments), StatusError)
        error: StatusError = await self.ended(doing)
        return error

    async def consumer(self, name: str = "telling") -> Any:
        return (await self.service.get(f"consumers/{name}")).one

    async def deliveries(self, **query: Any) -> list[Any]:
        return list(await self.service.get("deliveries", order="deliveryid", **query))

    async def here(self) -> None:
        """Returns when the listener has handled all that there is."""
        consumer = await self.consumer()
        while consumer.cursor != str(self.writer.cursor):
            await self.tick()
            consumer = await self.consumer()

    def wrote(self, build: dict[str, Any], *events: str) -> list[int]:
        """Numbers of events that happen to a build."""
        return [self.write(row(build, event)).seq for event in events]


class PauseTests(ActsCase):
    async def test_pause(self) -> None:
        """It is told nothing, other listeners are, and a restart changes nothing of it; then everything, in order."""
        [build] = await self.builds(1)
        listener, other = Telling(), Recording()
        host = await self.run_(listener, other)
        before = self.wrote(build, "new")
        await self.until(lambda: len(listener.told) == 1)
        await self.here()
        self.assertIs(await self.act("consumers/telling", "pause"), None)
        self.assertEqual([each.paused for each in host.standing()], [True, False])
        missed = self.wrote(build, "new", "finished")
        await self.until(lambda: len(other.told) == 3)
        self.assertEqual(len(listener.told), 1)
        consumer = await self.consumer()
        self.assertEqual((consumer.paused, consumer.cursor.endswith(f".{before[0]}")), (True, True))
        await host.stopService()
        again = Telling()
        host = await self.run_(again, Recording())
        missed += self.wrote(build, "new")
        self.assertEqual([each.paused for each in host.standing()], [True, False])
        self.assertEqual(again.told, [])
        await self.act("consumers/telling", "resume")
        await self.until(lambda: len(again.told) == 3)
        self.assertEqual(again.told, [(seq, False) for seq in missed])
        self.assertFalse((await self.consumer()).paused)

    async def test_underWay(self) -> None:
        """What is just being handled may end before it is paused; what does not is cancelled, and comes again."""
        first, second = await self.builds(2)
        waiting: list[Deferred[None]] = []
        listener = Telling(partial(wait, waiting))
        await self.run_(listener)
        self.write(row(first, "new"), row(second, "new"))
        await self.until(lambda: len(waiting) == 2)
        waiting[0].callback(None)
        pausing = self.service.act("consumers/telling", "pause")
        await self.until(lambda: self.clock.getDelayedCalls() != [])
        self.assertFalse(pausing.called)
        self.clock.advance(6)
        await self.ended(pausing)
        await self.act("consumers/telling", "resume")
        await self.until(lambda: len(waiting) == 3)
        self.assertEqual(listener.told[2], listener.told[1])
        waiting[2].callback(None)
        await self.here()


class SeekTests(ActsCase):
    async def test_seek(self) -> None:
        """Back, everything from there comes again as if it were new; ahead, what lies between does not come."""
        [build] = await self.builds(1)
        listener = Telling(lambda *_: refuse(), attempts=1)
        refusing = [True]

        def refuse() -> None:
            if refusing[0]:
                raise Parked("no")

        await self.run_(listener)
        start = str(self.writer.cursor)
        seqs = self.wrote(build, "new", "finished", "new")
        await self.until(lambda: len(listener.told) == 3)
        await self.here()
        self.assertEqual(len(await self.deliveries(state="parked")), 3)
        refusing[0] = False
        del listener.told[:]
        place = f"{start.partition('.')[0]}.{seqs[0]}"
        self.assertEqual(await self.act("consumers/telling", "seek", cursor=place), {"cursor": place})
        await self.until(lambda: len(listener.told) == 2)
        self.assertEqual(listener.told, [(seq, False) for seq in seqs[1:]])
        await self.here()
        self.assertEqual([each.cursor for each in await self.deliveries()], [place])
        await self.act("consumers/telling", "pause")
        more = self.wrote(build, "new", "finished")
        await self.act("consumers/telling", "seek", cursor=str(self.writer.cursor))
        more = self.wrote(build, "new")
        await self.act("consumers/telling", "resume")
        await self.until(lambda: len(listener.told) == 3)
        self.assertEqual(listener.told[2:], [(more[0], False)])

    async def test_time(self) -> None:
        """By a time: from the first event on that is not older."""
        [build] = await self.builds(1)
        listener = Telling()
        await self.run_(listener)
        seqs = self.wrote(build, *["new", "finished"] * 5)
        for index, seq in enumerate(seqs):
            self.writer.connection.execute("UPDATE status_events SET at = ? WHERE seq = ?", (1000 + 10 * index, seq))
        await self.until(lambda: len(listener.told) == 10)
        await self.here()
        for time, expected in ((1045, seqs[5:]), (1050, seqs[5:]), (0, seqs), (10**9, [])):
            del listener.told[:]
            await self.act("consumers/telling", "seek", time=time)
            await self.here()
            self.assertEqual([seq for seq, _ in listener.told], expected, time)

    async def test_refused(self) -> None:
        """What cannot be is said to be so, and nothing has happened."""
        [build] = await self.builds(1)
        listener = Telling()
        host = await self.run_(listener)
        self.wrote(build, *["new"] * 20)
        await self.until(lambda: len(listener.told) == 20)
        await self.here()
        before = await self.consumer()
        self.writer.trim(self.writer.seq - 5)
        here = str(self.writer.cursor)
        for error, words, arguments in (
            (BadQuery, "cursor or time is expected", {}),
            (BadQuery, "two ways", {"cursor": here, "time": 7}),
            (BadQuery, "cursor: 'x' is no cursor", {"cursor": "x"}),
            (BadQuery, "cursor: a text is expected", {"cursor": 7}),
            (BadQuery, "time: a time, in whole seconds", {"time": "7"}),
            (BadQuery, "time: a time, in whole seconds", {"time": True}),
            (BadQuery, "there is no argument 'place'; it takes cursor, time", {"place": here}),
            (Gone, "", {"cursor": f"{'e' * 16}.3"}),
            (Gone, "", {"cursor": f"{'d' * 16}.3"}),
        ):
            found = await self.refused("consumers/telling", "seek", **arguments)
            self.assertIsInstance(found, error)
            self.assertIn(words, str(found))
        for path, action, kind in (
            ("consumers/nobody", "pause", NotFound),
            ("consumers", "pause", BadRequest),
            ("consumers/telling", "paws", NotAvailable),
            ("consumers/telling/deliveries", "drop", BadRequest),
            ("builders/1", "pause", Forbidden),
            ("nosuch/1", "pause", NotFound),
        ):
            self.assertIsInstance(await self.refused(path, action), kind)
        self.assertIn("pause, resume, seek", str(await self.refused("consumers/telling", "paws")))
        self.assertIn("it takes none", str(await self.refused("consumers/telling", "pause", now=True)))
        self.assertEqual(await self.consumer(), before)
        self.service.serveListeners(self.own, actorsOf(host))
        self.assertIsInstance(await self.refused("consumers/telling", "seek", time=7), NotAvailable)


class ReplayTests(ActsCase):
    async def test_replay(self) -> None:
        """A range comes once more, in order, and says so; the cursor stays, and what is new goes on."""
        [build] = await self.builds(1)
        listener = Telling(concurrency=1)
        await self.run_(listener)
        seqs = self.wrote(build, *["new", "finished"] * 4)
        await self.until(lambda: len(listener.told) == 8)
        await self.here()
        del listener.told[:]
        epoch = str(self.writer.cursor).partition(".")[0]
        first, last = f"{epoch}.{seqs[1]}", f"{epoch}.{seqs[5]}"
        found = await self.act("consumers/telling", "replay", since=first, until=last)
        self.assertEqual(found, {"since": first, "until": last})
        [new] = self.wrote(build, "new")
        await self.until(lambda: len(listener.told) == 5)
        await self.here()
        self.assertEqual([each for each in listener.told if each[1]], [(seq, True) for seq in seqs[2:6]])
        self.assertIn((new, False), listener.told)
        await self.over()
        self.assertEqual(await self.deliveries(), [])

    async def over(self) -> None:
        while (await self.consumer()).replay_until is not None or await self.deliveries():
            await self.tick()

    async def test_restart(self) -> None:
        """One that is under way goes on in the next process, and leaves nothing out."""
        [build] = await self.builds(1)
        listener = Telling()
        host = await self.run_(listener)
        start = str(self.writer.cursor)
        seqs = self.wrote(build, *["new", "finished"] * 4)
        await self.until(lambda: len(listener.told) == 8)
        await self.here()
        self.patch(desks, "AHEAD", 1)
        listener.handle = lambda *_: Deferred()
        [live] = self.wrote(build, "new")
        await self.until(lambda: len(listener.told) == 9)
        await self.act("consumers/telling", "replay", since=start)
        error = await self.refused("consumers/telling", "replay", since=start)
        self.assertIsInstance(error, BadRequest)
        self.assertIn("under way already", str(error))
        stopping = host.stopService()
        await self.tick()
        self.clock.advance(desks.GRACE)
        await self.ended(stopping)
        again = Telling()
        await self.run_(again)
        await self.over()
        self.assertEqual(sorted(again.told), [*((seq, True) for seq in seqs), (live, False)])

    async def test_parked(self) -> None:
        """What was parked in the range is not any more, and is counted so."""
        [build] = await self.builds(1)
        refusing = [True]

        def handle(build: Any, delivery: Any) -> None:
            if refusing[0]:
                raise Parked("no")

        listener = Telling(handle)
        host = await self.run_(listener)
        start = str(self.writer.cursor)
        self.wrote(build, "new", "finished")
        await self.until(lambda: len(listener.told) == 2)
        await self.here()
        self.assertEqual([each.parked for each in host.standing()], [2])
        refusing[0] = False
        await self.act("consumers/telling", "replay", since=start)
        await self.over()
        self.assertEqual([each.parked for each in host.standing()], [0])

    async def test_refused(self) -> None:
        """A range that is none, or whose beginning is not kept."""
        [build] = await self.builds(1)
        listener = Telling()
        await self.run_(listener)
        start = str(self.writer.cursor)
        self.wrote(build, *["new"] * 20)
        await self.until(lambda: len(listener.told) == 20)
        await self.here()
        here = str(self.writer.cursor)
        later = f"{here.partition('.')[0]}.{self.writer.seq + 5}"
        for words, arguments in (
            ("since or since_time is expected", {}),
            ("nothing happened between", {"since": here}),
            ("nothing happened between", {"since": here, "until": start}),
            ("told anyway", {"since": start, "until": later}),
        ):
            error = await self.refused("consumers/telling", "replay", **arguments)
            self.assertIsInstance(error, BadQuery)
            self.assertIn(words, str(error))
        self.writer.trim(self.writer.seq - 5)
        self.assertIsInstance(await self.refused("consumers/telling", "replay", since=start), Gone)
        self.assertEqual((await self.consumer()).replay_until, None)
        await self.act("consumers/telling", "replay", since_time=0)
        await self.over()
        self.assertEqual(len([each for each in listener.told if each[1]]), 6)


class DeliveryTests(ActsCase):
    async def test_parked(self) -> None:
        """One that is replayed is handled under the same cursor; one that is dropped never is."""
        [build] = await self.builds(1)
        refusing = [True]

        def handle(build: Any, delivery: Any) -> None:
            if refusing[0]:
                raise Parked("no such repository")

        listener = Telling(handle)
        host = await self.run_(listener)
        seqs = self.wrote(build, "new", "finished")
        await self.until(lambda: len(listener.told) == 2)
        await self.here()
        one, other = await self.deliveries(consumer="telling", state="parked", error="no such repository")
        self.assertEqual((one.topic, one.attempts), (f"builds/{build['buildid']}/new", 1))
        await self.act(f"deliveries/{other.deliveryid}", "drop")
        refusing[0] = False
        await self.act(f"deliveries/{one.deliveryid}", "replay")
        await self.until(lambda: len(listener.told) == 3)
        self.assertEqual(listener.told[2], (seqs[0], True))
        while await self.deliveries():
            await self.tick()
        self.assertEqual([(each.parked, each.waiting) for each in host.standing()], [(0, 0)])
        self.assertIsInstance(await self.refused(f"deliveries/{other.deliveryid}", "replay"), NotFound)

    async def test_waiting(self) -> None:
        """One that waits is tried at once if one asks for it; if it is dropped, what waits behind it goes on, but one
        that is being handled is not dropped."""
        build, other = await self.builds(2)
        gates: list[Deferred[None]] = []

        def handle(record: Any, delivery: Any) -> Deferred[None] | None:
            if record.buildid == other["buildid"]:
                return None
            gates.append(Deferred())
            return gates[-1]

        listener = Telling(handle)
        host = await self.run_(listener)
        seqs = self.wrote(build, "new", "finished", "new")
        self.wrote(other, "new")
        await self.until(lambda: len(gates) == 1 and len(listener.told) == 2)
        del listener.told[1]
        gates[0].errback(ValueError("not now"))
        await self.here()
        first, second, _ = await self.deliveries(state="waiting")
        self.assertEqual([each.waiting for each in host.standing()], [3])
        await self.act(f"deliveries/{first.deliveryid}", "replay")
        await self.until(lambda: len(gates) == 2)
        self.assertEqual(listener.told, [(seqs[0], False)] * 2)
        self.assertIsInstance(await self.refused(f"deliveries/{first.deliveryid}", "drop"), Busy)
        gates[1].errback(ValueError("nor now"))
        await self.until(lambda: [each.waiting for each in host.standing()] == [3])
        await self.act(f"deliveries/{second.deliveryid}", "drop")
        await self.act(f"deliveries/{first.deliveryid}", "drop")
        await self.until(lambda: len(gates) == 3)
        self.assertEqual(listener.told[2:], [(seqs[2], False)])
        gates[2].callback(None)
        while await self.deliveries():
            await self.tick()
        self.assertEqual([(each.parked, each.waiting) for each in host.standing()], [(0, 0)])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    async def test_forget(self) -> None:
        """Not while it runs; then all of it is gone, and the same name begins anew."""
        listener = Telling()
        host = await self.run_(listener, Recording())
        error = await self.refused("consumers/telling", "forget")
        self.assertIsInstance(error, BadRequest)
        self.assertIn("take it out of the configuration", str(error))
        await self.ended(host.replace([Recording()]))
        consumer = await self.consumer()
        self.assertEqual((consumer.running, consumer.lag), (False, None))
        await self.act("consumers/telling", "forget")
        self.assertIsInstance(await self.refused("consumers/telling", "resume"), NotFound)


class StandingTests(ActsCase):
    async def test_lag(self) -> None:
        """How far each is behind the log, and since when; what is not for it does not keep it behind."""
        [build] = await self.builds(1)
        waiting: list[Deferred[None]] = []
        slow = Telling(partial(wait, waiting))
        quick = Recording()
        host = await self.run_(slow, quick)
        seconds = int(self.clock.seconds())
        self.write(row(build, "new"), row(build, "finished"))
        self.wrote(build, "update", "update", "update")
        await self.until(lambda: len(waiting) == 1 and len(quick.told) == 2)
        while [each.lag for each in host.standing()] != [5, 0]:
            self.clock.advance(hosts.LOOK)
            await self.tick()
        since = host.standing()[0].behindSince
        assert since is not None
        self.assertTrue(seconds <= since <= int(self.clock.seconds()))
        self.assertEqual(host.standing()[1].behindSince, None)
        while [each.lag for each in await self.service.getConsumers(order="-name")] != [5, 0]:
            await self.tick()
        [behind] = await self.service.getConsumers(lag__gt=0)
        self.assertEqual((behind.name, behind.behind_since, behind.running), ("telling", since, True))
        self.clock.advance(hosts.LOOK)
        await self.tick()
        self.assertEqual(host.standing()[0].behindSince, since)
        waiting[0].callback(None)
        await self.until(lambda: len(waiting) == 2)
        waiting[1].callback(None)
        while [(each.lag, each.behindSince) for each in host.standing()] != [(0, None)] * 2:
            self.clock.advance(hosts.LOOK)
            await self.tick()
