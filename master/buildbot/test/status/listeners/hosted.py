"""Listeners in a host, over a generated database with a log of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock, deferLater

from buildbot.status.listeners import StatusListener
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import ProcessMemory
from buildbot.test.status.events.logged import LoggedCase, Row, reactor


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

    async def host(self, *listeners: Any, memory: Any = None) -> ListenerHost:
        host = ListenerHost(self.service, listeners, memory or self.memory, clock=self.clock)
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


def row(build: dict[str, Any], event: str, **old: Any) -> Row:
    return Row("builds", build["buildid"], event, build, old)
