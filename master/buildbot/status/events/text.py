"""The text that events tell of: lines of logs, read for all events of a piece together (``content=true``).

Appends to a log that follow each other become one delivery. A delivery holds some 64 KiB at most, so an append may
become several; between them a cursor says how many lines there were already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from buildbot.db.connector import Snapshot
from buildbot.db.logchunks import Lines, readLines
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import History
from buildbot.status.events.selection import Change

EACH = 64 * 1024
"""Bytes of lines in one delivery, or one line, if that is longer."""
TOGETHER = 256 * 1024
"""Bytes of lines that are read for a piece, or one chunk of a log, if that is larger; then it ends."""
Range = tuple[int, int]
"""The first and the last line, from 0."""


@attrs.frozen
class Text:
    """What there is of a range of lines."""

    found: Sequence[Lines]
    """Not those that are not there any more, or cannot be decoded."""
    until: int
    """The first line that was not looked for."""

    def lines(self, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """Those that there are, with their numbers."""
        for some in self.found:
            if some.last >= first and some.first <= last:
                for number, line in enumerate(some.data.split(b"\n")[:-1], some.first):
                    if first <= number <= last:
                        yield number, line + b"\n"


def readTexts(snapshot: Snapshot, ranges: Mapping[int, Range]) -> Mapping[int, Text]:
    """In a thread: of each log, by its key, as much as there is room for."""
    left = TOGETHER
    found = {}
    for key, (first, last) in ranges.items():
        lines: list[Lines] = []
        at = first
        while at <= last and left > 0:
            read = readLines(snapshot, key, at, last)
            at = last + 1 if read.lines is None and read.broken is None else read.next
            if read.lines is not None:
                lines.append(read.lines)
                left -= len(read.lines.data)
        found[key] = Text(lines, at)
    return found


@attrs.frozen
class _Append:
    """An append, and what of it is wanted."""

    change: Change
    first: int
    last: int


def _appends(changes: Sequence[Change], after: Cursor) -> Iterator[Sequence[_Append] | Change]:
    """Appends to one log that follow each other, together; and what else there is."""
    run: list[_Append] = []
    for change in changes:
        if change.event.event != change.resource.Text.partition(":")[0]:
            if run:
                yield run
            run = []
            yield change
            continue
        first, last = change.extra["first"], change.extra["last"]
        isBegun = change.event.seq == after.seq + 1 and first < after.line <= last
        append = _Append(change, after.line if isBegun else first, last)
        if run and not (run[-1].change.event.key == change.event.key and run[-1].last + 1 == append.first):
            yield run
            run = []
        run.append(append)
    if run:
        yield run


def ranges(changes: Sequence[Change], after: Cursor) -> Mapping[int, Range]:
    """The lines that are wanted of each log."""
    found: dict[int, Range] = {}
    for run in _appends(changes, after):
        if not isinstance(run, Change):
            key, first, last = run[0].change.event.key, run[0].first, run[-1].last
            known = found.get(key, (first, last))
            found[key] = min(known[0], first), max(known[1], last)
    return found


def withText(
    changes: Sequence[Change], after: Cursor, texts: Mapping[int, Text], history: History
) -> tuple[Sequence[Change], Cursor | None]:
    """The changes with the text of their lines, and where to go on, if that is before their end."""
    told: list[Change] = []
    size = 0
    for run in _appends(changes, after):
        if isinstance(run, Change):
            told.append(run)
            continue
        text = texts[run[0].change.event.key]
        for change in _told(run, text, history):
            told.append(change)
            size += len(change.extra["content"])
            if size >= TOGETHER:
                return told, Cursor.parse(change.cursor)
        if text.until <= run[-1].last:
            return told, Cursor.parse(told[-1].cursor)
    return told, None


def _told(run: Sequence[_Append], text: Text, history: History) -> Iterator[Change]:
    """What a run of appends becomes."""
    begin, last = run[0].first, min(run[-1].last, text.until - 1)
    piece: list[bytes] = []
    size = 0
    for number, line in text.lines(begin, last):
        if piece and size + len(line) > EACH:
            yield _delivery(run, history, begin, number - 1, piece)
            piece, size, begin = [], 0, number
        piece.append(line)
        size += len(line)
    if begin <= last:
        yield _delivery(run, history, begin, last, piece)


def _delivery(run: Sequence[_Append], history: History, first: int, last: int, piece: Sequence[bytes]) -> Change:
    append = next(append for append in run if last <= append.last)
    missing = {"missing": True} if len(piece) < last - first + 1 else {}
    extra = {"first": first, "last": last, "content": b"".join(piece).decode("utf-8", "replace"), **missing}
    cursor = append.change.cursor
    if last < append.last:
        before = history.at(append.change.event.seq - 1)
        cursor = str(Cursor(before.epoch, before.seq, last + 1))
    return attrs.evolve(append.change, extra=extra, cursor=cursor)
