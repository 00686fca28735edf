"""A process that runs a listener until it is killed.

``python -m buildbot.test.status.listeners.crash_listener URL STATE OUTPUT SEED FAULT``: it follows the log in a
database, remembers in STATE, and appends to OUTPUT a line ``SEQ METHOD KEY`` for each delivery that it has handled.
What it handles fails at random, and for some builds always. FAULT is ``forgets``: the memory keeps no deliveries;
``skips``: the source leaves out some events; or ``none``.
"""

from __future__ import annotations

import os
import sys
from random import Random
from typing import Any

import attrs
from twisted.internet import task
from twisted.internet.defer import Deferred

from buildbot.db.connector import Database
from buildbot.status.catalogue import Catalogue
from buildbot.status.events.cursor import Cursor, seqOf
from buildbot.status.events.log import LIMIT, Read
from buildbot.status.events.tail import StampSource
from buildbot.status.listeners import StatusListener, desk, follower
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import FileMemory
from buildbot.status.service import StatusService

NAME = "crash"
METHODS = ("changeAdded", "requestFinished", "buildStarted", "buildChangedState", "buildFinished", "stepFinished")
STUCK = 5
"""Of so many builds, the beginning of one can never be handled."""
SKIPPED = 10
"""One event in so many, by a planted fault."""


class Skipping(StampSource):
    """Leaves out some events."""

    def read(self, after: Cursor, limit: int = LIMIT) -> Deferred[Read]:
        return super().read(after, limit).addCallback(self._spoilt)

    def _spoilt(self, read: Read) -> Read:
        return attrs.evolve(read, events=[event for event in read.events if event.seq % SKIPPED])


class Forgetful(FileMemory):
    """Moves the cursor, and keeps nothing of what lies before it."""

    def store(self, listener: str, cursor: str, keep: Any, drop: Any) -> Deferred[None]:
        return super().store(listener, cursor, [], drop)


class Fragile(StatusListener):
    """Fails now and then."""

    attempts = 3

    def __init__(self, path: str, random: Random, reactor: Any) -> None:
        super().__init__(NAME)
        self._output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._random, self._reactor = random, reactor

    async def handle(self, record: Any, delivery: Any) -> None:
        if self._random.random() < 0.5:
            await task.deferLater(self._reactor, self._random.random() * 0.01)
        if delivery.method == "buildStarted" and record.buildid % STUCK == 0:
            raise ValueError("never")
        if self._random.random() < 0.1:
            raise ValueError("not now")
        line = f"{seqOf(delivery.cursor)} {delivery.method} {delivery.key}\n"
        os.write(self._output, line.encode())

    changeAdded = requestFinished = buildStarted = buildChangedState = buildFinished = stepFinished = handle


async def main(reactor: Any, url: str, state: str, output: str, seed: str, fault: str) -> None:
    desk.FIRST_PAUSE, follower.IDLE = 0.01, 0.1
    database = Database(url, reactor=reactor)
    database.startService()
    source = (Skipping if fault == "skips" else StampSource)(database)
    await source.start()
    service = StatusService(database, Catalogue(), events=source, logIsHere=True)
    memory = (Forgetful if fault == "forgets" else FileMemory)(state, reactor=reactor)
    await ListenerHost(service, [Fragile(output, Random(seed), reactor)], memory, clock=reactor).start()
    await Deferred()  # until it is killed


if __name__ == "__main__":
    task.react(lambda reactor, *arguments: Deferred.fromCoroutine(main(reactor, *arguments)), sys.argv[1:])
