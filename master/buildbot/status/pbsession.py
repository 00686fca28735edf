"""What a Perspective Broker client holds: the entrance of a connection, and after the login its session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import attrs
import simplejson
from twisted.cred.credentials import Anonymous, UsernamePassword
from twisted.cred.error import LoginDenied, LoginFailed, UnhandledCredentials
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.spread import pb
from zope.interface import Interface, implementer

from buildbot.errors import BadQuery, Busy, DeadlineExceeded, Disconnected, NotAvailable, StatusError, Unauthenticated
from buildbot.status.batch import batchPieces, parseBatch
from buildbot.status.call import Pairs
from buildbot.status.encode import compact
from buildbot.status.events.topics import isTopics
from buildbot.status.events.transfer import EVENTS, EventTransfer
from buildbot.status.principal import ANONYMOUS, Principal
from buildbot.status.service import Body, StatusService
from buildbot.status.streams import notRecords
from buildbot.status.transfers import Budget, BytesTransfer, StreamTransfer, Transfer
from buildbot.status.wire import JSON, LOWEST, PROTOCOL, SLICE, internal, problem


@attrs.frozen
class PBLimits:
    """How much clients may ask of the server; sizes in bytes, times in seconds."""

    connections: int = 500
    calls: int = 200
    """Of one connection at the same time, those counted that wait to be pulled."""
    acts: int = 20
    """Of one connection at the same time."""
    held: int = 256 * 1024 * 1024
    """By all answers that wait to be pulled."""
    heldEach: int = 64 * 1024 * 1024
    """By those of one connection."""
    idle: float = 60.0
    """Between two pulls of an answer; then the rest of it is dropped."""
    message: int = 1024 * 1024
    """Of one message from a client."""
    login: float = 30.0
    """From the connection to the end of the login."""
    tries: int = 3
    """Wrong passwords on one connection."""
    drain: float = 5.0
    """For answers under way when the server stops."""


class IPrincipal(Interface):  # type: ignore[misc]  # zope.interface has no types
    """What a portal gives after a login: a :class:`~buildbot.status.principal.Principal`."""


@implementer(IRealm)
class StatusRealm:
    """Makes principals of those who have logged in."""

    def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> tuple[Any, Principal, Callable[[], None]]:
        """See ``IRealm``."""
        if IPrincipal not in interfaces:
            raise NotImplementedError(f"of {interfaces} none is known here")
        name = avatarId.decode() if isinstance(avatarId, bytes) else avatarId or ""
        return IPrincipal, Principal(name) if name else ANONYMOUS, lambda: None


class Shared:
    """What the sessions of a server have in common."""

    def __init__(self, service: StatusService, portal: Portal, limits: PBLimits, reactor: Any) -> None:
        self.service, self.portal, self.limits, self.reactor = service, portal, limits, reactor
        self.budget = Budget(limits.held)


class _Answering(pb.Referenceable):
    """Turns the outcome of a call into what crosses the wire."""

    log = Logger()

    def _answer(self, work: Awaitable[tuple[Any, ...]]) -> Deferred[tuple[Any, ...]]:
        return Deferred.fromCoroutine(self._outcome(work))

    async def _outcome(self, work: Awaitable[tuple[Any, ...]]) -> tuple[Any, ...]:
        try:
            return (True, *await work)
        except StatusError as error:
            return False, _problem(error)
        except CancelledError:
            return False, _problem(Disconnected("the call was cancelled"))
        except Exception:
            return False, _problem(internal(self.log))


def _problem(error: StatusError) -> bytes:
    data = compact(problem(error)).encode()
    if len(data) > SLICE:
        data = compact(problem(type(error)(error.detail[:1000] + "…"))).encode()
    return data


class Entrance(_Answering):
    """The root object of one connection."""

    def __init__(self, shared: Shared, broker: Any) -> None:
        self._shared, self._broker = shared, broker
        self._greeted = False
        self._wrong = 0
        self.session: Session | None = None

    def remote_hello(self, hello: Any) -> Any:
        """Agree on a version."""
        return self._answer(self._hello(hello))

    async def _hello(self, hello: Any) -> tuple[bytes]:
        theirs = _json(hello)
        span = theirs.get("protocol") if isinstance(theirs, dict) else None
        if not (isinstance(span, list) and len(span) == 2 and all(isinstance(end, int) for end in span)):
            raise BadQuery('hello: {"protocol": [lowest, highest]} is expected')
        chosen = min(PROTOCOL, span[1])
        if chosen < max(LOWEST, span[0]):
            older = "client" if span[1] < LOWEST else "server"
            raise NotAvailable(
                f"this server speaks the versions {LOWEST} to {PROTOCOL} of the protocol, this client {span[0]} to "
                f"{span[1]}: the {older} is too old"
            )
        self._greeted = True
        limits = self._shared.limits
        return (_head(protocol=chosen, slice=SLICE, calls=limits.calls, idle=limits.idle),)

    def remote_login(self, name: Any, password: Any) -> Any:
        """Say who you are."""
        return self._answer(self._login(name, password))

    async def _login(self, name: Any, password: Any) -> tuple[Session]:
        if not self._greeted or self.session is not None:
            raise BadQuery("login: comes after hello, and once")
        if not isinstance(name, str) or not isinstance(password, str):
            raise BadQuery("login: takes two texts")
        credentials: Any = UsernamePassword(name.encode(), password.encode()) if name else Anonymous()
        principal: Any
        try:
            _, principal, _ = await self._shared.portal.login(credentials, None, IPrincipal)
        except (LoginFailed, LoginDenied, UnhandledCredentials):
            self._fail()
            raise Unauthenticated(
                "wrong name or password" if name else "a name and a password are needed: pb://name:password@…"
            ) from None
        if self._broker.disconnected:
            raise Disconnected("the connection was lost")
        self.session = Session(self._shared, principal, self._broker.gate.opened)
        self._broker.notifyOnDisconnect(self.session.dropAll)
        return (self.session,)

    def _fail(self) -> None:
        self._wrong += 1
        if self._wrong >= self._shared.limits.tries:
            self._broker.leaveSoon()


@attrs.define(eq=False)
class _Open:
    """A transfer, and when it is dropped."""

    transfer: Transfer
    timer: Any
    """An ``IDelayedCall``."""
    pulling: bool = False


class Session(_Answering):
    """The one remote object of a connection: makes calls for somebody, and holds the answers until they are pulled."""

    def __init__(self, shared: Shared, principal: Principal, opened: Callable[[], Awaitable[None]]) -> None:
        """``opened``: waits until the client has read what was sent."""
        self._shared, self._principal, self._opened = shared, principal, opened
        self._service = shared.service
        self._budget = Budget(shared.limits.heldEach, shared.budget)
        self._asking: dict[int, Deferred[Any]] = {}
        self._open: dict[int, _Open] = {}
        self._acting = 0
        self.onIdle: Callable[[], None] | None = None
        """Called when nothing is under way any more."""

    @property
    def busy(self) -> bool:
        """Something is asked or done, or waits to be pulled."""
        return bool(self._asking or self._open or self._acting)

    def remote_get(self, ident: Any, request: Any) -> Any:
        """One call."""
        return self._answer(self._begin(ident, lambda: Deferred.fromCoroutine(self._get(*_call(request)))))

    async def _get(self, path: str, given: Pairs) -> Body:
        found = await self._service.getBody(self._principal, path, given)
        if not isinstance(found, Body):
            raise notRecords(path)
        return found

    def remote_open(self, ident: Any, request: Any) -> Any:
        """The bytes of a path that answers with bytes."""
        return self._answer(self._begin(ident, lambda: self._service.openAs(self._principal, *_call(request))))

    def remote_getMany(self, ident: Any, request: Any) -> Any:
        """Several calls in one snapshot."""
        return self._answer(self._begin(ident, lambda: self._getMany(request)))

    def _getMany(self, request: Any) -> Deferred[Any]:
        if not isinstance(request, bytes):
            raise BadQuery("getMany: bytes are expected")
        return self._service.getBodies(self._principal, parseBatch(request))

    def remote_subscribe(self, ident: Any, request: Any) -> Any:
        """Everything of some topics, after ``since`` if that is among the parameters."""
        return self._answer(self._begin(ident, lambda: Deferred.fromCoroutine(self._subscribe(*_topics(request)))))

    async def _subscribe(self, topics: Sequence[str], given: Pairs) -> EventTransfer:
        since = next((value for name, value in given if name == "since"), None)
        filters = [pair for pair in given if pair[0] != "since"]
        subscription = await self._service.subscribeAs(self._principal, topics, since, filters)
        return EventTransfer(subscription, self._shared.reactor)

    def remote_act(self, request: Any) -> Any:
        """Do something to a thing. It goes on if the connection is lost."""
        return self._answer(self._act(request))

    async def _act(self, request: Any) -> tuple[bytes]:
        wanted = _json(request)
        right = isinstance(wanted, list) and [type(part) for part in wanted] == [str, str, dict]
        if not right:
            raise BadQuery('["path", "action", {"name": value}] is expected')
        if self._acting >= self._shared.limits.acts:
            raise Busy(f"{self._acting} actions of this connection are under way already")
        self._acting += 1
        try:
            result = await self._service.actAs(self._principal, *wanted)
        finally:
            self._acting -= 1
            self._mayBeIdle()
        return (compact(result).encode(),)

    async def _begin(self, ident: Any, ask: Callable[[], Deferred[Any]]) -> tuple[bytes, bytes, bool]:
        if not isinstance(ident, int) or ident in self._asking or ident in self._open:
            raise BadQuery("a call needs a number that is not in use")
        if len(self._asking) + len(self._open) >= self._shared.limits.calls:
            raise Busy(f"{self._shared.limits.calls} calls of this connection are under way already")
        self._asking[ident] = asking = ask()
        try:
            found = await asking
        finally:
            del self._asking[ident]
            self._mayBeIdle()
        head, transfer = self._transfer(found)
        timer = self._shared.reactor.callLater(self._shared.limits.idle, self._drop, ident)
        self._open[ident] = _Open(transfer, timer)
        return head, *await self._pull(ident)

    def _transfer(self, found: Any) -> tuple[bytes, Transfer]:
        if isinstance(found, EventTransfer):
            return _head(type=EVENTS), found
        if isinstance(found, Body):
            return _head(type=JSON, length=found.size, **_cursor(found)), BytesTransfer(found.pieces, self._budget)
        if isinstance(found, (list, tuple)):
            pieces = list(batchPieces(found))
            return _head(type=JSON, length=sum(map(len, pieces)), **_cursor(*found)), BytesTransfer(
                pieces, self._budget
            )
        about = found.head
        return _head(type=about.contentType, length=about.length, filename=about.filename), StreamTransfer(found)

    def remote_pull(self, ident: Any) -> Any:
        """The next slice of an answer."""
        return self._answer(self._pull(ident))

    async def _pull(self, ident: Any) -> tuple[bytes, bool]:
        opened = self._open.get(ident)
        if opened is None:
            raise DeadlineExceeded(
                f"no answer {ident} waits to be pulled: it was complete, cancelled, or left alone for "
                f"{self._shared.limits.idle:g} s"
            )
        if opened.pulling:
            raise BadQuery("one slice at a time")
        opened.timer.reset(self._shared.limits.idle)
        opened.pulling = True
        last = True
        try:
            await self._opened()
            data, last = await opened.transfer.next()
        finally:
            opened.pulling = False
            if last:
                self._drop(ident)
        return data, last

    def remote_cancel(self, ident: Any) -> None:
        """Nobody wants the rest."""
        if ident in self._asking:
            self._asking[ident].cancel()
        else:
            self._drop(ident)

    def _drop(self, ident: Any) -> None:
        opened = self._open.pop(ident, None)
        if opened is not None:
            opened.transfer.drop()
            if opened.timer.active():
                opened.timer.cancel()
        self._mayBeIdle()

    def _mayBeIdle(self) -> None:
        if self.onIdle is not None and not self.busy:
            self.onIdle()

    def dropAll(self) -> None:
        """The connection is gone: stop and forget everything."""
        for asking in list(self._asking.values()):
            asking.cancel()
        for ident in list(self._open):
            self._drop(ident)


def _head(**about: Any) -> bytes:
    return compact(about).encode()


def _cursor(*answers: Any) -> dict[str, str]:
    """What is said of the place at which answers were read."""
    cursor = next((answer.cursor for answer in answers if isinstance(answer, Body)), None)
    return {} if cursor is None else {"cursor": cursor}


def _json(text: Any) -> Any:
    if not isinstance(text, bytes):
        raise BadQuery("bytes of JSON are expected")
    try:
        return simplejson.loads(text)
    except (ValueError, RecursionError):
        raise BadQuery("this is no JSON") from None


def _call(request: Any) -> tuple[str, Pairs]:
    call = _json(request)
    if not (isinstance(call, list) and len(call) == 2 and isinstance(call[0], str) and _pairs(call[1])):
        raise BadQuery("[path, [[name, value], …]] is expected")
    return call[0], [(name, value) for name, value in call[1]]


def _topics(request: Any) -> tuple[Sequence[str], Pairs]:
    """What a subscription names, and asks of it."""
    call = _json(request)
    if not (isinstance(call, list) and len(call) == 2 and isTopics(call[0]) and _pairs(call[1])):
        raise BadQuery("[topic or [topic, …], [[name, value], …]] is expected")
    return [call[0]] if isinstance(call[0], str) else call[0], [(name, value) for name, value in call[1]]


def _pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in value
    )
