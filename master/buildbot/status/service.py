"""The in-process language, which is also what the other languages speak to: one call, answered in records or bytes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import attrs
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, fail, maybeDeferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from buildbot.db.connector import Database, Snapshot
from buildbot.db.dialect import dialectOf
from buildbot.errors import (
    BadQuery,
    BadRequest,
    Forbidden,
    NotAvailable,
    StatusError,
    TooLarge,
)
from buildbot.status.actions import Actor
from buildbot.status.answer import Answer
from buildbot.status.apart import Place, nothing, one
from buildbot.status.cache import AnswerCache
from buildbot.status.call import Call, Pairs
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.encode import longPieces, pieces, textPieces
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.feed import Feed
from buildbot.status.events.log import history
from buildbot.status.events.present import Present
from buildbot.status.events.reach import reached, takeMinimum
from buildbot.status.events.subscription import Subscription
from buildbot.status.getters import StatusGetters
from buildbot.status.instruments import Instruments
from buildbot.status.interfaces import IStatusConnection
from buildbot.status.principal import ANONYMOUS, HERE, Authorize, Principal, everybody
from buildbot.status.query import Limits, asked, pairs
from buildbot.status.reading import Reading
from buildbot.status.sql.check import check
from buildbot.status.sql.plan import Page
from buildbot.status.streams import OpenStream, Stream, notBytes, notRecords
from buildbot.status.subscribing import Subscribing, Topics
from buildbot.status.wire import internal

CACHE_BYTES = 64 * 1024 * 1024
MOST_CALLS = 100
"""Calls in one batch."""
BATCH_BYTES = 32 * 1024 * 1024
T = TypeVar("T")


@attrs.define(eq=False)
class Body:
    """An answer as bytes of JSON, in pieces; immutable but for ``forms``, where languages keep what they make of it."""

    resource: type[Resource]
    """Of what type its records are: whom one asks whether somebody may have it."""
    visibility: str
    """For whom it was made: the class that authorize gave."""
    pieces: tuple[bytes, ...]
    meta: Mapping[str, Any]
    cursor: str | None = None
    """See :class:`~buildbot.status.answer.Answer`."""
    forms: dict[Hashable, Any] = attrs.field(factory=dict)

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(map(len, self.pieces))


@implementer(IStatusConnection)
class StatusService(StatusGetters, Service):
    """The status of a buildmaster, read from its database.

    Every call is checked, parsed and authorized on the reactor thread (microseconds), and read in a thread, in one
    snapshot of the database. Cancelling a Deferred that this returns stops the reading.
    """

    log = Logger()
    isClosed = False
    """As connections of other languages have it: there is nothing to close here."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        *,
        limits: Limits | None = None,
        authorize: Authorize = everybody,
        cacheBytes: int = CACHE_BYTES,
        timeout: float | None = None,
        events: Any = None,
        logIsHere: bool = False,
    ) -> None:
        """``timeout``: seconds that a call of :meth:`get`, :meth:`getMany` or :meth:`open` may take, waiting included;
        the database's own deadline counts from the moment it is read. ``events``: an
        :class:`~buildbot.status.events.source.IEventSource`; without one there are neither cursors nor subscriptions.
        ``logIsHere``: the log of events is in this database, so that an answer's cursor is read in its snapshot."""
        super().__init__(catalogue, database.reactor, timeout)
        self.database = database
        self.limits = limits or Limits()
        dialect = dialectOf(database.dialect)
        check(catalogue, dialect)
        self.reading = Reading(catalogue, dialect, self.limits)
        self._authorize = authorize
        self.events = events
        self._logIsHere = logIsHere
        present = Present(database, self.reading.unlimited)
        self.feed = None if events is None else Feed(events, database.reactor, present.records, present.texts)
        self._subscribing = Subscribing(self, authorize)
        self.instruments = Instruments()
        """Where the numbers of other parts are, for metrics."""
        self.problems: list[Callable[[], str | None]] = []
        """Each says what does not work at the moment although calls are answered, such as finding news, in words that
        anybody may read (no path, no SQL); None: all is well. Who wires parts together appends theirs."""
        self._apart: Place | None = None
        """Where the types are whose tables are our own; None: nowhere, so there are none."""
        self.actors: dict[str, Actor] = {}
        """What does the actions of a type, by its plural; of the others, nothing can be done here."""
        self.cache: AnswerCache[Body] = AnswerCache(database.stamp, lambda body: 3 * body.size + 500, cacheBytes)

    def serveListeners(self, database: Database, actors: Mapping[str, Actor]) -> None:
        """Answer for ``consumers`` and ``deliveries`` from a database, this service's own or another one, which runs
        for longer than this, and let ``actors`` do what may be done to them
        (:func:`buildbot.status.listeners.acts.actorsOf`)."""
        isHere = database is self.database
        reading = self.reading if isHere else Reading(self.catalogue, dialectOf(database.dialect), self.limits)
        self._apart = Place(database, reading)
        self.actors.update(actors)

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[Answer]:
        """Ask for what a path names: ``get("builders/linux/builds", limit=10, order="-number")``.

        Names that are no Python words go into ``query``: ``{"builds.limit": 5}``. Fires with an
        :class:`~buildbot.status.answer.Answer`; fails with a :class:`~buildbot.errors.StatusError`.
        """
        return self._own(self.getAs(ANONYMOUS, path, {**(query or {}), **more}))

    def getAs(self, principal: Principal, path: str, query: Mapping[str, Any]) -> Deferred[Answer]:
        """As :meth:`get`, for somebody."""
        return maybeDeferred(self._get, principal, path, query)

    def _get(self, principal: Principal, path: str, query: Mapping[str, Any]) -> Deferred[Answer]:
        call = self._prepare(principal, path, query)
        return self._run(call, lambda snapshot, before: self._records(snapshot, call, before))

    def getMany(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Deferred[Sequence[Answer | StatusError]]:
        """Several calls in one snapshot; fires with as many answers, a :class:`~buildbot.errors.StatusError` in the
        place of one that failed."""
        return self._own(
            self._readMany([self._attempt(self._prepare, ANONYMOUS, *call) for call in calls], self._records)
        )

    def getBodies(
        self, principal: Principal, calls: Sequence[tuple[str, Pairs]]
    ) -> Deferred[Sequence[Body | StatusError]]:
        """As :meth:`getMany`, in bytes and for somebody; what would make it more than 32 MiB is
        :class:`~buildbot.errors.TooLarge`."""
        return self._readMany([self._attempt(self.prepare, principal, *call) for call in calls], self._body)

    def _own(self, call: Deferred[T]) -> Deferred[T]:
        """A call from this process: within its time, and failing with nothing but what may."""
        return self.timed(call).addErrback(self._expected)

    def _expected(self, failure: Failure) -> Failure:
        return failure if failure.check(StatusError, CancelledError) else Failure(internal(self.log, failure))

    def _readMany(
        self, calls: Sequence[Call | StatusError], read: Callable[[Snapshot, Call, Cursor | None], T]
    ) -> Deferred[Sequence[T | StatusError]]:
        if len(calls) > MOST_CALLS:
            return fail(BadQuery(f"{len(calls)} calls in one batch: at most {MOST_CALLS}"))

        def readAll(snapshot: Snapshot, before: Cursor | None) -> Sequence[T | StatusError]:
            snapshot.begin()
            found: list[T | StatusError] = []
            left = BATCH_BYTES
            for call in calls:
                made = call if isinstance(call, StatusError) else self._attempt(read, snapshot, call, before)
                left -= made.size if isinstance(made, Body) else 0
                found.append(made if left >= 0 else TooLarge(f"a batch's answers hold at most {BATCH_BYTES} bytes"))
            return found

        asked = [call for call in calls if isinstance(call, Call)]
        try:
            database = one([self._place(call).database for call in asked] or [self.database], asked)
        except BadQuery:
            return fail()
        minimums = {call.minimum for call in asked if call.minimum is not None}
        newest = max(minimums, key=lambda cursor: cursor.seq, default=None)
        return self._runAs(database, "batch", readAll, lane="large", minimum=newest)

    @staticmethod
    def _attempt(what: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return what(*arguments)
        except StatusError as error:
            return error

    def open(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Deferred[OpenStream]:
        """The bytes of a path that answers with bytes (raw logs, build data), piece by piece."""
        opened = maybeDeferred(lambda: self.openAs(ANONYMOUS, *asked(path, {**(query or {}), **more})))
        return self._own(opened.addCallback(OpenStream))

    def openAs(self, principal: Principal, path: str, given: Pairs) -> Deferred[Stream]:
        """As :meth:`open`, for somebody."""
        return maybeDeferred(self._open, principal, path, given)

    def _open(self, principal: Principal, path: str, given: Pairs) -> Deferred[Stream]:
        call = self.prepare(principal, path, given)
        if not call.raw:
            raise notBytes(call.path)
        return self._run(call, lambda snapshot, _: self.reading.ask(snapshot, call, self.database))

    def getBody(
        self, principal: Principal, path: str, given: Pairs, *, alias: Hashable = None
    ) -> Deferred[Body | Stream]:
        """As :meth:`get`, in bytes: what every language but the in-process one carries; a
        :class:`~buildbot.status.streams.Stream` for a path that answers with bytes. Answers are kept while they are
        true; under ``alias``, too, for :meth:`kept`."""
        return maybeDeferred(self._getBody, principal, path, given, alias)

    def _getBody(self, principal: Principal, path: str, given: Pairs, alias: Hashable) -> Deferred[Body | Stream]:
        call = self.prepare(principal, path, given)
        if call.raw:
            return self._run(call, lambda snapshot, _: self.reading.ask(snapshot, call, self.database))
        if call.resource.Own:  # not kept: asked by few, and changed all the time
            return self._run(call, lambda snapshot, before: self._body(snapshot, call, before))
        # Kept for each min_cursor by itself: another answer that is kept may be a little older than the newest event.
        key = (path, tuple(call.given), call.visibility, call.minimum)

        def ask() -> Deferred[Body]:
            return self._run(call, lambda snapshot, before: self._body(snapshot, call, before))

        kept = self.cache.get(key)
        found: Deferred[Any] = self.cache.fetch(key, ask) if kept is None else succeed(kept)
        return found if alias is None else found.addCallback(self._known, alias, key)

    def _known(self, body: Body, alias: Hashable, key: Hashable) -> Body:
        self.cache.alias(alias, key)
        return body

    def kept(self, principal: Principal, alias: Hashable) -> Body | None:
        """What :meth:`getBody` gave under an alias, if it is still true and as ``principal`` would get it. Raises
        Forbidden."""
        body = self.cache.get(alias)
        if body is None or body.visibility != self._authorize(principal, "get", body.resource):
            return None
        return body

    def subscribe(self, topic: Topics, /, since: str | None = None, **query: Any) -> Deferred[Subscription]:
        """Be told of what happens: ``subscribe("builders/linux/builds/*/finished", since=answer.cursor, results=2)``;
        of several topics, ``subscribe(["builds/*/*", "steps/*/finished"])``, in the order in which it does.

        Fires with a :class:`~buildbot.status.events.subscription.Subscription`; fails with NotFound, BadQuery, Gone, or
        NotAvailable where this process has no events.
        """
        return self._own(maybeDeferred(lambda: self.subscribeAs(ANONYMOUS, topic, since, pairs(query))))

    def subscribeAs(
        self, principal: Principal, topic: Topics, since: str | None, given: Pairs
    ) -> Deferred[Subscription]:
        """As :meth:`subscribe`, for somebody."""
        return Deferred.fromCoroutine(self._subscribing.subscribe(principal, topic, since, given))

    def requireEvents(self) -> Feed:
        """What subscriptions are fed by. Raises NotAvailable."""
        if self.feed is None:
            raise NotAvailable("subscribe is not available here: this server has no log of events")
        return self.feed

    def act(self, path: str, action: str, **arguments: Any) -> Deferred[Any]:
        """Do something to the one thing that a path names; see :class:`~buildbot.status.interfaces.IStatusConnection`.
        The process itself may."""
        return self._own(self.actAs(HERE, path, action, arguments))

    def actAs(self, principal: Principal, path: str, action: str, arguments: Mapping[str, Any]) -> Deferred[Any]:
        """As :meth:`act`, for somebody. What was begun goes on to its end, even if this is cancelled."""
        mine: Deferred[Any] = Deferred(lambda _: None)
        Deferred.fromCoroutine(self._act(principal, path, action, arguments)).addBoth(self._acted, mine)
        return mine

    def _acted(self, result: Any, waiting: Deferred[Any]) -> None:
        if not waiting.called:
            waiting.callback(result)
        elif isinstance(result, Failure) and not result.check(StatusError):
            self.log.failure("An action failed for which nobody waited.", result)

    async def _act(self, principal: Principal, path: str, name: str, given: Mapping[str, Any]) -> Any:
        pattern = self.catalogue.find(path).pattern
        resource = pattern.resource
        actor = self.actors.get(resource.Plural)
        if actor is None:
            why = "runs no listeners" if resource.Own else "only reads the database; ask the buildmaster itself"
            raise Forbidden(f"{name}: this server {why}")
        self._authorize(principal, "act", resource)
        action = resource.Actions.get(name)
        if action is None:
            possible = ", ".join(resource.Actions)
            raise NotAvailable(f"action: {name} is not supported: what can be done to {resource.Plural} is {possible}")
        if not pattern.single or pattern.endpoint is not None:
            raise BadRequest(f"{path}: an action is done to one thing, such as {resource.Plural}/7")
        arguments = action.parse(name, given)
        return await actor((await self.getAs(principal, path, {})).one, name, arguments)

    def prepare(self, principal: Principal, path: str, given: Pairs) -> Call:
        """Parse a call and ask whether it is allowed. Raises a :class:`~buildbot.errors.StatusError`."""
        minimum, rest = takeMinimum(given, isLogged=self.events is not None)
        call = self.reading.prepare(path, rest)
        if call.resource.Own and self._apart is not None:
            call = self._apart.reading.prepare(path, rest)  # whose database may be of another kind
        return attrs.evolve(call, visibility=self._authorize(principal, "get", call.resource), minimum=minimum)

    def _prepare(self, principal: Principal, path: str, query: Mapping[str, Any]) -> Call:
        return self.prepare(principal, *asked(path, query))

    def _run(self, call: Call, read: Callable[[Snapshot, Cursor | None], Any]) -> Deferred[Any]:
        name = f"{call.resource.Plural}.{'one' if call.found.pattern.single else 'list'}"
        return self._runAs(self._place(call).database, name, read, "small" if call.small else "large", call.minimum)

    def _place(self, call: Call) -> Place:
        return self._apart if call.resource.Own and self._apart is not None else Place(self.database, self.reading)

    def _runAs(
        self,
        database: Database,
        name: str,
        read: Callable[[Snapshot, Cursor | None], T],
        lane: str,
        minimum: Cursor | None,
    ) -> Deferred[T]:
        """Read in a thread, once the log has come as far as ``minimum``; ``read`` gets where it was then, too."""

        def run(_: object = None) -> Deferred[T]:
            before = self._before
            return database.run(name, lambda snapshot: read(snapshot, before), lane=lane)

        if minimum is None:
            return run()
        return Deferred.fromCoroutine(reached(self.events, minimum, self.database.reactor)).addCallback(run)

    @property
    def _before(self) -> Cursor | None:
        """Everything up to this is in an answer that is read from now on."""
        return None if self.events is None else self.events.cursor

    def _cursor(self, snapshot: Snapshot, call: Call, before: Cursor | None) -> str | None:
        """Exactly what is in a snapshot, where it holds the log; otherwise no more than what surely is."""
        if not self._logIsHere or self._place(call).database is not self.database:
            return None if before is None else str(before)
        memory = snapshot.memory()
        if memory is None:
            return str(history(snapshot).head)
        if "cursor" not in memory:
            memory["cursor"] = str(history(snapshot).head)
        return str(memory["cursor"])

    def _records(self, snapshot: Snapshot, call: Call, before: Cursor | None) -> Answer:
        cursor = self._cursor(snapshot, call, before)
        page = self._page(snapshot, call)
        made = tuple(call.resource.fromWire(record, self) for record in page.records)
        return Answer(made, self.reading.meta(call, page), cursor)

    def _body(self, snapshot: Snapshot, call: Call, before: Cursor | None) -> Body:
        cursor = self._cursor(snapshot, call, before)
        page = self._page(snapshot, call, asTexts=True)
        meta = self.reading.meta(call, page)
        if page.texts is not None:
            encoded = textPieces(call.resource.Plural, page.texts, meta)
        else:
            encode = pieces if call.found.pattern.endpoint is None else longPieces
            encoded = encode(call.resource.Plural, page.records, meta)
        made = _bounded(encoded, self.limits.answer)
        return Body(call.resource, call.visibility, tuple(made), meta, cursor)

    def _page(self, snapshot: Snapshot, call: Call, *, asTexts: bool = False) -> Page:
        if call.resource.Own and self._apart is None:
            return nothing(call)
        place = self._place(call)
        page = place.reading.ask(snapshot, call, place.database, asTexts=asTexts)
        if not isinstance(page, Page):
            raise notRecords(call.path)
        return page


def _bounded(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The same pieces; TooLarge where there are more than ``most`` bytes."""
    left = most
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise TooLarge(f"more than {most} bytes in one answer; a smaller limit=, or field=, helps")
        yield piece
