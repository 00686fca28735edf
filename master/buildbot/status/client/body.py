"""The body of an HTTP response, on its way in."""

from __future__ import annotations

from collections import deque
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss

from buildbot.errors import Disconnected

AHEAD = 256 * 1024
"""Bytes of a paced body that are kept before anybody asks for them."""


class Body(Protocol):
    """Keeps what comes until it is asked for; if ``paced``, no more than some of it, and the sender has to wait."""

    transport: Any

    def __init__(self, where: str, *, paced: bool = False) -> None:
        self._where, self._paced = where, paced
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._end: Disconnected | None = None
        self._ended = False
        self._waiting: Deferred[None] | None = None
        self.gone: Deferred[None] = Deferred()
        """Fires when it has ended, however."""

    def dataReceived(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._paced and self._size > AHEAD and not self._paused:
            self._paused = True
            self.transport.pauseProducing()
        if self._paced:
            self._wake()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._ended = True
        if not reason.check(ResponseDone, PotentialDataLoss):
            self._end = Disconnected(f"{self._where}: the connection was lost before the answer was complete")
        self._wake()
        self.gone.callback(None)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def _more(self) -> Deferred[None]:
        self._waiting = Deferred(lambda _: self.drop())
        return self._waiting

    def drop(self) -> None:
        """Nobody wants the rest: close the connection."""
        self._waiting = None
        if not self._ended and self.transport is not None:
            self.transport.loseConnection()

    async def whole(self) -> bytes:
        """All of it. Cancelling closes the connection."""
        while not self._ended:
            await self._more()
        if self._end is not None:
            raise self._end
        return b"".join(self._pieces)

    async def next(self) -> bytes:
        """What has come since the last call; empty at the end. Cancelling closes the connection."""
        while not self._pieces and not self._ended:
            await self._more()
        if self._pieces:
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            if self._paused:
                self._paused = False
                self.transport.resumeProducing()
            return data
        if self._end is not None:
            raise self._end
        return b""
