"""Typed getters, over every language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred, gatherResults, succeed

from buildbot.errors import BadQuery, NotFound, TooLarge
from buildbot.test.status.languages import LanguagesCase, LanguagesOnPostgreSQL

if TYPE_CHECKING:
    from buildbot.status.protocols import IStatusBuild, IStatusBuilder
    from buildbot.status.resources.builders import Builder
    from buildbot.status.resources.builds import Build

    def fulfil(builder: Builder, build: Build) -> tuple[IStatusBuilder, IStatusBuild]:
        """Records fulfil their protocols: checked by mypy."""
        return builder, build


class Counted:
    """Counts the calls that a connection makes."""

    def __init__(self, connection: Any) -> None:
        self.gets: list[Any] = []
        self.batches: list[int] = []
        get, getMany = connection.get, connection.getMany

        def countedGet(path: str, query: Any = None, **more: Any) -> Deferred[Any]:
            self.gets.append(path)
            made: Deferred[Any] = get(path, query, **more)
            return made

        def countedMany(calls: Any) -> Deferred[Any]:
            self.batches.append(len(calls))
            made: Deferred[Any] = getMany(calls)
            return made

        connection.get, connection.getMany = countedGet, countedMany


class GettersTest(LanguagesCase):
    async def test_root(self) -> None:
        """One thing by any of its addresses; a list; all with a query."""
        for name, status in (await self.languages()).items():
            builder = await status.getBuilder("linux")
            self.assertEqual((await status.getBuilder(builder.builderid)), builder, name)
            self.assertEqual([b.name for b in await status.getBuilders(name="linux")], ["linux"], name)
            build = await status.getBuild("linux", -1)
            self.assertEqual(await status.getBuild(build.buildid), build)
            step = await status.getStep(build.buildid, 0)
            self.assertEqual(await status.getStep("linux", build.number, step.name), step)
            self.assertEqual(
                (await status.getBuild(build.buildid, field=["number"])).asDict(), {"number": build.number}
            )

    async def test_relations(self) -> None:
        """A relation of a record is a getter, with a query; a relation to one gives it, or None."""
        for status in (await self.languages()).values():
            builder = await status.getBuilder("linux")
            builds = await builder.getBuilds(limit=5, order="-number")
            self.assertEqual(len(builds), 5)
            self.assertGreater(builds[0].number, builds[1].number)
            self.assertEqual(await builds[0].getBuilder(), builder)
            steps = await builds[0].getSteps()
            self.assertEqual(await steps[0].getBuild(), builds[0])

    async def test_none(self) -> None:
        """A relation to one that is not there gives None."""
        [dangling] = [b for b in await self.service.getBuilds(limit=1000) if await b.getWorker() is None][:1]
        for status in (await self.languages()).values():
            build = await status.getBuild(dangling.buildid)
            self.assertIs(await build.getWorker(), None)

    async def test_missing(self) -> None:
        """One thing that is not there is NotFound; arguments that are no address are BadQuery, which lists those."""
        for status in (await self.languages()).values():
            self.assertIsInstance(await self.failing(status.getBuilder("nothing")), NotFound)
            error = await self.failing(status.getBuild(1, 2, 3))
            self.assertIsInstance(error, BadQuery)
            self.assertIn("getBuild takes buildid; builderid, build_number", str(error))

    async def test_expanded(self) -> None:
        """What was expanded costs nothing."""
        for status in (await self.languages()).values():
            builder = await status.getBuilder("linux", **{"expand": "builds.steps", "builds.limit": 3})
            counted = Counted(status)
            builds = await builder.getBuilds()
            self.assertEqual(len(builds), 3)
            await gatherResults([build.getSteps() for build in builds])
            self.assertEqual((counted.gets, counted.batches), ([], []))

    async def test_notSent(self) -> None:
        """A getter whose record lacks the fields of its address says which they are."""
        build = await self.service.getBuild(1, field=["results"])
        with self.assertRaises(AttributeError) as raised:
            await build.getSteps()
        self.assertIn("its address takes buildid or builderid and number", str(raised.exception))
        build = await self.service.getBuild(1, field=["builderid", "number"])
        self.assertEqual(await build.getSteps(), await (await self.service.getBuild(1)).getSteps())

    async def test_names(self) -> None:
        """Names that hold slashes, spaces and other letters lead to their things."""
        builders = await self.service.getBuilders()
        for status in (await self.languages()).values():
            for builder in builders:
                if not builder.name.isdigit():
                    self.assertEqual(await status.getBuilder(builder.name), builder)


class GettersOnPostgreSQLTest(LanguagesOnPostgreSQL, GettersTest):
    """The same on PostgreSQL."""


class CoalescedTest(LanguagesCase):
    async def test_together(self) -> None:
        """200 getters in one turn are two batches, and give what each alone would."""
        builds = await self.service.getBuilds(limit=200)
        for name, status in (await self.languages()).items():
            mine = await status.getBuilds(limit=200)
            counted = Counted(status)
            found = await gatherResults([build.getSteps() for build in mine])
            self.assertEqual((counted.gets, counted.batches), ([], [100, 100]), name)
            self.assertEqual(len(found), 200)
            for build, steps in list(zip(builds, found, strict=True))[::20]:
                self.assertEqual(await build.getSteps(), steps)

    async def test_same(self) -> None:
        """The same call in one turn is asked once, and alone it is no batch."""
        for status in (await self.languages()).values():
            build = await status.getBuild(1)
            counted = Counted(status)
            first, second = await gatherResults([build.getBuilder(), build.getBuilder()])
            self.assertEqual(first, second)
            self.assertEqual((counted.gets, counted.batches), (["builds/1/builder"], []))

    async def test_failed(self) -> None:
        """One that fails does not disturb the others."""
        for status in (await self.languages()).values():
            good, bad, worse = status.getBuilder("linux"), status.getBuilder("nothing"), status.getBuilders(limit=-1)
            self.assertIsInstance(await self.failing(bad), NotFound)
            self.assertIsInstance(await self.failing(worse), BadQuery)
            self.assertEqual((await good).name, "linux")

    async def test_cancelled(self) -> None:
        """Cancelling one getter leaves the others; cancelling all stops the batch."""
        for status in (await self.languages()).values():
            one, other = status.getBuilder("linux"), status.getMaster(1)
            one.cancel()
            await self.assertFailure(one, CancelledError)
            self.assertEqual((await other).masterid, 1)

    async def test_alone(self) -> None:
        """A call that is too much for a batch is asked again alone."""
        status: Any = self.service
        counted = Counted(status)
        self.patch(status, "getMany", lambda calls: succeed([TooLarge("too large")] * len(calls)))
        builder, master = await gatherResults([status.getBuilder("linux"), status.getMaster(1)])
        self.assertEqual((builder.name, master.masterid), ("linux", 1))
        self.assertEqual(counted.gets, ["builders/linux", "masters/1"])


class LogTest(LanguagesCase):
    logs = 300
    """How many are read; of every type, and compressed in every way."""

    async def test_text(self) -> None:
        """The text of a log, of whatever type and length, is its lines without prefix."""
        for name, status in (await self.languages()).items():
            for log in await status.getLogs(limit=self.logs):
                text = await log.getText(streams="oeh", most=50_000_000)
                raw = b"".join([piece async for piece in await log.open("raw_inline")])
                whole = raw.decode("utf-8", "replace")
                self.assertTrue(whole.endswith(text), (name, log))
                heading = whole.removesuffix(text)
                known = ("Builder: ", "Build number: ", "Worker name: ") if log.type == "s" else ()
                self.assertTrue(all(line.startswith(known) for line in heading.splitlines()), (name, log))

    async def test_most(self) -> None:
        """A longer text than was asked for is TooLarge, which says what to do."""
        [log] = [log for log in await self.service.getLogs(limit=1000) if log.num_lines > 3 and log.type == "t"][:1]
        for status in (await self.languages()).values():
            same = await status.getLog(log.logid)
            error = await self.failing(same.getText(most=10))
            self.assertIn("open()", str(error))

    async def test_open(self) -> None:
        """The bytes below a record: of a log, and of build data."""
        [data, *_] = await self.allData()
        for status in (await self.languages()).values():
            same = await status.getBuildData(data.buildid, data.name)
            value = b"".join([piece async for piece in await same.open()])
            self.assertEqual(len(value), same.length)
        with self.assertRaises(AttributeError):
            (await self.service.getBuilder("linux")).open()

    async def allData(self) -> Any:
        found: list[Any] = []
        for build in await self.service.getBuilds(limit=300):
            found += await build.getData()
        return found


class LogOnPostgreSQLTest(LanguagesOnPostgreSQL, LogTest):
    """The same on PostgreSQL."""

    logs = 60
