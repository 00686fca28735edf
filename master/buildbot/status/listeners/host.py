"""Runs listeners over a connection: in the process of the service, or in another one."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, DeferredLock, gatherResults
from twisted.logger import Logger

from buildbot.db.writes import consumers
from buildbot.errors import ConfigError, DatabaseUnavailable, StatusError
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.cursor import seqOf
from buildbot.status.events.selection import checkQuery
from buildbot.status.events.topics import topicOf
from buildbot.status.listeners.follower import Follower
from buildbot.status.listeners.heard import METHODS
from buildbot.status.listeners.listener import unmade
from buildbot.status.listeners.standing import Pace, Standing
from buildbot.status.query import Limits, QueryParser, pairs

if TYPE_CHECKING:
    from buildbot.db.writes.transaction import Transaction

LOOK = 5.0
"""Seconds between two looks at how far listeners are behind."""
T = TypeVar("T")


class ListenerHost(Service):
    """Tells listeners what happens, each at its own pace: none waits for another, and nothing else for any."""

    log = Logger()

    def __init__(
        self, connection: Any, listeners: Sequence[Any], memory: Any, *, clock: Any, secrets: Any = None
    ) -> None:
        """``connection``: an :class:`~buildbot.status.interfaces.IStatusConnection` with events; ``listeners``:
        :class:`~buildbot.status.listeners.interfaces.IStatusListener`; ``memory``: a
        :class:`~buildbot.status.listeners.interfaces.IListenerMemory` that is not open yet; ``clock``: the reactor;
        ``secrets``: what listeners get as ``secrets``; None: what they have. Raises ConfigError for listeners that
        make no sense."""
        self.connection, self._memory, self._clock = connection, memory, clock
        self._turns = DeferredLock()
        """Starting, replacing and stopping, one after the other."""
        self._pace = Pace()
        self._looking: Any = None
        """A look, or, between two, the call of the next one."""
        self._followers = self._made(listeners, secrets)

    def standing(self) -> Sequence[Standing]:
        """How each listener stands: name, cursor, lag, since when, how many deliveries wait and are parked, and whether
        it is paused. It is known in memory, so it may be asked at any time; the lag is as of some seconds ago."""
        return [follower.standing() for follower in self._followers.values()]

    @property
    def problem(self) -> str | None:
        """Why it cannot be stored at the moment how far listeners are, in words that anybody may read."""
        found: str | None = self._memory.problem
        return found

    def _made(self, listeners: Sequence[Any], secrets: Any) -> dict[str, Follower]:
        """By the listeners' names."""
        check(listeners)
        for listener in listeners:
            listener.status = self.connection
            if secrets is not None:
                listener.secrets = secrets
        rest = self.connection, self._memory, self._clock, self._paused
        return {listener.name: Follower(listener, *rest) for listener in listeners}

    def start(self) -> Deferred[None]:
        """Begin where each one was, new ones from now on; fires when that is under way. Fails with ConfigError for a
        memory that cannot be used."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return self._inTurn(self._start)

    async def _start(self) -> None:
        await self._memory.open()
        for follower in self._followers.values():
            follower.start()
        self._look()

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
        await self._left(before.keys() - made.keys())

    async def _succeed(self, before: Follower, after: Follower | None) -> None:
        await before.stop()
        if after is not None:
            after.start()

    def stopService(self) -> Deferred[None]:
        """Give what is being handled some seconds; fires when all is stored. It cannot be started again."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return self._inTurn(self._stop)

    async def _stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        await gatherResults([Deferred.fromCoroutine(follower.stop()) for follower in self._followers.values()])
        await self._left(self._followers.keys())
        await self._memory.close()

    async def _left(self, names: Collection[str]) -> None:
        """These are not run any more. If that cannot be stored, nothing but a display is wrong."""
        try:
            await self._memory.run("consumers.end", lambda tx: consumers.end(tx, [*names]))
        except DatabaseUnavailable as error:
            self.log.warn("It could not be stored that listeners have ended: {error}", error=error)

    def _inTurn(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> Deferred[None]:
        return self._turns.run(lambda: Deferred.fromCoroutine(work(*arguments)))

    # -- what an operator does; see buildbot.status.listeners.acts

    def follower(self, name: str) -> Follower | None:
        """Who follows the log for a listener; None for one that does not run here."""
        return self._followers.get(name)

    def run(self, name: str, fn: Callable[[Transaction], T]) -> Deferred[T]:
        """As :meth:`~buildbot.status.listeners.interfaces.IListenerMemory.run`."""
        found: Deferred[T] = self._memory.run(name, fn)
        return found

    @property
    def now(self) -> int:
        """In seconds since the epoch."""
        return int(self._clock.seconds())

    def replay(self, listener: str, since: str, until: str) -> Deferred[None]:
        """Tell a listener once more what happened between two cursors; fires when it is stored that this is to be."""
        return self._inTurn(self._replay, listener, since, until)

    async def _replay(self, listener: str, since: str, until: str) -> None:
        await self._memory.run("consumers.replay", lambda tx: consumers.replay(tx, listener, since, until, []))
        follower = self._followers.get(listener)
        if follower is not None:
            follower.replay(since, until)

    def change(self, listener: str, fn: Callable[[Transaction], object]) -> Deferred[None]:
        """Change what is stored of how a listener is to go on, while it rests: what is being handled has some seconds
        to end, else it is cancelled, and comes again. Fires when it goes on as it is stored then."""
        return self._inTurn(self._change, listener, fn)

    async def _change(self, listener: str, fn: Callable[[Transaction], object]) -> None:
        follower = self._followers.get(listener)
        if follower is not None:
            await follower.stop()
        remembered = None
        try:
            await self._memory.run("consumers.change", fn)
            if follower is not None:
                remembered = await self._memory.load(listener)
        finally:
            if follower is not None and self.running:
                self._followers[listener] = follower.again()
                self._followers[listener].start(remembered)

    def _paused(self, listener: str) -> None:
        """Its own handler wants it to be."""
        changed = self.change(listener, lambda tx: consumers.setPaused(tx, listener, True))
        changed.addErrback(
            lambda failure: self.log.error(
                "{listener} could not be paused: {reason}", listener=listener, reason=failure.value
            )
        )

    # -- how far they are behind

    def _look(self) -> None:
        self._looking = looking = Deferred.fromCoroutine(self._lookOnce())
        looking.addErrback(lambda failure: failure.trap(CancelledError, StatusError))
        looking.addErrback(lambda failure: self.log.failure("A look at listeners failed.", failure))
        looking.addCallback(self._looked)

    def _looked(self, _: object) -> None:
        self._looking = self._clock.callLater(LOOK, self._look) if self.running else None

    async def _lookOnce(self) -> None:
        cursor = (await self.connection.get("masters", limit=1, field="masterid")).cursor
        if cursor is None:
            return
        self._pace.look(seqOf(cursor), int(self._clock.seconds()))
        seen = {name: follower.look(self._pace) for name, follower in self._followers.items()}
        changed = {name: behind for name, behind in seen.items() if behind is not None}
        if changed:
            await self._memory.run("consumers.look", lambda tx: consumers.look(tx, changed))


def check(listeners: Sequence[Any]) -> None:
    """Raises ConfigError for two of one name, for one that hears nothing, and for methods that cannot be called."""
    for listener in listeners:
        if not hasattr(listener, "name"):
            raise unmade(listener)
        for name, method in listener.methods().items():
            checkMethod(f"{type(listener).__name__}.{name}", name, method)
        if listener.topics:
            checkTopics(listener)
    for name, count in Counter(listener.name for listener in listeners).items():
        if count > 1:
            raise ConfigError(
                f"{count} listeners are called {name!r}: how far each one is, is remembered by its name, so each needs "
                f"one of its own, as in name={name + '-2'!r}"
            )


def checkMethod(where: str, name: str, method: Any) -> None:
    """Raises ConfigError for a method that does not take what it is called with."""
    try:
        signature = inspect.signature(method)
        signature.bind(None, **({"delivery": None} if "delivery" in signature.parameters else {}))
    except (TypeError, ValueError):
        record = METHODS[name].type.removesuffix("s") if name in METHODS else "record"
        hint = "; the builder is `await build.getBuilder()`" if record == "build" else ""
        raise ConfigError(
            f"{where} {_taken(method)}; it is called with ({record}), and delivery= if it names that{hint}"
        ) from None


def _taken(method: Any) -> str:
    """The names of what a method takes, in words."""
    try:
        signature = inspect.signature(method)
    except (TypeError, ValueError):
        return "takes nothing, not even self" if callable(method) else "is no method"
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    return f"takes {signature.replace(parameters=bare, return_annotation=signature.empty)}"


def checkTopics(listener: Any) -> None:
    """Raises ConfigError for topics that there are not, and for filters that they do not take."""
    catalogue, given = Catalogue(), pairs(listener.filters)
    for topic in listener.topics:
        try:
            resource = topicOf(catalogue, topic).resource
        except StatusError as error:  # which names the topic
            raise ConfigError(f"{listener.name}: {error}") from None
        try:
            checkQuery(resource, QueryParser(Limits()).parse(resource, given, single=False), given)
        except StatusError as error:
            raise ConfigError(f"{listener.name}: {topic}: {error}") from None
