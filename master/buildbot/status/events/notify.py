"""News of a PostgreSQL database that other processes write: each of their commits says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import psycopg
from twisted.application.service import Service
from twisted.internet.base import DelayedCall
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from zope.interface import implementer

from buildbot.db.connector import Database
from buildbot.db.own import CHANNEL
from buildbot.db.postgresql import conninfo
from buildbot.errors import StatusError
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.log import LIMIT, EventLog, Read
from buildbot.status.events.source import IEventSource, Listeners

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two attempts to connect: doubled from the one to the other."""

Connection = psycopg.Connection[Any]


@implementer(IReadDescriptor)
class _Notices:
    """Watches a connection that listens, on the reactor's thread; nothing in it blocks."""

    def __init__(self, connection: Connection, heard: Callable[[], None], lost: Callable[[], None]) -> None:
        self.connection = connection
        self._heard, self._lost = heard, lost
        # A number of our own: libpq closes its when the connection breaks, before the reactor has let go of it.
        self._number = os.dup(connection.pgconn.socket)

    def fileno(self) -> int:
        return self._number

    def logPrefix(self) -> str:
        return "postgresql"

    def doRead(self) -> None:
        heard = False
        try:
            self.connection.pgconn.consume_input()
            while self.connection.pgconn.notifies() is not None:
                heard = True
        except psycopg.Error:
            self._lost()
            return
        if heard:
            self._heard()

    def connectionLost(self, reason: Any) -> None:
        self._lost()

    def close(self) -> None:
        """After the reactor has let go of it."""
        os.close(self._number)
        self.connection.close()


@implementer(IEventSource)
class NotifySource(Service):
    """The log in a PostgreSQL database that recorders in other processes write; any number of them."""

    log = Logger()

    def __init__(self, database: Database) -> None:
        """``database``: what the log is read through; news come over a connection of its own."""
        self.cursor: Cursor | None = None
        self._database, self._events = database, EventLog(database)
        self._reactor = database.reactor
        self._listeners = Listeners(self._reactor)
        self._notices: _Notices | None = None
        self._timer: DelayedCall | None = None
        self._connecting: Deferred[None] | None = None
        self._looking: Deferred[None] | None = None
        self._again = False
        self._pause = 0.0

    def read(self, after: Cursor, limit: int = LIMIT) -> Deferred[Read]:
        """See :meth:`~buildbot.status.events.source.IEventSource.read`."""
        return self._events.read(after, limit)

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See :meth:`~buildbot.status.events.source.IEventSource.listen`."""
        return self._listeners.listen(callback)

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        self._connect()

    async def _stop(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if self._connecting is not None:
            await self._connecting
        self._drop()
        if self._looking is not None:
            self._looking.cancel()

    def stopService(self) -> Deferred[None]:
        """Fires when its connection is closed."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's is not typed
        return Deferred.fromCoroutine(self._stop())

    # -- the connection that listens

    def _connect(self) -> None:
        self._timer = None
        self._connecting = Deferred.fromCoroutine(self._open())

    async def _open(self) -> None:
        try:
            connection = await deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._listening)
        except psycopg.Error as error:
            self._connecting = None
            self._later(error)
            return
        self._connecting = None
        if not self.running:
            connection.close()
            return
        self._pause = 0.0
        self._notices = _Notices(connection, self._look, self._lost)
        self._reactor.addReader(self._notices)
        self._look()  # whatever was committed before this connection listened

    def _listening(self) -> Connection:
        """In a thread."""
        connection = psycopg.connect(conninfo(self._database.location.url), autocommit=True)
        connection.execute(f"LISTEN {CHANNEL}".encode())
        return connection

    def _later(self, error: Exception | None = None) -> None:
        if not self.running:
            return
        if not self._pause:
            self.log.warn("No news from {database}: {why}", database=self._database.location.shown, why=error or "")
        if self._timer is not None:
            self._timer.cancel()
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._timer = self._reactor.callLater(self._pause, self._connect)

    def _lost(self) -> None:
        if self._notices is not None:
            self._drop()
            self._later()

    def _drop(self) -> None:
        notices, self._notices = self._notices, None
        if notices is not None:
            self._reactor.removeReader(notices)
            notices.close()

    # -- where the log ends

    def _look(self) -> None:
        """Find out where the log ends now; once more, if this is being found out."""
        self._again = self._looking is not None
        if self._looking is None and self.running:
            looking = Deferred.fromCoroutine(self._found())
            self._looking = None if looking.called else looking

    async def _found(self) -> None:
        try:
            head = await self._events.head()
        except CancelledError:
            return
        except StatusError:
            # The database is away, or was never written to. The next commit tells, or the connection that comes back.
            self._looking = None
            if self._notices is not None and self.running:
                self._timer = self._timer or self._reactor.callLater(LONGEST_PAUSE, self._lookLater)
            return
        self._looking = None
        if head != self.cursor:
            self.cursor = head
            self._listeners.tell()
        if self._again:
            self._look()

    def _lookLater(self) -> None:
        self._timer = None
        self._look()
