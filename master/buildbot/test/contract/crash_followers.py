"""Subscribers in every language, which are cut off, and stop reading now and then; and what they must have seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import Any

import attrs
import simplejson
from autobahn.twisted.websocket import WebSocketClientFactory
from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.task import deferLater

from buildbot.errors import Disconnected, Gone, StatusError
from buildbot.status.events.cursor import seqOf
from buildbot.status.events.event import Event
from buildbot.test.contract.crash_writer import shown
from buildbot.test.contract.crashing import Counts
from buildbot.test.db.databases import reactor
from buildbot.test.www.eventclients import Socket

TYPES = ("changes", "buildsets", "buildrequests", "builds", "steps", "logs", "workers", "masters", "builders")
TOPICS = tuple(f"{type}/*/*" for type in TYPES)
PATIENCE = 30.0
"""Seconds that one call of a client may take until it is made again."""
Seen = tuple[str, str]
"""A cursor, and what happened to what: ``builds/7/finished``."""


@attrs.define
class Segment:
    """What a subscriber was told after a list, up to when it was told that it misses something."""

    start: str
    """The list's cursor."""
    seen: list[Seen] = attrs.field(factory=list)
    isGone: bool = False

    @property
    def cursor(self) -> str:
        """Where it goes on."""
        return self.seen[-1][0] if self.seen else self.start


class Follower:
    """Lists, and follows; it lists again where it is told to."""

    def __init__(self, name: str, connection: Any, random: Random, counts: Counts) -> None:
        """``connection``: an :class:`~buildbot.status.interfaces.IStatusConnection`."""
        self.name, self.connection = name, connection
        self.segments: list[Segment] = []
        self.wrong: list[str] = []
        self._random, self._counts = random, counts
        self._isFinishing = False
        self._following: Deferred[None] | None = None

    def start(self) -> None:
        self._following = Deferred.fromCoroutine(self._follow())

    @property
    def at(self) -> str:
        """The place after the last that it has seen."""
        return self.segments[-1].cursor if self.segments else ""

    def finish(self) -> None:
        """Do not stop reading any more."""
        self._isFinishing = True

    async def stop(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            with suppress(CancelledError):
                await following

    async def _follow(self) -> None:
        while True:
            try:
                if not self.segments or self.segments[-1].isGone:
                    answer = await self._patiently(self.connection.get("builds", limit=1))
                    self.segments.append(Segment(answer.cursor))
                subscription = await self._patiently(self.connection.subscribe(TOPICS, since=self.at))
                try:
                    await self._read(subscription)
                finally:
                    subscription.close()
            except Gone:
                self._counts.gone += 1
                self.segments[-1].isGone = True
            except (StatusError, TimeoutError):
                await deferLater(reactor, 0.02)

    async def _read(self, subscription: Any) -> None:
        number = 0
        while True:
            for delivery in await subscription.next():
                number += 1
                if delivery.number != number:
                    self.wrong.append(f"{self.name}: delivery {number} has the number {delivery.number}")
                self.segments[-1].seen.append((delivery.cursor, delivery.topic))
            if self._random.random() < 0.02:
                await self._sleep()

    async def _sleep(self) -> None:
        """Read nothing until after the next kill."""
        self._counts.stops += 1
        awake = self._counts.kills + 1
        while self._counts.kills < awake and not self._isFinishing:
            await deferLater(reactor, 0.01)

    @staticmethod
    def _patiently(call: Deferred[Any]) -> Deferred[Any]:
        return call.addTimeout(PATIENCE, reactor)


@attrs.frozen
class Frame:
    """A delivery of the WebSocket."""

    number: int
    cursor: str
    topic: str


class SocketSubscription:
    """A WebSocket that consumes all topics."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    async def next(self) -> Sequence[Frame]:
        """One frame; fails as a subscription does."""
        frame = await self._socket.frames.get()
        if frame is None:
            raise Disconnected("the connection was lost")
        if "error" in frame:
            raise Gone(frame["error"]) if frame.get("gone") else Disconnected(frame["error"])
        return [Frame(frame["number"], frame["cursor"], frame["k"])] if "k" in frame else []

    def close(self) -> None:
        self._socket.transport.abortConnection()


class SocketConnection:
    """Asks over HTTP, and follows over the WebSocket, as a page in a browser does."""

    def __init__(self, http: Any, port: int) -> None:
        self._port = port
        self.get = http.get

    def subscribe(self, topics: Sequence[str], since: str) -> Deferred[SocketSubscription]:
        return Deferred.fromCoroutine(self._subscribe(topics, since))

    async def _subscribe(self, topics: Sequence[str], since: str) -> SocketSubscription:
        factory: Any = WebSocketClientFactory(f"ws://127.0.0.1:{self._port}/ws")
        socket = Socket()
        socket.factory = factory
        try:
            await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", self._port), socket)
            await socket.opened
        except Exception as error:
            raise Disconnected(str(error)) from error
        socket.ended.addCallback(lambda _: socket.frames.put(None))
        said = {"cmd": "startConsuming", "_id": 1, "path": list(topics), "since": since, "cursors": True}
        socket.sendMessage(simplejson.dumps(said).encode())
        answer = await socket.frames.get()
        if answer is None or answer.get("code") != 200:
            socket.transport.abortConnection()
            raise Gone(answer["error"]) if answer and answer["code"] == 410 else Disconnected(str(answer))
        return SocketSubscription(socket)


class Truth:
    """Everything that was in the log, also before it was forgotten, or an older copy was put in its place."""

    def __init__(self) -> None:
        self.histories: list[dict[int, Seen]] = [{}]
        """What happened, by number; each copy that was put back begins a history of its own."""
        self._epochs: set[str] = set()
        self._lines: dict[int, str] = {}
        """Of the last history, as writers say it."""

    def learn(self, events: Sequence[Event], cursors: Mapping[int, str], epochs: Iterable[str]) -> Sequence[str]:
        """Take what the log holds now; what is wrong with it."""
        self._epochs = set(epochs)
        known = self.histories[-1]
        found = []
        for event in events:
            topic = f"{event.type}/{event.key}/{event.event}"
            self._lines[event.seq] = shown(event.type, event.key, event.event, event.record)
            if known.setdefault(event.seq, (cursors[event.seq], topic))[1] != topic:
                found.append(f"changed: {event.seq} was {known[event.seq]}, and is {topic}")
        return found

    def restore(self, last: int) -> None:
        """An older copy is there now, whose last number this is."""
        self.histories.append({seq: seen for seq, seen in self.histories[-1].items() if seq <= last})
        self._lines = {seq: line for seq, line in self._lines.items() if seq <= last}

    def isAtEnd(self, follower: Follower) -> bool:
        """Whether a subscriber has seen all that there is, in the history that there is."""
        epoch, _, seq = follower.at.partition(".")
        return epoch in self._epochs and int(seq) >= self.last()

    def last(self) -> int:
        """The number of the last event that anybody is told of."""
        return max((seq for seq, (_, topic) in self.histories[-1].items() if _isTold(topic)), default=0)

    def unkept(self, writer: str, confirmed: Sequence[str]) -> list[str]:
        """What a writer was told is stored, and is not, once and in this order."""
        places: dict[str, list[int]] = {}
        for seq, line in sorted(self._lines.items()):
            places.setdefault(line, []).append(seq)
        wrong = [line for line in confirmed if len(places.get(line, ())) != 1]
        found = [f"{writer}: confirmed, and {len(places.get(line, ()))} times in the log: {line}" for line in wrong]
        seqs = [places[line][0] for line in confirmed if line in places]
        return found + (
            [] if seqs == sorted(seqs) else [f"{writer}: what was confirmed is in another order in the log"]
        )

    def complaints(self, follower: Follower, counts: Counts) -> list[str]:
        """What a subscriber was not told, or wrongly, up to the end."""
        found = list(follower.wrong)
        for segment in follower.segments[:-1]:
            if not any(self._isPart(history, segment, segment.cursor) for history in self.histories):
                found.append(f"{follower.name}: {self._difference(segment, segment.cursor)}")
        last = follower.segments[-1]
        if not self._isPart(self.histories[-1], last, None):
            found.append(f"{follower.name}: {self._difference(last, None)}")
        counts.events += sum(len(segment.seen) for segment in follower.segments)
        return found

    @staticmethod
    def _expected(history: Mapping[int, Seen], segment: Segment, until: str | None) -> list[Seen]:
        """What comes after a list, up to a place or to the end."""
        most = max(history, default=0) if until is None else seqOf(until)
        return [
            seen for seq, seen in sorted(history.items()) if seqOf(segment.start) < seq <= most and _isTold(seen[1])
        ]

    def _isPart(self, history: Mapping[int, Seen], segment: Segment, until: str | None) -> bool:
        return segment.seen == self._expected(history, segment, until)

    def _difference(self, segment: Segment, until: str | None) -> str:
        """As text: what was lost and what came without being expected, by the history that is nearest."""
        seen = set(segment.seen)
        histories = self.histories if until else self.histories[-1:]
        expected = min(
            (self._expected(history, segment, until) for history in histories), key=lambda each: len(seen ^ set(each))
        )
        lost = [each for each in expected if each not in seen]
        more = [each for each in segment.seen if each not in set(expected)]
        ordered = all(seqOf(a[0]) < seqOf(b[0]) for a, b in pairwise(segment.seen))
        return (
            f"after {segment.start}: lost {len(lost)} {lost[:5]}, unexpected {len(more)} {more[:5]}"
            f"{'' if ordered else ', twice or out of order'}"
        )


def _isTold(topic: str) -> bool:
    return topic.partition("/")[0] in TYPES
