"""Whom the command line asks: a server, or a database that is opened in this process."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from buildbot.errors import ConfigError

SERVERS = ("http", "https", "pb", "pbs")
PATIENCE = 60.0
"""Seconds that one read may take: somebody waits for it, and nobody else for its end."""
DATABASES = ("sqlite", "postgresql")


@asynccontextmanager
async def opened(url: str, reactor: Any, token: str | None = None) -> AsyncIterator[Any]:
    """An :class:`~buildbot.status.interfaces.IStatusConnection` to ask, until the end of the block; ``token``: with
    which one may act over HTTP. Raises ConfigError for a URL of neither kind, and what keeps a database from being
    read."""
    kind = url.partition("://")[0].partition("+")[0].lower()
    if kind not in (*SERVERS, *DATABASES):
        raise ConfigError(
            f"--from {kind}…: expected is a server (http://host:8020, pb://host:8021) or a database "
            "(sqlite:////absolute/state.sqlite, postgresql://user@host/buildbot)"
        )
    if kind in SERVERS:
        from buildbot.status.client import connect

        connection = connect(url, reactor=reactor, token=token if kind in ("http", "https") else None)
        try:
            yield connection
        finally:
            await connection.close()
    else:
        async with _database(url, reactor) as service:
            yield service


@asynccontextmanager
async def listenersOf(path: str, reactor: Any) -> AsyncIterator[Any]:
    """As :func:`opened`, for the file of listeners that no process runs: what is done to them holds when one does.
    Raises ConfigError for a file that is in use, or not there."""
    from buildbot.db.connector import Database
    from buildbot.status.catalogue import Catalogue
    from buildbot.status.listeners.acts import actorsOf
    from buildbot.status.listeners.host import ListenerHost
    from buildbot.status.listeners.memory import FileMemory
    from buildbot.status.resources.consumers import Consumer
    from buildbot.status.resources.deliveries import Delivery
    from buildbot.status.service import StatusService

    path = os.path.abspath(path)
    if not os.path.exists(path):
        raise ConfigError(f"--state: {path} is not there")
    memory = FileMemory(path, reactor=reactor)
    database = Database(memory.url, reactor=reactor, deadline=PATIENCE)
    try:
        await memory.open()
        database.startService()
        service = StatusService(database, Catalogue([Consumer, Delivery]))
        service.serveListeners(database, actorsOf(ListenerHost(None, [], memory, clock=reactor)))
        yield service
    finally:
        if database.running:
            await database.stopService()
        await memory.close()


@asynccontextmanager
async def _database(url: str, reactor: Any) -> AsyncIterator[Any]:
    from buildbot.db.connector import Database
    from buildbot.db.revision import checkRevision
    from buildbot.db.unreadable import unreadable
    from buildbot.errors import StatusError
    from buildbot.scripts.failing import Failed
    from buildbot.status.catalogue import Catalogue
    from buildbot.status.service import StatusService

    database = Database(url, reactor=reactor, deadline=PATIENCE)
    database.startService()
    try:
        try:
            await database.run("revision", checkRevision)
        except StatusError as error:
            raise Failed(unreadable(database, error)) from None
        yield StatusService(database, Catalogue())
    finally:
        await database.stopService()
