"""News of a database that another program writes: found by looking, again and again, and kept in a log of our own.

What is new and what has ended is announced always, and once; changes between two looks merge into one. See
:mod:`buildbot.status.level` for what is told from what, and :mod:`buildbot.status.events.looks` for how.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from time import monotonic, time
from typing import Any

from twisted.application.service import Service
from twisted.internet.base import DelayedCall
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from zope.interface import implementer

from buildbot.db import statefile
from buildbot.db.connector import Database, Snapshot
from buildbot.db.dialect import dialectOf
from buildbot.db.statefile import StateFile, StateUnusable
from buildbot.db.writer import Writer, WriterMetrics
from buildbot.db.writes.transaction import Transaction
from buildbot.db.writes.trim import Keep
from buildbot.errors import DatabaseUnavailable, DeadlineExceeded, StatusError
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.describe import Descriptions
from buildbot.status.events.log import LIMIT, EventLog, Read
from buildbot.status.events.looks import Known, Look, Looks
from buildbot.status.events.records import Records, kindsOf
from buildbot.status.events.source import IEventSource, Listeners
from buildbot.status.retention import Retention

KEEP = Keep()
PERIOD = 0.4
"""Seconds between two looks; PostgreSQL's stamp is half a second old at most, so that news is seen within one."""
SHARE = 0.1
"""Of the time, looks take no more than this: after a long one comes a long pause."""
DEADLINE = 30.0
"""Seconds that one look may take. Mostly it takes some milliseconds; the first, and one after a long absence, more."""
TROUBLE = "News cannot be found at the moment; the log of this program says why."


@implementer(IEventSource)
class PollerSource(Service):
    """Watches a database, and writes what happens into the log of a state file."""

    log = Logger()

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        state: StateFile,
        *,
        reactor: Any,
        period: float = PERIOD,
        keep: Keep = KEEP,
        needed: Callable[[], int | None] = lambda: None,
    ) -> None:
        """``database`` is watched while it runs; ``state`` is not open yet. ``keep``: what is kept of the log, beside
        what is ``needed`` (see :class:`~buildbot.status.retention.Retention`)."""
        self.cursor: Cursor | None = None
        self.problem: str | None = None
        """Why nothing is announced at the moment, in words that anybody may read; None while it is."""
        self._database, self._state = database, state
        self._reactor, self._period, self._keep, self._needed = reactor, period, keep, needed
        self._looks = Looks(kindsOf(catalogue), Records(catalogue, dialectOf(database.dialect)), time)
        self._descriptions = Descriptions(catalogue, "sqlite")
        self._listeners = Listeners(reactor)
        self._known = Known()
        self._identity = ""
        self._isBegun = False
        """What is known is of this database: until then, nothing in it is news."""
        self._stamp = -1
        self._writer: Writer | None = None
        self._retention: Retention | None = None
        self._ownDatabase: Database | None = None
        self._log: EventLog | None = None
        self._timer: DelayedCall | None = None
        self._looking: Deferred[None] | None = None

    # -- IEventSource

    def read(self, after: Cursor, limit: int = LIMIT) -> Deferred[Read]:
        """See :meth:`IEventSource.read`."""
        if self._log is None:
            return fail(DatabaseUnavailable("The log of events is not open yet."))
        return self._log.read(after, limit)

    def find(self, time: int) -> Deferred[Cursor]:
        """See :meth:`IEventSource.find`."""
        if self._log is None:
            return fail(DatabaseUnavailable("The log of events is not open yet."))
        return self._log.find(time)

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See :meth:`IEventSource.listen`."""
        return self._listeners.listen(callback)

    @property
    def writerMetrics(self) -> WriterMetrics | None:
        """Of what writes the log; None until it is open, and from zero where it was opened anew."""
        return None if self._writer is None else self._writer.metrics

    # -- its life

    def start(self) -> Deferred[None]:
        """Open the state file and have the first look; then look regularly. Fires when :attr:`cursor` is there and
        what happened since the last process is announced. Fails with
        :class:`~buildbot.db.statefile.StateUnusable`, and as :meth:`Database.run` does."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return Deferred.fromCoroutine(self._start())

    async def _start(self) -> None:
        await self._inThread(self._state.open)
        stored = await self._inThread(self._state.load)
        self._known, self._identity = Known.of(stored, time()), stored.identity
        if not self._identity or not self._looks.isBegun(self._known):
            await self._begin()
        else:
            await self._open()
            self._isBegun = True
            await self.look()
        self._later(self._period)

    async def _begin(self) -> None:
        """Take what there is as known. If that is not all that is known of it, this is another history."""
        if not self._known.marks:
            self._identity = os.urandom(8).hex()
        known = self._known
        look = await self._database.run(
            "events.begin", lambda snapshot: self._first(snapshot, known), lane="large", deadline=DEADLINE
        )
        isNew = not known.marks
        await self._open()
        await self._store(look, forget=isNew)
        self._isBegun = True

    def _first(self, snapshot: Snapshot, known: Known) -> Look:
        snapshot.begin()
        return self._looks.begin(snapshot, known)

    async def _open(self) -> None:
        """Open the log: a new epoch, which goes on from the older ones if they are of the same database."""
        identity = self._identity
        await self._closeWriter()
        self._writer = Writer(
            self._state.url,
            reactor=self._reactor,
            describer=self._descriptions,
            committed=self._committed,
            fingerprint=lambda tx: identity,
        )
        self._writer.startService()
        try:
            await self._writer.run("events.open", lambda tx: None)
        except DatabaseUnavailable as error:
            raise StateUnusable(f"{self._state.path} cannot be used as the state file. {error}") from error
        self._retention = Retention(self._writer, self._keep, reactor=self._reactor, needed=self._needed)
        self._retention.startService()
        if self._ownDatabase is None:
            self._ownDatabase = Database(self._state.url, reactor=self._reactor, large=1)
            self._ownDatabase.startService()
            self._log = EventLog(self._ownDatabase)

    def stopService(self) -> Deferred[None]:
        """Look no more; fires when everything is closed. It cannot be started again."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
        await self._closeWriter()
        if self._ownDatabase is not None:
            await self._ownDatabase.stopService()
        await self._inThread(self._state.close)

    async def _closeWriter(self) -> None:
        retention, self._retention = self._retention, None
        if retention is not None:
            retention.stopService()
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.stopService()

    # -- looks

    def _later(self, seconds: float) -> None:
        if self.running:
            self._timer = self._reactor.callLater(seconds, self._tick)

    def _tick(self) -> None:
        self._timer = None
        began = monotonic()
        looking: Deferred[Any] = self.look()
        self._looking = looking
        looking.addCallbacks(lambda _: monotonic() - began, self._failed).addCallback(self._looked)

    def _looked(self, seconds: float) -> None:
        self._looking = None
        self._later(max(self._period, seconds / SHARE - seconds))

    def _failed(self, failure: Any) -> float:
        """The seconds that count as its work: few, unless it was work that took too long rather than a wait."""
        if failure.check(CancelledError) and not self.running:
            return 0.0
        if not failure.check(StatusError, StateUnusable):
            self.log.failure("A look for news failed.", failure=failure)
        elif self.problem is None:
            self.log.error("News cannot be found at the moment: {reason}", reason=str(failure.value))
        self.problem = f"News cannot be found at the moment: {failure.value}" if failure.check(StatusError) else TROUBLE
        return DEADLINE if failure.check(DeadlineExceeded) else SHARE

    def look(self) -> Deferred[None]:
        """Look now, unless nothing has changed since the last look. Fires when what is new is in the log; fails as
        :meth:`Database.run` and :meth:`Writer.run` do, and then nothing is lost: the next look finds it."""
        return Deferred.fromCoroutine(self._look())

    async def _look(self) -> None:
        more = True
        if not self._isBegun:
            await self._begin()
        while more:
            stamp = self._database.stamp()
            if stamp == self._stamp:
                break
            look = await self._database.run("events.look", self._next, lane="large", deadline=DEADLINE)
            if look.isOther:
                await self._beginAgain()
                more = False
            else:
                await self._store(look)
                more = look.more
            self._stamp = stamp if not more else -1
        if self.problem is not None:
            self.problem = None
            self.log.info("News can be found again.")

    def _next(self, snapshot: Snapshot) -> Look:
        snapshot.begin()
        return self._looks.next(snapshot, self._known)

    async def _beginAgain(self) -> None:
        self.log.warn(
            "{database} is an older copy of what it was, or another database: what was announced of it before means "
            "nothing now, and cursors are gone.",
            database=self._database.location.shown,
        )
        self._isBegun, self._known = False, Known()
        await self._begin()

    async def _store(self, look: Look, *, forget: bool = False) -> None:
        if look.isEmpty and not forget:
            return
        assert self._writer is not None
        await self._writer.run("events.look", partial(_write, look, forget))
        self._known.take(look)

    def _committed(self, epoch: str, seq: int) -> None:
        cursor = Cursor(epoch, seq)
        if cursor != self.cursor:
            self.cursor = cursor
            self._listeners.tell()

    def _inThread(self, function: Callable[[], Any]) -> Deferred[Any]:
        if not self._reactor.running:
            return succeed(function())
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), function)


def _write(look: Look, forget: bool, tx: Transaction) -> None:
    """In the writer's thread."""
    if forget:
        statefile.forget(tx)
    for news in look.news:
        tx.announce(news.type, news.key, news.event, old=news.old, body=news.body, parents=news.parents)
    statefile.store(tx, look.seen, look.over, {type: mark.wire() for type, mark in look.marks.items()})
