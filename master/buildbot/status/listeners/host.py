"""Runs listeners over a connection: in the process of the service, or in another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, gatherResults, maybeDeferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from buildbot.errors import ConfigError, Gone, StatusError
from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.desk import Desk
from buildbot.status.listeners.heard import METHODS
from buildbot.status.listeners.listener import StatusListener
from buildbot.status.listeners.merged import Merged, seqOf
from buildbot.status.resources.logs import Log

AHEAD, MOST = 500, 10_000
"""Deliveries that are read before they can be handled: those that could be, and all, with those that wait because of
one that has failed. Then the log keeps the rest."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds until it is tried again to subscribe: doubled from the one to the other."""
IDLE = 60.0
"""Seconds after which it is stored how far a listener is that is told nothing."""


class ListenerHost(Service):
    """Tells listeners what happens, each at its own pace: none waits for another, and nothing else for any."""

    def __init__(self, connection: Any, listeners: Sequence[Any], memory: Any, *, clock: Any) -> None:
        """``connection``: an :class:`~buildbot.status.interfaces.IStatusConnection` with events; ``listeners``:
        :class:`~buildbot.status.listeners.interfaces.IStatusListener`; ``memory``: a
        :class:`~buildbot.status.listeners.interfaces.IListenerMemory` that is not open yet; ``clock``: the reactor.
        Raises ConfigError for listeners that make no sense."""
        self._memory = memory
        check(listeners)
        self._followers = [_Follower(listener, connection, memory, clock) for listener in listeners]

    def start(self) -> Deferred[None]:
        """Begin where each one was, new ones from now on; fires when that is under way. Fails with ConfigError for a
        memory that cannot be used."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        opened: Deferred[None] = self._memory.open()
        return opened.addCallback(self._begin)

    def _begin(self, _: object) -> None:
        for follower in self._followers:
            follower.start()

    def stopService(self) -> Deferred[None]:
        """Give what is being handled some seconds; fires when all is stored. It cannot be started again."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        stopped = gatherResults([Deferred.fromCoroutine(follower.stop()) for follower in self._followers])
        return stopped.addCallback(lambda _: self._memory.close())


def check(listeners: Sequence[Any]) -> None:
    """Raises ConfigError for two of one name, and for one that hears nothing."""
    for listener in listeners:
        listener.methods()
    for name, count in Counter(listener.name for listener in listeners).items():
        if count > 1:
            raise ConfigError(
                f"{count} listeners are called {name!r}: how far each one is, is remembered by its name, so each needs "
                f"one of its own, as in {name}({name + '-2'!r})"
            )


def topicsOf(events: Collection[tuple[str, str]]) -> Sequence[str]:
    """What to subscribe to for types and what happens to them: to a type as a whole rather than to several of its
    events, because one subscription is in order by itself; but not to all output for the sake of some logs."""
    counts = Counter(type for type, _ in events)
    found = (f"{type}/*/{event if counts[type] == 1 or type == Log.Plural else '*'}" for type, event in events)
    return list(dict.fromkeys(found))


class _Follower:
    """One listener: reads what it wants to hear, and puts it on its desk."""

    log = Logger()

    def __init__(self, listener: Any, connection: Any, memory: Any, clock: Any) -> None:
        self._listener, self._connection, self._memory, self._clock = listener, connection, memory, clock
        listener.status = connection
        methods = listener.methods()
        self._names: dict[tuple[str, str], list[str]] = {}
        """Methods, by what has happened to a thing of what type."""
        for name in METHODS:
            if name in methods:
                self._names.setdefault((METHODS[name].type, METHODS[name].event), []).append(name)
        self._desk = Desk(listener, methods, memory, clock)
        self._following: Deferred[None] | None = None
        self._resting: Merged | None = None
        """While there is nothing to be told."""
        self._idle: Any = None
        self._pause = FIRST_PAUSE
        self._isStopping = False

    def start(self) -> None:
        self._following = Deferred.fromCoroutine(self._follow())
        self._following.addErrback(lambda failure: failure.trap(CancelledError))
        self._following.addErrback(lambda failure: self.log.failure("A host of listeners failed.", failure))
        self._idle = self._clock.callLater(IDLE, self._isIdle)

    async def stop(self) -> None:
        if self._following is not None:
            self._isStopping = True
            self._idle.cancel()
            self._following.cancel()
            await self._following
        await self._desk.close()

    async def _follow(self) -> None:
        since: str | None = None
        isKnown = False
        while True:
            try:
                if not isKnown:
                    remembered = await self._memory.load(self._listener.name)
                    since, isKnown = remembered.cursor, True
                    if since is not None:
                        self._desk.open(since, remembered.waiting, self._connection)
                await self._read(since)
            except Gone as error:
                since = self._missed(error)
                continue
            except StatusError as error:
                name = self._listener.name
                self.log.warn("{listener} is told nothing at the moment: {error}", listener=name, error=str(error))
            except Exception:
                if self._isStopping:
                    raise  # cancelled
                self.log.failure("{listener} could not be told what happened.", listener=self._listener.name)
            since = self._desk.cursor or since
            await deferLater(self._clock, self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _read(self, since: str | None) -> None:
        """Until something fails."""
        merged = await Merged.open(self._connection, topicsOf(self._names), since, self._clock)
        try:
            if since is None:
                await self._memory.store(self._listener.name, merged.cursor, [], [])
                self._desk.open(merged.cursor, [], self._connection)
            self._pause = FIRST_PAUSE
            while True:
                self._resting = merged
                some = await merged.next()
                self._resting = None
                for topic, delivery in some:
                    while self._desk.count - self._desk.stuck >= AHEAD or self._desk.count >= MOST:
                        await self._desk.changed()
                    await self._put(topic, delivery)
        finally:
            self._resting = None
            merged.close()

    async def _put(self, topic: str, delivery: Any) -> None:
        names = self._names.get((topic.partition("/")[0], delivery.event), [])
        names = [name for name in names if (when := METHODS[name].when) is None or when(delivery)]
        key = await self._keyOf(delivery.record) if names else ""
        told = [
            ListenerDelivery(
                delivery.cursor,
                name,
                key,
                delivery.topic,
                delivery.event,
                delivery.record,
                delivery.changed,
                delivery.extra,
            )
            for name in names
        ]
        self._desk.put(told, seqOf(delivery.cursor), delivery.cursor)

    async def _keyOf(self, record: Any) -> str:
        try:
            return str(await maybeDeferred(self._listener.keyOf, record))
        except (StatusError, CancelledError):
            raise
        except Exception:
            self.log.failure("{listener}: keyOf({record}) failed.", listener=self._listener.name, record=record)
            return str(StatusListener.keyOf(self._listener, record))

    def _missed(self, error: Gone) -> str | None:
        """What comes next is not kept any more: go on with the oldest that is."""
        oldest: str | None = error.extra.get("oldest")
        self.log.error(
            "{listener} misses something: {error} It goes on with the oldest that is kept.",
            listener=self._listener.name,
            error=str(error),
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
        if self._resting is not None and self._resting.isIdle:
            self._desk.moveOn(self._resting.cursor)
