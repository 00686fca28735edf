"""How fast one catches up who has missed many events: from the log to the bytes that a socket would be given.

``python -m benchmarks.events.behind URL EVENTS TOPIC…``: a line of numbers for each topic.
"""

from __future__ import annotations

import sys
from time import monotonic

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread

from buildbot.db.connector import Database
from buildbot.scripts.replaying import prepare
from buildbot.status.catalogue import Catalogue
from buildbot.status.recorder import Recorder
from buildbot.status.service import StatusService
from buildbot.www.stalls import StallWatch, calmCollector
from buildbot.www.websocket import framesWithCursors

from .process import reactor, run, say
from .record import BUILDS, Master, after


async def main() -> None:
    _, url, events, *topics = sys.argv
    database = Database(url, reactor=reactor)
    await deferToThread(prepare, database.location)
    catalogue = Catalogue()
    recorder = Recorder(database, catalogue)
    status = StatusService(database, catalogue, events=recorder.source, logIsHere=True)
    database.startService()
    recorder.startService()
    master = Master(recorder)
    await master.start()
    since = recorder.source.cursor
    assert since is not None
    building = gatherResults([Deferred.fromCoroutine(master.build()) for _ in range(BUILDS)])
    while recorder.writer.metrics.events < int(events):
        await after(0.05)
    master.isOver = True
    await building
    missed, feed = recorder.source.cursor.seq - since.seq, status.requireEvents()
    calmCollector()
    stalls = StallWatch(reactor)
    stalls.start()
    for topic in topics:
        subscription = await status.subscribe(topic, since=str(since))
        began, size, delivered, cursor, isBehind = monotonic(), 0, 0, since, True
        while isBehind:
            batch = await feed.batch(subscription.selection, cursor)
            size += sum(map(len, framesWithCursors(batch, delivered + 1)))
            delivered += len(batch.changes)
            cursor, isBehind = batch.cursor, batch.generation is None
        took = monotonic() - began
        subscription.close()
        say(topic=topic, rate=missed / took, delivered=delivered, size=size, longest=stalls.longest)
        stalls.longest = 0.0
    stalls.stop()
    await recorder.stopService()
    await database.stopService()


if __name__ == "__main__":
    run(main)
