"""A process that marks commits until it is killed: ``python -m … DATABASE STATE ADDRESS`` follows the log in a
database, remembers in STATE how far it is, and says to ADDRESS, as to GitHub, what has become of commits."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import task
from twisted.internet.defer import Deferred

from buildbot.db.connector import Database
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.tail import StampSource
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import FileMemory
from buildbot.status.listeners.reporters import GitHubStatusPush
from buildbot.status.service import StatusService


async def main(reactor: Any, url: str, state: str, address: str) -> None:
    database = Database(url, reactor=reactor)
    database.startService()
    source = StampSource(database)
    await source.start()
    service = StatusService(database, Catalogue(), events=source, logIsHere=True)
    push = GitHubStatusPush("token", baseURL=address)
    await ListenerHost(service, [push], FileMemory(state, reactor=reactor), clock=reactor).start()
    await Deferred()


if __name__ == "__main__":
    task.react(lambda reactor, *arguments: Deferred.fromCoroutine(main(reactor, *arguments)), sys.argv[1:])
