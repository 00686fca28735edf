"""Listeners in a host, over a generated database with a log of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock, deferLater

from buildbot.status.client import connect
from buildbot.status.events import transfer
from buildbot.status.listeners import StatusListener
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import ProcessMemory
from buildbot.status.pb import PBStatusServer, portalOf
from buildbot.test.status.events.logged import LoggedCase, Row, reactor
from buildbot.www import sse
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite


class Recording(StatusListener):
    """Writes down what it is told; ``handle`` is what else it does."""

    def __init__(self, handle: Callable[[str, Any], Any] = lambda word, record: None, **settings: Any) -> None:
        super().__init__("recording")
        self.told: list[tuple[str, int]] = []
        self.missed: list[str] = []
        self.handle = handle
        for name, value in settings.items():
            setattr(self, name, value)

    def note(self, word: str, record: Any) -> Any:
        self.told.append((word, record.buildid))
        return self.handle(word, record)

    def buildStarted(self, build: Any) -> Any:
        return self.note("started", build)

    def buildFinished(self, build: Any) -> Any:
        return self.note("finished", build)

    def stepFinished(self, step: Any) -> Any:
        return self.note("step", step)

    async def eventsMissed(self, cursor: str) -> None:
        self.missed.append(cursor)
        raise ValueError("logged")


class HostCase(LoggedCase):
    def setUp(self) -> None:
        super().setUp()
        self.clock, self.memory = Clock(), ProcessMemory()
        self.connection: Any = None

    async def connect(self) -> Any:
        """What listeners are told over: the service itself, in its own process."""
        return self.service

    async def host(self, *listeners: Any, memory: Any = None, secrets: Any = None) -> ListenerHost:
        self.connection = self.connection or await self.connect()
        host = ListenerHost(self.connection, listeners, memory or self.memory, clock=self.clock, secrets=secrets)
        self.addCleanup(lambda: host.stopService() if host.running else None)
        await host.start()
        if memory is None:
            await self.until(lambda: all(listener.name in self.memory.cursors for listener in listeners))
        return host

    async def until(self, holds: Callable[[], bool]) -> None:
        """Time goes on only as far as it must for what waits for nothing but its turn."""
        while not holds():
            self.clock.advance(0.001)
            await deferLater(reactor, 0.002)

    async def builds(self, count: int) -> list[dict[str, Any]]:
        return [build.asDict() for build in await self.service.get("builds", limit=count)]

    def at(self, listener: str = "recording") -> str:
        return self.memory.cursors[listener]


class OverHTTP(HostCase):
    """Listeners are told over a connection, as those in another process are."""

    async def connect(self) -> Any:
        self.patch(sse, "KEEPALIVE", 0.05)
        site = StatusSite(self.service, WebSettings(), reactor=reactor)
        port: Any = reactor.listenTCP(0, site, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        self.addCleanup(self.condition, lambda: not site.channels)
        return self.to(f"http://127.0.0.1:{port.getHost().port}")

    def to(self, url: str) -> Any:
        connection: Any = connect(url, reactor=reactor)
        self.addCleanup(connection.close)
        return connection


class OverPB(OverHTTP):
    async def connect(self) -> Any:
        self.patch(transfer, "KEEPALIVE", 0.05)
        endpoint = "tcp:0:interface=127.0.0.1"
        server = PBStatusServer(self.service, endpoint, portalOf(anonymous=True), reactor=reactor)
        server.startService()
        self.addCleanup(server.stopService)
        assert server.listening is not None
        port: Any = await server.listening
        return self.to(f"pb://127.0.0.1:{port.getHost().port}")


def row(build: dict[str, Any], event: str, **old: Any) -> Row:
    return Row("builds", build["buildid"], event, build, old)
