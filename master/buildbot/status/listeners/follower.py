"""One listener, and what it is told: read from a subscription, and put on its desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from buildbot.db.writes import consumers
from buildbot.errors import Gone, StatusError
from buildbot.status.events.cursor import seqOf
from buildbot.status.listeners.delivery import Kept, ListenerDelivery, Remembered
from buildbot.status.listeners.desk import Desk
from buildbot.status.listeners.heard import HAPPENED, METHODS
from buildbot.status.listeners.listener import StatusListener
from buildbot.status.listeners.replaying import Replay
from buildbot.status.listeners.standing import Pace, Standing

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds until it is tried again to subscribe: doubled from the one to the other."""
IDLE = 60.0
"""Seconds after which it is stored how far a listener is that is told nothing."""


class Follower:
    """One listener: reads what it wants to hear, and puts it on its desk."""

    log = Logger()

    def __init__(
        self, listener: Any, connection: Any, memory: Any, clock: Any, paused: Callable[[str], object]
    ) -> None:
        """``paused(name)`` is called when a handler wants the listener to be paused."""
        self._listener, self._connection, self._memory, self._clock = listener, connection, memory, clock
        self._paused = paused
        methods = listener.methods()
        self._names: dict[tuple[str, str], list[str]] = {}
        """Methods, by what has happened to a thing of what type."""
        for name in METHODS:
            if name in methods:
                self._names.setdefault((METHODS[name].type, METHODS[name].event), []).append(name)
        self._topics = list(listener.topics) or [f"{type}/*/{event}" for type, event in self._names]
        self._desk = Desk(listener, methods, memory, clock, lambda: paused(listener.name))
        self._following: Deferred[None] | None = None
        self._resting: Any = None
        """The subscription, while there is nothing to be told."""
        self._idle: Any = None
        self._pause = FIRST_PAUSE
        self._gaps = 0
        self._isStopping = False
        self._remembered = Remembered(None)
        self._replay = Replay(listener.name, self._subscribe, self._told, self._desk, memory, clock)
        self._behind: tuple[int, int | None] | None = None
        """By how many events, and since when."""

    def again(self) -> Follower:
        """A new one for the same listener, after this one was stopped."""
        return Follower(self._listener, self._connection, self._memory, self._clock, self._paused)

    def start(self, remembered: Remembered | None = None) -> None:
        """Begin, unless the listener is paused. ``remembered``: what was loaded of it just now, if it was."""
        self._following = Deferred.fromCoroutine(self._follow(remembered))
        self._following.addErrback(lambda failure: failure.trap(CancelledError))
        self._following.addErrback(lambda failure: self.log.failure("A host of listeners failed.", failure))
        self._idle = self._clock.callLater(IDLE, self._isIdle)

    async def stop(self) -> None:
        """Read no more, and let what is being handled end; returns when it is stored how far this is. It cannot be
        started again."""
        if self._following is not None:
            self._isStopping = True
            self._idle.cancel()
            self._following.cancel()
            await self._following
        await self._replay.stop()
        await self._desk.close()

    async def _follow(self, remembered: Remembered | None) -> None:
        since: str | None = None
        isKnown = False
        while True:
            try:
                if not isKnown:
                    self._remembered = remembered = remembered or await self._memory.load(self._listener.name)
                    since, isKnown = remembered.cursor, True
                    self._desk.parked = remembered.parked
                    if remembered.paused:
                        return
                    if since is not None:
                        self._desk.open(remembered, self._connection)
                        if remembered.replay is not None:
                            self._replay.start(*remembered.replay)
                await self._read(since)
            except Gone as error:
                since = self._missed(error, since)
                continue
            except StatusError as error:
                self._interrupted(error)
            except Exception:
                if self._isStopping:
                    raise  # cancelled
                self.log.failure("{listener} could not be told what happened.", listener=self._listener.name)
            since = self._desk.cursor or since
            await deferLater(self._clock, self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _read(self, since: str | None) -> None:
        """Until something fails."""
        subscription = await self._subscribe(since)
        try:
            if since is None:
                await self._memory.store(self._listener.name, subscription.cursor, [], [])
                self._remembered = Remembered(subscription.cursor)
                self._desk.open(self._remembered, self._connection)
            if self._pause != FIRST_PAUSE:
                self._interrupted(None)
            self._pause = FIRST_PAUSE
            subscription.interrupted = self._interrupted  # which only one over a connection goes on after
            while True:
                self._resting = subscription
                some = await subscription.next()
                self._resting = None
                for delivery in some:
                    await self._desk.room()
                    await self._put(delivery)
        finally:
            self._resting = None
            subscription.close()

    def _interrupted(self, error: StatusError | None) -> None:
        name = self._listener.name
        if error is None:
            self.log.info("{listener} is told what happens.", listener=name)
        else:
            self.log.warn("{listener} is told nothing at the moment: {error}", listener=name, error=str(error))

    def _subscribe(self, since: str | None) -> Deferred[Any]:
        made: Deferred[Any] = self._connection.subscribe(self._topics, since=since, **self._listener.filters)
        return made

    async def _put(self, delivery: Any) -> None:
        self._desk.put(await self._told(delivery), seqOf(delivery.cursor), delivery.cursor)

    async def _told(self, delivery: Any) -> Sequence[ListenerDelivery]:
        """What the listener is told of an event."""
        names = self._called(delivery)
        key = await self._keyOf(delivery.record) if names else ""
        return [
            ListenerDelivery(
                delivery.cursor,
                name,
                key,
                delivery.topic,
                delivery.event,
                delivery.record,
                delivery.changed,
                delivery.extra,
                delivery.at,
            )
            for name in names
        ]

    def _called(self, delivery: Any) -> Sequence[str]:
        """The methods that are called for it."""
        if self._listener.topics:
            return [] if delivery.left else [HAPPENED]
        names = self._names.get((delivery.topic.partition("/")[0], delivery.event), [])
        return [name for name in names if (when := METHODS[name].when) is None or when(delivery)]

    async def _keyOf(self, record: Any) -> str:
        try:
            return str(await maybeDeferred(self._listener.keyOf, record))
        except (StatusError, CancelledError):
            raise
        except Exception:
            self.log.failure("{listener}: keyOf({record}) failed.", listener=self._listener.name, record=record)
            return str(StatusListener.keyOf(self._listener, record))

    def _missed(self, error: Gone, since: str | None) -> str | None:
        """What comes next is not kept any more: go on with the oldest that is."""
        oldest: str | None = error.extra.get("oldest")
        name, now, place = self._listener.name, int(self._clock.seconds()), self._desk.cursor or since
        self._gaps += 1
        self.log.error(
            "{listener} misses something: {error} It goes on with the oldest that is kept.",
            listener=name,
            error=str(error),
        )
        noted = self._memory.run("consumers.missed", lambda tx: consumers.missed(tx, now, name, place, oldest))
        noted.addErrback(
            lambda failure: self.log.warn(
                "{listener}: that cannot be stored: {why}", listener=name, why=failure.getErrorMessage()
            )
        )
        told = maybeDeferred(self._listener.eventsMissed, oldest)
        told.addErrback(
            lambda failure: self.log.failure(
                "{listener}: eventsMissed() failed.", failure, listener=self._listener.name
            )
        )
        if oldest is not None:
            self._desk.skip(oldest)
        return oldest

    def _isIdle(self) -> None:
        self._idle = self._clock.callLater(IDLE, self._isIdle)
        if self._resting is not None:
            self._desk.moveOn(self._resting.cursor)

    # -- how it stands

    def standing(self) -> Standing:
        """See :meth:`buildbot.status.listeners.host.ListenerHost.standing`."""
        lag, since = self._behind or (None, None)
        cursor = self._desk.stored or self._remembered.cursor
        desk = self._desk
        paused = self._remembered.paused
        return Standing(self._listener.name, cursor, lag, since, desk.stuck, desk.parked, paused, self._gaps)

    def look(self, pace: Pace) -> tuple[int, int | None] | None:
        """By how many events it is behind, and since when; None if that is as before, or not known."""
        resting = self._resting if not self._desk.count else None
        cursor = resting.cursor if resting is not None else self._desk.stored or self._remembered.cursor
        if cursor is None or pace.head is None:
            return None
        place, before = seqOf(cursor), self._behind[1] if self._behind else self._remembered.behindSince
        behind = max(pace.head - place, 0), pace.passed(place, before)
        if behind == self._behind:
            return None
        self._behind = behind
        return behind

    # -- what an operator does

    async def check(self, place: str) -> None:
        """Raises Gone if what comes after a cursor is not kept."""
        (await self._subscribe(place)).close()

    def replay(self, place: str, until: str) -> None:
        """Tell once more what happened between two cursors, as is stored already: what has not begun finds it there."""
        if self._desk.isOpen:
            self._replay.start(place, until)

    def take(self, kept: Kept) -> None:
        """Handle a delivery that was parked, as is stored already: what has not begun finds it there."""
        self._desk.parked -= 1
        if self._desk.isOpen:
            self._desk.take([kept])

    def hurry(self, id: tuple[str, str]) -> None:
        """Try a delivery now that waits for its next attempt."""
        self._desk.hurry(id)

    def drop(self, id: tuple[str, str], *, parked: bool) -> None:
        """Do not handle a delivery. Raises Busy for one that is being handled."""
        if parked:
            self._desk.parked -= 1
        else:
            self._desk.drop(id)
