"""Subscriptions: everything after a cursor that is of some topics, in order, once.

A subscription is a cursor, and word that there may be more. Whoever reads slowly is behind, and costs no more than
that: nothing is queued. Those that ask for the same share what is read, matched and encoded for them, as long as they
keep step; one that is behind reads by itself until it has caught up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from buildbot.errors import Disconnected, Forbidden, Gone
from buildbot.status.delivery import Delivery
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.feed import Feed, Group
from buildbot.status.events.selection import Batch, Selection


class Subscription:
    """Everything of some topics after a cursor, in order, once.

    ``while True: for delivery in await subscription.next(): …``, or ``async for delivery in subscription``.
    """

    def __init__(
        self, feed: Feed, selection: Selection, cursor: Cursor, *, allowed: Callable[[], object], connection: Any = None
    ) -> None:
        """``allowed()`` raises Forbidden if this may not be had any more."""
        self._feed, self.selection, self._cursor = feed, selection, cursor
        self._allowed, self._connection = allowed, connection
        self._seen: int | None = None
        """The generation of the feed of which nothing is left; None: there may be more."""
        self._waiting: Deferred[Batch] | None = None
        """What :meth:`nextBatch` has given."""
        self._patient = True
        self._following: Batch | None = None
        """What is left of a stretch of the log that belongs together."""
        self._group: Group | None = None
        """Those among whom it is parked."""
        self._reading: Deferred[Batch] | None = None
        """Otherwise, what it does itself."""
        self._closed: Exception | None = None
        self.delivered = 0
        """How many deliveries there were; the last one's number."""
        feed.join(self)

    @property
    def cursor(self) -> str:
        """Everything up to this was delivered, or is of no interest here: ``since=`` with it goes on without a gap."""
        return str(self._cursor)

    @property
    def seq(self) -> int:
        """The number of :attr:`cursor`."""
        return self._cursor.seq

    @property
    def topics(self) -> Sequence[str]:
        """As they were asked for."""
        return [part.topic.text for part in self.selection.parts]

    def next(self) -> Deferred[Sequence[Delivery]]:
        """Fires with what came, one delivery at least and 500 at most, as soon as there is something.

        Fails with Gone where what comes next is not kept any more, Forbidden, Disconnected once it was closed, or
        as a call of ``get`` does: then, as after ``cancel()``, nothing is lost, and calling again goes on.
        """
        return self.nextBatch().addCallback(self._deliveries)

    def nextBatch(self, *, patient: bool = True) -> Deferred[Batch]:
        """As :meth:`next`, in the form that is shared with others; its last delivery has the number
        :attr:`delivered`. If not ``patient``, a batch without changes comes where there is nothing."""
        if self._waiting is not None:
            raise RuntimeError("next() of a subscription is called again after its Deferred has fired")
        if self._closed is not None:
            return fail(self._closed)
        waiting: Deferred[Batch] = Deferred(self._cancelled)
        self._waiting, self._patient = waiting, patient
        self._look()
        return waiting

    def _look(self) -> None:
        """Wait with others for news, or read what there is already."""
        if self._following is not None:
            self.offer(self._following)
            return
        if self._patient and self._seen is not None:
            self._group = self._feed.park(self, self._cursor, self._seen)
            return
        reading = Deferred.fromCoroutine(self._feed.batch(self.selection, self._cursor))
        if not reading.called:
            self._reading = reading
        reading.addBoth(self.offer)

    def offer(self, result: Batch | Failure) -> None:
        """What comes after the cursor, or why nothing does."""
        self._group = self._reading = None
        waiting = self._waiting
        if waiting is None:
            return
        if not isinstance(result, Failure):
            try:
                self._allowed()
            except Forbidden:
                result = Failure()
        if isinstance(result, Failure):
            self._waiting = None
            if result.check(Gone, Forbidden):
                error: Any = result.value
                self._end(error)
            waiting.errback(result)
            return
        self._cursor, self._seen, self._following = result.cursor, result.generation, result.following
        if not result.changes and (self._patient or self._seen != self._feed.generation):
            self._look()
            return
        self._waiting = None
        self.delivered += len(result.changes)
        waiting.callback(result)

    def _cancelled(self, _: Any) -> None:
        self._waiting = None
        if self._group is not None:
            self._group.pop(self, None)
            self._group = None
        if self._reading is not None:
            self._reading.cancel()

    def _deliveries(self, batch: Batch) -> Sequence[Delivery]:
        first = self.delivered - len(batch.changes) + 1
        return [
            Delivery(
                first + index,
                change.cursor,
                change.topic,
                change.event.event,
                change.resource.fromWire(dict(change.record), self._connection),
                change.changed,
                change.left,
                change.extra,
                change.event.at,
            )
            for index, change in enumerate(batch.changes)
        ]

    def __aiter__(self) -> AsyncIterator[Delivery]:
        return self._each()

    async def _each(self) -> AsyncIterator[Delivery]:
        while True:
            for delivery in await self.next():
                yield delivery

    def close(self) -> None:
        """Want no more; what is waited for fails with Disconnected. Closing twice is allowed."""
        self._end(Disconnected("this subscription was closed"))

    def _end(self, error: Exception) -> None:
        if self._closed is None:
            self._closed = error
            self._feed.leave(self)
            waiting = self._waiting
            if waiting is not None:
                self._cancelled(waiting)
                waiting.errback(error)
