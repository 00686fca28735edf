"""A recorder and its HTTP server in one process, where so much happens in a second.

``python -m benchmarks.events.broadcast URL RATE``: says its port, and then numbers for each line that it reads.
"""

from __future__ import annotations

import sys
from math import inf
from pathlib import Path
from time import monotonic, monotonic_ns

from twisted.internet.defer import Deferred
from twisted.internet.stdio import StandardIO
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread
from twisted.protocols.basic import LineOnlyReceiver

from buildbot.db.connector import Database
from buildbot.scripts.replaying import prepare
from buildbot.status.catalogue import Catalogue
from buildbot.status.recorder import Recorder
from buildbot.status.service import StatusService
from buildbot.www.server import WebServer
from buildbot.www.settings import HttpLimits, WebSettings
from buildbot.www.stalls import calmCollector

from ..report import LATE
from .process import processorSeconds, reactor, run, say
from .record import Master

CONNECTIONS = 2_000
EVERY = 0.01
"""Seconds between two times that something happens, several things then."""


async def main() -> None:
    url, rate = sys.argv[1], float(sys.argv[2])
    database = Database(url, reactor=reactor)
    await deferToThread(prepare, database.location)
    catalogue = Catalogue()
    recorder = Recorder(database, catalogue)
    status = StatusService(database, catalogue, events=recorder.source, logIsHere=True)
    settings = WebSettings(port=0, limits=HttpLimits(connections=CONNECTIONS))
    server = WebServer(status, settings, reactor=reactor)
    database.startService()
    recorder.startService()
    master = Master(recorder)
    await master.start()
    buildid, _ = await master.begin()
    server.startService()
    began, done = 0.0, 0

    def happen() -> None:
        nonlocal began, done
        began = began or monotonic()
        while done < rate * (monotonic() - began):
            done += 1
            recorder.setBuildState(buildid, f"at:{monotonic_ns()}")

    happening = LoopingCall(happen)
    calmCollector()

    class Asked(LineOnlyReceiver):
        delimiter = b"\n"

        def lineReceived(self, line: bytes) -> None:
            if line == b"begin" and not happening.running:
                happening.start(EVERY)
            stalls = server.site.stalls
            late = list(zip([*stalls.histogram.bounds, inf], stalls.histogram.counts, strict=True))
            say(
                cpu=processorSeconds(),
                memory=resident(),
                events=recorder.writer.metrics.events,
                late=sum(count for bound, count in late if bound > LATE),
                looks=sum(count for _, count in late),
                longest=stalls.longest,
            )
            stalls.longest = 0.0

    StandardIO(Asked())
    say(port=server.port)
    await Deferred()


def resident() -> int:
    """Bytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    run(main)
