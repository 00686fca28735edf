"""Answers that are not made at once: bytes that are read piece by piece, as fast as somebody takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import attrs
from twisted.internet.defer import Deferred

from buildbot.errors import NotAvailable


@attrs.frozen
class StreamHead:
    """What is known before the first byte."""

    contentType: str
    filename: str | None = None
    """Offered as the name of a file to save; None: shown in place."""
    length: int | None = None
    """In bytes, where it is known without reading."""


class Stream(Protocol):
    """Bytes on demand. Memory holds one piece at a time; nothing is held between pieces, no transaction either."""

    head: StreamHead

    def next(self) -> Deferred[bytes]:
        """Fires with the next piece, empty at the end; fails with a :class:`~buildbot.errors.StatusError`.
        Cancelling it, or not asking again, ends the stream: there is nothing to close."""


class Divisible(Stream, Protocol):
    """A stream of known length, of which parts can be had."""

    def part(self, first: int, last: int) -> Stream:
        """The bytes ``first`` to ``last``, counted from 0, both included."""


class OpenStream:
    """A stream as callers hold it: ``async for piece in await log.open(): …``, or :meth:`next` by hand."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.head = stream.head

    def next(self) -> Deferred[bytes]:
        """See :class:`Stream`."""
        return self._stream.next()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.next():
            yield piece


def notRecords(path: str) -> NotAvailable:
    """What ``get`` fails with for a path that answers with bytes."""
    return NotAvailable(f"{path}: answers with bytes, not with records; ask for it with open()")


def notBytes(path: str) -> NotAvailable:
    """What ``open`` fails with for a path that answers with records."""
    return NotAvailable(f"{path}: answers with records, not with bytes; ask for it with get()")
