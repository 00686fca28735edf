"""A writer that is killed again and again, a subscriber that is cut, and what must be true in the end."""

from __future__ import annotations

import os
import sys
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from random import Random

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from buildbot.db.connector import Database
from buildbot.errors import DatabaseUnavailable, DeadlineExceeded, Gone
from buildbot.status.events.cursor import Cursor
from buildbot.status.events.event import Event
from buildbot.status.events.log import EventLog, Read
from buildbot.test.contract.crash_writer import shown
from buildbot.test.db.databases import reactor


class KilledProcess(ProcessProtocol):
    """A Python process that runs until it is killed."""

    def __init__(self, *arguments: str, output: str | int) -> None:
        """``arguments``: the interpreter's, such as ``-m`` and a module. ``output``: where what it prints goes, as for
        ``childFDs``."""
        self.ended: Deferred[None] = Deferred()
        self.isRunning = True
        command = [sys.executable, *arguments]
        self._process = reactor.spawnProcess(
            self, sys.executable, command, env=os.environ, childFDs={0: "w", 1: output, 2: 2}
        )

    def processEnded(self, reason: Failure) -> None:
        self.isRunning = False
        self.ended.callback(None)

    def kill(self) -> None:
        if self.isRunning:
            self._process.signalProcess("KILL")


class WriterProcess(KilledProcess):
    """A writer, which waits until it is told to begin."""

    def __init__(self, url: str, name: str, seed: str) -> None:
        self.lines: list[str] = []
        """What it has said."""
        self._wanted: tuple[int, Deferred[None]] | None = None
        self._rest = b""
        super().__init__("-m", "buildbot.test.contract.crash_writer", url, name, seed, output="r")

    def begin(self) -> None:
        self._process.write(b"begin\n")

    def outReceived(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.lines += [line.decode() for line in lines]
        self._look()

    def hasSaid(self, lines: int) -> Deferred[None]:
        """Fires when it has said so many lines; fails if it ends by itself before that."""
        waiting: Deferred[None] = Deferred()
        self._wanted = lines, waiting
        self._look()
        return waiting

    def _look(self) -> None:
        if self._wanted is None or (self.isRunning and len(self.lines) < self._wanted[0]):
            return
        (lines, waiting), self._wanted = self._wanted, None
        if len(self.lines) >= lines:
            waiting.callback(None)
        else:
            waiting.errback(AssertionError("the writer ended by itself"))

    def processEnded(self, reason: Failure) -> None:
        self.isRunning = False
        self._look()
        super().processEnded(reason)


@attrs.define
class Counts:
    """What happened in a run."""

    kills: int = 0
    cuts: int = 0
    stops: int = 0
    """How often the subscriber read nothing for a while."""
    foreign: int = 0
    confirmed: int = 0
    events: int = 0
    gone: int = 0
    missed: int = 0
    """Events that the subscriber was told it misses."""
    losses: int = 0
    """Those that it was not told about."""


class Subscriber:
    """Follows the log by cursor. It is cut at random: its connections end, and it resumes after the last event that it
    has handled."""

    def __init__(self, url: str, random: Random, counts: Counts, read: Callable[[Read], Read] = lambda read: read):
        """``read``: what becomes of what was read, for faults that are planted."""
        self._url, self._random, self._counts, self._spoil = url, random, counts, read
        self.seen: list[Event] = []
        self.gaps: list[tuple[int, int]] = []
        """Numbers after the first and up to the second were missed, and it was told so."""
        self._cursor: Cursor | None = None
        self._ending = False
        self._connect()

    def _connect(self) -> None:
        self._database = Database(self._url, reactor=reactor)
        self._database.startService()
        self._log = EventLog(self._database)

    async def follow(self) -> None:
        """Until :meth:`finish`, and then to the end of the log."""
        while True:
            ending = self._ending
            try:
                if self._cursor is None:
                    self._cursor = await self._log.head()
                    self.gaps.append((0, self._cursor.seq))
                read = await self._read(self._cursor)
            except Gone:
                self._counts.gone += 1
                head = await self._log.head()
                assert self._cursor is not None
                self.gaps.append((self._cursor.seq, head.seq))
                self._cursor = head
                continue
            except (DatabaseUnavailable, DeadlineExceeded, CancelledError):
                await deferLater(reactor, 0.005)
                continue
            self.seen += read.events
            self._cursor = read.cursor
            if self._random.random() < 0.01:
                await self._sleep()
            if read.complete:
                if ending:
                    break
                await deferLater(reactor, 0.002)
        await self._database.stopService()

    async def _sleep(self) -> None:
        """Read nothing until after the next kill."""
        self._counts.stops += 1
        awake = self._counts.kills + 1
        while self._counts.kills < awake and not self._ending:
            await deferLater(reactor, 0.002)

    async def _read(self, cursor: Cursor) -> Read:
        reading = self._log.read(cursor, self._random.choice([1, 7, 50, 500]))
        if self._random.random() < 0.05:
            self._counts.cuts += 1
            stopped = self._database.stopService()
            self._connect()
            await stopped
        return self._spoil(await reading)

    def finish(self) -> None:
        self._ending = True


def complaints(
    stored: Sequence[Event], confirmed: Mapping[str, Sequence[str]], subscriber: Subscriber, counts: Counts
) -> list[str]:
    """What is not as it was promised. ``stored`` is the whole log, ``confirmed`` what each writer said."""
    found = []
    places: dict[str, list[int]] = {}
    for event in stored:
        line = shown(event.type, event.key, event.event, event.record)
        places.setdefault(line, []).append(event.seq)
    for writer, lines in confirmed.items():
        wrong = [line for line in lines if len(places.get(line, ())) != 1]
        found += [f"{writer}: confirmed, and {len(places.get(line, ()))} times in the log: {line}" for line in wrong]
        seqs = [places[line][0] for line in lines if line not in wrong]
        if seqs != sorted(seqs):
            found.append(f"{writer}: what was confirmed is not in this order in the log")
    seen = [event.seq for event in subscriber.seen]
    if any(later <= earlier for earlier, later in pairwise(seen)):
        found.append("the subscriber saw events twice, or out of order")
    if [event for event in subscriber.seen if event not in stored[bisect_left(stored, event.seq, key=_seq) :][:1]]:
        found.append("the subscriber saw what is not in the log")
    known = set(seen)
    missed = {event.seq for event in stored if any(a < event.seq <= b for a, b in subscriber.gaps)}
    lost = [event for event in stored if event.seq not in known and event.seq not in missed]
    found += [f"lost: {event.seq} {event.type}/{event.key}/{event.event}" for event in lost]
    counts.losses, counts.events, counts.missed = len(lost), len(stored), len(missed - known)
    return found


def _seq(event: Event) -> int:
    return event.seq
