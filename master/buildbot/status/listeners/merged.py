"""Several subscriptions of one connection as one, in the order of the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from buildbot.status.events.cursor import Cursor

LAG = 0.01
"""Seconds until it is looked again whether the other subscriptions have come as far as the first of what is there."""


def seqOf(cursor: str) -> int:
    """A cursor's place among the others of the log."""
    return Cursor.parse(cursor).seq


class _Part:
    """One of the subscriptions."""

    def __init__(self, topic: str, subscription: Any) -> None:
        self.topic, self.subscription = topic, subscription
        self.there: deque[tuple[int, Any]] = deque()
        """What has come of it and was not passed on: number and delivery."""
        self.asking = False

    @property
    def reached(self) -> int:
        """Up to here, all of it has come."""
        return self.there[0][0] if self.there else seqOf(self.subscription.cursor)


class Merged:
    """What comes of several topics, in the order of the log, once."""

    def __init__(self, parts: Sequence[tuple[str, Any]], clock: Any) -> None:
        """``parts``: topics, and subscriptions from the same place on, whose ``cursor`` goes on while nothing comes."""
        self._parts = [_Part(*part) for part in parts]
        self._clock = clock
        self._failure: Failure | None = None
        self._waiting: Deferred[None] | None = None

    @classmethod
    async def open(cls, connection: Any, topics: Iterable[str], since: str | None, clock: Any) -> Merged:
        """Subscribe to all; without ``since``, from now on. Fails as ``subscribe`` does."""
        parts: list[tuple[str, Any]] = []
        try:
            for topic in topics:
                subscription = await connection.subscribe(topic, since=since)
                since = since or subscription.cursor
                parts.append((topic, subscription))
        except BaseException:
            for _, subscription in parts:
                subscription.close()
            raise
        return cls(parts, clock)

    @property
    def cursor(self) -> str:
        """Everything up to it was passed on, as long as nothing is on its way: between two calls of :meth:`next`, or
        while one waits."""
        return str(min((part.subscription.cursor for part in self._parts if not part.there), key=seqOf, default=""))

    @property
    def isIdle(self) -> bool:
        """Nothing has come that was not passed on."""
        return not any(part.there for part in self._parts)

    async def next(self) -> Sequence[tuple[str, Any]]:
        """What comes next, with its topics: one at least. Fails as ``next()`` of one of them does, and then is over."""
        while True:
            for part in self._parts:
                self._ask(part)
            some = self._released()
            if some:
                return some
            if self._failure is not None:
                self._failure.raiseException()
            waiting = self._waiting = Deferred()
            again = None if self.isIdle else self._clock.callLater(LAG, self._wake)
            try:
                await waiting
            finally:
                self._waiting = None
                if again is not None and again.active():
                    again.cancel()

    def _released(self) -> Sequence[tuple[str, Any]]:
        """What is there and has nothing before it that may still come."""
        some: list[tuple[str, Any]] = []
        while True:
            first = min((part for part in self._parts if part.there), key=lambda part: part.there[0][0], default=None)
            if first is None or any(part.reached < first.there[0][0] for part in self._parts):
                return some
            some.append((first.topic, first.there.popleft()[1]))

    def _ask(self, part: _Part) -> None:
        if not part.asking and not part.there and self._failure is None:
            part.asking = True
            part.subscription.next().addCallbacks(self._came, self._failed, callbackArgs=(part,)).addBoth(self._wake)

    def _came(self, deliveries: Sequence[Any], part: _Part) -> None:
        part.asking = False
        part.there.extend((seqOf(delivery.cursor), delivery) for delivery in deliveries)

    def _failed(self, failure: Failure) -> None:
        self._failure = self._failure or failure

    def _wake(self, _: object = None) -> None:
        if self._waiting is not None and not self._waiting.called:
            self._waiting.callback(None)

    def close(self) -> None:
        """Want no more."""
        for part in self._parts:
            part.subscription.close()
