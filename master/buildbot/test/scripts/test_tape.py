"""Lives that were recorded, played again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url
from twisted.internet.defer import Deferred

from buildbot.db import own, schema
from buildbot.errors import ConfigError
from buildbot.scripts.replaying import Options, replay
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, reactor

OURS = {"status_epochs": {"epoch", "started_at"}, "status_events": {"at"}}
"""Columns that are of the writing itself."""


class TapeTests(DatabaseCase):
    timeout = 60

    def setUp(self) -> None:
        self.tape = Path(self.mktemp())

    async def play(self, **options: Any) -> str:
        """The URL of the database that it went into."""
        url = self.newUrl()
        await replay(reactor, Options(db=url, **options))
        return url

    def rows(self, url: str) -> dict[str, list[Any]]:
        location = make_url(url)
        if location.drivername == "postgresql":
            location = location.set(drivername="postgresql+psycopg")
        engine = create_engine(location)
        found = {}
        with engine.connect() as connection:
            for table in (*schema.metadata.tables.values(), *own.metadata.tables.values()):
                columns = [column for column in table.columns if column.name not in OURS.get(table.name, ())]
                rows = connection.execute(select(*columns)).all()
                found[table.name] = sorted([tuple(row) for row in rows], key=repr)
        engine.dispose()
        return found

    async def failure_(self, text: str) -> str:
        """With what the playing of a file ends."""
        self.tape.write_text(text, encoding="utf-8")
        playing = Deferred.fromCoroutine(self.play(file=str(self.tape)))
        error: Any = await self.assertFailure(playing, ConfigError)
        return str(error)

    async def test_same(self) -> None:
        """Each playing of a file makes the same rows, with the same events in the same order, as the first one did,
        though it made many calls at a time."""
        first = await self.play(lives=12, seed=5, record=str(self.tape))
        expected = self.rows(first)
        self.assertGreater(len(expected["builds"]), 10)
        for _ in range(2):
            self.assertEqual(self.rows(await self.play(file=str(self.tape), sameTimes=True)), expected)

    async def test_wrong(self) -> None:
        """What cannot be played is said, with the line."""
        await self.play(lives=2, seed=5, record=str(self.tape))
        lines = self.tape.read_text(encoding="utf-8").splitlines(keepends=True)
        cut = "".join([*lines[:3], *lines[4:]])  # the first master does not start
        self.assertIn("Was the file cut, or changed?", await self.failure_(cut))
        other = "".join([*lines[:3], lines[3].replace('"gives": 1', '"gives": 2'), *lines[4:]])
        self.assertIn("line 4: startMaster: gives 1, and gave 2 when it was recorded", await self.failure_(other))
        for text, said in (
            ("builds\n", "this is no tape of --record"),
            ('{"tape": 2}\n', "this is no tape of --record"),
            (lines[0] + '{"at": 1, "call": "stopService", "with": {}, "gives": null}\n', "'stopService' is no call"),
            (lines[0] + '{"at": 1, "call": "findWorker", "with": {"n": 1}, "gives": 1}\n', "line 2: KeyError: 'n'"),
        ):
            self.assertIn(said, await self.failure_(text))

    async def test_used(self) -> None:
        """A file is played into an empty database only, and only there is one recorded."""
        url = await self.play(lives=1, record=str(self.tape))
        for options in (Options(db=url, file=str(self.tape)), Options(db=url, record=str(self.tape))):
            playing = Deferred.fromCoroutine(replay(reactor, options))
            error: Any = await self.assertFailure(playing, ConfigError)
            self.assertIn("is empty", str(error))


class TapeOnSQLite(TapeTests, OnSQLite):
    pass


class TapeOnPostgreSQL(TapeTests, OnPostgreSQL):
    pass


del TapeTests
