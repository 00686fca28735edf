"""``howto/write-a-listener.rst`` does what it says."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from buildbot.errors import ConfigError
from buildbot.status.catalogue import Catalogue
from buildbot.status.listeners import host
from buildbot.status.listeners.heard import METHODS
from buildbot.status.listeners.listener import StatusListener
from buildbot.test.contract.attached import attach
from buildbot.test.docs.executed import DOCS, blocks, run
from buildbot.test.docs.tally import tally

PAGE = "howto/write-a-listener.rst"


class ListenerPage(TestCase):
    timeout = 60

    async def test_page(self) -> None:
        """The diary holds what happens while the server runs, and what happened while it did not."""
        folder = Path(self.mktemp()).resolve()
        folder.mkdir(parents=True)
        database = folder / "state.sqlite"
        tally(str(database))
        for block in blocks(PAGE):
            if block.caption:
                (folder / block.caption).write_text(block.text, "utf-8")
        diary = folder / "diary.txt"
        state = str(folder / "events.sqlite")
        arguments = "--config", str(folder / "attach.cfg"), "--state", state
        server = attach(self, f"sqlite:///{database}", *arguments)
        with closing(sqlite3.connect(database)) as master:
            master.execute(
                "INSERT INTO changes (author, comments, branch, revision, when_timestamp, sourcestampid, project, "
                "repository, codebase) SELECT author, 'Fix the pipe', branch, 'f1', when_timestamp, sourcestampid, "
                "project, repository, codebase FROM changes WHERE changeid = 1"
            )
            master.commit()
            await self.has(diary, 1)
            server.stop()
            master.execute("UPDATE steps SET results = 2, complete_at = started_at + 3 WHERE complete_at IS NULL")
            master.execute("UPDATE builds SET results = 2, complete_at = started_at + 9 WHERE complete_at IS NULL")
            master.commit()
        attach(self, f"sqlite:///{database}", *arguments)
        await self.has(diary, 2)
        count, wrong = run(PAGE, folder, {})
        self.assertEqual((count, wrong), (1, []), "\n".join(wrong))

    async def has(self, path: Path, lines: int) -> None:
        while not path.exists() or len(path.read_text().splitlines()) < lines:
            await deferLater(reactor, 0.02)

    def test_methods(self) -> None:
        """All methods are named, and no others."""
        table = (DOCS / PAGE).read_text().partition("What can be heard")[2].partition("A method whose")[0]
        self.assertEqual(re.findall(r"``(\w+)``", table), list(METHODS))

    def test_never(self) -> None:
        """Those that are never told beside a stock Buildbot are named."""
        text = (DOCS / PAGE).read_text().partition("Never told there is")[2].partition("What is promised")[0]
        levels = {
            cls.Plural: {word.partition(":")[0] for word in cls.Level.split()} for cls in Catalogue().types.values()
        }
        never = {name for name, heard in METHODS.items() if heard.event not in levels[heard.type]}
        self.assertEqual({name for name in re.findall(r"``(\w+)``", text) if name in METHODS}, never)

    def test_numbers(self) -> None:
        """The numbers are those of the code."""
        self.assertEqual((StatusListener.concurrency, StatusListener.timeout, StatusListener.attempts), (10, 60.0, 20))

    def test_failures(self) -> None:
        """The second example is a listener, too."""
        [text] = [block.text for block in blocks(PAGE) if block.caption == "failures.py"]
        scope: dict[str, type] = {}
        exec(text, scope)
        listener = scope["Failures"](":memory:")
        try:
            host.check([listener])
        except ConfigError as error:
            self.fail(str(error))
        listener.database.close()
