"""What a listener has still to handle: in order for each key, some keys at a time, kept until it was handled."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import attrs
from twisted.internet.defer import CancelledError, Deferred, DeferredList, maybeDeferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildbot.errors import Busy, ConfigError
from buildbot.status.listeners.delivery import PARKED, WAITING, Kept, ListenerDelivery, Remembered
from buildbot.status.listeners.outcomes import Parked, Paused, RetryAfter

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 600.0
"""Seconds between two attempts: doubled from the one to the other."""
LONGEST_ASKED = 24 * 3600.0
"""Seconds between two attempts, if the handler asks for them."""
AHEAD, MOST = 500, 10_000
"""Deliveries that are read before they can be handled: those that could be, and all, with those that wait because of
one that has failed. Then the log keeps the rest."""
GRACE = 5.0
"""Seconds that what runs may still take when the host stops; then it is cancelled, and comes again."""
TURN = 20
"""Attempts that begin in one turn of the reactor."""
SAID = (Parked, Paused, RetryAfter, ConfigError)
"""Failures whose sentence is all that there is to know."""
ERROR = 1000
"""Characters of an error that are kept."""


@attrs.define(eq=False)
class _Item:
    """A delivery, and how it fares."""

    delivery: ListenerDelivery
    seq: int
    order: int
    """Counts events as they come."""
    attempts: int = 0
    """How many have failed."""
    state: str = WAITING
    isOver: bool = False
    """Handled or parked."""
    isKept: bool = False
    """It has a row."""
    failed_at: int | None = None
    error: str | None = None

    def kept(self) -> Kept:
        return self.delivery.kept(self.seq, self.state, self.attempts, self.failed_at, self.error)


class Desk:
    """Handles the deliveries of one listener.

    One of a key is begun only once it is on the disk that the one before it was handled, or parked. So what comes again
    after a crash is for each key the last one, never an earlier one.
    """

    log = Logger()

    def __init__(
        self,
        listener: Any,
        methods: Mapping[str, Callable[..., Any]],
        memory: Any,
        clock: Any,
        paused: Callable[[], object],
    ) -> None:
        """``paused()`` is called when a handler wants the listener to be paused."""
        self._listener, self._memory, self._clock, self._paused = listener, memory, clock, paused
        self._wanting = {name for name, method in methods.items() if "delivery" in inspect.signature(method).parameters}
        """Methods that want more than the record."""
        self.cursor = ""
        """Everything up to it was put on the desk."""
        self.stored: str | None = None
        """Everything up to it was handled, or has a row."""
        self.count = 0
        """Deliveries that are not over."""
        self.stuck = 0
        """Those of them that wait for a next attempt, their own or that of one before them."""
        self.parked = 0
        """Deliveries that were given up, and have a row, or are to get one."""
        self._queues: dict[str, deque[_Item]] = {}
        self._ready: deque[str] = deque()
        """Keys whose first delivery may be tried."""
        self._running: dict[_Item, Deferred[Any]] = {}
        self._pauses: dict[str, Any] = {}
        """Until keys are ready again: what waits for its next attempt."""
        self._rowless: deque[_Item] = deque()
        """In order, with some that are over."""
        self._over: list[_Item] = []
        """Handled or parked, and not stored as such."""
        self._failures: dict[_Item, None] = {}
        """Have failed since they were stored."""
        self._order = 0
        self._passed = 0
        """The order up to which what is not over has a row, or is to get one."""
        self._place = ""
        """The cursor that belongs to it."""
        self._isStoring = False
        self._storing: Deferred[None] | None = None
        self._isMore = False
        self._waiting: Deferred[None] | None = None
        """Until it is tried again to store something."""
        self._turn: Any = None
        self.isOpen = False
        """What is put here is handled."""
        self._isHeld = False
        """Nothing more is begun, because the listener wants to be paused."""
        self._connection: Any = None
        self._changes: list[Deferred[None]] = []

    def open(self, remembered: Remembered, connection: Any) -> None:
        """Begin with what was left of the last time; the records ask over ``connection``."""
        assert remembered.cursor is not None
        self.isOpen, self._connection = True, connection
        self.cursor = self.stored = self._place = remembered.cursor
        self.parked = remembered.parked
        self.take(remembered.waiting)

    def take(self, waiting: Iterable[Kept]) -> None:
        """Handle what has a row already, after what is there of its keys; not what is there itself."""
        there = self.ids
        for kept in waiting:
            if kept.id in there:
                continue
            what = {"listener": self._listener.name, "cursor": kept.cursor}
            try:
                delivery = ListenerDelivery.fromKept(kept, self._connection)
            except Exception:
                self.log.failure("{listener}: what was kept of {cursor} is of another version, and stays.", **what)
                continue
            item = _Item(delivery, kept.seq, 0, kept.attempts, failed_at=kept.failed_at, error=kept.error, isKept=True)
            self._add(item)
        self._go()

    def put(self, deliveries: Iterable[ListenerDelivery], seq: int, cursor: str) -> None:
        """All that there is to handle of one event, and the place after it."""
        self._order += 1
        for delivery in deliveries:
            item = _Item(delivery, seq, self._order)
            self._rowless.append(item)
            self._add(item)
        self.cursor = cursor
        self._go()

    def _add(self, item: _Item) -> None:
        self.count += 1
        key = item.delivery.key
        queue = self._queues.setdefault(key, deque())
        queue.append(item)
        if len(queue) == 1:
            self._ready.append(key)
        elif key in self._pauses:
            self.stuck += 1

    async def room(self) -> None:
        """Wait until more may be put."""
        while self.count - self.stuck >= AHEAD or self.count >= MOST:
            changed: Deferred[None] = Deferred(self._changes.remove)
            self._changes.append(changed)
            await changed

    # -- attempts

    def _go(self) -> None:
        if self._turn is None and self._ready and self.isOpen and not self._isHeld:
            self._turn = self._clock.callLater(0, self._begin)

    def _begin(self) -> None:
        self._turn = None
        for _ in range(TURN):
            if not self._ready or self._isHeld or len(self._running) >= self._listener.concurrency:
                return
            self._try(self._queues[self._ready.popleft()][0])
        self._go()

    def _try(self, item: _Item) -> None:
        attempt: Deferred[Any] = maybeDeferred(self._call, attrs.evolve(item.delivery, attempt=item.attempts + 1))
        self._running[item] = attempt
        attempt.addTimeout(self._listener.timeout, self._clock, partial(_tookTooLong, item.delivery.method))
        attempt.addCallbacks(self._handled, self._failed, callbackArgs=(item,), errbackArgs=(item,))
        attempt.addErrback(lambda failure: self.log.failure("A host of listeners failed.", failure))

    def _call(self, delivery: ListenerDelivery) -> Any:
        method = getattr(self._listener, delivery.method)  # one that is gone since it was kept is a failure as others
        return method(delivery.record, **({"delivery": delivery} if delivery.method in self._wanting else {}))

    def _handled(self, _: object, item: _Item) -> None:
        del self._running[item]
        self._isDone(item)

    def _isDone(self, item: _Item) -> None:
        item.isOver = True
        self._over.append(item)
        self._failures.pop(item, None)
        self._pass(item)
        self._store()
        self._go()

    def _failed(self, failure: Failure, item: _Item) -> None:
        del self._running[item]
        if not self.isOpen:
            return  # cancelled, because the host stops
        item.attempts += 1
        item.failed_at = int(self._clock.seconds())
        item.error = self._listener.secrets.masked(_sentence(failure))
        delivery = item.delivery
        what = {
            "listener": self._listener.name,
            "method": delivery.method,
            "topic": delivery.topic,
            "times": "once" if item.attempts == 1 else f"{item.attempts} times",
            "error": item.error,
        }
        if failure.check(Paused):
            self.log.error("{listener} is paused, because of {method} of {topic}: {error}", **what)
            self._hold(item)
            return
        if failure.check(Parked, ConfigError):
            self.log.error("{listener}: {method} of {topic} is parked: {error}", **what)
            self._park(item)
            return
        isSaid = failure.check(*SAID) is not None
        if item.attempts >= self._listener.attempts:
            if isSaid:
                self.log.error("{listener}: {method} of {topic} has failed {times}, and is parked: {error}", **what)
            else:
                self.log.failure("{listener}: {method} of {topic} has failed {times}, and is parked.", failure, **what)
            self._park(item)
            return
        if item.attempts == 1 and not isSaid:
            self.log.failure("{listener}: {method} of {topic} has failed, and is tried again.", failure, **what)
        else:
            self.log.warn("{listener}: {method} of {topic} has failed {times}: {error}", **what)
        pause = _pause(failure, item.attempts)
        self._pauses[delivery.key] = self._clock.callLater(pause, self._retry, delivery.key)
        self.stuck += len(self._queues[delivery.key])
        self._failures[item] = None
        self._pass(item)
        self._store()
        self._go()

    def _hold(self, item: _Item) -> None:
        """Begin nothing more, until whoever opens a desk the next time."""
        self._isHeld = True
        self._ready.appendleft(item.delivery.key)
        self._failures[item] = None
        self._pass(item)
        self._store()
        self._paused()

    def _park(self, item: _Item) -> None:
        item.state = PARKED
        self.parked += 1
        self._isDone(item)

    def _retry(self, key: str) -> None:
        del self._pauses[key]
        self.stuck -= len(self._queues[key])
        self._ready.append(key)
        self._go()

    # -- what an operator does

    def hurry(self, id: tuple[str, str]) -> None:
        """Try a delivery now that waits for its next attempt, if it is here and is the first of its key."""
        for key, queue in self._queues.items():
            if queue[0].delivery.id == id and key in self._pauses:
                self._pauses[key].cancel()
                self._retry(key)
                return

    def drop(self, id: tuple[str, str]) -> None:
        """Do not handle a delivery, if it is here; the caller removes its row. Raises Busy for one that is being
        handled."""
        found = next((item for queue in self._queues.values() for item in queue if item.delivery.id == id), None)
        if found is None:
            return
        if found in self._running or found.isOver:
            raise Busy("this delivery is being handled at the moment; ask again when that has ended")
        key = found.delivery.key
        queue, isPaused = self._queues[key], key in self._pauses
        if queue[0] is not found:
            queue.remove(found)
            self.count -= 1
            self.stuck -= isPaused
            found.isOver = True
            return
        if isPaused:
            self._pauses.pop(key).cancel()
            self.stuck -= len(queue)
        else:
            self._ready.remove(key)
        self._isDone(found)

    @property
    def ids(self) -> set[tuple[str, str]]:
        """Of all deliveries that are here."""
        return {item.delivery.id for queue in self._queues.values() for item in queue}

    # -- what is kept

    def _pass(self, item: _Item) -> None:
        if item.order > self._passed:
            self._passed, self._place = item.order, item.delivery.cursor

    def moveOn(self, cursor: str) -> None:
        """Nothing more comes up to here. It is kept if nothing is to be handled."""
        if not self.count and cursor != self.stored:
            self.skip(cursor)

    def skip(self, cursor: str) -> None:
        """What comes between the last that was put and this place will not come any more."""
        self._order += 1
        self.cursor = cursor
        self._store()

    def _store(self) -> None:
        """Keep how far this is; what changes meanwhile is kept next, together."""
        self._isMore = True
        if not self._isStoring:
            self._isStoring = True
            self._storing = Deferred.fromCoroutine(self._storeAll())

    async def _storeAll(self) -> None:
        while self._isMore:
            self._isMore = False
            over, self._over = self._over, []
            failed, self._failures = self._failures, {}
            if not await self._storeSome(over, failed):
                return  # for good: what is stored is where the next process begins
            self._release(over)
        self._isStoring = False

    async def _storeSome(self, over: Sequence[_Item], failed: Mapping[_Item, None]) -> bool:
        """One transaction, again and again until it is done; False if the end comes first."""
        if self.count == len(over):
            self._passed, self._place = self._order, self.cursor
        items = {item: None for item in (*over, *failed) if item.state == PARKED or not item.isOver}
        while self._rowless and self._rowless[0].order <= self._passed:
            item = self._rowless.popleft()
            if not item.isOver:
                items[item] = None
        keep = [item.kept() for item in items]
        drop = [item.delivery.id for item in over if item.isKept and item not in items]
        for item in items:
            item.isKept = True
        place, pause = self._place, FIRST_PAUSE
        while True:
            try:
                await self._memory.store(self._listener.name, place, keep, drop)
            except Exception as error:
                name = self._listener.name
                self.log.error(
                    "{listener} waits, until it can be stored how far it is: {error}", listener=name, error=error
                )
                if not self.isOpen:
                    return False
                self._waiting = deferLater(self._clock, pause)
                try:
                    await self._waiting
                except CancelledError:
                    return False
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.stored = place
                return True

    def _release(self, over: Sequence[_Item]) -> None:
        """Others of their keys may be tried now."""
        for item in over:
            key = item.delivery.key
            queue = self._queues[key]
            queue.popleft()
            self.count -= 1
            if queue:
                self._ready.append(key)
            else:
                del self._queues[key]
        changes, self._changes = self._changes, []
        for deferred in changes:
            deferred.callback(None)
        self._go()

    async def close(self) -> None:
        """Begin nothing more, give what runs some seconds, and keep how far this is."""
        self.isOpen = False
        for call in (self._turn, *self._pauses.values()):
            if call is not None:
                call.cancel()
        self._turn = None
        self._pauses.clear()
        if self._waiting is not None:
            self._waiting.cancel()
        grace = self._clock.callLater(GRACE, self._cancel)
        await DeferredList(list(self._running.values()))
        if grace.active():
            grace.cancel()
        if self._storing is not None:
            await self._storing

    def _cancel(self) -> None:
        for attempt in list(self._running.values()):
            attempt.cancel()


def _tookTooLong(method: str, result: Any, seconds: float) -> Any:
    """What an attempt comes to that did not end in time: as it has ended, unless that was by being cancelled."""
    if isinstance(result, Failure) and result.check(CancelledError):
        raise RetryAfter(0.0, f"{method} took longer than {seconds:g} s (timeout) and was cancelled")
    return result


def _sentence(failure: Failure) -> str:
    """What is kept of a failure."""
    reason = failure.getErrorMessage()
    return (reason if failure.check(*SAID) else f"{type(failure.value).__name__}: {reason}")[:ERROR]


def _pause(failure: Failure, attempts: int) -> float:
    """Seconds until the next attempt, after so many."""
    pause: float = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    if isinstance(failure.value, RetryAfter):
        return max(pause, min(failure.value.seconds, LONGEST_ASKED))
    return pause
