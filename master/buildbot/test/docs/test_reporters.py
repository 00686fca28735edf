"""``howto/reporters.rst`` does what it says, and ``reference/reporters.rst`` names all that there is."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from pathlib import Path
from typing import Any

from twisted.trial.unittest import TestCase

from buildbot.config.listen import settings
from buildbot.plugins import reporters
from buildbot.status.listeners.outcomes import Parked
from buildbot.test.docs.executed import DOCS, blocks

PAGE, REFERENCE = "howto/reporters.rst", "reference/reporters.rst"


class ReportersPage(TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        (self.folder / "secrets").mkdir(parents=True, mode=0o700)
        for block in blocks(PAGE):
            if block.caption and " " not in block.caption:
                (self.folder / block.caption).write_text(block.text, "utf-8")

    async def test_configuration(self) -> None:
        """The file can be used as it stands, and is what stood in master.cfg."""
        token = self.folder / "secrets" / "github-token"
        token.write_text("s3cret\n")
        os.chmod(token, 0o600)
        found = settings(str(self.folder / "listen.cfg"))
        self.assertEqual([listener.name for listener in found.listeners], ["GitHubStatusPush", "MailNotifier"])
        self.assertEqual({listener.buildbotURL for listener in found.listeners}, {"https://ci.example.org/"})
        self.assertEqual(await found.secrets.get("github-token"), "s3cret")
        [before] = [block.text for block in blocks(PAGE) if block.caption == "of master.cfg"]
        services = before[before.index('c["services"]') :]
        self.assertIn(services.strip(), (self.folder / "listen.cfg").read_text())

    async def test_own(self) -> None:
        """A reporter of one's own, as the page has it."""
        sys.path.insert(0, str(self.folder))
        self.addCleanup(sys.path.remove, str(self.folder))
        chat: Any = importlib.import_module("chat")
        self.addCleanup(sys.modules.pop, "chat")

        class Room:
            said: list[str] = []

            async def say(self, text: str) -> bool:
                self.said.append(text)
                return len(self.said) < 2

        reporter = chat.Chat(Room())
        self.assertEqual(list(reporter.methods()), ["buildFinished"])
        report = {"subject": "It fails", "builds": [{"url": "http://x/"}]}
        await reporter.sendMessage([report])
        await self.assertFailure(self.later(reporter.sendMessage([report])), Parked)
        self.assertEqual(Room.said, ["It fails http://x/"] * 2)

    @staticmethod
    def later(coroutine: Any) -> Any:
        from twisted.internet.defer import Deferred

        return Deferred.fromCoroutine(coroutine)

    def test_reference(self) -> None:
        """Every class and each of its arguments stands there."""
        text = (DOCS / REFERENCE).read_text("utf-8")
        for name in dir(reporters):
            cls = getattr(reporters, name)
            if not cls.__module__.startswith("buildbot.status.listeners.reporters"):
                continue
            self.assertIn(name, text + (DOCS / PAGE).read_text("utf-8"))
            for argument in inspect.signature(cls).parameters.keys() - {"older"}:
                self.assertIn(argument.partition("want_")[0] or "want_", text, f"{name}({argument})")
