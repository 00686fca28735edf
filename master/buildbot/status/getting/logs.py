"""What may be asked of a log."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from twisted.internet.defer import Deferred

from buildbot.errors import Gone, TooLarge

MOST = 1024 * 1024
AT_ONCE = 1000
"""Lines in one call."""
PREFIXED = "s"
END = "finished"
OUTPUT = "o"
"""The stream of logs whose lines have no prefix."""


def getText(log: Any, *, streams: str = "oe", most: int = MOST) -> Deferred[str]:
    """The text of a log as it is now, line ends included.

    Of a log of type ``s`` the lines whose prefix is among ``streams`` (``o`` output, ``e`` errors, ``h`` headings),
    without it. Fires with a text of at most ``most`` characters; fails with :class:`~buildbot.errors.TooLarge` for a
    longer one: ``open()`` gives any length, piece by piece.
    """
    lines = Deferred.fromCoroutine(_all(log, streams, most))
    return lines.addCallback(lambda found: "".join(f"{text}\n" for text in found))


def readlines(log: Any, *, streams: str = "oe", most: int = MOST) -> Deferred[Sequence[str]]:
    """As :func:`getText`, as a tuple of lines, without their ends."""
    return Deferred.fromCoroutine(_all(log, streams, most))


async def _all(log: Any, streams: str, most: int) -> Sequence[str]:
    found: list[str] = []
    size = 0
    async for lines in _pages(log, 0):
        kept = [text for stream, text in _split(log, lines) if _isAmong(log, stream, streams)]
        size += sum(map(len, kept)) + len(kept)
        if size > most:
            raise TooLarge(f"{log!r}: its text is longer than most={most}; open() gives any length, piece by piece")
        found += kept
    return tuple(found)


async def getChunks(log: Any, *, streams: str = "oeh") -> AsyncIterator[tuple[str, str]]:
    """The text of a log as it is now, of any length: pairs of a stream (``o``, ``e`` or ``h``; ``o`` of logs that are
    not of type ``s``) and lines of it that follow each other, ends included."""
    async for lines in _pages(log, 0):
        for stream, group in itertools.groupby(_split(log, lines), key=lambda line: line[0]):
            if _isAmong(log, stream, streams):
                yield stream, "".join(f"{text}\n" for _, text in group)


async def followLines(log: Any, *, first: int = 0) -> AsyncIterator[str]:
    """The lines of a log from number ``first`` on, without their ends, and those that come, as they come, until it is
    complete; each once. Lines of a log of type ``s`` begin with the letter of their stream. Whoever stopped goes on
    with ``first``, the number of lines that it has."""
    connection = log._asking("followLines")
    line = first
    while True:
        answer = await connection.look(log)
        async for lines in _pages(log, line):
            for text in lines:
                line += 1
                yield text
        if answer.one.complete:
            return
        try:
            subscription = await connection.subscribeTo(log, "*", answer.cursor, {"content": True})
            try:
                while True:
                    for delivery in await subscription.next():
                        for number, text in _told(delivery.extra):
                            if number >= line:
                                line = number + 1
                                yield text
                        if delivery.event == END:
                            return
            finally:
                subscription.close()
        except Gone:
            pass  # What was missed is in the lines.


async def _pages(log: Any, line: int) -> AsyncIterator[list[str]]:
    connection = log._asking("contents")
    while True:
        [chunk] = await connection.below(log, "contents", {"offset": line, "limit": AT_ONCE})
        lines = _lines(chunk.content)
        line += len(lines)
        yield lines
        if len(lines) < AT_ONCE:
            return


def _told(extra: Mapping[str, Any]) -> Iterable[tuple[int, str]]:
    """The lines that a delivery brings, with their numbers."""
    return enumerate(_lines(extra.get("content")), extra.get("first", 0))


def _lines(content: str | None) -> list[str]:
    return content.removesuffix("\n").split("\n") if content else []


def _split(log: Any, lines: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Each line's stream, and its text."""
    return [(line[:1], line[1:]) if log.type == PREFIXED else (OUTPUT, line) for line in lines]


def _isAmong(log: Any, stream: str, streams: str) -> bool:
    return log.type != PREFIXED or stream in streams
