"""Forgets old events, now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.db.writer import Writer
from buildbot.db.writes.trim import BATCH, Keep, trim

PERIOD = 60.0
"""Seconds between two looks."""


class Retention(Service):
    """Trims the log of a writer, which is started before this and stopped after it, batch by batch, so that it holds up
    nobody."""

    log = Logger()

    def __init__(
        self, writer: Writer, keep: Keep, *, reactor: Any, needed: Callable[[], int | None] = lambda: None
    ) -> None:
        """``needed()``: the number of the first event that somebody still needs, if anybody does."""
        self.forgotten = 0
        """Events, since the start."""
        self._writer, self._keep, self._needed, self._reactor = writer, keep, needed, reactor
        self._loop = LoopingCall(lambda: Deferred.fromCoroutine(self._look()))
        self._loop.clock = reactor

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self._loop.start(PERIOD, now=False)

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        if self._loop.running:
            self._loop.stop()

    async def _look(self) -> None:
        """Forget all that is due. While nothing can be stored, it is tried again later."""
        try:
            while self.running and await self._batch() == BATCH:
                pass
        except Exception:
            self.log.warn("Old events cannot be forgotten now: {why}", why=Failure().getErrorMessage())

    def _batch(self) -> Deferred[int]:
        now, needed = int(self._reactor.seconds()), self._needed()
        return self._writer.run("events.trim", lambda tx: trim(tx, now, self._keep, needed)).addCallback(self._counted)

    def _counted(self, count: int) -> int:
        self.forgotten += count
        return count
