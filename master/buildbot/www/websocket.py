"""The WebSocket at ``/ws``: Buildbot's commands and frames, and beside them a cursor to go on from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Any

import simplejson
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure

from buildbot.errors import BadRequest, Gone, InternalError, NotFound, StatusError, UpgradeRequired
from buildbot.status.encode import compact
from buildbot.status.events.blocks import chunks, madeOnce, members, quoted
from buildbot.status.events.selection import Batch
from buildbot.status.events.subscription import Subscription
from buildbot.status.events.topics import isTopics
from buildbot.status.principal import Principal
from buildbot.status.query import pairs
from buildbot.www.following import handOver
from buildbot.www.request import Gate
from buildbot.www.sockets import writeTo

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

MOST = 200
"""Paths that one connection consumes."""
LARGEST = 65_536
"""Bytes of a frame that is read."""
PING = 30
"""Seconds between two signs of life that are asked for."""
SILENT = 90
"""Seconds after which a client that gives none is gone."""
GOING = 1001
_MEDIUM, _LARGE = Struct("!BBH").pack, Struct("!BBQ").pack
"""The heads of frames that are not short."""
Path = str | tuple[str, ...]
"""What is consumed together: one topic, or several."""
Consumed = tuple[Path, str | None]
"""With the name that the client has given it, which tells apart those of one path that differ in their query."""


class Sockets:
    """The handler of ``/ws``."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site
        factory: Any = WebSocketServerFactory(server="buildbot-status", reactor=site.reactor)  # type: ignore[no-untyped-call]  # autobahn's is not typed
        self._factory = factory
        factory.protocol = StatusSocket
        factory.setProtocolOptions(
            utf8validateIncoming=False,
            maxFramePayloadSize=LARGEST,
            maxMessagePayloadSize=LARGEST,
            webStatus=False,
            perMessageCompressionAccept=lambda offers: None,
        )

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        """Take the connection over from HTTP. Whether its page may ask is checked before, as everywhere."""
        request.kind = "socket"
        if request.terms.origin is not None:
            raise request.terms.origin
        request.allow("GET")
        self._site.service.requireEvents()
        upgrade = request.requestHeaders.getRawHeaders(b"Upgrade") or [b""]
        if b"websocket" not in upgrade[0].lower():
            raise UpgradeRequired("/ws: a WebSocket is spoken here; a request has Upgrade: websocket")
        socket = self._factory.buildProtocol(None)
        socket.opens(self._site, request, self._site.identify(request))
        takeOver(request, socket)


def takeOver(request: StatusRequest, socket: StatusSocket) -> None:
    """Give a request's connection to another protocol, and the request once more, as it came."""
    channel = request.channel
    channel._networkProducer.unregisterProducer()
    transport: Any = channel.transport
    channel.transport = None
    request.site.closed(channel)
    layers = [transport, getattr(transport, "protocol", None)]
    wrapper: Any = next((layer for layer in layers if isinstance(layer, ProtocolWrapper)), None)
    if wrapper is not None:
        wrapper.wrappedProtocol = socket
    else:
        transport.protocol = socket
    request.site.opened(socket)
    socket.makeConnection(transport)  # type: ignore[no-untyped-call]  # autobahn's is not typed
    transport.resumeProducing()
    lines = [b"%b %b HTTP/1.1" % (request.method, request.uri)]
    for name, values in request.requestHeaders.getAllRawHeaders():
        lines.append(b"%b: %b" % (name, b",".join(values)))
    socket.dataReceived(b"\r\n".join([*lines, b"", b""]))


class StatusSocket(WebSocketServerProtocol):
    """One connection. All times are the site's ticks, in seconds."""

    transport: Any
    _site: StatusSite
    _request: StatusRequest
    _principal: Principal

    def opens(self, site: StatusSite, request: StatusRequest, principal: Principal) -> None:
        """Before anything else."""
        self._site, self._request, self._principal = site, request, principal
        self._consumed: dict[Consumed, tuple[Subscription, Deferred[None]]] = {}
        self._starting: dict[Consumed, Deferred[None]] = {}
        self._told: dict[Consumed, str] = {}
        """Where those were who want to know, when they were last told."""
        self._gate = Gate()
        self._heard = site.tick
        self._stalled: int | None = None
        self._over = False

    def onOpen(self) -> None:
        """The handshake is done."""
        self._request.code = 101
        self.transport.registerProducer(self._gate, True)

    def dataReceived(self, data: bytes) -> None:
        self._heard = self._site.tick
        super().dataReceived(data)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """One frame of the client's. Whatever it is, it gets an answer."""
        ident = None
        try:
            frame = parseFrame(payload)
            ident = frame.get("_id")
            command, arguments = parseCommand(frame)
            getattr(self, f"cmd_{command}")(ident, **arguments)
        except StatusError as error:
            self._refuse(ident, error)

    def cmd_ping(self, ident: Any) -> None:
        """Is anybody there?"""
        self._say({"msg": "pong", "code": 200, "_id": ident})

    def cmd_startConsuming(
        self,
        ident: Any,
        path: Path,
        since: str | None = None,
        cursors: bool = False,
        query: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> None:
        """Be told of a path, or of several in one order."""
        wanted = path, name
        if wanted in self._consumed or wanted in self._starting:
            self._say({"msg": "OK", "code": 200, "_id": ident})
            return
        if len(self._consumed) + len(self._starting) >= MOST:
            raise BadRequest(f"one connection consumes at most {MOST} paths")
        if name is not None and not cursors:
            raise BadRequest("name: goes with cursors; frames without are Buildbot's own")
        given = pairs(query or {})
        starting = Deferred.fromCoroutine(self._start(ident, wanted, since, cursors, given))
        if not starting.called:
            self._starting[wanted] = starting
        starting.addErrback(self._notStarted, ident).addBoth(lambda _: self._starting.pop(wanted, None) and None)

    async def _start(
        self, ident: Any, wanted: Consumed, since: str | None, cursors: bool, given: Sequence[tuple[str, str]]
    ) -> None:
        path, name = wanted
        subscription = await self._site.service.subscribeAs(self._principal, path, since, given)
        if self._over:
            subscription.close()
            return
        self._say({"msg": "OK", "code": 200, "_id": ident, **({"cursor": subscription.cursor} if cursors else {})})
        if cursors:
            self._told[wanted] = subscription.cursor
        encode = partial(framesWithCursors, name=name) if cursors else frames
        running = Deferred.fromCoroutine(handOver(subscription, encode, self._put, self._site.reactor))
        self._consumed[wanted] = subscription, running
        running.addErrback(self._failed, wanted)

    def _notStarted(self, failure: Failure, ident: Any) -> None:
        if not failure.check(CancelledError):
            self._refuse(ident, self._shown(failure))

    def cmd_stopConsuming(self, ident: Any, path: Path, name: str | None = None) -> None:
        """Be told no more."""
        wanted = path, name
        if wanted in self._starting:
            self._starting[wanted].cancel()
        elif wanted in self._consumed:
            self._stop(wanted)
        else:
            raise BadRequest(f"path was not consumed '{path if isinstance(path, str) else ', '.join(path)}'")
        self._say({"msg": "OK", "code": 200, "_id": ident})

    def _stop(self, wanted: Consumed) -> None:
        subscription, running = self._consumed.pop(wanted)
        self._told.pop(wanted, None)
        subscription.close()
        running.cancel()

    def _failed(self, failure: Failure, wanted: Consumed) -> None:
        """Nothing more comes of a path: say why."""
        if wanted not in self._consumed or self._over:
            return
        self._consumed.pop(wanted)[0].close()
        self._told.pop(wanted, None)
        error = self._shown(failure)
        word = "gone" if isinstance(error, Gone) else "failed"
        self._say({**error.extra, **_named(word, wanted), **refusal(None, error)})

    def _shown(self, failure: Failure) -> StatusError:
        error: Any = failure.value
        if isinstance(error, StatusError):
            return error
        self._site.logFailure("A WebSocket's subscription failed", failure)
        return InternalError("Something unexpected went wrong; the server's log has more")

    def _refuse(self, ident: Any, error: StatusError) -> None:
        self._say({**error.extra, **refusal(ident, error)})

    def _say(self, message: Mapping[str, Any]) -> None:
        if self.state == self.STATE_OPEN:
            self.sendMessage(compact(message).encode(), False)  # type: ignore[no-untyped-call]  # autobahn's is not typed

    async def _put(self, chunk: bytes) -> None:
        if self.state == self.STATE_OPEN:
            writeTo(self.transport, chunk)
            self._request.sentLength += len(chunk)
        if not self._gate.open:
            await self._gate.opened()

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008  # the signature of the base class
        """Free everything."""
        self._over = True
        for wanted in list(self._consumed):
            self._stop(wanted)
        for starting in list(self._starting.values()):
            starting.cancel()
        super().connectionLost(reason)
        self._site.closed(self)
        self._site.log(self._request)

    def finishUp(self) -> None:
        """The server ends."""
        # Not sendClose(), which would have this code kept for browsers.
        self.sendCloseFrame(code=GOING, reasonUtf8=b"the server ends; connect again later", isReply=False)

    def sweep(self, tick: int) -> None:
        """Once a second: end what is not there any more."""
        self._stalled = None if self._gate.open else self._stalled or tick
        stalled = self._stalled is not None and tick - self._stalled > self._site.settings.limits.stalledTime
        if stalled or tick - self._heard > SILENT:
            self.transport.abortConnection()
        elif self._gate.open and (tick - self._heard) % PING == PING - 1 and self.state == self.STATE_OPEN:
            self.sendPing()
            self._bookmark()

    def _bookmark(self) -> None:
        """Where the log has grown, from where to go on: whoever is told of nothing would be too late some day."""
        for wanted, told in self._told.items():
            cursor = self._consumed[wanted][0].cursor if wanted in self._consumed else told
            if cursor != told:
                self._told[wanted] = cursor
                self._say({**_named("bookmark", wanted), "cursor": cursor})


_ARGUMENTS: Mapping[str, Mapping[str, tuple[type, bool]]] = {
    "ping": {},
    "startConsuming": {
        "path": (object, True),
        "since": (str, False),
        "cursors": (bool, False),
        "query": (dict, False),
        "name": (str, False),
    },
    "stopConsuming": {"path": (object, True), "name": (str, False)},
}
"""Of each command: its arguments' types, and whether they must be there."""


def parseFrame(payload: bytes) -> Mapping[str, Any]:
    """What a client sent. Raises BadRequest."""
    try:
        frame = simplejson.loads(payload.decode())
    except (ValueError, RecursionError):
        frame = None
    if not isinstance(frame, dict):
        raise BadRequest('a frame is one JSON object, such as {"cmd":"ping","_id":1}')
    return frame


def parseCommand(frame: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The command, and its arguments, checked in the order in which Buildbot does. Raises BadRequest and NotFound."""
    if "_id" not in frame and "type" not in frame:
        raise BadRequest("no '_id' or 'type' in websocket frame")
    if "cmd" not in frame:
        raise BadRequest("no 'cmd' in websocket frame")
    command = frame["cmd"]
    wanted = _ARGUMENTS.get(command) if isinstance(command, str) else None
    if wanted is None:
        raise NotFound(f"no such command type '{command}'; there are: {', '.join(_ARGUMENTS)}")
    given = {name: value for name, value in frame.items() if name not in ("_id", "type", "cmd")}
    missing = [name for name, (_, needed) in wanted.items() if needed and name not in given]
    missing += ["_id"] if "_id" not in frame else []
    unknown = [name for name in given if name not in wanted]
    if missing or unknown:
        wrong = f"{missing[0]} is missing" if missing else f"{unknown[0]} is unknown"
        raise BadRequest(f"Invalid method argument '{command}: {wrong}; it takes _id, {', '.join(wanted)}'")
    for name, value in given.items():
        if name == "path" and not isTopics(value):
            raise BadRequest(f"invalid path format '{value}'")
        if not isinstance(value, wanted[name][0]) and not (value is None and not wanted[name][1]):
            raise BadRequest(f"Invalid method argument '{command}: {name} is a {wanted[name][0].__name__}'")
    given = {name: value for name, value in given.items() if value is not None}
    return command, {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def refusal(ident: Any, error: StatusError) -> dict[str, Any]:
    """An error as Buildbot's clients know it."""
    return {"error": error.detail, "code": error.status, "_id": ident}


def _named(word: str, wanted: Consumed) -> dict[str, Any]:
    """What something is about, as the client called it."""
    path, name = wanted
    return {word: path, **({} if name is None else {"name": name})}


def frames(batch: Batch, number: int) -> Iterable[bytes]:
    """As Buildbot has them; made once for all."""
    return madeOnce(batch, "ws", lambda: list(chunks(frame(f"{data}}}") for data in _events(batch))))


def framesWithCursors(batch: Batch, number: int, name: str | None = None) -> Iterator[bytes]:
    """The same, with what it takes to go on and to miss nothing, and the name that was given."""
    end = "}" if name is None else f',"name":{quoted(name)}}}'
    made: Any = madeOnce(batch, "ws cursors", lambda: _events(batch))  # type: ignore[arg-type,return-value]  # texts, kept for this function alone
    return chunks(
        frame(f'{data},"cursor":"{change.cursor}","number":{number + index}{end}')
        for index, (data, change) in enumerate(zip(made, batch.changes, strict=True))
    )


def _events(batch: Batch) -> list[str]:
    """Each as a JSON object whose end is left open."""
    return [
        f'{{"k":{quoted(change.topic)},"m":{change.recordText}'
        + (',"left":true' if change.left else "")
        + members(change.extra)
        for change in batch.changes
    ]


def frame(text: str) -> bytes:
    """A text as a frame of the server's, which is the same for all (RFC 6455, 5.2): whole, of text, without a mask."""
    data = text.encode()
    size = len(data)
    if size < 126:
        return bytes((0x81, size)) + data
    return (_MEDIUM(0x81, 126, size) if size < 65_536 else _LARGE(0x81, 127, size)) + data
