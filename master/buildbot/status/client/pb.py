"""The client's end of Perspective Broker (:mod:`buildbot.status.pb` has the other, and says what crosses)."""

# mypy: allow-untyped-calls

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import simplejson
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore, TimeoutError
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.spread.banana import LIST
from twisted.spread.jelly import SecurityOptions

from buildbot.errors import Disconnected, InternalError, NotAvailable, StatusError, TooLarge
from buildbot.status.batch import writeBatch
from buildbot.status.client.connection import Connection, Pairs, Received
from buildbot.status.streams import Stream, StreamHead
from buildbot.status.wire import LOWEST, PROTOCOL, fromProblem

GREETING = 30.0
"""Seconds for connecting, greeting and logging in."""
FIRST_WORD = 5.0
"""Seconds until a server that was connected to must have said something: those of Perspective Broker speak first."""
LARGEST_REQUEST = 512 * 1024


class PBConnection(Connection):
    """A connection over Perspective Broker. Connects at the first call, and at the next one after it was lost: there is
    nothing to keep up in between, because nothing is announced on it."""

    def __init__(
        self,
        where: str,
        endpoint: Any,
        name: str,
        password: str,
        *,
        reactor: Any,
        timeout: float | None,
    ) -> None:
        super().__init__(where, reactor=reactor, timeout=timeout)
        self._endpoint, self._name, self._password = endpoint, name, password
        self.session: _Session | None = None
        self._connecting: Deferred[None] | None = None
        self._waiting: list[Deferred[_Session]] = []

    async def _fetch(self, path: str, given: Pairs) -> Received:
        return await self._whole("get", _request(path, given))

    async def _fetchMany(self, calls: Sequence[tuple[str, Pairs]]) -> Received:
        return await self._whole("getMany", writeBatch(calls))

    async def _whole(self, method: str, request: bytes) -> Received:
        session = await self._connected()
        async with session.turns:
            pulled = _Pulled(session, self.where)
            slices = [await pulled.ask(method, request)]
            while not pulled.complete:
                slices.append(await pulled.pull())
        return Received(b"".join(slices), pulled.head.get("cursor"))

    async def _stream(self, path: str, given: Pairs) -> Stream:
        pulled = _Pulled(await self._connected(), self.where)
        return PBStream(self, pulled, await pulled.ask("open", _request(path, given)))

    async def _act(self, path: str, action: str, arguments: Mapping[str, Any]) -> Any:
        session = await self._connected()
        async with session.turns:
            request = simplejson.dumps([path, action, arguments]).encode()
            if len(request) > LARGEST_REQUEST:
                raise TooLarge(f"an action of {len(request)} bytes; at most {LARGEST_REQUEST} can be sent")
            [result] = await ask(session.remote, self.where, "act", request)
        return simplejson.loads(result)

    async def openEvents(self, topics: Sequence[str], given: Pairs) -> PulledEvents:
        """See :class:`Connection`."""
        pulled = _Pulled(await self._connected(), self.where)
        return PulledEvents(pulled, await pulled.ask("subscribe", simplejson.dumps([topics, given]).encode()))

    def _connected(self) -> Deferred[_Session]:
        """The session, once there is one. Everybody who waits has a Deferred of their own, so that one may be
        cancelled."""
        mine: Deferred[_Session] = Deferred()
        if self.session is not None and not self.session.broker.disconnected:
            mine.callback(self.session)
            return mine
        self._waiting.append(mine)
        if self._connecting is None:
            greeting: Deferred[Any] = Deferred.fromCoroutine(self._greeted())
            self._connecting = greeting
            greeting.addTimeout(GREETING, self._reactor, self._silent).addBoth(self._arrived)
        return mine

    def _silent(self, result: Any, timeout: float) -> Any:
        if isinstance(result, Failure) and result.check(CancelledError):
            raise Disconnected(f"{self.where}: nobody there has spoken Perspective Broker within {timeout:g} s")
        return result

    def _arrived(self, result: _Session | Failure) -> None:
        self._connecting = None
        waiting, self._waiting = self._waiting, []
        if isinstance(result, _Session):
            self.session = result
        elif not result.check(StatusError):
            result = Failure(Disconnected(f"{self.where} cannot be reached: {result.getErrorMessage()}"))
        for deferred in waiting:
            if not deferred.called:
                deferred.callback(result)

    async def _greeted(self) -> _Session:
        factory = _Factory()
        broker = await self._endpoint.connect(factory)
        try:
            await self._spoken(broker)
            root = await factory.getRootObject()
            hello = simplejson.dumps({"protocol": [LOWEST, PROTOCOL]}).encode()
            [text] = await ask(root, self.where, "hello", hello)
            limits = simplejson.loads(text)
            if not LOWEST <= limits["protocol"] <= PROTOCOL:
                raise NotAvailable(
                    f"{self.where} chose version {limits['protocol']} of the protocol, which is not known here: "
                    f"only {LOWEST} to {PROTOCOL} are"
                )
            [session] = await ask(root, self.where, "login", self._name, self._password)
        except BaseException:
            broker.transport.abortConnection()
            await broker.gone
            raise
        return _Session(session, broker, DeferredSemaphore(limits["calls"]))

    async def _spoken(self, broker: _Broker) -> None:
        """Returns once the server has shown that it speaks Perspective Broker."""
        nobody = f"{self.where}: no Perspective Broker listens there"
        try:
            await broker.ready.addTimeout(FIRST_WORD, self._reactor)
        except TimeoutError:
            http = self.where.replace("pb", "http", 1)
            raise Disconnected(
                f"{nobody}: nothing was said within {FIRST_WORD:g} s; if it serves HTTP, its address is {http}"
            ) from None
        except _Foreign:
            raise Disconnected(f"{nobody}: what does speaks otherwise") from None
        except ConnectionDone:
            raise Disconnected(f"{nobody}, or one that takes no more connections: it closed without a word") from None

    async def _drop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self.session is not None and not self.session.broker.disconnected:
            self.session.broker.transport.loseConnection()
            await self.session.broker.gone


@attrs.frozen
class _Session:
    """What the login gave."""

    remote: Any
    broker: _Broker
    turns: DeferredSemaphore
    """As many calls as the server takes at the same time."""
    idents: itertools.count[int] = attrs.field(factory=lambda: itertools.count(1))


class _Pulled:
    """One call, and its answer as far as it was pulled."""

    def __init__(self, session: _Session, where: str) -> None:
        self._session, self._where = session, where
        self._ident = next(session.idents)
        self.complete = False
        self.head: dict[str, Any] = {}

    async def ask(self, method: str, request: bytes) -> Any:
        """Make the call; its first slice, bytes."""
        if len(request) > LARGEST_REQUEST:
            raise TooLarge(f"a call of {len(request)} bytes; Perspective Broker carries at most {LARGEST_REQUEST}")
        head, data = await self._next(method, request)
        self.head = simplejson.loads(head)
        return data

    async def pull(self) -> Any:
        """The next slice, bytes."""
        [data] = await self._next("pull")
        return data

    async def _next(self, method: str, *more: Any) -> list[Any]:
        try:
            *found, self.complete = await ask(self._session.remote, self._where, method, self._ident, *more)
        except StatusError:
            self.complete = True
            raise
        except BaseException:
            self.drop()
            raise
        return found

    def drop(self) -> None:
        """Nobody wants the rest."""
        self.complete = True
        if not self._session.broker.disconnected:
            self._session.remote.callRemote("cancel", self._ident, pbanswer=False)


class PulledEvents:
    """See :class:`~buildbot.status.client.following.EventBody`."""

    def __init__(self, pulled: _Pulled, first: bytes) -> None:
        self._pulled, self._first = pulled, first

    async def next(self) -> bytes:
        """The next slice; waits until there is one."""
        data, self._first = self._first, b""
        return data or bytes(await self._pulled.pull())

    def drop(self) -> None:
        """Nobody wants the rest."""
        self._pulled.drop()


class PBStream:
    """See :class:`~buildbot.status.streams.Stream`. What is not pulled the server drops after a minute."""

    def __init__(self, connection: Connection, pulled: _Pulled, first: bytes) -> None:
        self._connection, self._pulled, self._first = connection, pulled, first
        head = pulled.head
        self.head = StreamHead(head["type"], head.get("filename"), head.get("length"))

    def next(self) -> Deferred[bytes]:
        """See :class:`~buildbot.status.streams.Stream`."""
        return self._connection.start(self._next())

    async def _next(self) -> bytes:
        data, self._first = self._first, b""
        while not data and not self._pulled.complete:
            data = await self._pulled.pull()
        return data


def _request(path: str, given: Pairs) -> bytes:
    return simplejson.dumps([path, given]).encode()


async def ask(remote: Any, where: str, method: str, *arguments: Any) -> list[Any]:
    """Call a remote object's method: what it answers, or the error that it answers raised."""
    try:
        reply: list[Any] = list(await remote.callRemote(method, *arguments))
    except (pb.PBConnectionLost, pb.DeadReferenceError) as error:
        raise Disconnected(f"{where}: the connection was lost: {_why(error)}") from None
    except pb.RemoteError as error:
        raise InternalError(f"{where} cannot do {method!r}: {error}") from None
    if not reply[0]:
        raise fromProblem(simplejson.loads(reply[1]))
    return reply[1:]


def _why(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.getErrorMessage() if isinstance(reason, Failure) else str(reason)


class _Foreign(Exception):
    """The first bytes are none of Perspective Broker's."""


class _Broker(pb.Broker):
    """Says when it can be used, and when it is gone."""

    transport: Any

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.ready: Deferred[None] = Deferred()
        self.gone: Deferred[None] = Deferred()

    def dataReceived(self, chunk: bytes) -> None:
        """A server begins with the list of its dialects: their number, and the mark of a list."""
        if not self.ready.called and (self.buffer + chunk)[1:2] not in (b"", LIST):
            self.ready.errback(_Foreign())
        else:
            super().dataReceived(chunk)

    def connectionReady(self) -> None:
        super().connectionReady()
        self.ready.callback(None)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # the base class leaves its argument untyped
        super().connectionLost(reason)
        if not self.ready.called:
            self.ready.errback(reason)
        self.gone.callback(None)


class _Factory(pb.PBClientFactory):
    """Takes nothing from the server but plain values and the session."""

    protocol = _Broker
    noisy = False

    def __init__(self) -> None:
        security = SecurityOptions()
        security.allowBasicTypes()
        security.allowTypes("remote")
        super().__init__(security=security)
