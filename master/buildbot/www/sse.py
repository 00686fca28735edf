"""Server-sent events: Buildbot's ``/sse``, and any path of the API, asked with ``Accept: text/event-stream``.

Each event has the cursor after it as its ``id``, so that a browser that was cut off goes on after the last that it got.
"""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import simplejson
from twisted.internet.defer import Deferred, TimeoutError
from twisted.python.failure import Failure

from buildbot.errors import BadQuery, BadRequest, Gone, InternalError, NotFound, StatusError
from buildbot.status.answer import Answer
from buildbot.status.encode import PIECE, compact
from buildbot.status.events.blocks import KEEPALIVE, alive, block, changes, chunks, madeOnce
from buildbot.status.events.selection import Batch
from buildbot.status.events.subscription import Subscription
from buildbot.status.principal import Principal
from buildbot.status.wanted import Wanted
from buildbot.www.address import Pairs, parsePairs
from buildbot.www.following import Encode, followed, handOver
from buildbot.www.wire import problem

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest
    from buildbot.www.site import StatusSite

MOST = 200
"""Subscriptions of one stream."""
TYPE = "text/event-stream"
LAST = b"Last-Event-ID"


def retry() -> bytes:
    """When to come again after a cut: not all at once."""
    return f"retry: {random.randint(1_000, 5_000)}\n\n".encode()


class EventStream:
    """Everything that one client is told: by subscriptions that come and go, one chunk at a time."""

    def __init__(self, site: StatusSite, principal: Principal, basePath: str) -> None:
        self._site, self.principal, self._basePath = site, principal, basePath
        self._running: dict[str, tuple[Subscription, Deferred[None]]] = {}
        self._ready: deque[tuple[bytes, Deferred[None]]] = deque()
        self._wanted: Deferred[None] | None = None
        self._ended = False
        self._first: Subscription | None = None
        self._told: str | None = None
        """The cursor that the client knows."""
        self.final: bytes = b""
        site.ending.add(self.end)

    async def subscribe(
        self, topic: str | Sequence[str], since: str | None, given: Sequence[tuple[str, str]]
    ) -> Subscription:
        """As the service does. Raises what it fails with."""
        return await self._site.service.subscribeAs(self.principal, topic, since, given)

    def add(self, path: str, subscription: Subscription, encode: Encode, *, identified: bool) -> None:
        """Tell of this, too. ``identified``: its cursor is the stream's."""
        if self._ended or path in self._running or len(self._running) >= MOST:
            subscription.close()
            return
        if identified:
            self._first = subscription
        running = Deferred.fromCoroutine(handOver(subscription, encode, self._put, self._site.reactor))
        self._running[path] = subscription, running
        running.addErrback(self._failed, path)

    def remove(self, path: str) -> bool:
        """Tell of this no more; whether it was told of."""
        if path not in self._running:
            return False
        subscription, running = self._running.pop(path)
        subscription.close()
        running.cancel()
        return True

    @property
    def paths(self) -> Iterable[str]:
        """What is told of."""
        return self._running.keys()

    def _failed(self, failure: Failure, path: str) -> None:
        """Nothing more can come: say why, and end."""
        if self._ended or path not in self._running:
            return
        error: Any = failure.value
        if not isinstance(error, StatusError):
            self._site.logFailure("An event stream failed", failure)
            error = InternalError("Something unexpected went wrong; the server's log has more")
        self.final = block("gone" if isinstance(error, Gone) else "error", compact(problem(error, self._basePath)))
        self.end()

    async def _put(self, chunk: bytes) -> None:
        taken: Deferred[None] = Deferred(self._dropped)
        self._ready.append((chunk, taken))
        self._wake()
        await taken

    def _dropped(self, taken: Deferred[None]) -> None:
        self._ready = deque(entry for entry in self._ready if entry[1] is not taken)

    def _wake(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            wanted.callback(None)

    async def pieces(self) -> AsyncIterator[bytes]:
        """What is told, as it comes, and a sign of life when nothing does."""
        while not self._ended:
            if self._ready:
                chunk, taken = self._ready.popleft()
                self._told = None
                yield chunk
                taken.callback(None)
                continue
            self._wanted = Deferred()
            try:
                await self._wanted.addTimeout(KEEPALIVE, self._site.reactor)
            except TimeoutError:
                self._wanted = None
                yield self._alive()
        if self.final:
            yield self.final

    def _alive(self) -> bytes:
        """A comment; and where the log has grown by what is of no interest here, from where to go on."""
        cursor = None if self._first is None else self._first.cursor
        if cursor is None or cursor == self._told:
            return alive(None)
        self._told = cursor
        return alive(cursor)

    def end(self) -> None:
        """Let the client see the end."""
        self._ended = True
        self._wake()

    def close(self) -> None:
        """Free everything."""
        self._ended = True
        self._site.ending.discard(self.end)
        for path in list(self._running):
            self.remove(path)


async def pourEvents(request: StatusRequest, stream: EventStream, first: AsyncIterator[bytes]) -> None:
    """Answer with a stream; returns when it has ended."""

    async def all_() -> AsyncIterator[bytes]:
        async for piece in first:
            yield piece
        async for piece in stream.pieces():
            yield piece

    headers = [
        ("Content-Type", TYPE),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Accel-Buffering", "no"),
        ("Vary", "Accept, Origin"),
    ]
    try:
        await request.pour(200, headers, all_(), None)
    finally:
        stream.close()


class Followed:
    """The same call as ``get``, answered with rows and then with what changes about them."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site

    async def __call__(self, request: StatusRequest, path: str, pairs: Pairs) -> None:
        """``record`` for each row, ``synced``, and then ``change``; with a cursor to go on from, ``change`` only."""
        request.kind = "events"
        site, service = self._site, self._site.service
        principal = site.identify(request)
        service.requireEvents()
        since, rest = _since(request, pairs)
        wanted = await followed(service, principal, path, rest)
        isKept = since is not None and await self._isKept(principal, wanted, since, request)
        answer = Answer((), cursor=since)
        if not isKept:
            answer = Answer(())
            if wanted.rows is not None:
                answer = await service.getAs(principal, path, _mapping(wanted.rows))
        stream = EventStream(site, principal, site.settings.basePath)
        try:
            subscription = await stream.subscribe(wanted.topic, answer.cursor, wanted.filters)
        except StatusError:
            stream.close()
            raise
        first = _only(retry())
        if not isKept:
            rows = [record.asDict() for record in answer.records]
            first = self._rows(rows, subscription.cursor, answer.meta, gone=since is not None)
        stream.add(path, subscription, changes, identified=True)
        await pourEvents(request, stream, first)

    async def _isKept(self, principal: Principal, wanted: Wanted, since: str, request: StatusRequest) -> bool:
        """Whether one can go on there. A browser that comes again by itself is given everything anew if not, because
        an error would end it; who names a cursor in the address is told."""
        try:
            (await self._site.service.subscribeAs(principal, wanted.topic, since, wanted.filters)).close()
        except Gone:
            if not request.requestHeaders.hasHeader(LAST):
                raise
            return False
        return True

    async def _rows(
        self, rows: Sequence[Mapping[str, Any]], cursor: str | None, meta: Mapping[str, Any], *, gone: bool
    ) -> AsyncIterator[bytes]:
        yield retry()
        if gone:
            yield block(
                "gone", compact({"detail": "What came after your cursor is not kept any more: all comes anew."})
            )
        for start in range(0, len(rows), PIECE):
            some = rows[start : start + PIECE]
            yield await self._site.inThread(
                lambda some=some: b"".join(block("record", compact(record)) for record in some)  # type: ignore[misc]  # a default binds the loop's value, which mypy cannot type
            )
        yield block("synced", compact({"cursor": cursor, "meta": meta}), cursor)


def stockEvents(batch: Batch, number: int) -> Iterable[bytes]:
    """As Buildbot has them, with the cursor as id."""
    return madeOnce(batch, "sse", lambda: list(chunks(_stock(batch, identified=True))))


def stockEventsAdded(batch: Batch, number: int) -> Iterable[bytes]:
    """The same without ids."""
    return madeOnce(batch, "sse added", lambda: list(chunks(_stock(batch, identified=False))))


def _stock(batch: Batch, *, identified: bool) -> Iterator[bytes]:
    for change in batch.changes:
        key = [unquote(element) for element in change.topic.split("/")]
        data = simplejson.dumps({"key": key, "message": change.record}, ignore_nan=True)
        yield block("event", data, change.cursor if identified else None)


class Sse:
    """The handler of ``/sse``: Buildbot's paths."""

    def __init__(self, site: StatusSite) -> None:
        self._site = site
        self._streams: dict[str, EventStream] = {}

    async def __call__(self, request: StatusRequest, rest: str | None) -> None:
        request.kind = "events"
        if request.terms.origin is not None:
            raise request.terms.origin
        request.allow("GET", "POST")
        self._site.service.requireEvents()
        word, _, below = (rest or "").rstrip("/").partition("/")
        if word in ("add", "remove"):
            ident, _, path = below.partition("/")
            await self._change(request, word, ident, path)
        else:
            await self._listen(request, below if word == "listen" else (rest or "").rstrip("/"))

    async def _listen(self, request: StatusRequest, path: str) -> None:
        since, filters = _since(request, parsePairs(request.query, self._site.settings.limits.parameters))
        form = [value for name, value in filters if name == "form"]
        topics = [*([path] if path else []), *(value for name, value in filters if name == "topic")]
        filters = [pair for pair in filters if pair[0] not in ("form", "topic")]
        if form not in ([], ["change"]):
            raise BadQuery(f"form={form[-1]}: without it events are Buildbot's; only form=change is possible")
        stream = EventStream(self._site, self._site.identify(request), self._site.settings.basePath)
        ident = str(uuid.uuid4())
        first, cursor = b"", None
        try:
            if topics:
                try:
                    subscription = await stream.subscribe(topics, since, filters)
                except Gone as error:
                    if not request.requestHeaders.hasHeader(LAST):
                        raise
                    first += block("gone", compact(problem(error, self._site.settings.basePath)))
                    subscription = await stream.subscribe(topics, None, filters)
                cursor = subscription.cursor
                stream.add(" ".join(topics), subscription, changes if form else stockEvents, identified=True)
            elif filters:
                raise BadQuery(f"{filters[0][0]}: goes with a path to listen to", parameter=filters[0][0])
            self._streams[ident] = stream
            await pourEvents(request, stream, _only(retry() + block("handshake", ident, cursor) + first))
        finally:
            self._streams.pop(ident, None)
            stream.close()

    async def _change(self, request: StatusRequest, word: str, ident: str, path: str) -> None:
        if not ident:
            raise BadRequest(f"need uuid: /sse/{word}/<uuid>/<path>, with the uuid that the stream's handshake gave")
        stream = self._streams.get(ident)
        if stream is None or stream.principal != self._site.identify(request):
            raise BadRequest("unknown uuid: no stream that is open has it")
        if word == "remove":
            if not stream.remove(path):
                listening = ", ".join(stream.paths) or "nothing"
                raise NotFound(f"consumer is not listening to this event: {path}; it listens to {listening}")
        elif path not in stream.paths:
            if len([*stream.paths]) >= MOST:
                raise BadRequest(f"one stream listens to at most {MOST} paths")
            stream.add(path, await stream.subscribe(path, None, []), stockEventsAdded, identified=False)
        request.send(200, [("Cache-Control", "no-store")], b"ok", "text/plain; charset=utf-8")


def _since(request: StatusRequest, pairs: Pairs) -> tuple[str | None, Pairs]:
    """Where to go on: where a browser was cut off, or what the address says; and the other parameters."""
    values = [value for name, value in pairs if name == "since"]
    rest = [pair for pair in pairs if pair[0] != "since"]
    last = request.requestHeaders.getRawHeaders(LAST)
    if last and last[0]:
        return last[0].decode("latin-1"), rest
    if len(values) > 1:
        raise BadQuery("since: takes one cursor", parameter="since")
    return (values[0] if values else None), rest


def _mapping(pairs: Sequence[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


async def _only(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
