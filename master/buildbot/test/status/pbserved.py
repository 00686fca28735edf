"""A status service over a generated SQLite database, served over Perspective Broker on a port of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine
from twisted.internet import reactor
from twisted.spread.pb import PBServerFactory
from twisted.trial.unittest import TestCase

from buildbot.db.connector import Database
from buildbot.status.catalogue import Catalogue
from buildbot.status.client import connect
from buildbot.status.client.connection import Connection
from buildbot.status.pb import Entrance
from buildbot.status.service import StatusService
from buildbot.test.oracle.everything import fill

USERS = {"ada": "p/w d"}


class ServedCase(TestCase):
    """Has a service, and connections to it."""

    def setUp(self) -> None:
        path = self.mktemp()
        engine = create_engine(f"sqlite:///{path}")
        fill(engine)
        engine.dispose()
        self.database = Database(f"sqlite:///{path}", reactor=reactor)
        self.database.startService()
        self.addCleanup(self.database.stopService)
        self.service = StatusService(self.database, Catalogue())
        self.port: Any = reactor.listenTCP(0, PBServerFactory(Entrance(self.service, USERS)), interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)

    def connect(self, user: str = "ada:p%2Fw%20d") -> Connection:
        connection = connect(f"pb://{user}@127.0.0.1:{self.port.getHost().port}")
        self.addCleanup(connection.close)
        return connection
