"""Finished answers, kept while nothing that they were made from has changed.

An entry is valid while the database's stamp is the one that was taken *before* it was read. Equal questions that arrive
while one is being read share its answer, unless something changed since it began.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import attrs
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")
MOST_ALIASES = 16
"""Of one answer; there are endless ways to write the same address."""
MOST_ANSWERS = 4_000
"""However small: a full collection of garbage goes through all of them, 1.3 ms a thousand, and holds all else up."""
NAME_SIZE = 400
"""Bytes that a key or an alias takes beside its texts."""


def weight(name: Hashable) -> int:
    """What a key or an alias takes, in bytes, about: a question may be much longer than its answer."""
    return NAME_SIZE + _texts(name)


def _texts(name: object) -> int:
    if isinstance(name, tuple):
        return sum(map(_texts, name)) + 64 * len(name)
    return len(name) if isinstance(name, (str, bytes)) else 0


@attrs.define
class _Entry(Generic[T]):
    """One answer, and by what other names it is known."""

    stamp: Hashable
    value: T
    size: int
    aliases: list[Hashable] = attrs.field(factory=list)


@attrs.define
class _Flight(Generic[T]):
    """One question under way, and those who wait for it."""

    stamp: Hashable
    running: Deferred[T] | None = None
    waiting: list[Deferred[T]] = attrs.field(factory=list)


class AnswerCache(Generic[T]):
    """At most ``most`` bytes of at most :data:`MOST_ANSWERS` answers, the least recently used go first. Nothing in it
    knows who may see what: that is part of the key, and checked before."""

    def __init__(self, stamp: Callable[[], Hashable], size: Callable[[T], int], most: int) -> None:
        self._stamp, self._size, self.most = stamp, size, most
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()
        self._aliases: dict[Hashable, Hashable] = {}
        self._flights: dict[Hashable, _Flight[T]] = {}
        self.bytes = self.hits = self.misses = self.shared = self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> T | None:
        """The answer that is kept under a key or an alias, if it is still true."""
        key = self._aliases.get(key, key)
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.stamp != self._stamp():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        self.hits += 1
        return entry.value

    def put(self, key: Hashable, value: T, stamp: Hashable) -> None:
        """Keep an answer that was read after ``stamp`` was taken. If something has changed since, it is never given."""
        size = self._size(value) + weight(key)
        if size > self.most // 4:
            return
        self._drop(key)
        self._entries[key] = _Entry(stamp, value, size)
        self._grow(size)

    def alias(self, alias: Hashable, key: Hashable) -> None:
        """Let the answer that is kept under ``key``, if one is, be found under another name too."""
        entry = self._entries.get(key)
        if entry is None or alias in self._aliases or len(entry.aliases) >= MOST_ALIASES:
            return
        size = weight(alias)
        self._aliases[alias] = key
        entry.aliases.append(alias)
        entry.size += size
        self._grow(size)

    def _grow(self, size: int) -> None:
        self.bytes += size
        while self.bytes > self.most or len(self._entries) > MOST_ANSWERS:
            self._drop(next(iter(self._entries)))
            self.dropped += 1

    def fetch(self, key: Hashable, ask: Callable[[], Deferred[T]]) -> Deferred[T]:
        """The answer that is kept, or that is under way, or that ``ask`` gives. Cancelling what this returns stops the
        reading once nobody else waits for it."""
        self.misses += 1
        stamp = self._stamp()
        flight = self._flights.get(key)
        mine: Deferred[T] = Deferred(lambda deferred: self._leave(key, flight, deferred))
        if flight is not None and flight.stamp == stamp:
            self.shared += 1
            flight.waiting.append(mine)
            return mine
        flight = self._flights[key] = _Flight(stamp)
        flight.waiting.append(mine)
        flight.running = ask()
        flight.running.addBoth(self._landed, key, flight)
        return mine

    def _landed(self, result: T | Failure, key: Hashable, flight: _Flight[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not isinstance(result, Failure):
            self.put(key, result, flight.stamp)
        waiting, flight.waiting = flight.waiting, []
        for deferred in waiting:
            deferred.errback(result) if isinstance(result, Failure) else deferred.callback(result)

    def _leave(self, key: Hashable, flight: _Flight[T] | None, deferred: Deferred[T]) -> None:
        if flight is None or deferred not in flight.waiting:
            return
        flight.waiting.remove(deferred)
        if not flight.waiting and flight.running is not None:
            if self._flights.get(key) is flight:
                del self._flights[key]
            flight.running.cancel()

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size
            for alias in entry.aliases:
                del self._aliases[alias]
