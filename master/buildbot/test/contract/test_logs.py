"""What logs hold, by line and as a whole."""

from __future__ import annotations

import resource
import zlib
from typing import Any

from sqlalchemy import insert, select, update
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Protocol
from twisted.web.client import Agent

from buildbot.db import schema
from buildbot.errors import BadQuery, NotAvailable, NotFound, TooLarge, Unprocessable
from buildbot.test.db.databases import DatabaseCase, reactor
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

from .cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite, engineOf

MEGABYTE = 1024 * 1024
LINE = b"o" + b"x" * 1022


class LogCase(DatabaseCase):
    """Puts logs of its own into a database."""

    def add(self, url: str, type_: str, chunks: list[tuple[int, int, int, bytes]], num_lines: int) -> int:
        """A new log with chunks (first_line, last_line, compressed, content); its id."""
        engine = engineOf(url)
        with engine.begin() as connection:
            taken = connection.execute(select(schema.logs.c.id).order_by(schema.logs.c.id.desc())).first()
            logid = (taken[0] if taken else 0) + 1
            values = {"id": logid, "name": "mine", "slug": f"mine{logid}", "stepid": 1, "complete": 1, "type": type_}
            connection.execute(insert(schema.logs).values(num_lines=num_lines, **values))
            columns = ("first_line", "last_line", "compressed", "content")
            rows = [{"logid": logid, **dict(zip(columns, chunk, strict=True))} for chunk in chunks]
            connection.execute(insert(schema.logchunks), rows)
        engine.dispose()
        return logid


class LogTests(ContractCase, LogCase):
    """On a log of type s, of 30 lines in three chunks of different kinds."""

    def setUp(self) -> None:
        self.url = self.filledUrl()
        texts = [f"o{number} é" if number % 7 else f"ewarning {number}" for number in range(30)]
        self.lines = [text.encode() for text in texts]
        joined = [b"\n".join(self.lines[start : start + 10]) for start in (0, 10, 20)]
        kinds = [(0, joined[0]), (1, zlib.compress(joined[1])), (0, joined[2])]
        chunks = [(at * 10, at * 10 + 9, kind, content) for at, (kind, content) in enumerate(kinds)]
        self.logid = self.add(self.url, "s", chunks, 30)
        self.service = self.serve(self.url)

    async def contents(self, **query: Any) -> Any:
        """The record of the log's contents."""
        return (await self.service.get(f"logs/{self.logid}/contents", query)).one

    def text(self, first: int, last: int) -> str:
        """Lines, both ends included, as they are answered."""
        return b"".join(line + b"\n" for line in self.lines[first : last + 1]).decode()

    async def test_linesAreNumberedFromZero(self) -> None:
        """``limit`` lines from ``offset``, across chunks; each with its line end and prefix; all without a limit."""
        self.assertEqual((await self.contents()).content, self.text(0, 29))
        self.assertEqual((await self.contents(offset=8, limit=5)).content, self.text(8, 12))
        record = await self.contents(offset=25)
        self.assertEqual((record.content, record.firstline, record.logid), (self.text(25, 29), 25, self.logid))

    async def test_aNegativeOffsetCountsFromTheEnd(self) -> None:
        """The last lines, and all of a log that is shorter."""
        record = await self.contents(offset=-3)
        self.assertEqual((record.content, record.firstline), (self.text(27, 29), 27))
        self.assertEqual((await self.contents(offset=-3, limit=1)).content, self.text(27, 27))
        self.assertEqual((await self.contents(offset=-300, limit=1)).content, self.text(0, 0))

    async def test_anEmptyRangeIsEmpty(self) -> None:
        """No lines are asked for, or there are none there."""
        self.assertEqual((await self.contents(limit=0)).content, "")
        self.assertEqual((await self.contents(offset=30)).content, "")
        self.assertEqual((await self.contents(offset=99, limit=5)).content, "")

    async def test_aSearchGivesLinesAndTheirNumbers(self) -> None:
        """It looks at the text without its prefix, and goes on where it stopped."""
        record = await self.contents(search="warning 2")
        self.assertEqual((record.lines, record.content), ((21, 28), "ewarning 21\newarning 28\n"))
        self.assertEqual((await self.contents(search="ewarning")).lines, ())
        answer = await self.service.get(f"logs/{self.logid}/contents", search="warning", limit=2)
        self.assertEqual(answer.one.asDict()["lines"], [0, 7])
        self.assertIn("offset=14", answer.meta["next"])

    async def test_aSearchForSeveralGivesLinesWithAnyOfThem(self) -> None:
        """Each line once, in the order of the log."""
        record = await self.contents(search=["warning 2", "9 ", "2"])
        self.assertEqual(record.lines, (2, 9, 12, 19, *range(20, 30)))

    async def test_aBuildTellsTheEndsOfWhatItsFailedStepsWrote(self) -> None:
        """Whatever one address of the build; nothing of steps that went well."""
        engine = engineOf(self.url)
        with engine.begin() as connection:
            connection.execute(update(schema.steps).values(results=0))
            step = schema.steps.c.id == 1
            connection.execute(update(schema.steps).where(step).values(results=2))
            buildid = connection.execute(select(schema.steps.c.buildid).where(step)).scalar_one()
        record = await self.tail(buildid, lines=3)
        self.assertEqual((record.content, record.firstline), (self.text(27, 29), 27))
        self.assertEqual((await self.tail(buildid)).content, self.text(0, 29))
        with engine.begin() as connection:
            connection.execute(update(schema.steps).values(results=0))
        self.assertEqual((await self.service.get(f"builds/{buildid}/log_tails")).records, ())
        engine.dispose()
        for lines in (-1, 201):
            await self.failure(self.service.get(f"builds/{buildid}/log_tails", lines=lines), BadQuery)

    async def tail(self, buildid: int, **query: Any) -> Any:
        """Of the log that was added."""
        answer = await self.service.get(f"builds/{buildid}/log_tails", query)
        return next(record for record in answer.records if record.asDict()["logid"] == self.logid)

    async def test_aTailIsShortWhateverALineHolds(self) -> None:
        """Only the last lines that are not too much together; nothing of what cannot be decoded."""
        long, other = b"o" + b"x" * 200_000, b"o" + b"y" * 200_000
        engine = engineOf(self.url)
        for chunks, expected in (
            ([(0, 1, 0, long + b"\n" + other)], (other.decode() + "\n", 1)),
            ([(0, 0, 0, b"o" + b"x" * 300_000)], ("", 1)),
            ([(0, 0, 99, b"?")], ("", 1)),
        ):
            logid = self.add(self.url, "s", chunks, chunks[-1][1] + 1)
            with engine.begin() as connection:
                step = schema.steps.c.id == 1
                connection.execute(update(schema.steps).where(step).values(results=4))
                buildid = connection.execute(select(schema.steps.c.buildid).where(step)).scalar_one()
            found = (await self.service.get(f"builds/{buildid}/log_tails")).records
            record: Any = next(record for record in found if record.asDict()["logid"] == logid)
            self.assertEqual((record.content, record.firstline), expected)
        engine.dispose()

    async def test_badParametersAreRefused(self) -> None:
        """With the parameter's name."""
        for query in ({"limit": -1}, {"limit": "x"}, {"search": ""}, {"search": "a\nb"}, {"x": 1}):
            error = await self.failure(self.service.get(f"logs/{self.logid}/contents", query), BadQuery)
            self.assertIn(next(iter(query)), str(error))
        await self.failure(self.service.get("logs/999999/contents", limit=1), NotFound)

    async def test_theWholeLogIsAStream(self) -> None:
        """After a heading, its lines without their prefix; get() says that it is none of its own."""
        await self.failure(self.service.get(f"logs/{self.logid}/raw"), NotAvailable)
        await self.failure(self.service.open("logs/999999/raw"), NotFound)
        stream = await self.service.open(f"logs/{self.logid}/raw")
        data = b""
        while piece := await stream.next():
            data += piece
        self.assertTrue(data.startswith(b"Builder: "), data[:50])
        self.assertTrue(data.endswith(b"".join(line[1:] + b"\n" for line in self.lines)))
        self.assertTrue(str(stream.head.filename).endswith(f"_log_mine{self.logid}"))
        inline = await self.service.open(f"logs/{self.logid}/raw_inline")
        self.assertIsNone(inline.head.filename)

    async def test_whatCannotBeShownIsReported(self) -> None:
        """An unknown kind of compression names the log; the rest of the server does not care."""
        logid = self.add(self.url, "t", [(0, 0, 99, b"?")], 1)
        error = await self.failure(self.service.get(f"logs/{logid}/contents"), Unprocessable)
        self.assertIn(str(logid), str(error))

    async def test_aLogThatIsTooLongForOneAnswerSaysSo(self) -> None:
        """Its parts can be had, and its stream."""
        chunk = zlib.compress(b"\n".join([LINE] * 1024))
        logid = self.add(self.url, "s", [(n * 1024, n * 1024 + 1023, 1, chunk) for n in range(20)], 20 * 1024)
        error = await self.failure(self.service.get(f"logs/{logid}/contents"), TooLarge)
        self.assertIn("raw", str(error))
        record: Any = (await self.service.get(f"logs/{logid}/contents", offset=-2)).one
        self.assertEqual(len(record.content), 2 * len(LINE) + 2)


class OnSQLite(LogTests, ContractOnSQLite):
    """On SQLite."""


class OnPostgreSQL(LogTests, ContractOnPostgreSQL):
    """On PostgreSQL."""


class HugeLogTests(ContractOnSQLite, LogCase):
    """A log of a gigabyte, over HTTP."""

    async def test_memoryDoesNotGrow(self) -> None:
        """It goes out whole, and at its end the process is hardly larger than at its start."""
        url = self.filledUrl()
        chunk = zlib.compress(b"\n".join([LINE] * 1024))
        logid = self.add(url, "s", [(n * 1024, n * 1024 + 1023, 1, chunk) for n in range(1024)], 1024 * 1024)
        site = StatusSite(self.serve(url), WebSettings(), reactor=reactor)
        port = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(site)
        self.addCleanup(port.stopListening)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        address = f"http://127.0.0.1:{port.getHost().port}/api/v2/logs/{logid}/raw_inline"
        response: Any = await Agent(reactor).request(b"GET", address.encode())
        counter = Counter()
        response.deliverBody(counter)
        self.assertGreater(await counter.ended, 1023 * MEGABYTE)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 50 * 1024)


class Counter(Protocol):
    """Counts what it receives."""

    def __init__(self) -> None:
        self.count = 0
        self.ended: Deferred[int] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.count += len(data)

    def connectionLost(self, reason: Any = None) -> None:
        self.ended.callback(self.count)


del LogTests
