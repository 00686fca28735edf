"""``howto/listen-beside.rst`` does what it says."""

from __future__ import annotations

import inspect
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from buildbot import plugins
from buildbot.config.listen import settings
from buildbot.test.contract.attached import attach, listen
from buildbot.test.docs.executed import DOCS, blocks, commands
from buildbot.test.docs.tally import tally

PAGE = "howto/listen-beside.rst"
ENDS = """
UPDATE builds SET results = 0, complete_at = started_at + 9
WHERE id = (SELECT min(id) FROM builds WHERE complete_at IS NULL)
"""
BEGINS = """
INSERT INTO builds
    (number, builderid, buildrequestid, workerid, masterid, started_at, locks_duration_s, state_string)
SELECT 1, 2, buildrequestid, workerid, masterid, started_at, 0, 'building' FROM builds LIMIT 1
"""


class ListenPage(TestCase):
    timeout = 60

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir(parents=True)
        for block in blocks(PAGE):
            if block.caption:
                (self.folder / block.caption).write_text(block.text, "utf-8")

    async def test_page(self) -> None:
        """The diary has what ends, in the words of the code as it is then."""
        database, config = self.folder / "state.sqlite", self.folder / "listen.cfg"
        tally(str(database))
        server = attach(self, f"sqlite:///{database}", "--state", str(self.folder / "events.sqlite"))
        state, log = self.folder / "listeners.sqlite", self.folder / "log"
        listener = listen(self, server.http, config, "--state", str(state), "--log-file", str(log))
        self.assertEqual(listener.said, self.printed(server.http, state, config))
        told, edited, toldThen = (next(commands(block)) for block in blocks(PAGE) if block.language == "console")
        with closing(sqlite3.connect(database)) as master:
            master.execute(ENDS)
            master.commit()
            await self.has("diary.txt", told.output)
            subprocess.run(edited.text, shell=True, cwd=self.folder, check=True)
            listener.hangUp()
            await self.until(lambda: "was read again" in log.read_text())
            master.execute(BEGINS)
            master.execute(ENDS)
            master.commit()
            await self.has("diary.txt", toldThen.output)

    def printed(self, url: str, state: Path, config: Path) -> str:
        """What the page says that the command prints, for these."""
        [text] = [block.text for block in blocks(PAGE) if block.language == "text"]
        lines = (
            text.partition("\n")[2].replace("http://127.0.0.1:8020", url).replace("/home/ada/listen.cfg", str(config))
        )
        return re.sub(r"kept in \S+\.$", f"kept in {state}.", lines, flags=re.MULTILINE)

    async def has(self, name: str, lines: str) -> None:
        path = self.folder / name
        await self.until(lambda: path.exists() and len(path.read_text().splitlines()) >= len(lines.splitlines()))
        self.assertEqual(path.read_text().rstrip(), lines)

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await deferLater(reactor, 0.02)

    async def test_reporters(self) -> None:
        """The second configuration is one, too."""
        secrets = self.folder / "secrets"
        secrets.mkdir()
        (secrets / "github-token").write_text("confidential\n")
        (secrets / "github-token").chmod(0o600)
        found = settings(str(self.folder / "reporting.cfg"))
        self.assertEqual([type(listener).__name__ for listener in found.listeners], ["GitHubStatusPush"])
        self.assertEqual(await found.secrets.get("github-token"), "confidential")

    def test_providers(self) -> None:
        """Every provider is named, with its arguments."""
        text = (DOCS / PAGE).read_text()
        self.assertEqual({name for name in dir(plugins.secrets) if name not in text}, set())
        for name, arguments in re.findall(r"^``(\w+)\((.*)\)``$", text, re.MULTILINE):
            known = inspect.signature(getattr(plugins.secrets, name)).parameters
            self.assertEqual({word.partition("=")[0] for word in arguments.split(", ")} - set(known), set())
