"""A status service over a generated SQLite database, served over Perspective Broker on a port of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildbot.db.connector import Database
from buildbot.status.catalogue import Catalogue
from buildbot.status.client import connect
from buildbot.status.client.connection import Connection
from buildbot.status.passwords import PasswordChecker
from buildbot.status.pb import PBLimits, PBStatusServer, portalOf
from buildbot.status.service import StatusService
from buildbot.test.oracle.everything import fill

USERS = {"ada": "p/w d"}


class ServedCase(TestCase):
    """Has a service, a server, and connections to it."""

    limits = PBLimits()
    anonymous = False

    async def setUp(self) -> None:
        path = self.mktemp()
        engine = create_engine(f"sqlite:///{path}")
        fill(engine)
        engine.dispose()
        self.database = Database(f"sqlite:///{path}", reactor=reactor)
        self.database.startService()
        self.addCleanup(self.database.stopService)
        self.service = StatusService(self.database, Catalogue())
        self.server = await self.serve("tcp:0:interface=127.0.0.1")

    async def serve(self, endpoint: str) -> PBStatusServer:
        """Serve the service on one more endpoint; :attr:`port` is its number."""
        portal = portalOf(PasswordChecker(USERS, reactor=reactor), anonymous=self.anonymous)
        server = PBStatusServer(self.service, endpoint, portal, reactor=reactor, limits=self.limits)
        server.startService()
        self.addCleanup(server.stopService)
        assert server.listening is not None
        port: Any = await server.listening
        self.port: int = port.getHost().port
        return server

    def connect(self, user: str = "ada:p%2Fw%20d", **more: Any) -> Connection:
        """A connection to the server, closed after the test."""
        connection = connect(f"pb://{user}@127.0.0.1:{self.port}", **more)
        self.addCleanup(connection.close)
        return connection
