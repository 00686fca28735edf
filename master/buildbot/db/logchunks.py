"""Reading the lines of a log from its chunks, of any size and kind, in many short transactions.
 Lines are numbered from 0; ranges include both ends. A chunk holds the lines ``first_line`` to ``last_line``,
joined by newlines. Chunks may leave gaps and may overlap; each line is given once, from the chunk that begins
first. They may be merged to larger ones between two transactions, so a place in a log is always a line, never
a chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast

import attrs
from sqlalchemy import Integer, Select, bindparam, func, select, union_all

from buildbot.db.chunkcodec import decode
from buildbot.db.connector import Database, Snapshot
from buildbot.db.dialect import dialectOf
from buildbot.db.schema import logchunks
from buildbot.errors import Unprocessable

STORED = 256 * 1024
"""Bytes of stored content that one transaction reads, or one chunk if that is larger."""
DECODED = 1024 * 1024
"""Bytes of lines after which a transaction decodes no further chunk."""
LOOKED_AT = 512
"""Chunks that one transaction looks at, to choose those that it reads."""
OVERLAPPING = 16
"""Chunks that end at or after a line, of which the one that begins first is where reading from that line
begins."""
END = 2**31 - 1
"""A line number that no line has: the largest that a column can hold."""

Row = tuple[int, int, int, bytes | None]
"""One chunk: first_line, last_line, compressed, content."""


@attrs.frozen
class Lines:
    """Successive lines, each with its newline at the end."""

    first: int
    last: int
    data: bytes


@attrs.frozen
class Read:
    """What one transaction found from a line on."""

    lines: Lines | None
    next: int
    """The line to go on from."""
    broken: Unprocessable | None = None
    """Why the chunk that ends before ``next`` cannot be shown; there are no ``lines`` then."""


def linesBetween(
    rows: Iterable[Row], first: int, last: int, *, strip: bool = False, where: str = "This log"
) -> Iterator[Lines]:
    """The lines from ``first`` to ``last`` of chunks that are sorted by first_line; ``strip`` takes the first
    character off each line, which in logs of type ``s`` says what kind of output it is.

    Raises Unprocessable for a chunk that cannot be decoded; its ``extra`` has that chunk's ``first_line`` and
    ``last_line``.
    """
    at = first
    for firstLine, lastLine, compressed, content in rows:
        lastLine = max(firstLine, lastLine)
        if lastLine < at or firstLine > last:
            continue
        text = _decoded(firstLine, lastLine, compressed, content, where)
        begin, end = max(at, firstLine), min(last, lastLine)
        yield Lines(begin, end, _cut(text, begin - firstLine, end - firstLine, lastLine - firstLine, strip))
        at = end + 1


def _decoded(first: int, last: int, compressed: int, content: bytes | None, where: str) -> bytes:
    try:
        return decode(compressed, content, f"{where} (lines {first} to {last})")
    except Unprocessable as error:
        error.extra.update(first_line=first, last_line=last)
        raise


def _cut(text: bytes, begin: int, end: int, highest: int, strip: bool) -> bytes:
    """The lines with the indexes ``begin`` to ``end`` of a chunk whose last line has the index
    ``highest``."""
    if begin == 0 and end == highest and not strip:
        return text + b"\n"
    lines = text.split(b"\n", end + 1)
    if begin == 0 and not strip and len(lines) == end + 2:
        return text[: len(text) - len(lines[-1])]
    lines = lines[begin : end + 1]
    if strip:
        lines = [line[1:] for line in lines]
    return b"".join((b"\n".join(lines), b"\n")) if lines else b""


@attrs.frozen
class Statements:
    """Of one dialect; see :func:`statements`."""

    sizes: str
    """first_line and stored size of the chunks with lines from :first to :last, by first_line, at most
    LOOKED_AT."""
    contents: str
    """The rows of the chunks whose first_line is from :first to :last, by first_line."""


@cache
def statements(dialect: str) -> Statements:
    """The statements that read chunks, compiled once for each dialect, ``"sqlite"`` or ``"postgresql"``."""
    compile = dialectOf(dialect).compile
    return Statements(compile(_sizes()), compile(_contents()))


def _sizes() -> Select[Any]:
    # Each part walks one of the table's two indexes, which gives both its range and its order however long
    # the log is; "+ 0" keeps the other index out of the outer one.
    log, first, last = (bindparam(name, type_=Integer) for name in ("logid", "first", "last"))
    chunk = logchunks.c
    ours = select(chunk.first_line, chunk.last_line).where(chunk.logid == log)
    ending = ours.where(chunk.last_line >= first).order_by(chunk.last_line).limit(OVERLAPPING).subquery()
    beginning = ours.where(chunk.first_line <= first).order_by(chunk.first_line.desc()).limit(OVERLAPPING).subquery()
    near = union_all(
        select(ending.c.first_line), select(beginning.c.first_line).where(beginning.c.last_line >= first)
    ).subquery()
    begin = select(func.min(near.c.first_line)).scalar_subquery()
    return (
        select(chunk.first_line, func.length(chunk.content))
        .where(chunk.logid == log, chunk.first_line >= begin, chunk.first_line <= last)
        .where(chunk.last_line + 0 >= first)
        .order_by(chunk.first_line)
        .limit(LOOKED_AT)
    )


def _contents() -> Select[Any]:
    log, first, last = (bindparam(name, type_=Integer) for name in ("logid", "first", "last"))
    columns = (logchunks.c.first_line, logchunks.c.last_line, logchunks.c.compressed, logchunks.c.content)
    return (
        select(*columns)
        .where(logchunks.c.logid == log, logchunks.c.first_line >= first, logchunks.c.first_line <= last)
        .order_by(logchunks.c.first_line, logchunks.c.last_line.desc())
    )


def readLines(snapshot: Snapshot, logid: int, first: int, last: int = END, *, strip: bool = False) -> Read:
    """Lines of a log from ``first`` to ``last``, without a gap between them: as many as one transaction may
    read, at least those of one chunk, if there is one."""
    compiled = statements(snapshot.dialect)
    first, last = min(first, END), min(last, END)
    sizes = snapshot.rows(compiled.sizes, {"logid": logid, "first": first, "last": last})
    if not sizes:
        return Read(None, first)
    values = {"logid": logid, "first": sizes[0][0], "last": _affordable(sizes)}
    rows = cast("list[Row]", snapshot.rows(compiled.contents, values))
    found: list[Lines] = []
    size = 0
    try:
        for lines in linesBetween(rows, first, last, strip=strip, where=f"Log {logid}"):
            snapshot.check()
            if found and lines.first > found[-1].last + 1:
                break
            found.append(lines)
            size += len(lines.data)
            if size >= DECODED:
                break
    except Unprocessable as error:
        if not found:
            return Read(None, error.extra["last_line"] + 1, broken=error)
    joined = Lines(found[0].first, found[-1].last, b"".join(lines.data for lines in found))
    return Read(joined, joined.last + 1)


def _affordable(sizes: list[tuple[Any, ...]]) -> int:
    """The first_line of the last chunk that is read together with the first one."""
    total = 0
    chosen = int(sizes[0][0])
    for firstLine, size in sizes:
        total += size or 0
        if total > STORED:
            break
        chosen = int(firstLine)
    return chosen


class LogReader:
    """Successive pieces of a log, each from a short transaction of its own, so that neither memory nor a
    transaction grows with the log. What is appended meanwhile is part of it; at its end it may be asked again
    later.

    Use either :meth:`next` or :meth:`nextLines`. One call at a time; cancelling it cancels the transaction.
    """

    def __init__(
        self,
        db: Database,
        logid: int,
        first: int = 0,
        last: int = END,
        *,
        strip: bool = False,
        pieceSize: int = 256 * 1024,
        lane: str = "large",
    ) -> None:
        """The lines ``first`` to ``last``; ``strip`` takes the prefix off the lines of a log of type
        ``s``."""
        self.line = first
        """The line that is read next."""
        self._db = db
        self._logid = logid
        self._last = last
        self._strip = strip
        self._pieceSize = pieceSize
        self._lane = lane
        self._rest = memoryview(b"")

    async def next(self) -> bytes:
        """The next piece, of at most ``pieceSize`` bytes; empty at the end.

        Fails as :meth:`nextLines` does.
        """
        while not self._rest:
            lines = await self.nextLines()
            if lines is None:
                return b""
            self._rest = memoryview(lines.data)
        piece, self._rest = self._rest[: self._pieceSize], self._rest[self._pieceSize :]
        return bytes(piece)

    async def nextLines(self) -> Lines | None:
        """The next lines, without a gap between them; None at the end.

        Fails with Unprocessable for a chunk that cannot be shown, whose ``first_line`` and ``last_line`` are
        in its
        ``extra``; the next call goes on behind it. Otherwise with what :meth:`Database.run` fails with; the
        next call tries again.
        """
        if self.line > self._last:
            return None
        read = await self._db.run("log", self._read, lane=self._lane)
        self.line = read.next
        if read.broken is not None:
            raise read.broken
        return read.lines

    def _read(self, snapshot: Snapshot) -> Read:
        return readLines(snapshot, self._logid, self.line, self._last, strip=self._strip)
