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
from buildbot.errors import BadQuery, Forbidden, StatusError, TooLarge
from buildbot.status.answer import Answer
from buildbot.status.cache import AnswerCache
from buildbot.status.call import Call, Pairs
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.encode import longPieces, pieces, textPieces
from buildbot.status.getters import StatusGetters
from buildbot.status.interfaces import IStatusConnection
from buildbot.status.principal import ANONYMOUS, Authorize, Principal, everybody
from buildbot.status.query import Limits, asked
from buildbot.status.reading import Reading
from buildbot.status.sql.check import check
from buildbot.status.sql.plan import Page
from buildbot.status.streams import OpenStream, Stream, notBytes, notRecords
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

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        *,
        limits: Limits | None = None,
        authorize: Authorize = everybody,
        cacheBytes: int = CACHE_BYTES,
        timeout: float | None = None,
    ) -> None:
        """``timeout``: seconds that a call of :meth:`get`, :meth:`getMany` or :meth:`open` may take, waiting included;
        the database's own deadline counts from the moment it is read."""
        super().__init__(catalogue, database.reactor, timeout)
        self.database = database
        self.limits = limits or Limits()
        dialect = dialectOf(database.dialect)
        check(catalogue, dialect)
        self.reading = Reading(catalogue, dialect, self.limits)
        self._authorize = authorize
        self.cache: AnswerCache[Body] = AnswerCache(database.stamp, lambda body: 3 * body.size + 500, cacheBytes)

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
        return self._run(call, lambda snapshot: self._records(snapshot, call))

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
        self, calls: Sequence[Call | StatusError], read: Callable[[Snapshot, Call], T]
    ) -> Deferred[Sequence[T | StatusError]]:
        if len(calls) > MOST_CALLS:
            return fail(BadQuery(f"{len(calls)} calls in one batch: at most {MOST_CALLS}"))

        def readAll(snapshot: Snapshot) -> Sequence[T | StatusError]:
            snapshot.begin()
            found: list[T | StatusError] = []
            left = BATCH_BYTES
            for call in calls:
                made = call if isinstance(call, StatusError) else self._attempt(read, snapshot, call)
                left -= made.size if isinstance(made, Body) else 0
                found.append(made if left >= 0 else TooLarge(f"a batch's answers hold at most {BATCH_BYTES} bytes"))
            return found

        return self.database.run("batch", readAll, lane="large")

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
        return self._run(call, lambda snapshot: self.reading.ask(snapshot, call, self.database))

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
            return self._run(call, lambda snapshot: self.reading.ask(snapshot, call, self.database))
        key = (path, tuple(given), call.visibility)
        kept = self.cache.get(key)
        found: Deferred[Any] = (
            self.cache.fetch(key, lambda: self._run(call, lambda snapshot: self._body(snapshot, call)))
            if kept is None
            else succeed(kept)
        )
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

    def actAs(self, principal: Principal, path: str, action: str, arguments: Mapping[str, Any]) -> Deferred[Any]:
        """Do something to what a path names. Fails with NotFound where nothing can be, everywhere else with Forbidden:
        this process only reads."""
        try:
            self.catalogue.find(path)
        except StatusError:
            return fail()
        return fail(Forbidden(f"{action}: this server only reads the database; ask the buildmaster itself"))

    def prepare(self, principal: Principal, path: str, given: Pairs) -> Call:
        """Parse a call and ask whether it is allowed. Raises a :class:`~buildbot.errors.StatusError`."""
        call = self.reading.prepare(path, given)
        return attrs.evolve(call, visibility=self._authorize(principal, "get", call.resource))

    def _prepare(self, principal: Principal, path: str, query: Mapping[str, Any]) -> Call:
        return self.prepare(principal, *asked(path, query))

    def _run(self, call: Call, read: Any) -> Deferred[Any]:
        name = f"{call.resource.Plural}.{'one' if call.found.pattern.single else 'list'}"
        return self.database.run(name, read, lane="small" if call.small else "large")

    def _records(self, snapshot: Snapshot, call: Call) -> Answer:
        page = self._page(snapshot, call)
        made = tuple(call.resource.fromWire(record, self) for record in page.records)
        return Answer(made, self.reading.meta(call, page))

    def _body(self, snapshot: Snapshot, call: Call) -> Body:
        page = self._page(snapshot, call, asTexts=True)
        meta = self.reading.meta(call, page)
        if page.texts is not None:
            encoded = textPieces(call.resource.Plural, page.texts, meta)
        else:
            encode = pieces if call.found.pattern.endpoint is None else longPieces
            encoded = encode(call.resource.Plural, page.records, meta)
        made = _bounded(encoded, self.limits.answer)
        return Body(call.resource, call.visibility, tuple(made), meta)

    def _page(self, snapshot: Snapshot, call: Call, *, asTexts: bool = False) -> Page:
        page = self.reading.ask(snapshot, call, self.database, asTexts=asTexts)
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
