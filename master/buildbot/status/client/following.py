"""A subscription over a connection: a stream of events, which is asked for again where it was cut off."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

import attrs
import simplejson
from twisted.internet.defer import CancelledError, Deferred, TimeoutError, fail, succeed
from twisted.internet.task import deferLater

from buildbot.errors import Disconnected, NotAvailable, StatusError
from buildbot.status.delivery import Delivery
from buildbot.status.wire import fromProblem

MOST = 500
"""Deliveries that are kept before anybody takes them; then the server has to wait."""
SILENCE = 60.0
"""Seconds after which a server that sends nothing, not even a sign of life, is taken for gone."""
SHORTEST, LONGEST = 1.0, 30.0
"""Seconds between two attempts to connect; the wait doubles, and is not the same for all clients."""
_OWN = ("type", "topic", "event", "at", "left", "changed", "record", "cursor", "number")


@attrs.frozen
class Block:
    """One event of a stream."""

    event: str = ""
    id: str = ""
    data: str = ""


class Blocks:
    """Cuts what comes into events."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Block]:
        """Those that are whole now; comments have neither event nor id."""
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        for text in whole:
            fields = dict(line.partition(": ")[::2] for line in text.decode().split("\n"))
            yield Block(fields.get("event", ""), fields.get("id", ""), fields.get("data", ""))


class EventBody(Protocol):
    """The bytes of a stream, on their way in."""

    async def next(self) -> bytes:
        """What comes next; empty at the end. Cancelling it drops the stream."""

    def drop(self) -> None:
        """Want no more."""


class Stream:
    """A stream that is open."""

    def __init__(self, body: EventBody, reactor: Any) -> None:
        self._body, self._reactor = body, reactor
        self._blocks = Blocks()
        self._ready: list[Block] = []

    async def next(self) -> Block:
        """Raises Disconnected at the end, however it comes."""
        while not self._ready:
            try:
                data = await Deferred.fromCoroutine(self._body.next()).addTimeout(SILENCE, self._reactor)
            except TimeoutError:
                raise Disconnected("the server has not given a sign of life") from None
            if not data:
                raise Disconnected("the server has ended the stream")
            self._ready += self._blocks.feed(data)
        return self._ready.pop(0)

    def drop(self) -> None:
        """Want no more."""
        self._body.drop()


class RemoteSubscription:
    """As :class:`buildbot.status.events.subscription.Subscription`, over a connection. What cuts the connection off
    costs time, and nothing else."""

    def __init__(
        self,
        topics: Sequence[str],
        open: Callable[[str | None], Awaitable[EventBody]],
        *,
        connection: Any,
        reactor: Any,
    ) -> None:
        """``open(since)`` asks for the stream."""
        self.topics = topics
        self._open, self._connection, self._reactor = open, connection, reactor
        self.delivered = 0
        """How many deliveries there were; the last one's number."""
        self.interrupted: Callable[[StatusError | None], object] = lambda error: None
        """Called with the reason when it is cut off, and with None once it goes on, where it was."""
        self._cursor = self._read = ""
        """What was delivered, and what has come."""
        self._ready: list[Delivery] = []
        self._waiting: Deferred[Sequence[Delivery]] | None = None
        self._taken: Deferred[None] | None = None
        self._over: Exception | None = None
        self._running: Deferred[None] | None = None

    async def start(self, since: str | None) -> None:
        """Raises whatever keeps it from beginning."""
        stream = await self._begin(since)
        self._cursor = self._read
        self._running = Deferred.fromCoroutine(self._run(stream))
        self._running.addErrback(lambda failure: failure.trap(CancelledError) and None)

    async def _begin(self, since: str | None) -> Stream:
        stream = Stream(await self._open(since), self._reactor)
        try:
            while (block := await stream.next()).event != "handshake":
                pass
            if not block.id:
                raise NotAvailable(
                    "what answers there has no log of events to go on in, as a Buildbot itself has none: ask a server "
                    "of buildbot attach"
                )
            self._read = since or block.id
        except BaseException:
            stream.drop()
            raise
        return stream

    async def _run(self, stream: Stream) -> None:
        wait = SHORTEST
        while True:
            try:
                await self._take(stream)
            except StatusError as error:
                if self._over is not None or not mayPass(error):
                    self._end(error)
                    return
                self.interrupted(error)
            finally:
                stream.drop()
            while True:
                await deferLater(self._reactor, wait * random.uniform(0.5, 1.5))
                try:
                    stream = await self._begin(self._read)
                except StatusError as error:
                    if not mayPass(error):
                        self._end(error)
                        return
                    wait = min(wait * 2, LONGEST)
                else:
                    wait = SHORTEST
                    self.interrupted(None)
                    break

    async def _take(self, stream: Stream) -> None:
        number = 0
        while True:
            block = await stream.next()
            if block.event in ("gone", "error"):
                raise fromProblem(simplejson.loads(block.data))
            if block.event == "change":
                found = simplejson.loads(block.data)
                number += 1
                if found["number"] != number:
                    raise Disconnected(f"delivery {found['number']} came after {number - 1}")
                self._read = found["cursor"]
                self._ready.append(self._delivery(found))
            elif block.id and block.event == "":
                self._read = block.id
                if not self._ready:
                    self._cursor = block.id
            self._give()
            if self._over is not None:
                raise self._over  # it was closed by who was given something, from inside of this
            if len(self._ready) >= MOST:
                self._taken = Deferred()
                await self._taken

    def _delivery(self, found: dict[str, Any]) -> Delivery:
        self.delivered += 1
        return Delivery(
            self.delivered,
            found["cursor"],
            found["topic"],
            found["event"],
            self._connection.record(found["type"], found["record"]),
            found["changed"],
            found["left"],
            {name: value for name, value in found.items() if name not in _OWN},
            found["at"],
        )

    @property
    def cursor(self) -> str:
        """Everything up to this was delivered, or is of no interest here: ``since=`` with it goes on without a gap."""
        return self._cursor

    def next(self) -> Deferred[Sequence[Delivery]]:
        """Fires with what came, one delivery at least and 500 at most, as soon as there is something.

        Fails with Gone, Forbidden, Disconnected once it was closed, or whatever will not pass; a connection that is cut
        off is made again meanwhile. Cancelling it loses nothing.
        """
        if self._waiting is not None:
            raise RuntimeError("next() of a subscription is called again after its Deferred has fired")
        if self._ready:
            return succeed(self._all())
        if self._over is not None:
            return fail(self._over)
        self._waiting = Deferred(self._cancelled)
        return self._waiting

    def _cancelled(self, _: Any) -> None:
        self._waiting = None

    def _all(self) -> Sequence[Delivery]:
        ready, self._ready = self._ready, []
        self._cursor = ready[-1].cursor
        taken, self._taken = self._taken, None
        if taken is not None:
            taken.callback(None)
        return ready

    def _give(self) -> None:
        waiting = self._waiting
        if waiting is not None and self._ready:
            self._waiting = None
            waiting.callback(self._all())

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        while True:
            for delivery in await self.next():
                yield delivery

    def close(self) -> None:
        """Want no more; what is waited for fails with Disconnected. Closing twice is allowed."""
        self._ready.clear()
        self._end(Disconnected("this subscription was closed"))

    def _end(self, error: Exception) -> None:
        if self._over is not None:
            return
        self._over = error
        self._connection.forget(self)
        if self._running is not None:
            self._running.cancel()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.errback(error)


def mayPass(error: StatusError) -> bool:
    """Whether it is worth to ask again: the server, or its database, is away, or has too much to do."""
    return error.status in (502, 503, 504) or isinstance(error, Disconnected)
