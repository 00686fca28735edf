"""Runs listeners over a connection: in the process of the service, or in another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, DeferredLock, gatherResults, maybeDeferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from buildbot.errors import ConfigError, Gone, StatusError
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.cursor import seqOf
from buildbot.status.events.selection import checkQuery
from buildbot.status.events.topics import topicOf
from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.desk import Desk
from buildbot.status.listeners.heard import HAPPENED, METHODS
from buildbot.status.listeners.listener import StatusListener
from buildbot.status.query import Limits, QueryParser, pairs

AHEAD, MOST = 500, 10_000
"""Deliveries that are read before they can be handled: those that could be, and all, with those that wait because of
one that has failed. Then the log keeps the rest."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds until it is tried again to subscribe: doubled from the one to the other."""
IDLE = 60.0
"""Seconds after which it is stored how far a listener is that is told nothing."""


class ListenerHost(Service):
    """Tells listeners what happens, each at its own pace: none waits for another, and nothing else for any."""

    def __init__(
        self, connection: Any, listeners: Sequence[Any], memory: Any, *, clock: Any, secrets: Any = None
    ) -> None:
        """``connection``: an :class:`~buildbot.status.interfaces.IStatusConnection` with events; ``listeners``:
        :class:`~buildbot.status.listeners.interfaces.IStatusListener`; ``memory``: a
        :class:`~buildbot.status.listeners.interfaces.IListenerMemory` that is not open yet; ``clock``: the reactor;
        ``secrets``: what listeners get as ``secrets``; None: what they have. Raises ConfigError for listeners that
        make no sense."""
        self._connection, self._memory, self._clock = connection, memory, clock
        self._turns = DeferredLock()
        """Starting, replacing and stopping, one after the other."""
        self._followers = self._made(listeners, secrets)

    def _made(self, listeners: Sequence[Any], secrets: Any) -> Mapping[str, _Follower]:
        """By the listeners' names."""
        check(listeners)
        for listener in listeners:
            listener.status = self._connection
            if secrets is not None:
                listener.secrets = secrets
        return {
            listener.name: _Follower(listener, self._connection, self._memory, self._clock) for listener in listeners
        }

    def start(self) -> Deferred[None]:
        """Begin where each one was, new ones from now on; fires when that is under way. Fails with ConfigError for a
        memory that cannot be used."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return self._inTurn(self._start)

    async def _start(self) -> None:
        await self._memory.open()
        for follower in self._followers.values():
            follower.start()

    def replace(self, listeners: Sequence[Any], secrets: Any = None) -> Deferred[None]:
        """Run these instead. Those with a name that was there go on exactly where it was, as soon as what was being
        handled had some seconds to end; those that are new begin from now on; the others end. Fires when that is done.
        Fails with ConfigError for listeners that make no sense, and nothing has changed."""
        return self._inTurn(self._replace, listeners, secrets)

    async def _replace(self, listeners: Sequence[Any], secrets: Any) -> None:
        if not self.running:
            return
        made = self._made(listeners, secrets)
        before, self._followers = self._followers, made
        ending = [self._succeed(follower, made.get(name)) for name, follower in before.items()]
        for name in made.keys() - before.keys():
            made[name].start()
        await gatherResults([Deferred.fromCoroutine(each) for each in ending])

    async def _succeed(self, before: _Follower, after: _Follower | None) -> None:
        await before.stop()
        if after is not None:
            after.start()

    def stopService(self) -> Deferred[None]:
        """Give what is being handled some seconds; fires when all is stored. It cannot be started again."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return self._inTurn(self._stop)

    async def _stop(self) -> None:
        await gatherResults([Deferred.fromCoroutine(follower.stop()) for follower in self._followers.values()])
        await self._memory.close()

    def _inTurn(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> Deferred[None]:
        return self._turns.run(lambda: Deferred.fromCoroutine(work(*arguments)))


def check(listeners: Sequence[Any]) -> None:
    """Raises ConfigError for two of one name, and for one that hears nothing."""
    for listener in listeners:
        listener.methods()
        if listener.topics:
            checkTopics(listener)
    for name, count in Counter(listener.name for listener in listeners).items():
        if count > 1:
            raise ConfigError(
                f"{count} listeners are called {name!r}: how far each one is, is remembered by its name, so each needs "
                f"one of its own, as in {name}({name + '-2'!r})"
            )


def checkTopics(listener: Any) -> None:
    """Raises ConfigError for topics that there are not, and for filters that they do not take."""
    catalogue, given = Catalogue(), pairs(listener.filters)
    for topic in listener.topics:
        try:
            resource = topicOf(catalogue, topic).resource
            checkQuery(resource, QueryParser(Limits()).parse(resource, given, single=False), given)
        except StatusError as error:
            raise ConfigError(f"{listener.name}: {topic}: {error}") from None


class _Follower:
    """One listener: reads what it wants to hear, and puts it on its desk."""

    log = Logger()

    def __init__(self, listener: Any, connection: Any, memory: Any, clock: Any) -> None:
        self._listener, self._connection, self._memory, self._clock = listener, connection, memory, clock
        methods = listener.methods()
        self._names: dict[tuple[str, str], list[str]] = {}
        """Methods, by what has happened to a thing of what type."""
        for name in METHODS:
            if name in methods:
                self._names.setdefault((METHODS[name].type, METHODS[name].event), []).append(name)
        self._topics = list(listener.topics) or [f"{type}/*/{event}" for type, event in self._names]
        self._desk = Desk(listener, methods, memory, clock)
        self._following: Deferred[None] | None = None
        self._resting: Any = None
        """The subscription, while there is nothing to be told."""
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
        subscription = await self._connection.subscribe(self._topics, since=since, **self._listener.filters)
        try:
            if since is None:
                await self._memory.store(self._listener.name, subscription.cursor, [], [])
                self._desk.open(subscription.cursor, [], self._connection)
            self._pause = FIRST_PAUSE
            while True:
                self._resting = subscription
                some = await subscription.next()
                self._resting = None
                for delivery in some:
                    while self._desk.count - self._desk.stuck >= AHEAD or self._desk.count >= MOST:
                        await self._desk.changed()
                    await self._put(delivery)
        finally:
            self._resting = None
            subscription.close()

    async def _put(self, delivery: Any) -> None:
        names = self._called(delivery)
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
        if self._resting is not None:
            self._desk.moveOn(self._resting.cursor)
