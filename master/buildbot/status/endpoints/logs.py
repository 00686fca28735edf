"""What logs hold: lines, found lines, and the whole as a stream of bytes."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from twisted.internet.defer import Deferred

from buildbot.db.connector import Database
from buildbot.db.logchunks import END, Lines, LogReader, readLines
from buildbot.errors import BadQuery, TooLarge, Unprocessable
from buildbot.status.custom import EndpointCall
from buildbot.status.fieldtypes import parseText
from buildbot.status.results import RESULTS
from buildbot.status.sql.plan import Page, Record
from buildbot.status.streams import StreamHead

MOST_BYTES = 16 * 1024 * 1024
"""Of lines in one answer."""
MOST_FOUND = 1_000
"""Lines that one search gives."""
MOST_TEXTS = 20
"""That one search looks for."""
MOST_SEARCHED = 32 * 1024 * 1024
"""Bytes that one search looks through."""
TAIL, MOST_TAIL = 40, 200
"""Lines of the end of a log."""
MOST_TAILS = 20
MOST_TAIL_BYTES = 256 * 1024
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
    if search := call.texts("search"):
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


def _search(call: EndpointCall, log: Record, first: int, limit: int | None, texts: Sequence[str]) -> Page:
    if any(not parseText("search", text) or "\n" in text for text in texts):
        raise BadQuery("search: a text of one line is expected", parameter="search")
    if len(texts) > MOST_TEXTS:
        raise BadQuery(f"search: at most {MOST_TEXTS} texts, not {len(texts)}", parameter="search")
    wanted, most = [text.encode() for text in texts], min(MOST_FOUND, MOST_FOUND if limit is None else limit)
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
        here = [text for text in wanted if text in lines.data]
        if not here:
            continue
        for number, line in enumerate(lines.data.split(b"\n")[:-1], lines.first):
            if any(text in line[skipped:] for text in here):
                numbers.append(number)
                found.append(line + b"\n")
    if len(numbers) > most:
        at, ended = numbers[most], False
    more = None if ended else (("offset", str(at)),)
    return Page([_record(log, first, b"".join(found[:most]), numbers[:most])], more=more)


def tails(call: EndpointCall) -> Page:
    """The ends of what the failed steps of a build wrote."""
    buildid = call.required()["buildid"]
    given = call.number("lines")
    lines = TAIL if given is None else given
    if not 0 <= lines <= MOST_TAIL:
        raise BadQuery(f"lines={lines}: a number from 0 to {MOST_TAIL} is expected", parameter="lines")
    query = [
        *(("results", str(RESULTS.index(bad))) for bad in ("failure", "exception")),
        ("order", "number"),
        ("expand", "logs"),
    ]
    steps = call.again(f"builds/{buildid}/steps", query).records
    logs = [log for step in steps for log in step["logs"]][:MOST_TAILS]
    return Page([_tail(call, log, lines) for log in logs])


def _tail(call: EndpointCall, log: Record, count: int) -> Record:
    """Its last lines, as many as go into MOST_TAIL_BYTES; none of what cannot be decoded."""
    first, found = max(0, log["num_lines"] - count), b""
    at = first
    try:
        while (read := _read(call, log, at, END)) is not None:
            at, found = read.last + 1, found + read.data
            while len(found) > MOST_TAIL_BYTES:
                first, found = first + 1, found[found.index(b"\n") + 1 :]
    except Unprocessable:
        first, found = log["num_lines"], b""
    return _record(log, first, found, None)


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
