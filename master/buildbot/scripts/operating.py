"""The API over listeners alone, which ``buildbot listen --port`` serves: how they stand, and what is done to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.error import CannotListenError

from buildbot.config.endpoints import tcp
from buildbot.db.connector import Database
from buildbot.errors import ConfigError, NotAvailable
from buildbot.master import shown, whyNot, withOwnNames
from buildbot.scripts.failing import Failed
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.listeners.acts import actorsOf
from buildbot.status.principal import Principal, everybody
from buildbot.status.service import StatusService
from buildbot.www.server import WebServer
from buildbot.www.settings import WebSettings
from buildbot.www.token import Token


class Operating:
    """Serves HTTP while it runs."""

    def __init__(self, host: Any, url: str, port: str, where: str, reactor: Any) -> None:
        """``host``: of the listeners, whose tables are in the database ``url``; ``port``: as for ``--port``; ``where``:
        whom they listen to. Raises ConfigError for a port that is none."""
        self._where = where
        try:
            number, interface = tcp(port)
        except ConfigError as error:
            raise ConfigError(f"--port {error}") from None
        self._database = Database(url, reactor=reactor, large=1)
        self._service = StatusService(self._database, Catalogue(), authorize=self._authorize)
        self._service.serveListeners(self._database, actorsOf(host))
        self._service.instruments.listeners = host.standing
        self._service.problems.append(lambda: host.problem)
        self._settings = withOwnNames(WebSettings(port=number, interface=interface))
        self._reactor = reactor
        self._server: WebServer | None = None

    def _authorize(self, principal: Principal, verb: str, resource: type[Resource]) -> str:
        if resource.Table is not None and not resource.Own:
            raise NotAvailable(
                f"{resource.Plural} are not here: this is buildbot listen, which answers for consumers and deliveries. "
                f"Ask {self._where}"
            )
        return everybody(principal, verb, resource)

    def start(self, tokenFile: str) -> Sequence[str]:
        """Once there are the listeners' tables. Returns lines that say where. Raises Failed, or ConfigError."""
        token = Token.at(tokenFile)
        server = WebServer(self._service, self._settings, reactor=self._reactor, token=token)
        server.site.noisy = False
        self._database.startService()
        try:
            server.startService()
        except CannotListenError as error:
            raise Failed(whyNot(error, "--port")) from None
        self._server = server
        address = shown("http", self._settings.interface, server.port)
        return [f"HTTP JSON of them is at {address}/api/v2, and the token to act in {token.path}."]

    async def stop(self) -> None:
        """Let what runs end."""
        if self._server is not None:
            await self._server.stopService()
        if self._database.running:
            await self._database.stopService()
