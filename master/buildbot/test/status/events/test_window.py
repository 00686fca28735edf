"""``conflate=true``: after an absence each thing once, as it is now; over every language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import simplejson

from buildbot.status.events import feed
from buildbot.test.status.events.logged import Row
from buildbot.test.www.eventclients import Connected


class ConflateTests(Connected):
    """In the process."""

    async def builds(self, count: int) -> Sequence[dict[str, Any]]:
        """Some builds, as records."""
        return [build.asDict() for build in await self.service.get("builds", limit=count)]

    async def all(self, since: str, topic: Any = "builds/*/*", **query: Any) -> list[Any]:
        """What there is after a cursor."""
        connection = await self.connect()
        subscription = await connection.subscribe(topic, since=since, conflate=True, **query)
        found: list[Any] = []
        while subscription.cursor != str(self.writer.cursor):
            found += await subscription.next()
        self.assertEqual([delivery.number for delivery in found], list(range(1, len(found) + 1)))
        subscription.close()
        return found

    def happen(self, build: dict[str, Any], event: str = "update", **changes: Any) -> None:
        """Something happens to a build, of which there is only an event."""
        changed = {name: build[name] for name in changes}
        build.update(changes)
        self.writer.append(Row("builds", build["buildid"], event, dict(build), None if event == "new" else changed))

    async def test_newest(self) -> None:
        """Over many reads of the log: each once, its newest record, in the order of the newest events, and of what has
        changed the oldest value."""
        self.patch(feed, "LIMIT", 3)
        one, two, three = await self.builds(3)
        start = str(self.writer.cursor)
        before = [each["state_string"] for each in (one, two, three)]
        for number in range(700):
            self.happen((one, two, three)[number % 3], state_string=str(number))
        self.happen(one, results=77)
        self.happen(two, "finished", results=one["results"])
        self.source.advance(self.writer.cursor)
        found = await self.all(start)
        self.assertEqual([d.record.asDict() for d in found], [three, one, two])
        self.assertEqual([d.event for d in found], ["update", "update", "finished"])
        self.assertEqual([d.changed["state_string"] for d in found], [before[2], before[0], before[1]])
        self.assertIn("results", found[1].changed)
        self.assertEqual([d.cursor for d in found], [start, start, str(self.writer.cursor)])

    async def test_back(self) -> None:
        """A field that is what it was has not changed."""
        [one] = await self.builds(1)
        start, text = str(self.writer.cursor), one["state_string"]
        self.happen(one, state_string="other")
        self.happen(one, state_string=text, number=one["number"])
        self.source.advance(self.writer.cursor)
        [found] = await self.all(start)
        self.assertEqual(found.changed, {})

    async def test_left(self) -> None:
        """With a filter: what met it at the beginning and does not at the end has left; what met it in between alone is
        nobody's business; what is new has left nothing."""
        left, between, came, new = await self.builds(4)
        for build, results in ((left, 2), (between, 0), (came, 0), (new, 0)):
            build["results"] = results
        start = str(self.writer.cursor)
        for build, values in ((left, (1, 0)), (between, (2, 1)), (came, (1, 2))):
            for value in values:
                self.happen(build, results=value)
        self.happen(new, "new", results=2)
        self.happen(new, results=0)
        self.source.advance(self.writer.cursor)
        found = await self.all(start, results=2)
        self.assertEqual(
            [(d.record.buildid, d.left) for d in found], [(left["buildid"], True), (came["buildid"], False)]
        )
        self.assertEqual(found[0].changed, {"results": 2})

    async def test_new(self) -> None:
        """What is new stays new."""
        [one] = await self.builds(1)
        start = str(self.writer.cursor)
        self.happen(one, "new")
        self.happen(one, state_string="x")
        self.source.advance(self.writer.cursor)
        [found] = await self.all(start)
        self.assertEqual((found.event, found.changed, found.record.state_string), ("update", None, "x"))

    async def test_partial(self) -> None:
        """Lines of a log, and properties, are told together."""
        [log] = await self.service.getLogs(limit=1)
        [build] = await self.builds(1)
        start = str(self.writer.cursor)
        for first, last in ((0, 4), (5, 9)):
            body: dict[str, Any] = {"logid": log.logid, "first": first, "last": last}
            self.writer.append(Row("logs", log.logid, "append", body, None, {"stepid": log.stepid}))
            body = {f"p{first}": [first, "x"], "same": [last, "x"]}
            owner = {"buildid": build["buildid"]}
            self.writer.append(Row("properties", build["buildid"], "update", body, None, owner))
        self.source.advance(self.writer.cursor)
        lines, properties = await self.all(start, ["logs/*/append", "builds/*/properties/update"])
        self.assertEqual((lines.extra, lines.record), ({"first": 0, "last": 9}, log))
        self.assertEqual(properties.record.asDict(), {"p0": [0, "x"], "p5": [5, "x"], "same": [9, "x"]})

    async def test_again(self) -> None:
        """Whoever stops in the middle and goes on there misses nothing."""
        self.patch(feed, "LIMIT", 2)
        builds = await self.builds(5)
        start = str(self.writer.cursor)
        for number in range(3):
            for build in builds:
                self.happen(build, state_string=str(number))
        self.source.advance(self.writer.cursor)
        found = await self.all(start)
        again = await self.all(found[1].cursor)
        self.assertEqual([d.record for d in again], [d.record for d in found])

    async def test_bounded(self) -> None:
        """More things than are kept together come in several stretches."""
        self.patch(feed, "MOST", 2)
        builds = await self.builds(5)
        start = str(self.writer.cursor)
        rows = [Row("builds", build["buildid"], "update", dict(build), {}) for build in builds for _ in range(500)]
        self.write(*rows)
        found = await self.all(start)
        self.assertEqual([d.record.asDict() for d in found], builds)
        self.assertNotIn(found[2].cursor, (start, str(self.writer.cursor)))

    async def test_live(self) -> None:
        """What happens later comes as it happens."""
        connection = await self.connect()
        subscription = await connection.subscribe("builds/*/*", conflate=True)
        build = await self.first()
        for text in ("1", "2"):
            await self.build(build.buildid, "update", state_string=text)
            [delivery] = await subscription.next()
            self.assertEqual((delivery.record.state_string, delivery.cursor), (text, str(self.writer.cursor)))
        subscription.close()


class HTTPConflateTests(ConflateTests):
    scheme = "http"

    async def test_poll(self) -> None:
        """A poll has all of it at once, so that the next goes on after it; a stream's rows are asked for without it."""
        self.patch(feed, "LIMIT", 2)
        builds = await self.builds(5)
        start = str(self.writer.cursor)
        for number in range(3):
            for build in builds:
                self.happen(build, state_string=str(number))
        self.source.advance(self.writer.cursor)
        answer = (await self.ask(f"/api/v2/builds?conflate=true&since={start}")).json
        self.assertEqual([change["record"] for change in answer["changes"]], builds)
        self.assertEqual((await self.ask(f"/api/v2/{answer['meta']['next']}")).json["changes"], [])
        _, stream = await self.stream("/api/v2/builds?conflate=true&limit=1", Accept="text/event-stream")
        await stream.next("record")
        self.assertEqual((await stream.next("synced"))["cursor"], str(self.writer.cursor))

    async def test_socket(self) -> None:
        """By WebSocket."""
        [one] = await self.builds(1)
        start = str(self.writer.cursor)
        for number in range(3):
            self.happen(one, state_string=str(number))
        self.source.advance(self.writer.cursor)
        socket = await self.socket()
        frame = {"cmd": "startConsuming", "path": "builds/*/*", "since": start, "cursors": True, "_id": 1}
        await socket.say(**frame, query={"conflate": True})
        found = await socket.frames.get()
        self.assertEqual(
            (found["m"], found["cursor"]), (simplejson.loads(simplejson.dumps(one)), str(self.writer.cursor))
        )


class PBConflateTests(ConflateTests):
    scheme = "pb"
