"""A stock master opens a database that the recorder has written, and answers as we do; it builds on it, and gives it
back."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import create_engine
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread

from buildbot.db import own, schema
from buildbot.errors import Gone
from buildbot.scripts.lives import Lives
from buildbot.status.recorder import Recorder
from buildbot.test import postgres
from buildbot.test.contract.cases import catalogue, engineOf
from buildbot.test.contract.test_differential import NEEDED, SEED, Serving, judge, report
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite, reactor, temporaryFolder
from buildbot.test.live.processes import Master, Worker, created, until
from buildbot.test.oracle.ask import Asker, StockAsker
from buildbot.test.oracle.queries import fresh
from buildbot.test.oracle.recorded import Moment, Recorded, timeless
from buildbot.test.oracle.samples import sample
from buildbot.test.oracle.stock import startStock

LIVES = 12
_OPEN = re.compile("builds/[^/]*/changes").search
"""Which earlier build is the last successful one: Buildbot goes by when it ended, to a second, and here all end in the
same."""
QUESTIONS = 300
CHOSEN = int(os.environ.get(SEED) or 1)


async def record(case: Serving, url: str, *, ends: bool = True) -> Recorder:
    """Play lives through a recorder, which runs until the test has ended."""
    recorder = Recorder(case.open(url), catalogue())
    recorder.startService()
    case.addCleanup(lambda: recorder.stopService() if recorder.running else None)
    lives = Lives(recorder, Random(CHOSEN), _turn)
    await lives.begin()
    left = iter(range(LIVES))

    async def some() -> None:
        for _ in left:
            await lives.one()

    await gatherResults([Deferred.fromCoroutine(some()) for _ in range(4)])
    if ends:
        await lives.end()
    return recorder


async def _turn() -> None:
    """As fast as it goes."""


class Taken(Serving):
    timeout = 240
    ordered = True

    def stockUrl(self, url: str) -> str:
        """The same database as a stock master calls it."""
        return url

    def made(self) -> str:
        """The URL of a database as a stock master's, with our tables."""
        url = self.newUrl()
        engine = engineOf(url)
        schema.copied().create_all(engine)
        schema.alembic_version.create(engine)
        own.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.execute(schema.alembic_version.insert().values(version_num=schema.REVISION))
        engine.dispose()
        return url

    async def test_answers(self) -> None:
        """Some hundred questions get equal answers from a stock master and from us, or they differ by a rule."""
        sys.stdout.write(f"\n{type(self).__name__}: seed {CHOSEN}\n")
        url = self.made()
        began = int(time.time()) - 1
        recorder = await record(self, url)
        await recorder.stopService()
        master = await startStock(reactor, Path(temporaryFolder(self)), self.stockUrl(url))
        self.addCleanup(master.stop)
        port = self.serve(url)
        moment = Moment(began, began + self.timeout)

        def ask() -> list[str]:
            with StockAsker(master.port) as stock, Asker(port) as us:
                paths = [each for each in fresh(timeless(sample(stock), moment), CHOSEN, QUESTIONS) if not _OPEN(each)]
                whole = [path.partition("?")[0] for path in paths]
                needed = dict.fromkeys([*NEEDED, *whole, *paths])
                answers = {path: Recorded.of(stock(path)).without(moment) for path in needed}
                return judge(answers, answers, us, moment, ordered=self.ordered)[1]

        differences = await deferToThread(ask)
        self.assertEqual(differences, [], report(differences))


class TakenOnSQLite(OnSQLite, Taken):
    async def test_back(self) -> None:
        """A stock master builds on it with a worker, and gives it back: what it did is no secret, for older cursors are
        gone, and the recorder goes on."""
        folder = Path(temporaryFolder(self))
        url, port = f"sqlite:///{folder}/state.sqlite", postgres.freePort()
        created(folder / "master", url, port)
        engine = create_engine(url)
        own.metadata.create_all(engine)
        engine.dispose()
        recorder = await record(self, url)
        cursor = recorder.source.cursor
        assert cursor is not None
        await recorder.stopService()
        builds = await deferToThread(self.build, folder, port)
        again = await record(self, url, ends=False)
        await self.failure(again.source.read(cursor), Gone)
        newest = again.source.cursor
        assert newest is not None
        await again.setBuildState(builds[0]["buildid"], "seen")
        (event,) = (await again.source.read(newest)).events
        self.assertEqual(event.record, {**builds[0], "state_string": "seen"})

    @staticmethod
    def build(folder: Path, port: int) -> list[dict[str, Any]]:
        """In a thread: have a stock master build; that build, as it says."""
        worker = Worker(folder / "worker", port)
        try:
            master = Master(folder / "master")
            try:
                master.force("small")
                path = "builders/small/builds?complete=true"
                until(lambda: master.get(path)["builds"], "it has built")
                until(lambda: not master.get("buildrequests?complete=false")["buildrequests"], "it is complete")
                found: list[dict[str, Any]] = master.get(path)["builds"]
                return found
            finally:
                master.kill()
        finally:
            worker.stop()


class TakenOnPostgreSQL(OnPostgreSQL, Taken):
    ordered = False

    def stockUrl(self, url: str) -> str:
        return url.replace("postgresql://", "postgresql+psycopg2://")


del Taken
