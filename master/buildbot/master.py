"""Wires the rooms together; the only module that knows them all."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Sequence
from importlib.metadata import version as distributionVersion
from typing import TYPE_CHECKING, Any

import attrs
from twisted.internet.address import UNIXAddress
from twisted.internet.defer import DeferredList
from twisted.internet.error import CannotListenError

from buildbot.config.settings import PBSettings, Settings
from buildbot.db.connector import Database
from buildbot.db.revision import checkRevision
from buildbot.db.statefile import MEMORY, StateFile, StateUnusable, defaultPath
from buildbot.db.unreadable import unreadable
from buildbot.errors import ConfigError, StatusError
from buildbot.status.catalogue import Catalogue, SiteNames
from buildbot.status.events.cursor import seqOf
from buildbot.status.events.poller import PERIOD, PollerSource
from buildbot.status.events.tail import StampSource
from buildbot.status.service import StatusService
from buildbot.www.settings import WebSettings

if TYPE_CHECKING:
    from buildbot.status.recorder import Recorder
    from buildbot.www.token import Token

FIRST_READ = 10.0
"""Seconds within which a database must answer at the start."""


class CannotStart(Exception):
    """The server cannot be started; the message says why and what to do."""


class Serving:
    """The API over a database, in every language that is asked for. How news are learned of is a subclass's to know."""

    portOption = "--port"
    """Of the command line: where to listen for HTTP."""
    lookInterval: int | None = None
    """Milliseconds between two looks at Buildbot's tables for what is new; None: they are not looked at for that."""

    def __init__(self, settings: Settings, *, reactor: Any) -> None:
        """Raises ConfigError for settings that cannot be used."""
        self._settings, self._reactor = settings, reactor
        self.database = Database(settings.dbUrl, reactor=reactor, basedir=settings.basedir, deadline=settings.deadline)
        self.catalogue = Catalogue(
            site=SiteNames(
                settings.title,
                settings.titleURL,
                settings.buildbotURL,
                settings.stockURL,
                version=distributionVersion("buildbot-status"),
                database=self.database.dialect,
                lookInterval=self.lookInterval,
            )
        )
        self.source: Any = self._newSource()
        """Tells of what happens: an :class:`~buildbot.status.events.source.IEventSource`."""
        self.status = StatusService(
            self.database,
            self.catalogue,
            limits=settings.limits,
            cacheBytes=settings.cacheBytes,
            events=self.source,
            logIsHere=self._logIsHere,
        )
        self.status.problems.append(self._problem)
        self.status.instruments.writer = self._writerMetrics
        self.revision = ""
        """The database's."""
        self.addresses: list[tuple[str, str]] = []
        """Each language that is spoken, and where; and who listens."""
        self.notices = list(settings.notices)
        """What somebody should know who started this."""
        self._servers: list[Any] = []
        self._web: Any = None
        self._listeners: Any = None
        self._token: Token | None = None
        """Who has it may act over HTTP; None where nothing can be done."""
        self._own: Database | None = None
        """Where the tables of listeners are, if not in the database itself."""

    @property
    def headline(self) -> str:
        """What this is, for whoever starts it; once it has started."""
        return f"Reading {self.database.location.shown}, whose revision is {self.revision}."

    @property
    def _logIsHere(self) -> bool:
        """Whether the log of events is in the database that is read."""
        return True

    def _newSource(self) -> Any:
        raise NotImplementedError

    def _problem(self) -> str | None:
        """What does not work at the moment, in words that anybody may read."""
        found: str | None = self.source.problem
        return found

    def _writerMetrics(self) -> Any:
        """The numbers of what writes events here; None where nothing does."""
        return None

    async def _startSource(self) -> None:
        """Returns when there is a cursor. Raises CannotStart."""
        raise NotImplementedError

    async def _stopSource(self) -> None:
        if self.source.running:
            await self.source.stopService()

    def needed(self) -> int | None:
        """The number of the first event that a listener still has to look at; None: there are no listeners."""
        if self._listeners is None:
            return None
        cursors = [standing.cursor for standing in self._listeners.standing()]
        # One that has not begun needs what nobody knows yet.
        return min((0 if cursor is None else seqOf(cursor) + 1 for cursor in cursors), default=None)

    async def start(self) -> None:
        """Returns when everybody may ask. Raises CannotStart or ConfigError; what had started is stopped by
        :meth:`stop`."""
        self.database.startService()
        try:
            self.revision = await self.database.run("revision", checkRevision, lane="large", deadline=FIRST_READ)
        except StatusError as error:
            raise CannotStart(unreadable(self.database, error)) from None
        await self._startSource()
        if self._settings.listeners:
            await self._listen(self._settings.listeners, self._settings.secrets)
        if self._settings.web is not None:
            self._listenHTTP(self._settings.web)
        if self._settings.pb is not None:
            await self._listenPB(self._settings.pb)

    async def _listen(self, listeners: Sequence[Any], secrets: Any) -> None:
        from buildbot.status.listeners.acts import actorsOf
        from buildbot.status.listeners.host import ListenerHost

        memory = self._newMemory()
        host = ListenerHost(self.status, listeners, memory, clock=self._reactor, secrets=secrets)
        try:
            await host.start()
        except ConfigError:
            await host.stopService()
            raise
        self._listeners = host
        self.status.instruments.listeners = host.standing
        self.status.problems.append(lambda: host.problem)
        if self._own is not None:
            self._own.startService()
        self.status.serveListeners(self._own or self.database, actorsOf(host, self.source.find))
        if self._settings.web is not None:
            self._takeToken()
        self.addresses.append(("Listeners", ", ".join(listener.name for listener in listeners)))

    def _newMemory(self) -> Any:
        """What remembers how far listeners are, and where others can read it."""
        from buildbot.status.listeners.memory import FileMemory

        memory = FileMemory(f"{self._stem}-listeners.sqlite", reactor=self._reactor)
        self._own = Database(memory.url, reactor=self._reactor, large=1)
        return memory

    @property
    def _stem(self) -> str:
        """What the names of files begin with that are not in the database."""
        return self._statePath.removesuffix(".sqlite")

    def _takeToken(self) -> None:
        """Let who has the token act over HTTP. Raises ConfigError if it cannot be in the file that the settings
        name."""
        from buildbot.www.token import Token

        named = self._settings.tokenFile
        try:
            self._token = Token.at(named or f"{self._stem}-token")
        except ConfigError as error:
            if named is not None:
                raise
            self.notices.append(f"Nobody may act over HTTP: {error}.")
        else:
            self.addresses.append(("Actions", f"over HTTP with the token in {self._token.path}"))
        if self._web is not None:
            self._web.site.token = self._token

    def _listenHTTP(self, settings: WebSettings) -> None:
        from buildbot.www.pages import NONE, Pages
        from buildbot.www.server import WebServer

        pages = Pages.installed(settings.views)
        server = WebServer(self.status, withOwnNames(settings), reactor=self._reactor, token=self._token, pages=pages)
        server.site.noisy = False
        try:
            server.startService()
        except CannotListenError as error:
            raise CannotStart(whyNot(error, self.portOption)) from None
        self._servers.append(server)
        self._web = server
        address = shown("http", settings.interface, server.port)
        self.addresses.append(("HTTP JSON", f"{address}/api/v2"))
        self.addresses.append(("Web pages", NONE if pages is None else f"{address}/"))

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
            raise CannotStart(whyNot(error, "--pb")) from None
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
        if self._own is not None and self._own.running:
            await self._own.stopService()
        await self._stopSource()
        if self.database.running:
            await self.database.stopService()

    @property
    def _statePath(self) -> str:
        """Where what is not in the database is kept."""
        return self._settings.state or defaultPath(self.database.location.shown)


class Attached(Serving):
    """Over the database of a running Buildbot, which is only read: its news are looked for."""

    lookInterval = round(PERIOD * 1000)

    def __init__(self, settings: Settings, *, reactor: Any) -> None:
        """See :class:`Serving`."""
        self._state: StateFile
        super().__init__(settings, reactor=reactor)

    @property
    def _logIsHere(self) -> bool:
        return False

    def _newSource(self) -> Any:
        self._state = StateFile(
            super()._statePath, orMemory=self._settings.state is None and not self._settings.listeners
        )
        return PollerSource(
            self.database,
            self.catalogue,
            self._state,
            reactor=self._reactor,
            keep=self._settings.keep,
            needed=self.needed,
        )

    def _writerMetrics(self) -> Any:
        return self.source.writerMetrics

    async def _startSource(self) -> None:
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
        if self._state.unused:
            self.notices.append("How far listeners are is forgotten when this ends: events are kept in memory.")
        await super()._listen(listeners, secrets)

    @property
    def _statePath(self) -> str:
        return self._state.path


class Following(Serving):
    """Over a database whose writer keeps a log of events in it: that is followed, and nothing is written."""

    def _newSource(self) -> Any:
        if self._settings.state == MEMORY and self._settings.listeners:
            raise ConfigError("--state none: listeners need a file in which it is remembered how far each one is")
        return notified(self.database) if self.database.dialect == "postgresql" else StampSource(self.database)

    async def _startSource(self) -> None:
        try:
            await self.source.start()
        except StatusError as error:
            raise CannotStart(
                f"{unreadable(self.database, error)} Only what writes events can be followed (--events log); news of a "
                "stock master are looked for (--events poll)."
            ) from None


class Recording(Serving):
    """In a process that writes the database: what it commits is the news, and on PostgreSQL what others commit, too."""

    recorder: Recorder

    def __init__(self, settings: Settings, *, reactor: Any, clock: Callable[[], float] | None = None) -> None:
        """``clock``: the recorder's. See :class:`Serving`."""
        self._clock = clock
        super().__init__(settings, reactor=reactor)

    @property
    def headline(self) -> str:
        """See :class:`Serving`."""
        return f"Writing {self.database.location.shown}, whose revision is {self.revision}."

    def _newSource(self) -> Any:
        from buildbot.status.recorder import Recorder  # only where something is recorded

        self.recorder = Recorder(
            self.database, self.catalogue, keep=self._settings.keep, needed=self.needed, clock=self._clock
        )
        return notified(self.database) if self.database.dialect == "postgresql" else self.recorder.source

    def _newMemory(self) -> Any:
        from buildbot.status.listeners.memory import WriterMemory

        return WriterMemory(self.recorder.writer)

    def _problem(self) -> str | None:
        why = self.recorder.writer.problem
        if why is not None:
            return f"Nothing can be stored at the moment: {why}"
        return super()._problem() if self._isTold else None

    def _writerMetrics(self) -> Any:
        return self.recorder.writer.metrics

    async def _startSource(self) -> None:
        self.recorder.startService()
        try:
            await self.recorder.writer.run("events.open", lambda tx: None)
            if self._isTold:
                await self.source.start()
        except StatusError as error:
            raise CannotStart(unreadable(self.database, error)) from None

    @property
    def _isTold(self) -> bool:
        """Whether the news come from the database, rather than from the recorder alone."""
        return self.source is not self.recorder.source

    async def _stopSource(self) -> None:
        if self._isTold:
            await super()._stopSource()
        if self.recorder.running:
            await self.recorder.stopService()


def notified(database: Database) -> Any:
    """A source that hears of all commits to a PostgreSQL database."""
    from buildbot.status.events.notify import NotifySource  # psycopg need not be installed where it is not used

    return NotifySource(database)


def attached(settings: Settings, *, reactor: Any) -> Serving:
    """What ``buildbot attach`` runs."""
    return (Following if settings.followsLog else Attached)(settings, reactor=reactor)


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


def whyNot(error: CannotListenError, option: str) -> str:
    """Why nothing can listen there, and what to do; ``option`` says where."""
    number = getattr(error.socketError, "errno", None)
    where = f"{error.interface or '0.0.0.0'}:{error.port}" if isinstance(error.port, int) else str(error.port)
    if number == errno.EADDRINUSE:
        return f"Another program listens on {where} already: choose another port with {option}."
    if number in (errno.EACCES, errno.EPERM):
        return f"This user may not listen on {where}: choose another port with {option}, from 1024 on."
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
