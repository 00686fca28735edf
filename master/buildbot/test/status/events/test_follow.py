"""Following: rows, then changes, and all anew where what comes next is not kept any more; over every language."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock

from buildbot.errors import DatabaseUnavailable, Gone, NotFound
from buildbot.status.client import follow as module
from buildbot.status.client import following
from buildbot.status.client.follow import Anew, Row, Synced, follow
from buildbot.status.delivery import Delivery
from buildbot.test.status.events import logged
from buildbot.test.status.events.logged import reactor
from buildbot.test.www.eventclients import Connected


class FollowTests(Connected):
    """In the process."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(following, "SHORTEST", 0.01)
        self.patch(module, "SHORTEST", 0.01)

    async def following(self, path: str, query: Any = None, **more: Any) -> Any:
        """What comes, one after the other; ends with the test."""
        told = follow(await self.connect(), path, query, **{"reactor": reactor, "spread": lambda: 0.0, **more})
        self.addCleanup(told.aclose)
        return told

    async def test_list(self) -> None:
        """The rows, the place, and then what happens to them."""
        build = await self.first()
        told = await self.following("builds", {"order": "-buildid", "limit": 2, "builderid": build.builderid})
        rows = (await self.service.get("builds", order="-buildid", limit=2, builderid=build.builderid)).records
        self.assertEqual([(await anext(told)).record for _ in rows], list(rows))
        self.assertEqual(await anext(told), Synced(str(self.writer.cursor)))
        for text in ("1", "2"):
            await self.build(build.buildid, "update", state_string=text)
            change = await anext(told)
            self.assertEqual((type(change), change.record.state_string), (Delivery, text))

    async def test_one(self) -> None:
        """One thing, by any address; a topic, which has no rows; and from a cursor on, which has none either."""
        build = await self.first()
        start = str(self.writer.cursor)
        for path, count, since in (
            (f"builders/{build.builderid}/builds/{build.number}", 2, None),
            ("builds/*/update", 1, None),
            (f"builds/{build.buildid}", 0, start),
        ):
            told = await self.following(path, since=since)
            kinds = [type(await anext(told)) for _ in range(count)]
            self.assertEqual(kinds, [Row, Synced][2 - count :])
            await self.build(build.buildid, "update", state_string=path)
            change = await anext(told)
            while change.record.state_string != path:
                change = await anext(told)
            await told.aclose()
            await self.condition(lambda: self.service.feed and not self.service.feed.subscriptions)

    def forget(self, build: Any) -> None:
        """The log loses what it has, and there is more."""
        for _ in range(3):
            self.writer.append(logged.Row("builds", build.buildid, "update", build.asDict(), {}))
        self.writer.trim(self.writer.seq)
        self.source.advance(self.writer.cursor)

    async def test_gone(self) -> None:
        """Where the log does not hold what comes next, all comes anew, and then again what happens."""
        build = await self.first()
        told = await self.following(f"builds/{build.buildid}")
        self.assertEqual([type(await anext(told)) for _ in range(2)], [Row, Synced])
        self.forget(build)
        anew = await anext(told)
        self.assertIn("older than what is kept", anew.reason)
        self.assertEqual(await anext(told), Row(await build.refreshed(), str(self.writer.cursor)))
        self.assertIsInstance(await anext(told), Synced)
        await self.build(build.buildid, "update", state_string="x")
        self.assertEqual((await anext(told)).record.state_string, "x")

    async def test_wrong(self) -> None:
        """What is wrong at the beginning is raised."""
        for path, query, error in (
            ("builds", {"since": "a" * 16 + ".1"}, Gone),
            ("builds/99999", {}, NotFound),
            ("nosuch/*/*", {}, NotFound),
        ):
            told = await self.following(path, **query)
            await self.assertFailure(Deferred.fromCoroutine(anext(told)), error)


class SpreadTests(Connected):
    async def test_spread(self) -> None:
        """Those who must list again do so within some seconds, each at a moment of its own."""
        clock = Clock()
        build = await self.first()
        told = follow(self.service, f"builds/{build.buildid}", reactor=clock, spread=lambda: 0.25)
        await anext(told)
        await anext(told)
        FollowTests.forget(self, build)  # type: ignore[arg-type]  # it has what that takes
        self.assertIsInstance(await anext(told), Anew)
        waiting = Deferred.fromCoroutine(anext(told))
        call: Any
        [call] = clock.getDelayedCalls()
        self.assertEqual(call.getTime(), module.SPREAD / 4)
        clock.advance(module.SPREAD / 4)
        self.assertIsInstance(await waiting, Row)
        await told.aclose()

    async def test_passes(self) -> None:
        """A database that is away for a while costs nothing but time."""
        self.patch(module, "SHORTEST", 0.01)
        build = await self.first()
        told = follow(self.service, f"builds/{build.buildid}", reactor=reactor)
        await anext(told)
        await anext(told)
        waiting = Deferred.fromCoroutine(anext(told))
        read = self.source.read
        failed: list[int] = []

        def away(*arguments: Any) -> Any:
            if len(failed) < 3:
                failed.append(1)
                return fail(DatabaseUnavailable("away"))
            return read(*arguments)

        self.patch(self.source, "read", away)
        await self.build(build.buildid, "update", state_string="x")
        change: Any = await waiting
        self.assertEqual(change.record.state_string, "x")
        self.assertEqual(len(failed), 3)
        await told.aclose()


class HTTPFollowTests(FollowTests):
    scheme = "http"


class PBFollowTests(FollowTests):
    scheme = "pb"
