"""What all connections have in common, whatever they speak: calls become bytes, and bytes become answers."""

from __future__ import annotations

import functools
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import attrs
import simplejson
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.python.failure import Failure
from zope.interface import implementer

from buildbot.errors import BadQuery, Disconnected, StatusError
from buildbot.status.answer import Answer
from buildbot.status.catalogue import Catalogue
from buildbot.status.client.decode import decode
from buildbot.status.client.following import EventBody, RemoteSubscription
from buildbot.status.coalesce import MOST
from buildbot.status.definition import Resource
from buildbot.status.getters import StatusGetters
from buildbot.status.interfaces import IStatusConnection
from buildbot.status.query import asked, pairs
from buildbot.status.streams import OpenStream, Stream
from buildbot.status.wire import fromProblem

T = TypeVar("T")
Pairs = Sequence[tuple[str, str]]
Topics = str | Sequence[str]
"""One topic, or several."""


@attrs.frozen
class Received:
    """An answer in bytes, and what was said about it."""

    body: bytes
    cursor: str | None = None


@functools.cache
def _catalogue() -> Catalogue:
    return Catalogue()


@implementer(IStatusConnection)
class Connection(StatusGetters):
    """A connection to a server in another process. A language's own part is :meth:`_fetch`, :meth:`_fetchMany`,
    :meth:`_stream`, :meth:`openEvents`, :meth:`_act` and :meth:`_drop`."""

    def __init__(self, where: str, *, reactor: Any, timeout: float | None) -> None:
        """``where`` names the server in messages, without a password."""
        super().__init__(_catalogue(), reactor, timeout)
        self.where = where
        self._reactor = reactor
        self._plurals = {cls.Plural: cls for cls in self.catalogue.types.values()}
        self._running: set[Deferred[Any]] = set()
        self._subscriptions: set[RemoteSubscription] = set()
        self._closed = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self.where}>"

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[Answer]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        return self.start(self._get(path, {**(query or {}), **more}))

    async def _get(self, path: str, query: Mapping[str, Any]) -> Answer:
        received = await self._fetch(*asked(path, query))
        return self._answer(await self._decode(received.body), received.cursor)

    def getMany(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Deferred[Sequence[Answer | StatusError]]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        return self.start(self._getMany(calls))

    async def _getMany(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Sequence[Answer | StatusError]:
        if len(calls) > MOST:
            raise BadQuery(f"{len(calls)} calls in one batch: at most {MOST}")
        results: list[Answer | StatusError | None] = [None] * len(calls)
        sent: list[tuple[int, tuple[str, Pairs]]] = []
        for index, (path, query) in enumerate(calls):
            try:
                sent.append((index, asked(path, query)))
            except BadQuery as error:
                results[index] = error
        if sent:
            received = await self._fetchMany([call for _, call in sent])
            answers = await self._decode(received.body)
            try:
                for (index, _), answer in zip(sent, answers["answers"], strict=True):
                    results[index] = fromProblem(answer) if "error" in answer else self._answer(answer, received.cursor)
            except (KeyError, TypeError, ValueError):
                raise self._noise() from None
        return [result for result in results if result is not None]

    def open(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[OpenStream]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        return self.start(self._open(path, {**(query or {}), **more}))

    async def _open(self, path: str, query: Mapping[str, Any]) -> OpenStream:
        return OpenStream(await self._stream(*asked(path, query)))

    def subscribe(self, topic: Topics, /, since: str | None = None, **query: Any) -> Deferred[RemoteSubscription]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`. A connection that is cut off is made again, and
        the subscription goes on after the last that came."""
        return self.start(self._subscribe(topic, since, query))

    async def _subscribe(self, topic: Topics, since: str | None, query: Mapping[str, Any]) -> RemoteSubscription:
        given = pairs(query)
        topics = [topic] if isinstance(topic, str) else list(topic)
        if not topics:
            raise BadQuery("a subscription has one topic at least")

        async def ask(since: str | None) -> EventBody:
            return await self.openEvents(topics, given if since is None else [*given, ("since", since)])

        subscription = RemoteSubscription(topics, ask, connection=self, reactor=self._reactor)
        await subscription.start(since)
        self._subscriptions.add(subscription)
        return subscription

    def act(self, path: str, action: str, **arguments: Any) -> Deferred[Any]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        try:
            simplejson.dumps(arguments)
        except (TypeError, ValueError) as error:
            return fail(BadQuery(f"{action}: arguments are values of JSON: {error}"))
        return self.start(self._act(path, action, arguments))

    async def _act(self, path: str, action: str, arguments: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    def forget(self, subscription: RemoteSubscription) -> None:
        """A subscription has ended."""
        self._subscriptions.discard(subscription)

    @property
    def isClosed(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._closed

    def close(self) -> Deferred[None]:
        """See :class:`~buildbot.status.interfaces.IStatusConnection`."""
        self._closed = True
        for subscription in list(self._subscriptions):
            subscription.close()
        for running in list(self._running):
            running.cancel()
        return Deferred.fromCoroutine(self._drop())

    async def _fetch(self, path: str, given: Pairs) -> Received:
        raise NotImplementedError

    async def _fetchMany(self, calls: Sequence[tuple[str, Pairs]]) -> Received:
        raise NotImplementedError

    async def _stream(self, path: str, given: Pairs) -> Stream:
        raise NotImplementedError

    async def openEvents(self, topics: Sequence[str], given: Pairs) -> EventBody:
        """The stream of the topics' events; ``since`` may be among the parameters."""
        raise NotImplementedError

    async def _drop(self) -> None:
        raise NotImplementedError

    def start(self, work: Coroutine[Any, Any, T]) -> Deferred[T]:
        """Do some work within the time that a call may take, and fail with what may cross a connection."""
        if self._closed:
            work.close()
            return fail(Disconnected("this connection was closed"))
        inner = self.timed(Deferred.fromCoroutine(work))
        running: Deferred[T] = Deferred(lambda cancelled: self._cancelled(cancelled, inner))
        self._running.add(running)
        inner.addBoth(self._finished, running)
        return running

    def _finished(self, result: T | Failure, running: Deferred[T]) -> None:
        self._running.discard(running)
        if running.called:
            return
        running.errback(result) if isinstance(result, Failure) else running.callback(result)

    def _cancelled(self, running: Deferred[T], inner: Deferred[T]) -> None:
        """The caller hears of it first: whatever is under way may end in any way when it is cancelled."""
        running.errback(Disconnected("this connection was closed") if self._closed else CancelledError())
        inner.cancel()

    async def _decode(self, body: bytes) -> Any:
        try:
            return await decode(body, self._reactor)
        except ValueError:
            raise self._noise() from None

    def _noise(self) -> Disconnected:
        return Disconnected(f"{self.where}: what came is no answer of a status server")

    def _answer(self, found: Mapping[str, Any], cursor: str | None) -> Answer:
        try:
            meta, [(plural, records)] = found["meta"], [pair for pair in found.items() if pair[0] != "meta"]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._noise() from None
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise self._noise()
        return Answer(tuple(self.record(plural, record) for record in records), meta, cursor)

    def record(self, plural: str, values: dict[str, Any]) -> Resource:
        """The record of a type that an object on the wire stands for."""
        return self._plurals.get(plural, Resource).fromWire(values, self)
