"""What makes sense as a listener, and what is refused at the start."""

from __future__ import annotations

from typing import Any

from zope.interface.verify import verifyObject

from buildbot.errors import ConfigError
from buildbot.status.listeners import StatusListener
from buildbot.status.listeners.heard import METHODS
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.interfaces import IStatusListener
from buildbot.status.listeners.reporters.base import ReporterBase
from buildbot.test.status.listeners.hosted import HostCase, Recording


class ListenerTests(HostCase):
    def refused(self, listener: Any) -> str:
        error = self.assertRaises(ConfigError, ListenerHost, self.service, [listener], self.memory, clock=self.clock)
        return str(error)

    def test_interface(self) -> None:
        """The base provides what a host asks for."""
        verifyObject(IStatusListener, Recording())

    async def test_topics(self) -> None:
        """There is a topic behind each method."""
        for heard in METHODS.values():
            (await self.service.subscribe(heard.topic)).close()

    def test_misspelt(self) -> None:
        """A method that would never be called is found before anything starts."""

        class Wrong(StatusListener):
            def buildFinshed(self, build: Any) -> None: ...

        self.assertEqual(
            self.refused(Wrong()), "Wrong.buildFinshed would never be called: did you mean 'buildFinished'?"
        )

    def test_signature(self) -> None:
        """So is one that cannot be called with what it would get, such as one of 0.8; what can be is taken."""

        class Old(StatusListener):
            def buildFinished(self, builderName: str, build: Any, results: int) -> None: ...

        class Steps(StatusListener):
            def stepFinished(self, delivery: Any) -> None: ...

        class Selfless(StatusListener):
            def workerMissing() -> None: ...  # type: ignore[misc]  # the mistake that is to be found

        class Number(StatusListener):
            changeAdded = 5

        class Fine(StatusListener):
            def buildFinished(self, build: Any, more: int = 0, *, delivery: Any) -> None: ...
            def buildStarted(self, *given: Any, **more: Any) -> None: ...

        called = "it is called with ({}), and delivery= if it names that"
        self.assertEqual(
            self.refused(Old()),
            f"Old.buildFinished takes (builderName, build, results); {called.format('build')}; "
            "the builder is `await build.getBuilder()`",
        )
        self.assertEqual(self.refused(Steps()), f"Steps.stepFinished takes (delivery); {called.format('step')}")
        self.assertIn("Selfless.workerMissing takes nothing, not even self; ", self.refused(Selfless()))
        self.assertIn("Number.changeAdded is no method; ", self.refused(Number()))
        ListenerHost(self.service, [Fine()], self.memory, clock=self.clock)

    def test_unmade(self) -> None:
        """So is one whose base was not made, be it a listener or a reporter, with a name of its own or without."""

        class Hasty(Recording):
            def __init__(self) -> None: ...

        class Reports(ReporterBase):
            def __init__(self) -> None:
                self.name = "reports"

        self.assertEqual(self.refused(Hasty()), "Hasty: its __init__ does not call super().__init__()")
        self.assertEqual(self.refused(Reports()), "Reports: its __init__ does not call super().__init__()")

    def test_deaf(self) -> None:
        """So is a listener that hears nothing."""
        self.assertIn("StatusListener hears nothing: it defines none of changeAdded", self.refused(StatusListener()))

    def test_names(self) -> None:
        """Two of one name cannot be."""
        both = [Recording(), Recording()]
        error = self.assertRaises(ConfigError, ListenerHost, self.service, both, self.memory, clock=self.clock)
        self.assertIn("2 listeners are called 'recording'", str(error))
