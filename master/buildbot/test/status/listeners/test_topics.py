"""Listeners that name topics, rather than methods."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from buildbot.errors import ConfigError
from buildbot.status.listeners import StatusListener
from buildbot.status.listeners.host import ListenerHost
from buildbot.test.status.events.logged import reactor
from buildbot.test.status.listeners.hosted import HostCase, row


class Hears(StatusListener):
    def __init__(self, topics: Any, **filters: Any) -> None:
        super().__init__("hears")
        self.topics, self.filters = topics, filters
        self.told: list[tuple[str, int, str]] = []
        self.times: list[int] = []

    def happened(self, record: Any, delivery: Any) -> None:
        self.told.append((delivery.topic, record.results, delivery.method))
        self.times.append(delivery.at)


class TopicTests(HostCase):
    async def test_topics(self) -> None:
        """It is told of what its topics name, and of nothing else; by names, too."""
        named = [each for each in await self.service.getBuilders() if not each.name.isdigit()]
        [first] = [each.asDict() for each in await named[0].getBuilds(limit=1)]
        [second] = [each.asDict() for each in await named[1].getBuilds(limit=1)]
        builder = quote(named[0].name, safe="")
        listener = Hears([f"builders/{builder}/builds/*/finished", f"builds/{second['buildid']}/update"])
        await self.host(listener)
        self.write(row(first, "update"), row(second, "update"), row(first, "finished"))
        await self.until(lambda: len(listener.told) == 2)
        topics = [topic for topic, *_ in listener.told]
        self.assertEqual(
            topics,
            [f"builds/{second['buildid']}/update", f"builders/{builder}/builds/{first['number']}/finished"],
        )
        self.assertEqual({method for *_, method in listener.told}, {"happened"})
        self.assertTrue(all(abs(at - reactor.seconds()) < 30 for at in listener.times))

    async def test_filters(self) -> None:
        """Of what does not meet the filters it hears nothing, and nothing of what meets them no more."""
        [build] = await self.builds(1)
        listener = Hears(["builds/*/*"], results=2)
        await self.host(listener)
        for before, results in ((1, 1), (1, 2), (2, 2), (2, 0), (0, 2)):
            self.write(row({**build, "results": results}, "update", results=before))
        await self.until(lambda: len(listener.told) == 3)
        self.assertEqual([results for _, results, _ in listener.told], [2, 2, 2])

    def refused(self, listener: Any) -> str:
        error = self.assertRaises(ConfigError, ListenerHost, self.service, [listener], self.memory, clock=self.clock)
        return str(error)

    def test_wrong(self) -> None:
        """Topics and filters that there are not are found before anything starts."""
        unknown = self.refused(Hears(["builds/*/finished", "builds/*/done"]))
        self.assertIn("hears: builds/*/done: a build has no event 'done'; ", unknown)
        for topic in ("builds/*/done", "houses/*/new", "houses", "builds//new", ""):
            self.assertEqual(self.refused(Hears([topic])).count(topic or "''"), 1, topic)
        self.assertIn("hears: changes/*/new: ", self.refused(Hears(["builds/*/*", "changes/*/new"], results=2)))

    def test_methods(self) -> None:
        """With topics there is one method, and it is there."""

        class Both(Hears):
            def buildFinished(self, build: Any) -> None: ...

        class Neither(StatusListener):
            topics = ["builds/*/*"]

        self.assertIn("Both.buildFinished would never be called", self.refused(Both(["builds/*/*"])))
        self.assertIn("no happened(record, delivery)", self.refused(Neither()))
