"""How a process learns of news; nothing above this knows which of the sources it has."""
# mypy: allow-subclassing-any, disable-error-code="empty-body,misc"

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger
from zope.interface import Attribute, Interface, implementer

from buildbot.status.events.log import LIMIT, EventLog, Read

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from buildbot.status.events.cursor import Cursor


class IEventSource(Interface):
    """A log of events, and word of when there is more of it."""

    cursor: Cursor | None = Attribute(
        """The newest place that may be seen, kept in memory; it only advances. What lies before it can be read. None
        until the source has looked at the log for the first time."""
    )

    def read(after: Cursor, limit: int = LIMIT) -> Deferred[Read]:
        """At most ``limit`` events after a cursor; see :meth:`buildbot.status.events.log.EventLog.read`."""

    def find(time: int) -> Deferred[Cursor]:
        """The place before the first event from a time on; see :func:`buildbot.status.events.log.placeAt`."""

    def listen(callback: Callable[[], None]) -> Callable[[], None]:
        """Have ``callback()`` called after :attr:`cursor` has advanced, once for any number of events.

        It is called in a reactor turn of its own, never inside the call that caused the event, and in the order of
        listening. What it raises is logged. Returns what ends this; after that it is not called any more.
        """


class Listeners:
    """Those who want word of news: what all sources have in common."""

    log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._callbacks: dict[object, Callable[[], None]] = {}
        self._scheduled = False

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See :meth:`IEventSource.listen`."""
        key = object()
        self._callbacks[key] = callback

        def stop() -> None:
            self._callbacks.pop(key, None)

        return stop

    def tell(self) -> None:
        """Tell everybody, in the next turn."""
        if self._callbacks and not self._scheduled:
            self._scheduled = True
            self._reactor.callLater(0, self._tell)

    def _tell(self) -> None:
        self._scheduled = False
        for key, callback in list(self._callbacks.items()):
            if key not in self._callbacks:
                continue  # ended by one of those before it
            try:
                callback()
            except Exception:
                self.log.failure("A listener of events failed.")


@implementer(IEventSource)
class RecorderSource:
    """In the process that writes: a commit is the news."""

    def __init__(self, log: EventLog, reactor: Any) -> None:
        self.cursor: Cursor | None = None
        self._log = log
        self._listeners = Listeners(reactor)

    def read(self, after: Cursor, limit: int = LIMIT) -> Deferred[Read]:
        """See :meth:`IEventSource.read`."""
        return self._log.read(after, limit)

    def find(self, time: int) -> Deferred[Cursor]:
        """See :meth:`IEventSource.find`."""
        return self._log.find(time)

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See :meth:`IEventSource.listen`."""
        return self._listeners.listen(callback)

    def advance(self, cursor: Cursor) -> None:
        """The recorder has committed everything up to a cursor."""
        self.cursor = cursor
        self._listeners.tell()
