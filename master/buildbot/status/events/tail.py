"""News of a log that other processes write, into the database that is read here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from zope.interface import implementer

from buildbot.db.connector import Database
from buildbot.errors import StatusError
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import LIMIT, EventLog, Read
from buildbot.status.events.source import IEventSource, Listeners


@implementer(IEventSource)
class TailSource(Service):
    """Finds out where the log ends, now and then, and when a subclass has word of more."""

    log = Logger()

    period = 1.0
    """Seconds between two looks without word: it may be lost with a connection that breaks in silence."""

    def __init__(self, database: Database) -> None:
        """``database``: what the log is read through, and is in."""
        self.cursor: Cursor | None = None
        self._database, self._events = database, EventLog(database)
        self._reactor = database.reactor
        self._listeners = Listeners(self._reactor)
        self._looking: Deferred[None] | None = None
        self._again = False
        self._timer: Any = None
        self.problem: str | None = None
        """Why nothing is announced at the moment, in words that anybody may read; None while it is."""

    def read(self, after: Cursor, limit: int = LIMIT) -> Deferred[Read]:
        """See :meth:`~buildbot.status.events.source.IEventSource.read`."""
        return self._events.read(after, limit)

    def find(self, time: int) -> Deferred[Cursor]:
        """See :meth:`~buildbot.status.events.source.IEventSource.find`."""
        return self._events.find(time)

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See :meth:`~buildbot.status.events.source.IEventSource.listen`."""
        return self._listeners.listen(callback)

    def start(self) -> Deferred[None]:
        """Find out where the log ends, and then whenever there is more. Fires when :attr:`cursor` is there; fails with
        DatabaseUnavailable where there is no log, and as :meth:`Database.run` does."""
        return self._events.head().addCallback(self._begin)

    def _begin(self, head: Cursor) -> None:
        self.cursor = head
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self._tick()

    def _tick(self) -> None:
        self._timer = self._reactor.callLater(self.period, self._tick)
        if self.mayBeMore():
            self.look()

    def mayBeMore(self) -> bool:
        """Whether to look where the log ends."""
        return True

    def stopService(self) -> Deferred[None]:
        """Fires when nothing is under way any more. It cannot be started again."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def look(self) -> None:
        """Find out where the log ends now; once more, if this is being found out."""
        self._again = self._looking is not None
        if self._looking is None and self.running:
            looking = Deferred.fromCoroutine(self._look())
            self._looking = None if looking.called else looking

    async def _look(self) -> None:
        try:
            head = await self._events.head()
        except CancelledError:
            return
        except StatusError as error:
            self._isAway(f"News cannot be found at the moment: {error}")
            return
        except Exception:
            self.log.failure("A look for news failed.")
            self._isAway("News cannot be found at the moment; the log of this program says why.")
            return
        self._looking = self.problem = None
        if head != self.cursor:
            self.cursor = head
            self._listeners.tell()
        if self._again:
            self.look()

    def _isAway(self, why: str) -> None:
        self._looking = None
        if self.problem is None:
            self.log.error("{why}", why=why)
        self.problem = why


class StampSource(TailSource):
    """A file that another process writes: whether it has, costs some microseconds to ask."""

    period = 0.05
    _stamp: int | None = None

    def mayBeMore(self) -> bool:
        """See :meth:`TailSource.mayBeMore`."""
        last, self._stamp = self._stamp, self._database.stamp()
        return last != self._stamp or self.problem is not None
