"""Subscriptions: list, then watch; filters; what is shared, and what is freed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from twisted.internet.defer import CancelledError, Deferred, gatherResults

from buildbot.errors import BadQuery, Disconnected, Forbidden, Gone, NotAvailable, NotFound
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.events.selection import Batch
from buildbot.status.events.subscription import Subscription
from buildbot.status.principal import Principal
from buildbot.status.query import Limits
from buildbot.status.resources.builds import Build
from buildbot.status.resources.steps import Step
from buildbot.status.service import StatusService
from buildbot.test.status.events.logged import EPOCH, LoggedCase, Row


class SubscriptionTests(LoggedCase):
    async def two(self) -> tuple[Any, Any]:
        """Two builds, as the database has them."""
        first, second = (await self.service.get("builds", limit=2)).records
        return first, second

    async def test_listThenWatch(self) -> None:
        """What an answer holds and what comes after its cursor make the present state, without gap or overlap."""
        build, other = await self.two()
        await self.build(build.buildid, "update", state_string="before")
        answer = await self.service.get(f"builds/{build.buildid}")
        await self.build(build.buildid, "update", state_string="after")
        await self.build(other.buildid, "update", state_string="other")
        subscription = await self.service.subscribe(f"builds/{build.buildid}/*", since=answer.cursor)
        [delivery] = await subscription.next()
        self.assertEqual((answer.one.asDict()["state_string"], delivery.record.state_string), ("before", "after"))
        self.assertEqual(delivery.record, (await self.service.get(f"builds/{build.buildid}")).one)
        self.assertEqual((delivery.number, delivery.topic), (1, f"builds/{build.buildid}/update"))
        self.assertEqual(delivery.changed, {"state_string": "before"})
        subscription.close()

    async def test_snapshot(self) -> None:
        """An answer's cursor is that of the answer's own snapshot, whatever the source knows by then."""
        build, _ = await self.two()
        late = self.writer.append(Row("builds", build.buildid, "update", build.asDict(), {}))
        self.assertEqual((await self.service.get("builds", limit=1)).cursor, str(late))
        answers: Any = await self.service.getMany([("builds", {"limit": 1}), ("builders", {"limit": 1})])
        self.assertEqual([answer.cursor for answer in answers], [str(late)] * 2)

    async def test_elsewhere(self) -> None:
        """Where the log is another database, an answer's cursor is what was known before its rows were read."""
        service = StatusService(self.database, Catalogue(), events=self.source)
        known = str(self.source.cursor)
        build, _ = await self.two()
        self.writer.append(Row("builds", build.buildid, "update", build.asDict(), {}))
        self.assertEqual((await service.get("builds", limit=1)).cursor, known)

    async def test_fromNowOn(self) -> None:
        """Without a cursor comes what happens after the call; next() waits for it."""
        build, _ = await self.two()
        await self.build(build.buildid, "update", state_string="missed")
        subscription = await self.service.subscribe("builds/*/update")
        waiting = subscription.next()
        await self.build(build.buildid, "update", state_string="seen")
        self.assertEqual([delivery.record.state_string for delivery in await waiting], ["seen"])
        subscription.close()

    async def test_order(self) -> None:
        """More than one read holds comes whole, in order, with consecutive numbers; each cursor goes on after it."""
        build, _ = await self.two()
        record = build.asDict()
        rows = [Row("builds", build.buildid, "update", {**record, "state_string": str(n)}, {}) for n in range(1200)]
        start = self.writer.cursor
        self.write(*rows)
        subscription = await self.service.subscribe("builds/*/*", since=str(start))
        got: list[Any] = []
        while len(got) < 1200:
            some = await subscription.next()
            self.assertLessEqual(len(some), 500)
            got += some
        self.assertEqual([delivery.record.state_string for delivery in got], [str(n) for n in range(1200)])
        self.assertEqual([delivery.number for delivery in got], list(range(1, 1201)))
        again = await self.service.subscribe("builds/*/*", since=got[699].cursor)
        self.assertEqual((await again.next())[0].record.state_string, "700")
        self.assertEqual(subscription.cursor, str(self.writer.cursor))
        for each in (subscription, again):
            each.close()

    async def test_filter(self) -> None:
        """A filter sees the record; one that has stopped matching comes once more, as having left."""
        build, _ = await self.two()
        await self.build(build.buildid, "update", results=0)
        subscription = await self.service.subscribe("builds/*/*", since=str(self.writer.cursor), results=2)
        await self.build(build.buildid, "update", results=1)
        await self.build(build.buildid, "update", results=2)
        await self.build(build.buildid, "update", state_string="still")
        await self.build(build.buildid, "finished", results=0)
        await self.build(build.buildid, "finished", state_string="gone already")
        seen: list[Any] = []
        while len(seen) < 3:
            seen += await subscription.next()
        self.assertEqual(
            [(d.event, d.record.results, d.left) for d in seen],
            [("update", 2, False), ("update", 2, False), ("finished", 0, True)],
        )
        self.assertEqual([d.number for d in seen], [1, 2, 3])
        subscription.close()

    async def test_new(self) -> None:
        """What is new has not left anything."""
        build, _ = await self.two()
        start = str(self.writer.cursor)
        self.write(
            Row("builds", build.buildid, "new", {**build.asDict(), "results": 0}),
            Row("builds", build.buildid, "new", {**build.asDict(), "results": 2}),
        )
        subscription = await self.service.subscribe("builds/*/*", since=start, results=2)
        [delivery] = await subscription.next()
        self.assertEqual((delivery.left, delivery.changed), (False, None))
        subscription.close()

    async def test_fields(self) -> None:
        """field= cuts the record."""
        build, _ = await self.two()
        start = str(self.writer.cursor)
        await self.build(build.buildid, "update", results=2)
        subscription = await self.service.subscribe("builds/*/*", since=start, field=["number", "results"])
        [delivery] = await subscription.next()
        self.assertEqual(delivery.record.asDict(), {"number": build.number, "results": 2})
        subscription.close()

    async def test_embedded(self) -> None:
        """expand= and property= bring what is there when it is delivered, read once for all of a batch."""
        build, other = await self.two()
        sql = f"INSERT INTO build_properties VALUES ({build.buildid}, 'p', '5', 'x')"
        start = str(self.writer.cursor)
        self.write(Row("builds", build.buildid, "update", build.asDict(), {}), sql=[sql])
        for each in (build, other, build):
            self.write(Row("builds", each.buildid, "update", each.asDict(), {}))
        query = {"expand": ["builder", "steps"], "steps.limit": 2, "steps.field": "name", "property": "p"}
        reads: list[Any] = []
        feed: Any = self.service.feed
        present = feed._present

        def counted(wanted: Any) -> Any:
            reads.append(wanted)
            return present(wanted)

        self.patch(feed, "_present", counted)
        for fields in ({}, {"field": ["number", "properties"]}, {"field": "number"}):
            reads.clear()
            subscription = await self.service.subscribe("builds/*/*", since=start, **query, **fields)
            found = [delivery.record.asDict() for delivery in await subscription.next()]
            self.assertEqual(len(reads), 1)
            for record, one in zip(found, (build, build, other, build), strict=True):
                wanted = (await self.service.get(f"builds/{one.buildid}", {**query, **fields})).one.asDict()
                self.assertEqual({name: record[name] for name in wanted}, wanted)
            subscription.close()

    async def test_muchEmbedded(self) -> None:
        """However much all of a batch embeds together: only what one thing embeds is limited."""
        unlimited = self.service.reading.unlimited
        unlimited.limits = Limits(embedded=2)
        builds = [each.asDict() for each in await self.service.get("builds", limit=8)]
        start = str(self.writer.cursor)
        self.write(*(Row("builds", each["buildid"], "update", each, {}) for each in builds))
        subscription = await self.service.subscribe("builds/*/*", start, **{"expand": "steps", "steps.limit": 2})
        found = [delivery.record.asDict() for delivery in await subscription.next()]
        self.assertEqual([record["buildid"] for record in found], [each["buildid"] for each in builds])
        self.assertTrue(any(len(record["steps"]) == 2 for record in found))
        subscription.close()

    async def test_append(self) -> None:
        """An append has no record with it: the present one is read, and matched, and the lines come beside it."""
        log, other = await self.service.getLogs(limit=2)
        start = str(self.writer.cursor)
        for each in (other, log):
            body = {"logid": each.logid, "first": 3, "last": 5}
            self.write(Row("logs", each.logid, "append", body, {}, {"stepid": each.stepid}))
        topic = f"steps/{log.stepid}/logs/{log.slug}/append"
        subscription = await self.service.subscribe(topic, since=start)
        [delivery] = await subscription.next()
        self.assertEqual((delivery.record, delivery.topic), (log, topic))
        self.assertEqual(delivery.extra, {"first": 3, "last": 5})
        subscription.close()

    async def test_limits(self) -> None:
        """What callers may ask for at once does not limit what events are completed from."""
        logs = await self.service.getLogs(limit=3)
        service = StatusService(
            self.database, Catalogue(), limits=Limits(default=1, largest=2), events=self.source, logIsHere=True
        )
        start = str(self.writer.cursor)
        for log in logs:
            body = {"logid": log.logid, "first": 3, "last": 5}
            self.write(Row("logs", log.logid, "append", body, {}, {"stepid": log.stepid}))
        subscription = await service.subscribe("logs/*/append", since=start)
        self.assertEqual([delivery.record for delivery in await subscription.next()], list(logs))
        subscription.close()

    async def test_properties(self) -> None:
        """Properties are announced as they are: what changed, by name."""
        build, _ = await self.two()
        start = str(self.writer.cursor)
        self.write(Row("properties", build.buildid, "update", {"a": [1, "b"]}, {}, {"buildid": build.buildid}))
        subscription = await self.service.subscribe("builds/*/properties/update", since=start)
        [delivery] = await subscription.next()
        self.assertEqual(delivery.record.asDict(), {"a": [1, "b"]})
        self.assertEqual(delivery.topic, f"builds/{build.buildid}/properties/update")
        subscription.close()

    async def test_aliases(self) -> None:
        """A builder's name is found out once; one that there is not is not found."""
        build: Any = next(
            b for b in await self.service.getBuilds(expand="builder") if not b.asDict()["builder"]["name"].isdigit()
        )
        builder = await build.getBuilder()
        start = str(self.writer.cursor)
        await self.build(build.buildid, "update", state_string="x")
        name = quote(builder.name, safe="")
        subscription = await self.service.subscribe(f"builders/{name}/builds/*/*", since=start)
        [delivery] = await subscription.next()
        self.assertEqual(delivery.topic, f"builders/{name}/builds/{build.number}/update")
        subscription.close()
        await self.assertFailure(self.service.subscribe("builders/no such/builds/*/*"), NotFound)

    async def test_several(self) -> None:
        """Several topics are one subscription: one order, one cursor, and what is of two of them comes once."""
        build, _ = await self.two()
        step, other = await self.service.getSteps(limit=2)
        start = str(self.writer.cursor)
        for number in range(3):
            await self.build(build.buildid, "update", state_string=str(number))
            self.write(Row("steps", step.stepid, "finished", step.asDict(), {}))
            self.write(Row("steps", other.stepid, "updated", other.asDict(), {}))
        topics = [f"builds/{build.buildid}/*", "builds/*/update", "steps/*/finished", "steps/*/finished"]
        subscription = await self.service.subscribe(topics, since=start)
        self.assertEqual(subscription.topics, topics[:3])
        deliveries = await subscription.next()
        both = [(f"builds/{build.buildid}/update", Build), (f"steps/{step.stepid}/finished", Step)]
        self.assertEqual([(d.topic, type(d.record)) for d in deliveries], 3 * both)
        self.assertEqual([d.number for d in deliveries], [1, 2, 3, 4, 5, 6])
        again = await self.service.subscribe(list(reversed(topics)), since=deliveries[2].cursor)
        self.assertEqual([d.cursor for d in await again.next()], [d.cursor for d in deliveries[3:]])
        for each in (subscription, again):
            each.close()

    async def test_severalWrong(self) -> None:
        """A filter is for all types; the one that lacks it is named."""
        for topics, query, words in (
            (["builds/*/*", "changes/*/new"], {"results": 2}, ["changes/*/new", "'results'", "(of a change)"]),
            (["builds/*/*", "changes/*/new"], {"field": "results"}, ["Change has no such field"]),
            ([], {}, ["0 topics"]),
            ([f"builds/{n}/*" for n in range(201)], {}, ["201 topics", "at most 200"]),
        ):
            error: Any = await self.assertFailure(self.service.subscribe(topics, **query), BadQuery)
            for word in words:
                self.assertIn(word, str(error))

    async def test_gone(self) -> None:
        """A cursor of another history is gone at once; one that falls out of the log while somebody is slow, then."""
        error: Any = await self.assertFailure(self.service.subscribe("builds/*/*", since="a" * 16 + ".1"), Gone)
        self.assertEqual(error.extra["oldest"], f"{EPOCH}.1")
        subscription = await self.service.subscribe("builds/*/*")
        build, _ = await self.two()
        for _ in range(3):
            self.writer.append(Row("builds", build.buildid, "update", build.asDict(), {}))
        self.writer.trim(self.writer.seq)
        self.source.advance(self.writer.cursor)
        await self.assertFailure(subscription.next(), Gone)
        await self.assertFailure(subscription.next(), Gone)
        self.assertEqual(self.service.feed and self.service.feed.subscriptions, 0)

    async def test_wrong(self) -> None:
        """What a subscription does not take says so."""
        for query, words in (
            ({"limit": 5}, "get() takes limit"),
            ({"expand": "nosuch"}, "has no such relation"),
            ({"steps.limit": 5}, "goes with expand=steps"),
            ({"eta": 5}, "eta: depends on other things"),
            ({"field": "eta"}, "eta: depends on other things"),
            ({"nosuch": 5}, "nosuch"),
            ({"since": "x"}, "no cursor"),
        ):
            error: Any = await self.assertFailure(self.service.subscribe("builds/*/*", **query), BadQuery)
            self.assertIn(words, str(error))

    async def test_without(self) -> None:
        """Without a log there are no events, and no cursors."""
        service = StatusService(self.database, Catalogue())
        error: Any = await self.assertFailure(service.subscribe("builds/*/*"), NotAvailable)
        self.assertIn("no log of events", str(error))
        self.assertIsNone((await service.get("builds", limit=1)).cursor)

    async def test_cancelled(self) -> None:
        """What was cancelled has lost nothing."""
        build, _ = await self.two()
        subscription = await self.service.subscribe("builds/*/*")
        waiting = subscription.next()
        waiting.cancel()
        await self.assertFailure(waiting, CancelledError)
        await self.build(build.buildid, "update", state_string="x")
        reading = subscription.next()
        reading.cancel()
        await self.assertFailure(reading, CancelledError)
        [delivery] = await subscription.next()
        self.assertEqual((delivery.number, delivery.record.state_string), (1, "x"))
        subscription.close()

    async def test_closed(self) -> None:
        """Closing ends what waits, and leaves nothing: not in the feed, not at the source, no timer."""
        subscription = await self.service.subscribe("builds/*/*")
        waiting = subscription.next()
        subscription.close()
        subscription.close()
        await self.assertFailure(waiting, Disconnected)
        await self.assertFailure(subscription.next(), Disconnected)
        feed = self.service.feed
        assert feed is not None
        self.assertEqual((feed.subscriptions, self.source._listeners._callbacks), (0, {}))
        self.assertFalse(any(feed._parked.values()))

    async def test_forbidden(self) -> None:
        """Whoever may not read something may not subscribe to it; who may not any more is told nothing more."""
        refused = False

        def authorize(principal: Principal, verb: str, resource: type[Resource]) -> str:
            if refused:
                raise Forbidden(f"{principal.name} may not {verb} {resource.Plural}")
            return "full"

        build, _ = await self.two()
        service = StatusService(self.database, Catalogue(), events=self.source, authorize=authorize)
        subscription = await service.subscribe("builds/*/*")
        refused = True
        await self.assertFailure(service.subscribe("builds/*/*"), Forbidden)
        waiting = subscription.next()
        await self.build(build.buildid, "update", state_string="secret")
        await self.assertFailure(waiting, Forbidden)
        await self.assertFailure(subscription.next(), Forbidden)

    async def test_shared(self) -> None:
        """Those who ask for the same get the same batch, from one read; others get their own of the same read."""
        build, _ = await self.two()
        topics = ["builds/*/*"] * 3 + ["builds/*/finished"]
        subscriptions: list[Subscription] = [await self.service.subscribe(topic) for topic in topics]
        reads = 0
        read = self.source.read

        def counted(*arguments: Any) -> Any:
            nonlocal reads
            reads += 1
            return read(*arguments)

        self.patch(self.source, "read", counted)
        feed = self.service.feed
        assert feed is not None
        waiting = [subscription.nextBatch() for subscription in subscriptions]
        await self.condition(lambda: sum(map(len, feed._parked.values())) == 4)
        reads = 0
        await self.build(build.buildid, "finished", state_string="x")
        first, second, third, other = await gatherResults(waiting)
        self.assertIs(first, second)
        self.assertIs(first, third)
        self.assertIsNot(first, other)
        self.assertEqual(reads, 1)
        for subscription in subscriptions:
            subscription.close()

    async def test_step(self) -> None:
        """Those who keep step are served together, however soon the next thing happens: nobody reads by itself."""
        build, _ = await self.two()
        feed = self.service.feed
        assert feed is not None
        subscriptions: list[Subscription] = [await self.service.subscribe("builds/*/*") for _ in range(20)]
        self.assertEqual(len({id(subscription.selection) for subscription in subscriptions}), 1)
        calls, seen = [0], [0]
        batch = feed.batch

        async def counted(*arguments: Any) -> Batch:
            calls[0] += 1
            found = await batch(*arguments)
            feed._told()  # something has happened while this was read
            return found

        async def consume(subscription: Subscription) -> None:
            while subscription.delivered < 10:
                for delivery in await subscription.next():
                    seen[0] += 1
                    if seen[0] % 20 == 1 and delivery.number < 10:
                        await self.build(build.buildid, "update", state_string=str(delivery.number))

        consuming = [Deferred.fromCoroutine(consume(subscription)) for subscription in subscriptions]
        await self.condition(lambda: sum(map(len, feed._parked.values())) == 20)
        self.patch(feed, "batch", counted)
        await self.build(build.buildid, "update", state_string="first")
        await gatherResults(consuming)
        self.assertLess(calls[0], 40)
        for subscription in subscriptions:
            subscription.close()

    async def test_late(self) -> None:
        """Who comes to a kept piece late goes on after it, although the piece was all that there was."""
        build, _ = await self.two()
        start = str(self.writer.cursor)
        first = await self.service.subscribe("builds/*/*", since=start)
        await self.build(build.buildid, "update", state_string="1")
        await first.next()
        await self.build(build.buildid, "update", state_string="2")
        await first.next()
        late = await self.service.subscribe("builds/*/*", since=start)
        seen = [*await late.next(), *await late.next()]
        self.assertEqual([delivery.record.state_string for delivery in seen], ["1", "2"])
        for each in (first, late):
            each.close()

    async def test_iterated(self) -> None:
        """``async for`` gives one after the other."""
        build, _ = await self.two()
        subscription = await self.service.subscribe("builds/*/*", since=str(self.writer.cursor))
        await self.build(build.buildid, "update", state_string="1")
        await self.build(build.buildid, "update", state_string="2")
        seen = []
        async for delivery in subscription:
            seen.append(delivery.record.state_string)
            if len(seen) == 2:
                break
        self.assertEqual(seen, ["1", "2"])
        subscription.close()
