"""``content=true``: the output of a step, line by line, each once, over every language."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from buildbot.errors import BadQuery, Forbidden
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.events import text
from buildbot.status.events.cursor import Cursor
from buildbot.status.principal import Principal
from buildbot.status.service import StatusService
from buildbot.test.status.events.logged import EPOCH, Row
from buildbot.test.www.eventclients import Connected


class ContentTests(Connected):
    """In the process."""

    async def setUp(self) -> None:  # type: ignore[override]  # trial takes a coroutine, too
        super().setUp()
        self.log, self.other = await self.service.getLogs(limit=2)
        self.writer.connection.execute("DELETE FROM logchunks")
        self.counts = {self.log.logid: 0, self.other.logid: 0}

    def append(self, log: Any, *lines: str) -> None:
        """Some lines come: a chunk, and an event."""
        first = self.counts[log.logid]
        last = self.counts[log.logid] = first + len(lines)
        content = "\n".join(lines).encode().hex()
        values = f"{log.logid}, {first}, {last - 1}, x'{content}', 0"
        sql = f"INSERT INTO logchunks (logid, first_line, last_line, content, compressed) VALUES ({values})"
        body = {"logid": log.logid, "first": first, "last": last - 1}
        self.writer.append(Row("logs", log.logid, "append", body, None, {"stepid": log.stepid}), sql=[sql])

    def tell(self) -> None:
        self.source.advance(self.writer.cursor)

    async def all(self, topic: Any, since: str, **query: Any) -> list[Any]:
        """What there is after a cursor."""
        subscription = await (await self.connect()).subscribe(topic, since=since, content=True, **query)
        found: list[Any] = []
        while subscription.cursor != str(self.writer.cursor):
            found += await subscription.next()
        subscription.close()
        return found

    @property
    def topic(self) -> str:
        return f"logs/{self.log.logid}/append"

    async def test_joined(self) -> None:
        """Several appends become one delivery, with the text of all of them; what comes later comes as it does."""
        start = str(self.writer.cursor)
        self.append(self.log, "o1", "e2")
        self.append(self.other, "oother")
        self.append(self.log, "oü")
        self.tell()
        [found] = await self.all(self.topic, start)
        self.assertEqual(found.extra, {"first": 0, "last": 2, "content": "o1\ne2\noü\n"})
        self.assertEqual((found.cursor, found.topic, found.record), (str(self.writer.cursor), self.topic, self.log))
        subscription = await (await self.connect()).subscribe(self.topic, content=True)
        self.append(self.log, "olater")
        self.tell()
        [found] = await subscription.next()
        self.assertEqual(found.extra, {"first": 3, "last": 3, "content": "olater\n"})
        subscription.close()

    async def test_order(self) -> None:
        """Of several logs, in the one order in which lines came; what is no append has no text."""
        start = str(self.writer.cursor)
        for name in "ab":
            self.append(self.log, f"o{name}1", f"o{name}2")
            self.append(self.other, f"o{name}3")
        self.writer.append(Row("logs", self.log.logid, "finished", self.log.asDict(), {}))
        self.tell()
        found = await self.all("logs/*/*", start)
        self.assertEqual(
            [(d.event, d.record.logid, d.extra.get("content")) for d in found],
            [
                ("append", self.log.logid, "oa1\noa2\n"),
                ("append", self.other.logid, "oa3\n"),
                ("append", self.log.logid, "ob1\nob2\n"),
                ("append", self.other.logid, "ob3\n"),
                ("finished", self.log.logid, None),
            ],
        )

    async def test_resumed(self) -> None:
        """Large output comes in pieces; from each of them it goes on with the next line, whatever is between."""
        self.patch(text, "EACH", 30)
        self.patch(text, "TOGETHER", 70)
        lines = [f"o{number:05}" for number in range(100)]
        start = str(self.writer.cursor)
        for at in range(0, 100, 20):
            self.append(self.other, f"oother{at}")
            self.append(self.log, *lines[at : at + 20])
        self.tell()
        wanted = "".join(f"{line}\n" for line in lines)
        for topic in (self.topic, "logs/*/append"):
            found = await self.all(topic, start)
            mine = [d for d in found if d.record.logid == self.log.logid]
            self.assertEqual("".join(d.extra["content"] for d in mine), wanted)
            self.assertLessEqual(max(len(d.extra["content"]) for d in found), 30)
            self.assertEqual([d.number for d in found], list(range(1, len(found) + 1)))
            self.assertTrue(any(Cursor.parse(d.cursor).line for d in found))
            for index, delivery in enumerate(found[:-1]):
                after = await self.all(topic, delivery.cursor)
                self.assertEqual(
                    "".join(d.extra["content"] for d in after), "".join(d.extra["content"] for d in found[index + 1 :])
                )

    async def test_long(self) -> None:
        """A line that is longer than a delivery may be is one by itself."""
        self.patch(text, "EACH", 30)
        start = str(self.writer.cursor)
        self.append(self.log, "o1", "o" + 100 * "x", "o2")
        self.tell()
        found = await self.all(self.topic, start)
        self.assertEqual([len(d.extra["content"]) for d in found], [3, 102, 3])

    async def test_missing(self) -> None:
        """Lines that are not there any more, or cannot be shown, are said to be missing, and the others come."""
        start = str(self.writer.cursor)
        self.append(self.log, "o1", "o2")
        self.append(self.log, "o3")
        self.append(self.log, "o4")
        self.append(self.other, "o5")
        execute = self.writer.connection.execute
        execute(f"UPDATE logchunks SET compressed = 77 WHERE logid = {self.log.logid} AND first_line = 2")
        execute(f"DELETE FROM logchunks WHERE logid = {self.other.logid}")
        self.tell()
        mine, other = await self.all("logs/*/append", start)
        self.assertEqual(mine.extra, {"first": 0, "last": 3, "content": "o1\no2\no4\n", "missing": True})
        self.assertEqual(other.extra, {"first": 0, "last": 0, "content": "", "missing": True})

    async def test_shared(self) -> None:
        """Those who ask for the same share what is read."""
        start = str(self.writer.cursor)
        self.append(self.log, "o1")
        self.tell()
        feed: Any = self.service.feed
        read, calls = feed._texts, []

        def counted(wanted: Any) -> Any:
            calls.append(wanted)
            return read(wanted)

        self.patch(feed, "_texts", counted)
        subscriptions = [await self.service.subscribe(self.topic, since=start, content=True) for _ in range(3)]
        for subscription in subscriptions:
            await subscription.next()
            subscription.close()
        self.assertEqual(calls, [{self.log.logid: (0, 0)}])

    async def test_wrong(self) -> None:
        """Where no event tells of lines, there is no content."""
        connection = await self.connect()
        for topic, query, words in (
            ("builds/*/*", {}, "have no content"),
            (["logs/*/*", "steps/*/*"], {}, "steps/*/*: the events of a step have no content"),
            ("logs/*/*", {"conflate": True}, "does not go with content"),
        ):
            error: Any = await self.assertFailure(connection.subscribe(topic, content=True, **query), BadQuery)
            self.assertIn(words, str(error))


class AllowedTests(Connected):
    def makeService(self) -> StatusService:
        def authorize(principal: Principal, verb: str, resource: type[Resource]) -> str:
            if resource.Plural == "logchunks":
                raise Forbidden("what logs hold is not for everybody")
            return "full"

        return StatusService(self.database, Catalogue(), events=self.source, logIsHere=True, authorize=authorize)

    async def test_forbidden(self) -> None:
        """Who may see logs, but not what they hold, gets no text."""
        await self.assertFailure(self.service.subscribe("logs/*/*", content=True), Forbidden)
        (await self.service.subscribe("logs/*/*")).close()


class HTTPContentTests(ContentTests):
    scheme = "http"

    async def test_others(self) -> None:
        """By WebSocket, and by polls."""
        start = str(self.writer.cursor)
        self.append(self.log, "o1")
        self.tell()
        found = await self.ask(f"/api/v2/{self.topic}?content=true&since={start}")
        self.assertEqual([change["content"] for change in found.json["changes"]], ["o1\n"])
        socket = await self.socket()
        await socket.say(cmd="startConsuming", path=self.topic, since=start, query={"content": True}, _id=1)
        self.assertEqual((await socket.frames.get())["content"], "o1\n")
        _, stream = await self.stream(f"/sse/{self.topic}?since={start}&content=true&form=change")
        await stream.next("handshake")
        self.assertEqual((await stream.next("change"))["content"], "o1\n")


class PBContentTests(ContentTests):
    scheme = "pb"


class CursorTests(SynchronousTestCase):
    def test_text(self) -> None:
        """A place within an event's lines is a cursor like others."""
        for given in (f"{EPOCH}.5", f"{EPOCH}.5.7"):
            self.assertEqual(str(Cursor.parse(given)), given)
        for given in (f"{EPOCH}.5.0", f"{EPOCH}.5.", f"{EPOCH}.5.x", f"{EPOCH}.5.7.1"):
            self.assertRaises(BadQuery, Cursor.parse, given)
