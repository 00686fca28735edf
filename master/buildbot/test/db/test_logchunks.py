"""Lines of a log from chunks of any size, in many short transactions."""

from __future__ import annotations

import random
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence

from sqlalchemy import insert
from twisted.internet import defer
from twisted.internet.defer import CancelledError

from buildbot.db import logchunks as module
from buildbot.db import schema
from buildbot.db.dialect import dialectOf
from buildbot.db.logchunks import END, Lines, LogReader, Read, Row, linesBetween, readLines
from buildbot.errors import Unprocessable
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, Writer
from buildbot.test.db.test_chunkcodec import COMPRESS


def line(number: int) -> str:
    return f"o{number} " + "ß" * (number % 7)


def text(first: int, last: int, strip: bool = False) -> bytes:
    return "".join(line(number)[strip:] + "\n" for number in range(first, last + 1)).encode()


def chunk(first: int, last: int, kind: int = 0) -> Row:
    return first, last, kind, COMPRESS[kind](text(first, last)[:-1])


def chunks(count: int, seed: int = 0, most: int = 40) -> Iterator[Row]:
    """Chunks of random sizes and kinds that hold ``count`` lines."""
    choose = random.Random(seed)
    first = 0
    while first < count:
        last = min(count, first + choose.randrange(1, most)) - 1
        yield chunk(first, last, choose.randrange(6))
        first = last + 1


class LinesBetweenTests(OnSQLite):
    def joined(self, rows: Sequence[Row], first: int, last: int, strip: bool = False) -> bytes:
        return b"".join(lines.data for lines in linesBetween(rows, first, last, strip=strip))

    def test_ranges(self) -> None:
        """Every range of lines is cut out of chunks exactly, with and without the prefix."""
        rows = list(chunks(60, most=9))
        for first in range(60):
            for last in range(first, 60):
                for strip in (False, True):
                    self.assertEqual(self.joined(rows, first, last, strip), text(first, last, strip))

    def test_gap(self) -> None:
        """Lines that no chunk holds are left out; what is given says which lines it is."""
        found = list(linesBetween([chunk(0, 3), chunk(6, 9)], 2, 7))
        self.assertEqual(found, [Lines(2, 3, text(2, 3)), Lines(6, 7, text(6, 7))])

    def test_overlap(self) -> None:
        """Lines that several chunks hold are given once."""
        rows = [chunk(0, 9), chunk(2, 4), chunk(5, 14), chunk(14, 14), chunk(14, 16)]
        self.assertEqual(self.joined(rows, 0, 99), text(0, 16))
        self.assertEqual(self.joined(rows, 8, 15), text(8, 15))

    def test_empty(self) -> None:
        """Empty lines are lines; a line without even its prefix stays empty."""
        rows: list[Row] = [(0, 2, 0, b"o\n\no")]
        self.assertEqual(self.joined(rows, 0, 2), b"o\n\no\n")
        self.assertEqual(self.joined(rows, 0, 2, True), b"\n\n\n")

    def test_fewerLines(self) -> None:
        """A chunk with fewer lines than it says has those it has."""
        rows: list[Row] = [(0, 5, 0, b"oa\nob"), chunk(6, 7)]
        self.assertEqual(self.joined(rows, 1, 7), b"ob\n" + text(6, 7))
        self.assertEqual(self.joined(rows, 4, 7), text(6, 7))

    def test_broken(self) -> None:
        """A chunk that cannot be decoded is named with its lines."""
        error = self.assertRaises(Unprocessable, list, linesBetween([(3, 4, 4, b"junk")], 0, 9, where="Log 5"))
        self.assertIn("Log 5 (lines 3 to 4)", str(error))
        self.assertEqual((error.extra["first_line"], error.extra["last_line"]), (3, 4))


class ReaderTests(DatabaseCase):
    LOG = 7
    dialect: str

    def setUp(self) -> None:
        self.url = self.newUrl(schema.metadata)
        self.writing = self.writer(self.url)
        self.addCleanup(self.writing.close)
        self.insert = dialectOf(self.dialect).compile(insert(schema.logchunks))
        self.db = self.open(self.url)

    def store(self, *rows: Row, log: int = LOG) -> None:
        for first, last, kind, content in rows:
            self.writing.execute(
                self.insert,
                {"logid": log, "first_line": first, "last_line": last, "compressed": kind, "content": content},
            )

    async def all(self, reader: LogReader) -> bytes:
        pieces: list[bytes] = []
        while piece := await reader.next():
            pieces.append(piece)
        return b"".join(pieces)

    async def test_whole(self) -> None:
        """A log of chunks of all kinds is read from its first to its last line, and no other log's."""
        self.store(*chunks(2000))
        self.store(chunk(0, 99), log=6)
        self.assertEqual(await self.all(LogReader(self.db, self.LOG)), text(0, 1999))
        self.assertEqual(await self.all(LogReader(self.db, self.LOG, strip=True)), text(0, 1999, True))

    async def test_ranges(self) -> None:
        """Any range is read exactly, in pieces of at most the size asked for, whatever a transaction may
        hold."""
        self.store(*chunks(500))
        choose = random.Random(1)
        for stored, decoded in ((100, 100), (2000, 500), (1 << 20, 1 << 20)):
            self.patch(module, "STORED", stored)
            self.patch(module, "DECODED", decoded)
            for _ in range(6):
                first, last = sorted(choose.sample(range(600), 2))
                reader = LogReader(self.db, self.LOG, first, last, pieceSize=300)
                pieces: list[bytes] = []
                while piece := await reader.next():
                    pieces.append(piece)
                self.assertLessEqual(max(map(len, pieces), default=0), 300)
                self.assertEqual(b"".join(pieces), text(first, min(last, 499)))

    async def test_nothing(self) -> None:
        """A log without chunks, one that does not exist, and a range past the end have no lines."""
        self.store(chunk(0, 9))
        for reader in (
            LogReader(self.db, 6),
            LogReader(self.db, 99),
            LogReader(self.db, self.LOG, 10),
            LogReader(self.db, self.LOG, 5, 4),
        ):
            self.assertEqual(await reader.next(), b"")
            self.assertEqual(await reader.next(), b"")

    async def test_appended(self) -> None:
        """What is appended while one reads is read too, also after the end was reached."""
        self.store(chunk(0, 9))
        reader = LogReader(self.db, self.LOG)
        self.assertEqual(await self.all(reader), text(0, 9))
        self.store(chunk(10, 19, 1), chunk(20, 20))
        self.assertEqual(await self.all(reader), text(10, 20))
        self.assertEqual(reader.line, 21)

    async def test_merged(self) -> None:
        """Chunks that are merged between two transactions lose and repeat nothing."""
        self.patch(module, "STORED", 1)
        self.store(*(chunk(10 * n, 10 * n + 9) for n in range(30)))
        reader = LogReader(self.db, self.LOG)
        data = b""
        for step in range(10):
            data += await reader.next()
            begin, end = 100 * (step % 3), 100 * (step % 3) + 99
            self.writing.execute(f"DELETE FROM logchunks WHERE first_line >= {begin} AND last_line <= {end}")
            self.store(chunk(begin, end, step % 6))
        self.assertEqual(data + await self.all(reader), text(0, 299))

    async def test_gaps(self) -> None:
        """Lines on both sides of a gap come apart, with their numbers."""
        self.store(chunk(0, 3), chunk(4, 5), chunk(9, 12))
        reader = LogReader(self.db, self.LOG, 1)
        self.assertEqual(await reader.nextLines(), Lines(1, 5, text(1, 5)))
        self.assertEqual(await reader.nextLines(), Lines(9, 12, text(9, 12)))
        self.assertIs(await reader.nextLines(), None)

    async def test_overlaps(self) -> None:
        """Chunks that overlap in any way give each line once, from any line on."""
        self.store(chunk(0, 29), *(chunk(n, n + 1) for n in range(3, 27)), chunk(25, 40), chunk(25, 33))
        for first in range(41):
            self.assertEqual(await self.all(LogReader(self.db, self.LOG, first)), text(first, 40))

    async def test_broken(self) -> None:
        """A chunk that cannot be shown fails once, with the log and the library in the message; then one can
        go on."""
        self.store(chunk(0, 9), (10, 19, 4, b"junk"), chunk(20, 29), (30, 39, 9, b"x"))
        reader = LogReader(self.db, self.LOG)
        self.assertEqual(await reader.next(), text(0, 9))
        error = await self.failure(defer.ensureDeferred(reader.next()), Unprocessable)
        self.assertIn("Log 7 (lines 10 to 19)", str(error))
        self.assertIn("zstd", str(error))
        self.assertEqual(await reader.next(), text(20, 29))
        await self.failure(defer.ensureDeferred(reader.next()), Unprocessable)
        self.assertEqual(await reader.next(), b"")

    async def test_cancel(self) -> None:
        """Cancelling a piece cancels its transaction; the next call tries again."""
        self.store(chunk(0, 9))
        reader = LogReader(self.db, self.LOG)
        reading = defer.ensureDeferred(reader.next())
        reading.cancel()
        await self.failure(reading, CancelledError)
        self.assertEqual(await reader.next(), text(0, 9))

    async def test_statements(self) -> None:
        """A piece takes one transaction of two statements, for 2 chunks and for 200."""
        self.store(*(chunk(n, n) for n in range(2)))
        self.store(*(chunk(n, n) for n in range(200)), log=6)
        for log, last in ((self.LOG, 1), (6, 199)):
            before = self.db.metrics.of("log", "large").runs
            reader = LogReader(self.db, log, 0, last)
            self.assertEqual(await reader.next(), text(0, last))
            self.assertEqual(await reader.next(), b"")
            self.assertEqual(self.db.metrics.of("log", "large").runs - before, 1)

    async def test_inSnapshot(self) -> None:
        """A few lines can be read within another transaction."""
        self.store(*chunks(500))
        read = await self.db.run("t", lambda snapshot: readLines(snapshot, self.LOG, 100, 119))
        self.assertEqual(read, Read(Lines(100, 119, text(100, 119)), 120))

    async def test_memory(self) -> None:
        """Reading a log of 100 MB needs no more memory than one of 10 MB."""
        lines = b"o" + b"\no".join(b"%08d %s" % (n, b"x" * 90) for n in range(1000))
        content = zlib.compress(lines, 1)
        peaks = []
        for count in (100, 1000):
            self.store(*((1000 * n, 1000 * n + 999, 1, content) for n in range(count)), log=self.LOG)
            reader = LogReader(self.db, self.LOG)
            size = 0
            tracemalloc.start()
            while piece := await reader.next():
                size += len(piece)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            self.assertEqual(size, count * (len(lines) + 1))
            self.writing.execute("DELETE FROM logchunks")
        self.assertLess(peaks[1], peaks[0] + (2 << 20))
        self.assertLess(peaks[1], 16 << 20)

    async def test_absurd(self) -> None:
        """A chunk that ends before it begins, and line numbers that no column can hold, do no harm."""
        self.store((5, 2, 0, b"oa"), chunk(6, 9))
        self.assertEqual(await self.all(LogReader(self.db, self.LOG, 0, 10**30)), b"oa\n" + text(6, 9))
        self.assertEqual(await self.all(LogReader(self.db, self.LOG, 10**30, 10**31)), b"")

    async def test_largest(self) -> None:
        """The largest line number there can be is read."""
        self.store(chunk(END - 1, END - 1))
        self.assertEqual(await self.all(LogReader(self.db, self.LOG)), text(END - 1, END - 1))


class SQLiteReaderTests(ReaderTests, OnSQLite):
    dialect = "sqlite"


class PostgreSQLReaderTests(ReaderTests, OnPostgreSQL):
    dialect = "postgresql"

    def writer(self, url: str) -> Writer:
        writer = super().writer(url)
        writer.execute("SET session_replication_role = replica")  # Chunks need no log here.
        return writer


del ReaderTests
