"""Answers on their way to a client that pulls them slice by slice, and how much memory they may take meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import attrs
from twisted.internet.defer import Deferred

from buildbot.errors import Busy
from buildbot.status.streams import Stream
from buildbot.status.wire import SLICE


@attrs.define
class Budget:
    """Bytes that answers may hold while they wait to be pulled: of one connection, or of all (``above``)."""

    most: int
    above: Budget | None = None
    held: int = 0

    def take(self, size: int) -> None:
        """Raises :class:`~buildbot.errors.Busy` where there is no room."""
        if self.held + size > self.most:
            raise Busy(f"{self.held} bytes of other answers wait to be pulled, and at most {self.most} may")
        if self.above is not None:
            self.above.take(size)
        self.held += size

    def give(self, size: int) -> None:
        """They are gone."""
        self.held -= size
        if self.above is not None:
            self.above.give(size)


class Transfer(Protocol):
    """One answer, half sent."""

    async def next(self) -> tuple[bytes, bool]:
        """The next slice, and whether it is the last."""

    def drop(self) -> None:
        """Nobody wants the rest."""


class BytesTransfer:
    """An answer that is there. What has been pulled is no longer held."""

    def __init__(self, pieces: Sequence[bytes], budget: Budget) -> None:
        self._left = sum(map(len, pieces))
        self._budget = budget
        budget.take(self._left)
        self._slices = slices(pieces)

    async def next(self) -> tuple[bytes, bool]:
        """See :class:`Transfer`."""
        data = next(self._slices, b"")
        self._left -= len(data)
        self._budget.give(len(data))
        return data, not self._left

    def drop(self) -> None:
        """See :class:`Transfer`."""
        self._slices = iter(())
        self._budget.give(self._left)
        self._left = 0


class StreamTransfer:
    """An answer that is read while it is pulled: one piece of it is held at most."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._rest = b""
        self._reading: Deferred[bytes] | None = None

    async def next(self) -> tuple[bytes, bool]:
        """See :class:`Transfer`. The last slice is empty: a stream does not know where it ends."""
        data = self._rest
        if not data:
            self._reading = self._stream.next()
            try:
                data = await self._reading
            finally:
                self._reading = None
        self._rest = data[SLICE:]
        return data[:SLICE], not data

    def drop(self) -> None:
        """See :class:`Transfer`. Not asking again ends a stream."""
        self._rest = b""
        if self._reading is not None:
            self._reading.cancel()


def slices(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """The same bytes, cut differently: every slice but the last has :data:`~buildbot.status.wire.SLICE` bytes."""
    kept: list[bytes] = []
    size = 0
    for piece in pieces:
        start = 0
        while size + len(piece) - start >= SLICE:
            end = start + SLICE - size
            yield b"".join([*kept, piece[start:end]])
            kept, size, start = [], 0, end
        if start < len(piece):
            kept.append(piece[start:])
            size += len(piece) - start
    if kept:
        yield b"".join(kept)
