"""Wires the rooms together; the only module that knows them all."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError

from buildbot.config.settings import Settings
from buildbot.db.connector import Database
from buildbot.db.revision import checkRevision
from buildbot.status.catalogue import Catalogue
from buildbot.status.service import StatusService


class CannotStart(Exception):
    """The server cannot be started; the message says why and what to do."""


class Attached:
    """The API over the database of a running Buildbot, which is only read."""

    def __init__(self, settings: Settings, *, reactor: Any) -> None:
        self._settings, self._reactor = settings, reactor
        self.database = Database(settings.dbUrl, reactor=reactor, basedir=settings.basedir)
        self.status = StatusService(self.database, Catalogue(), limits=settings.limits)
        self.addresses: list[tuple[str, str]] = []
        """Each language, and where it is spoken."""
        self._ports: list[Any] = []
        self._pb: Any = None

    async def start(self) -> None:
        """Returns when everybody may ask. Raises CannotStart, ConfigError or DatabaseUnavailable, and then has stopped
        what had started."""
        try:
            self.database.startService()
            await self.database.run("revision", checkRevision, lane="large", deadline=10)
            await self._listenHTTP(self._settings.http)
            if self._settings.pb is not None:
                await self._listenPB(self._settings.pb)
        except BaseException:
            await self.stop()
            raise

    async def _listenHTTP(self, endpoint: str) -> None:
        from buildbot.www.site import StatusSite

        site = StatusSite(self.status, self._settings.web, reactor=self._reactor)
        port = await _bound(endpoint, serverFromString(self._reactor, endpoint).listen(site))
        self._ports.append(port)
        host = port.getHost()
        self.addresses.append(("HTTP JSON", f"http://{host.host}:{host.port}/api/v2"))

    async def _listenPB(self, endpoint: str) -> None:
        from buildbot.status.pb import PBStatusServer, portalOf

        server = PBStatusServer(self.status, endpoint, portalOf(anonymous=True), reactor=self._reactor)
        server.startService()
        assert server.listening is not None
        host = (await _bound(endpoint, server.listening)).getHost()
        self._pb = server
        self.addresses.append(("Perspective Broker", f"pb://{host.host}:{host.port}"))

    async def stop(self) -> None:
        """Accept nobody any more, let requests that are running end, then close the database."""
        for port in self._ports:
            await port.stopListening()
        if self._pb is not None:
            await self._pb.stopService()
        if self.database.running:
            await self.database.stopService()


async def _bound(endpoint: str, listening: Deferred[Any]) -> Any:
    try:
        return await listening
    except CannotListenError as error:
        raise CannotStart(f"{endpoint}: {error.socketError}") from None
