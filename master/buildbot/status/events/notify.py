"""News of a PostgreSQL database that other processes write: each of their commits says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import psycopg
from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from zope.interface import implementer

from buildbot.db.connector import Database
from buildbot.db.own import CHANNEL
from buildbot.db.postgresql import conninfo
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.tail import TailSource

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


class NotifySource(TailSource):
    """The log in a PostgreSQL database that recorders in other processes write; any number of them."""

    log = Logger()

    def __init__(self, database: Database) -> None:
        """``database``: what the log is read through; news come over a connection of its own."""
        super().__init__(database)
        self._notices: _Notices | None = None
        self._connectingLater: DelayedCall | None = None
        self._connecting: Deferred[None] | None = None
        self._pause = 0.0

    def _begin(self, head: Cursor) -> None:
        super()._begin(head)
        self._connect()

    async def _stop(self) -> None:
        timer, self._connectingLater = self._connectingLater, None
        if timer is not None:
            timer.cancel()
        if self._connecting is not None:
            await self._connecting
        self._drop()
        await super()._stop()

    # -- the connection that listens

    def _connect(self) -> None:
        self._connectingLater = None
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
        self._notices = _Notices(connection, self.look, self._lost)
        self._reactor.addReader(self._notices)
        self.look()  # whatever was committed before this connection listened

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
        if self._connectingLater is not None:
            self._connectingLater.cancel()
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._connectingLater = self._reactor.callLater(self._pause, self._connect)

    def _lost(self) -> None:
        if self._notices is not None:
            self._drop()
            self._later()

    def _drop(self) -> None:
        notices, self._notices = self._notices, None
        if notices is not None:
            self._reactor.removeReader(notices)
            notices.close()
