"""Perspective Broker, serving end: the bytes that HTTP would carry, in slices that the client pulls one at a time.

A client gets the root object and calls, in this order:

``hello(hello)``
    ``{"protocol": [lowest, highest], "client": …}``; answered with ``{"protocol": …, "server": …, "slice": …, …}``: the
    version that both will speak, and the limits.
``login(name, password)``
    answered with the one remote object of the connection, which takes what follows. An empty name: nobody known.
``get(ident, request)``, ``getMany(ident, request)``
    a number that the client chooses for this call, and ``[path, [[name, value], …]]`` or a batch
    (:mod:`buildbot.status.batch`). Answered with ``(head, data, last)``: what HTTP has in headers, the first slice, and
    whether it is all.
``subscribe(ident, request)``
    ``[topic, [[name, value], …]]``, ``since`` among them; answered like a call, with an answer that has no end: the
    events that HTTP would stream. A pull waits until there are some, for 15 seconds at most.
``act(request)``
    ``[path, action, {name: value}]``; answered with its result, in JSON, once it has taken effect.
``pull(ident)``
    answered with ``(data, last)``: the next slice.
``cancel(ident)``
    nobody wants the rest.

Everything but ``data`` and numbers is JSON. An answer is ``(True, …)``, an error ``(False, problem)``
(:func:`buildbot.status.wire.problem`); nothing is ever raised across the wire. A password crosses as it is: beyond one
machine, listen on ``ssl:…``.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from twisted.application.service import Service
from twisted.cred.checkers import AllowAnonymousAccess
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.spread import pb
from twisted.spread.jelly import SecurityOptions

from buildbot.status.pbsession import Entrance, PBLimits, Shared, StatusRealm
from buildbot.status.service import StatusService

__all__ = ["PBLimits", "PBStatusServer", "portalOf"]

BITE = 4096
"""Bytes that are decoded in one go: the decoder copies the rest of what it is given for every item in it."""


def portalOf(*checkers: Any, anonymous: bool = False) -> Portal:
    """Who may log in: those whom an ``ICredentialsChecker`` knows (:mod:`buildbot.status.passwords` has two), and
    perhaps everybody."""
    realm: Any = StatusRealm()
    everybody: list[Any] = [AllowAnonymousAccess()] if anonymous else []
    return Portal(realm, [*checkers, *everybody])


class PBStatusServer(Service):
    """Serves a :class:`~buildbot.status.service.StatusService` on an endpoint, such as ``tcp:9990:interface=127.0.0.1``
    or ``ssl:9990:privateKey=key.pem:certKey=cert.pem``."""

    def __init__(
        self, service: StatusService, endpoint: str, portal: Portal, *, reactor: Any, limits: PBLimits | None = None
    ) -> None:
        self._reactor = reactor
        self._endpoint = serverFromString(reactor, endpoint)
        self.shared = Shared(service, portal, limits or PBLimits(), reactor)
        self._factory = _Factory(self.shared)
        self.listening: Deferred[IListeningPort] | None = None
        """Fires with the port when it listens; fails with what Twisted says when it cannot."""

    def startService(self) -> None:
        super().startService()
        self.listening = self._endpoint.listen(self._factory)

    @property
    def brokers(self) -> Collection[_Broker]:
        """The connections that there are."""
        return self._factory.brokers

    async def _stop(self) -> None:
        if self.listening is not None:
            port: Any = await self.listening
            self.listening = None
            await port.stopListening()
        await self._factory.drain()

    def stopService(self) -> Deferred[None]:
        """Accept nobody any more, let answers that are under way be pulled for some seconds, then drop all connections;
        fires when the last is gone."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())


class _Gate:
    """Closed while a client does not read what it is sent. Then slices stay where they are, and after the message that
    comes next nothing is read from it either: so what waits for it stays bounded, and so does how long. (Not sooner:
    TLS closes this while it shakes hands, and has to read for that.)"""

    def __init__(self, transport: Any, stalled: Callable[[], Any], callLater: Callable[..., Any], most: float) -> None:
        self._transport, self._stalled, self._callLater, self._most = transport, stalled, callLater, most
        self._timer: Any = None
        self._holding = False
        self._waiting: deque[Deferred[None]] = deque()

    def pauseProducing(self) -> None:
        """Called again at every write while it is closed."""
        if self._timer is None:
            self._timer = self._callLater(self._most, self._stalled)

    def received(self) -> None:
        """Something came in."""
        if self._timer is not None and not self._holding:
            self._holding = True
            self._transport.pauseProducing()

    def resumeProducing(self) -> None:
        self.stopProducing()
        if self._holding:
            self._holding = False
            self._transport.resumeProducing()
        while self._waiting and self._timer is None:
            self._waiting.popleft().callback(None)

    def stopProducing(self) -> None:
        """Once more when the connection is gone."""
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()

    async def opened(self) -> None:
        """Wait until a slice may be sent; one after the other."""
        if self._timer is not None:
            turn: Deferred[None] = Deferred(lambda cancelled: self._waiting.remove(cancelled))
            self._waiting.append(turn)
            await turn


class _Broker(pb.Broker):
    """One connection of a client that nobody need trust."""

    log = Logger()
    entrance: Entrance
    factory: _Factory  # type: ignore[assignment]  # the base class says any factory
    transport: Any

    def connectionMade(self) -> None:
        self._size = 0
        self.gone: Deferred[None] = Deferred()
        limits, callLater = self.factory.shared.limits, self.factory.shared.reactor.callLater
        self.gate = _Gate(self.transport, self.transport.abortConnection, callLater, limits.idle)
        self.transport.registerProducer(self.gate, True)
        self._deadline = callLater(limits.login, self._mustBeIn)
        self.factory.brokers.add(self)
        super().connectionMade()

    def leaveSoon(self) -> None:
        """In the next turn, when the answer that is being given has been written."""
        self.factory.shared.reactor.callLater(0, self.leave)

    def leave(self) -> None:
        """End the connection after what has been written. (TLS would wait for a producer to end by itself.)"""
        if not self.disconnected:
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def _mustBeIn(self) -> None:
        if self.entrance.session is None:
            self.transport.abortConnection()

    def connectionLost(self, reason: Any = connectionDone) -> None:
        if self._deadline.active():
            self._deadline.cancel()
        self.gate.stopProducing()
        self.factory.brokers.discard(self)
        super().connectionLost(reason)
        self.gone.callback(None)

    def dataReceived(self, data: bytes) -> None:
        self.gate.received()
        for bite in (data[start : start + BITE] for start in range(0, len(data), BITE)):
            self._size += len(bite)
            if self._size > self.factory.shared.limits.message:
                return self._refuse("a message is too long")
            try:
                super().dataReceived(bite)
            except Exception as error:
                return self._refuse(f"{type(error).__name__}: {error}")
        return None

    def callExpressionReceived(self, expression: Any) -> None:
        self._size = 0
        super().callExpressionReceived(expression)

    def _refuse(self, why: str) -> None:
        self.log.info("{peer} is cut off: {why}", peer=self.transport.getPeer(), why=why)
        self.transport.abortConnection()


class _Factory(pb.PBServerFactory):
    """Makes a connection of each client that there is room for."""

    protocol = _Broker
    noisy = False

    def __init__(self, shared: Shared) -> None:
        security = SecurityOptions()
        security.allowBasicTypes()
        super().__init__(pb.Root(), security=security)
        self.shared = shared
        self.brokers: set[_Broker] = set()

    def buildProtocol(self, addr: Any) -> _Broker | None:
        if len(self.brokers) >= self.shared.limits.connections:
            return None
        broker = _Broker(isClient=False, security=self.security)
        broker.factory = self
        broker.entrance = Entrance(self.shared, broker)
        broker.setNameForLocal("root", broker.entrance)
        return broker

    async def drain(self) -> None:
        """Let answers be pulled, then drop everybody."""
        gone = [broker.gone for broker in self.brokers]
        for broker in self.brokers:
            session = broker.entrance.session
            if session is not None and session.busy:
                session.onIdle = broker.leaveSoon
            else:
                broker.leave()
        end = self.shared.reactor.callLater(self.shared.limits.drain, self._dropAll)
        await DeferredList(gone)
        if end.active():
            end.cancel()

    def _dropAll(self) -> None:
        for broker in list(self.brokers):
            broker.transport.abortConnection()
