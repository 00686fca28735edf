"""What happened between two places of the log, told to a listener once more, while all else goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs
from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.task import deferLater
from twisted.logger import Logger

from buildbot.db.writes import consumers
from buildbot.errors import Gone, StatusError
from buildbot.status.events.cursor import seqOf
from buildbot.status.listeners.delivery import Kept, ListenerDelivery
from buildbot.status.listeners.desk import Desk

PAUSE = 10.0
"""Seconds until it is tried again where something fails."""
SILENCE = 0.2
"""Seconds after which it is looked how far the log was read while nothing comes of it."""


class Replay:
    """Of one listener; one at a time.

    A part of it becomes rows, as those that wait after a failure are, in the transaction that stores how far it is: so
    an end of the process loses nothing and repeats nothing. The desk handles them after what is there of their keys.
    """

    log = Logger()

    def __init__(
        self,
        listener: str,
        subscribe: Callable[[str], Awaitable[Any]],
        told: Callable[[Any], Awaitable[Sequence[ListenerDelivery]]],
        desk: Desk,
        memory: Any,
        clock: Any,
    ) -> None:
        """``subscribe(since)``: to what it listens; ``told``: what the listener is told of an event that a subscription
        has delivered."""
        self._listener, self._subscribe, self._told, self._desk = listener, subscribe, told, desk
        self._memory, self._clock = memory, clock
        self._place = self._until = ""
        self._running: Deferred[None] | None = None

    def start(self, place: str, until: str) -> None:
        """Begin, or go on, after ``place``; ``until`` is included. It is stored already that this is to be."""
        self._place, self._until = place, until
        self._running = Deferred.fromCoroutine(self._run())
        self._running.addErrback(lambda failure: failure.trap(CancelledError))
        self._running.addErrback(lambda failure: self.log.failure("A replay failed.", failure))

    async def stop(self) -> None:
        """Leave the rest to the next process."""
        if self._running is not None:
            self._running.cancel()
            await self._running

    async def _run(self) -> None:
        while seqOf(self._place) < seqOf(self._until):
            try:
                await self._read()
            except Gone as error:
                self._place = error.extra.get("oldest") or self._until
                self.log.error(
                    "{listener}: of what was to be replayed, the first is not kept any more. It goes on with the "
                    "oldest that is.",
                    listener=self._listener,
                )
            except StatusError as error:
                self.log.warn("{listener} is replayed nothing now: {error}", listener=self._listener, error=str(error))
                await deferLater(self._clock, PAUSE)
        await self._keep(None, [])
        self.log.info("{listener} was replayed everything up to {until}.", listener=self._listener, until=self._until)

    async def _read(self) -> None:
        subscription = await self._subscribe(self._place)
        try:
            while seqOf(self._place) < seqOf(self._until):
                deliveries = await self._next(subscription)
                place = deliveries[-1].cursor if deliveries else subscription.cursor
                kept: list[Kept] = []
                for delivery in deliveries:
                    seq = seqOf(delivery.cursor)
                    if seq <= seqOf(self._until):
                        kept += [attrs.evolve(each, isReplay=True).kept(seq) for each in await self._told(delivery)]
                await self._desk.room()
                if place != self._place:
                    await self._keep(place, kept)
        finally:
            subscription.close()

    async def _next(self, subscription: Any) -> Sequence[Any]:
        """What comes next; nothing, if that is long in coming."""
        try:
            found: Sequence[Any] = await subscription.next().addTimeout(SILENCE, self._clock)
        except TimeoutError:
            return []
        return found

    async def _keep(self, place: str | None, kept: Sequence[Kept]) -> None:
        there = self._desk.ids
        kept = [each for each in kept if each.id not in there]
        rows, until = [each.row() for each in kept], None if place is None else self._until
        self._desk.parked = await self._memory.run(
            "consumers.replay", lambda tx: consumers.replay(tx, self._listener, place, until, rows)
        )
        self._place = place or self._place
        self._desk.take(kept)
