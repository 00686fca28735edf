"""One service over a generated database, spoken to in three languages on ports of its own."""

from __future__ import annotations

import functools
import shutil
import tempfile
from typing import Any

from sqlalchemy import create_engine
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.trial.unittest import TestCase

from buildbot.db.connector import Database
from buildbot.errors import StatusError
from buildbot.status.catalogue import Catalogue
from buildbot.status.client import connect
from buildbot.status.client.connection import Connection
from buildbot.status.passwords import PasswordChecker
from buildbot.status.pb import PBLimits, PBStatusServer, portalOf
from buildbot.status.service import StatusService
from buildbot.test.contract.cases import filledCopy
from buildbot.test.oracle.everything import fill
from buildbot.test.status.operated import operated
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

reactor: Any = installed
USERS = {"ada": "p/w d"}
LOCAL = "tcp:0:interface=127.0.0.1"


@functools.cache
def everythingFile() -> str:
    """A database with everything in it, made once for all tests of a process."""
    path = tempfile.mkdtemp(prefix="buildbot-status-") + "/state.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    fill(engine)
    engine.dispose()
    return path


class LanguagesCase(TestCase):
    """Has a service over a SQLite database, and serves it when asked to."""

    limits = PBLimits()
    anonymous = False

    def setUp(self) -> None:
        self.database = Database(self.url(), reactor=reactor)
        self.database.startService()
        self.addCleanup(self.database.stopService)
        self.service = StatusService(self.database, Catalogue())
        self.service.serveListeners(operated(self), {})

    def url(self) -> str:
        """The URL of a database with everything in it."""
        self.path = self.makeDatabase()
        return f"sqlite:///{self.path}"

    def makeDatabase(self) -> str:
        """The file of a database."""
        return shutil.copy(everythingFile(), self.mktemp())

    async def servePB(self, endpoint: str = LOCAL) -> PBStatusServer:
        """Serve the service over Perspective Broker; :attr:`pbPort` is the port's number."""
        portal = portalOf(PasswordChecker(USERS, reactor=reactor), anonymous=self.anonymous)
        server = PBStatusServer(self.service, endpoint, portal, reactor=reactor, limits=self.limits)
        server.startService()
        self.addCleanup(server.stopService)
        assert server.listening is not None
        port: Any = await server.listening
        self.pbPort: int = port.getHost().port
        return server

    async def serveHTTP(self, endpoint: str = LOCAL) -> Any:
        """Serve it over HTTP; :attr:`httpPort` is the port's number."""
        site = StatusSite(self.service, WebSettings(), reactor=reactor)
        port: Any = await serverFromString(reactor, endpoint).listen(site)
        self.addCleanup(port.stopListening)
        self.httpPort: int = port.getHost().port
        return site

    def connectPB(self, user: str = "ada:p%2Fw%20d", **more: Any) -> Connection:
        """A connection over Perspective Broker, closed after the test."""
        return self.connect(f"pb://{user}@127.0.0.1:{self.pbPort}", **more)

    def connectHTTP(self, **more: Any) -> Connection:
        """A connection over HTTP, closed after the test."""
        return self.connect(f"http://127.0.0.1:{self.httpPort}", **more)

    def connect(self, url: str, **more: Any) -> Connection:
        """A connection, closed after the test."""
        connection = connect(url, **more)
        self.addCleanup(connection.close)
        return connection

    async def languages(self, **more: Any) -> dict[str, Any]:
        """The service in each language, by its name."""
        await self.servePB()
        await self.serveHTTP()
        return {"in-process": self.service, "pb": self.connectPB(**more), "http": self.connectHTTP(**more)}

    async def failing(self, call: Deferred[Any]) -> StatusError:
        """The error that a call fails with."""
        return await self.assertFailure(call, StatusError)


class LanguagesOnPostgreSQL(LanguagesCase):
    """Mixed in before the tests of a class, has them run over PostgreSQL. Skipped where there is no server."""

    def url(self) -> str:
        return filledCopy(self)
