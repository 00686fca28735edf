"""``howto/operate-listeners.rst`` does what it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from buildbot.status.client import connect
from buildbot.status.listeners import desk, host
from buildbot.test.contract.attached import attach
from buildbot.test.docs.executed import DOCS, blocks, run
from buildbot.test.docs.tally import tally

PAGE = "howto/operate-listeners.rst"


class OperatePage(TestCase):
    timeout = 90

    async def test_page(self) -> None:
        """Each command prints what the page says."""
        folder = Path(self.mktemp()).resolve()
        folder.mkdir(parents=True)
        database = folder / "state.sqlite"
        tally(str(database))
        [config] = [block for block in blocks(PAGE) if block.caption]
        (folder / config.caption).write_text(config.text, "utf-8")
        (folder / "down").touch()
        arguments = "--config", str(folder / config.caption), "--state", str(folder / "events.sqlite")
        server = attach(self, f"sqlite:///{database}", *arguments)
        connection: Any = connect(server.http)
        self.addCleanup(connection.close)
        while not list(await connection.get("consumers", running=True, lag=0)):
            await deferLater(reactor, 0.05)
        with closing(sqlite3.connect(database, timeout=30)) as master:
            master.execute("UPDATE builds SET results = 2, complete_at = started_at + 9 WHERE complete_at IS NULL")
            master.commit()
        while not list(await connection.get("consumers", parked=1, lag=0, behind_since__null=True)):
            await deferLater(reactor, 0.05)
        count, wrong = run(PAGE, folder, {"127.0.0.1:8020": server.http.removeprefix("http://")})
        self.assertEqual(wrong, [], "\n".join(wrong))
        self.assertGreater(count, 10)

    def test_numbers(self) -> None:
        """The numbers are those of the code."""
        text = (DOCS / PAGE).read_text()
        for words, number in (
            ("has {:g} seconds to end", desk.GRACE),
            ("every {:g} seconds", host.LOOK),
            ("at most {:g} deliveries", desk.AHEAD),
        ):
            self.assertIn(words.format(number), text)
        self.assertIn(f"{desk.MOST:,} with those that wait", text)
