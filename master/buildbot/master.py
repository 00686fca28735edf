"""Wires the rooms together; the only module that knows them all."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from typing import Any

import attrs
from twisted.internet.address import UNIXAddress
from twisted.internet.defer import DeferredList
from twisted.internet.error import CannotListenError

from buildbot.config.settings import PBSettings, Settings
from buildbot.db.connector import Database
from buildbot.db.revision import checkRevision
from buildbot.db.statefile import StateFile, StateUnusable, defaultPath
from buildbot.db.unreadable import unreadable
from buildbot.errors import ConfigError, StatusError
from buildbot.status.catalogue import Catalogue, SiteNames
from buildbot.status.events.poller import PollerSource
from buildbot.status.service import StatusService
from buildbot.www.settings import WebSettings

FIRST_READ = 10.0
"""Seconds within which a database must answer at the start."""


class CannotStart(Exception):
    """The server cannot be started; the message says why and what to do."""


class Attached:
    """The API over the database of a running Buildbot, which is only read."""

    def __init__(self, settings: Settings, *, reactor: Any) -> None:
        """Raises ConfigError for settings that cannot be used."""
        self._settings, self._reactor = settings, reactor
        self.database = Database(settings.dbUrl, reactor=reactor, basedir=settings.basedir, deadline=settings.deadline)
        url = None if settings.web is None else settings.web.baseURL
        catalogue = Catalogue(site=SiteNames(settings.title, settings.titleURL, url))
        self._state = StateFile(
            settings.state or defaultPath(self.database.location.shown),
            orMemory=settings.state is None and not settings.listeners,
        )
        self.source = PollerSource(self.database, catalogue, self._state, reactor=reactor, keep=settings.keep)
        """Tells of what happens."""
        self.status = StatusService(
            self.database,
            catalogue,
            limits=settings.limits,
            cacheBytes=settings.cacheBytes,
            events=self.source,
        )
        self.status.problems.append(lambda: self.source.problem)
        self.revision = ""
        """The database's."""
        self.addresses: list[tuple[str, str]] = []
        """Each language that is spoken, and where; and who listens."""
        self.notices: list[str] = []
        """What somebody should know who started this."""
        self._servers: list[Any] = []
        self._listeners: Any = None

    async def start(self) -> None:
        """Returns when everybody may ask. Raises CannotStart or ConfigError; what had started is stopped by
        :meth:`stop`."""
        self.database.startService()
        try:
            self.revision = await self.database.run("revision", checkRevision, lane="large", deadline=FIRST_READ)
        except StatusError as error:
            raise CannotStart(unreadable(self.database, error)) from None
        await self._watch()
        if self._settings.listeners:
            await self._listen(self._settings.listeners, self._settings.secrets)
        if self._settings.web is not None:
            self._listenHTTP(self._settings.web)
        if self._settings.pb is not None:
            await self._listenPB(self._settings.pb)

    async def _watch(self) -> None:
        try:
            await self.source.start()
        except StateUnusable as error:
            raise CannotStart(f"{error} (--state)") from None
        except StatusError as error:
            raise CannotStart(unreadable(self.database, error)) from None
        if self._state.unused:
            self.notices.append(
                f"{self._state.unused} So events are kept in memory, until this ends: --state names another file, and "
                "--state none asks for this."
            )

    async def _listen(self, listeners: Sequence[Any], secrets: Any) -> None:
        from buildbot.status.listeners.host import ListenerHost
        from buildbot.status.listeners.memory import FileMemory

        if self._state.unused:
            self.notices.append("How far listeners are is forgotten when this ends: events are kept in memory.")
        path = f"{self._state.path.removesuffix('.sqlite')}-listeners.sqlite"
        memory = FileMemory(path, reactor=self._reactor)
        host = ListenerHost(self.status, listeners, memory, clock=self._reactor, secrets=secrets)
        try:
            await host.start()
        except ConfigError:
            await host.stopService()
            raise
        self._listeners = host
        self.addresses.append(("Listeners", ", ".join(listener.name for listener in listeners)))

    def _listenHTTP(self, settings: WebSettings) -> None:
        from buildbot.www.server import WebServer

        server = WebServer(self.status, withOwnNames(settings), reactor=self._reactor)
        server.site.noisy = False
        try:
            server.startService()
        except CannotListenError as error:
            raise CannotStart(whyNot(error)) from None
        self._servers.append(server)
        address = shown("http", settings.interface, server.port)
        self.addresses.append(("HTTP JSON", f"{address}/api/v2"))

    async def _listenPB(self, settings: PBSettings) -> None:
        from buildbot.status.passwords import PasswordChecker, PasswordFile
        from buildbot.status.pb import PBStatusServer, portalOf

        checkers: list[Any] = []
        if settings.users:
            checkers.append(PasswordChecker(settings.users, reactor=self._reactor))
        if settings.passwordFile:
            checkers.append(PasswordFile(settings.passwordFile, reactor=self._reactor))
        endpointOf(settings.endpoint, self._reactor)
        server = PBStatusServer(
            self.status,
            settings.endpoint,
            portalOf(*checkers, anonymous=settings.anonymous),
            reactor=self._reactor,
            limits=settings.limits,
        )
        server.startService()
        assert server.listening is not None
        try:
            port: Any = await server.listening
        except CannotListenError as error:
            raise CannotStart(whyNot(error)) from None
        except (OverflowError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CannotStart(f"Nothing can listen on {settings.endpoint}: {reason}.") from None
        self._servers.append(server)
        address = port.getHost()
        unix = isinstance(address, UNIXAddress)
        where = f"unix:{os.fsdecode(address.name or b'')}" if unix else shown("pb", address.host, address.port)
        self.addresses.append(("Perspective Broker", where))

    async def reload(self, settings: Settings) -> None:
        """Run the listeners of these settings instead. Raises ConfigError if their memory cannot be used."""
        if self._listeners is not None:
            await self._listeners.replace(settings.listeners, settings.secrets)
        elif settings.listeners:
            await self._listen(settings.listeners, settings.secrets)

    async def stop(self) -> None:
        """Accept nobody any more, let requests that are running end, then close the database."""
        await DeferredList([server.stopService() for server in self._servers])
        if self._listeners is not None:
            await self._listeners.stopService()
        if self.source.running:
            await self.source.stopService()
        if self.database.running:
            await self.database.stopService()


def endpointOf(description: str, reactor: Any) -> Any:
    """A Twisted endpoint; ConfigError for a description of none."""
    # Imported only here, because it brings in all of TLS.
    from twisted.internet.endpoints import serverFromString

    try:
        return serverFromString(reactor, description)
    except Exception as error:
        # Twisted and its plugins raise whatever comes up: ValueError, TypeError, OSError, OpenSSL's errors.
        raise ConfigError(
            f"{description!r} is no endpoint to listen on ({error}). A port such as 8020 is expected, or for example "
            "tcp:8020:interface=0.0.0.0 or unix:/run/buildbot/status.socket."
        ) from None


def whyNot(error: CannotListenError) -> str:
    """Why nothing can listen there, and what to do."""
    number = getattr(error.socketError, "errno", None)
    where = f"{error.interface or '0.0.0.0'}:{error.port}" if isinstance(error.port, int) else str(error.port)
    if number == errno.EADDRINUSE:
        return f"Another program listens on {where} already: choose another port with --port or --pb."
    if number in (errno.EACCES, errno.EPERM):
        return f"This user may not listen on {where}: choose another port with --port or --pb, from 1024 on."
    if number == errno.EADDRNOTAVAIL or isinstance(error.socketError, socket.gaierror):
        return f"{error.interface} is no address of this machine, so nothing can listen there (--interface)."
    return f"Nothing can listen on {where}: {getattr(error.socketError, 'strerror', None) or error.socketError}."


def withOwnNames(web: WebSettings) -> WebSettings:
    """The settings, with the names that others call this machine by, if it listens for others."""
    if web.interface in ("127.0.0.1", "::1", "localhost"):
        return web
    address = f"[{web.interface}]" if ":" in web.interface else web.interface
    return attrs.evolve(web, allowedHosts=(*web.allowedHosts, socket.gethostname(), address))


def shown(scheme: str, host: str, port: int) -> str:
    """An address as people type it."""
    if host in ("0.0.0.0", "::", ""):
        host = socket.gethostname()
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
