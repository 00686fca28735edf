"""The tutorial and the how-tos do what they say."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import TestCase

from buildbot.test.contract.attached import attach
from buildbot.test.docs.executed import HTTP, PB, run
from buildbot.test.docs.tally import tally


class Examples(TestCase):
    def assertRuns(self, page: str, least: int) -> None:
        """Every command of a page prints what the page says."""
        folder = Path(self.mktemp()).resolve()
        folder.mkdir(parents=True)
        database = folder / "state.sqlite"
        tally(str(database))
        server = attach(self, f"sqlite:///{database}", "--pb", "0")
        places = {HTTP: server.http.removeprefix("http://"), PB: server.pb.removeprefix("pb://")}
        count, wrong = run(page, folder, places)
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))
        self.assertGreaterEqual(count, least)

    def test_tutorial(self) -> None:
        """The tutorial, from its beginning to its end."""
        self.assertRuns("tutorial/index.rst", 8)

    def test_scripts(self) -> None:
        """How to ask from a script."""
        self.assertRuns("howto/scripts.rst", 12)

    def test_plugins(self) -> None:
        """How to ask from Python."""
        self.assertRuns("howto/plugins.rst", 6)

    def test_events(self) -> None:
        """How to follow events."""
        self.assertRuns("howto/follow-events.rst", 3)
