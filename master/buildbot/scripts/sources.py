"""Whom the command line asks: a server, or a database that is opened in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

SERVERS = ("pb", "http", "https")


@asynccontextmanager
async def opened(url: str, reactor: Any) -> AsyncIterator[Any]:
    """An :class:`~buildbot.status.interfaces.IStatusConnection` to ask, until the end of the block. Raises
    ConfigError for a URL of neither kind, and what keeps a database from being read."""
    if url.partition("://")[0].lower() in SERVERS:
        from buildbot.status.client import connect

        connection = connect(url, reactor=reactor)
        try:
            yield connection
        finally:
            await connection.close()
    else:
        async with _database(url, reactor) as service:
            yield service


@asynccontextmanager
async def _database(url: str, reactor: Any) -> AsyncIterator[Any]:
    from buildbot.db.connector import Database
    from buildbot.db.revision import checkRevision
    from buildbot.status.catalogue import Catalogue
    from buildbot.status.service import StatusService

    database = Database(url, reactor=reactor)
    database.startService()
    try:
        await database.run("revision", checkRevision)
        yield StatusService(database, Catalogue())
    finally:
        await database.stopService()
