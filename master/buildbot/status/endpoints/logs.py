"""What logs hold: lines, found lines, and the whole as a stream of bytes."""

from __future__ import annotations

import attrs
from twisted.internet.defer import Deferred

from buildbot.db.connector import Database
from buildbot.db.logchunks import END, Lines, LogReader, readLines
from buildbot.errors import BadQuery, TooLarge
from buildbot.status.custom import EndpointCall
from buildbot.status.fieldtypes import parseText
from buildbot.status.sql.plan import Page, Record
from buildbot.status.streams import StreamHead

MOST_BYTES = 16 * 1024 * 1024
"""Of lines in one answer."""
MOST_FOUND = 1_000
"""Lines that one search gives."""
MOST_SEARCHED = 32 * 1024 * 1024
"""Bytes that one search looks through."""
TYPES = {"h": "text/html; charset=utf-8"}
PLAIN = "text/plain; charset=utf-8"
PREFIXED, DELETED = "s", "d"


def contents(call: EndpointCall) -> Page:
    """Lines by number, or those that hold a text."""
    log = call.required()
    offset, limit = call.number("offset") or 0, call.number("limit")
    if limit is not None and limit < 0:
        raise BadQuery(f"limit={limit}: a number from 0 is expected", parameter="limit")
    first = offset if offset >= 0 else max(0, log["num_lines"] + offset)
    search = call.text("search")
    if search is not None:
        return _search(call, log, first, limit, search)
    last = END if limit is None else first + limit - 1
    found, size, at = [], 0, first
    while (lines := _read(call, log, at, last)) is not None:
        found.append(lines.data)
        at, size = lines.last + 1, size + len(lines.data)
        if size > MOST_BYTES:
            raise TooLarge(
                f"{call.call.path}: more than {MOST_BYTES} bytes of lines; ask with a limit, or for …/raw",
                parameter="limit",
            )
    return Page([_record(log, first, b"".join(found), None)])


def _read(call: EndpointCall, log: Record, first: int, last: int) -> Lines | None:
    """Some lines from ``first`` on; None at the end, and of a log whose text was deleted."""
    if first > last or log["type"] == DELETED:
        return None
    read = readLines(call.reader, log["logid"], first, last)
    if read.broken is not None:
        raise read.broken
    return read.lines


def _record(log: Record, first: int, content: bytes, lines: list[int] | None) -> Record:
    text = content.decode("utf-8", "replace")
    return {"content": text, "firstline": first, "lines": lines, "logid": log["logid"]}


def _search(call: EndpointCall, log: Record, first: int, limit: int | None, text: str) -> Page:
    if not parseText("search", text) or "\n" in text:
        raise BadQuery("search: a text of one line is expected", parameter="search")
    wanted, most = text.encode(), min(MOST_FOUND, MOST_FOUND if limit is None else limit)
    skipped = 1 if log["type"] == PREFIXED else 0
    numbers: list[int] = []
    found: list[bytes] = []
    at, left, ended = first, MOST_SEARCHED, False
    while not ended and left > 0 and len(numbers) <= most:
        lines = _read(call, log, at, END)
        if lines is None:
            ended = True
            continue
        at, left = lines.last + 1, left - len(lines.data)
        if wanted not in lines.data:
            continue
        for number, line in enumerate(lines.data.split(b"\n")[:-1], lines.first):
            if wanted in line[skipped:]:
                numbers.append(number)
                found.append(line + b"\n")
    if len(numbers) > most:
        at, ended = numbers[most], False
    more = None if ended else (("offset", str(at)),)
    return Page([_record(log, first, b"".join(found[:most]), numbers[:most])], more=more)


@attrs.define
class LogStream:
    """A whole log."""

    head: StreamHead
    _reader: LogReader
    _heading: bytes

    def next(self) -> Deferred[bytes]:
        """The next piece; empty at the end."""
        return Deferred.fromCoroutine(self._next())

    async def _next(self) -> bytes:
        heading, self._heading = self._heading, b""
        return heading or await self._reader.next()


def raw(call: EndpointCall) -> LogStream:
    """To be saved as a file."""
    return _stream(call, saved=True)


def rawInline(call: EndpointCall) -> LogStream:
    """To be looked at."""
    return _stream(call, saved=False)


def _stream(call: EndpointCall, *, saved: bool) -> LogStream:
    log = call.required()
    step = call.related(f"steps/{log['stepid']}", [("expand", "build.builder,build.worker")])
    build = step.get("build") or {}
    builder, worker = build.get("builder") or {}, build.get("worker") or {}
    parts = (builder.get("name"), "build", build.get("number"), "step", step.get("name"), "log", log["slug"])
    name = "_".join(str(part) for part in parts if part is not None)
    head = StreamHead(TYPES.get(log["type"], PLAIN), name if saved else None)
    prefixed = log["type"] == PREFIXED
    known = (
        ("Builder", builder.get("name")),
        ("Build number", build.get("number")),
        ("Worker name", worker.get("name")),
    )
    heading = "".join(f"{what}: {value}\n" for what, value in known if value is not None) if prefixed else ""
    database: Database = call.database
    # A log whose text was deleted has no chunks, whatever it still says of its length.
    return LogStream(head, LogReader(database, log["logid"], strip=prefixed), heading.encode())
