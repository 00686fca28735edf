"""Getters that are no relations, over every language: what they wait for, follow, find and put together."""

from __future__ import annotations

import time
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from buildbot.db.writes.changes import NewChange, Stamp
from buildbot.db.writes.requests import NewBuildset
from buildbot.status.getting import builds as gettingBuilds
from buildbot.status.getting import logs as gettingLogs
from buildbot.status.level import Level
from buildbot.test.contract.cases import catalogue, engineOf
from buildbot.test.status.languages import LanguagesOnPostgreSQL
from buildbot.test.status.recorded import RecordedCase
from buildbot.test.status.test_objects import Counted

reactor: Any = installed
PLACE: dict[str, Any] = {"branch": "a branch", "repository": "https://example.org/followed.git"}


class GettingCase(RecordedCase):
    """With a build that has just begun."""

    timeout = 60

    async def begin(self, builder: str = "linux", **properties: Any) -> Any:
        """A change, a request for it, and a build of that; the build."""
        record = self.recorder
        masterid = await record.startMaster("here:/srv")
        self.workerid = await record.findWorker("w1")
        builderid = (await self.service.getBuilder(builder)).builderid
        self.changeid = await record.addChange(NewChange(author="Zoë <zoe@example.org>", revision="f00", **PLACE))
        added = await record.addBuildset(
            NewBuildset([builderid], [Stamp(revision="f00", **PLACE)], {"scheduler": ("all", "Scheduler")}, "because")
        )
        self.bsid, [self.brid] = added.bsid, added.brids
        await record.claimRequests([self.brid], masterid)
        started = await record.startBuild(
            buildrequestid=self.brid,
            builderid=builderid,
            workerid=self.workerid,
            masterid=masterid,
            properties=properties,
        )
        return await self.service.getBuild(started.buildid)

    async def logged(self, build: Any, *lines: str) -> Any:
        """A log of a step that runs."""
        step = await self.recorder.addStep(build.buildid, "test")
        await self.recorder.startStep(step.stepid)
        log = await self.recorder.addLog(step.stepid, "stdio")
        for line in lines:
            await self.recorder.appendLog(log.logid, f"{line}\n")
        return await self.service.getLog(log.logid)

    def between(self, connection: Any, *happen: Any) -> None:
        """Let something happen after each look, before what follows is subscribed to."""
        original, left = connection.subscribeTo, list(happen)

        def subscribeTo(*arguments: Any) -> Any:
            first: Deferred[Any] = Deferred.fromCoroutine(left.pop(0)()) if left else deferLater(reactor, 0)
            return first.addCallback(lambda _: original(*arguments))

        connection.subscribeTo = subscribeTo

    async def condition(self, holds: Any) -> None:
        """Returns once something holds; the test's time-out is the limit."""
        while not holds():
            await deferLater(reactor, 0.005)


class WaitingTests(GettingCase):
    async def test_end(self) -> None:
        """Waiting fires with the record once the thing is complete, and leaves no subscription behind."""
        build = await self.begin()
        waiting = [
            (await status.getBuild(build.buildid)).waitUntilFinished() for status in (await self.recorded()).values()
        ]
        await self.condition(lambda: self.service.feed and self.service.feed.subscriptions == len(waiting))
        await self.recorder.setBuildState(build.buildid, "building")
        self.assertEqual([each.called for each in waiting], [False] * 3)
        await self.recorder.finishBuild(build.buildid, 2)
        for each in waiting:
            found = await each
            self.assertEqual((found.buildid, found.complete, found.results), (build.buildid, True, 2))
        await self.condition(lambda: self.service.feed and not self.service.feed.subscriptions)

    async def test_between(self) -> None:
        """What ends between the look and the subscription is not missed."""
        for status in (await self.recorded()).values():
            build = await self.begin()
            mine = await status.getBuild(build.buildid)

            async def end(buildid: int = build.buildid) -> None:
                await self.recorder.finishBuild(buildid, 0)

            self.between(status, end)
            self.assertEqual((await mine.waitUntilFinished()).results, 0)

    async def test_gone(self) -> None:
        """Where what followed the look is not kept any more, it looks again."""
        for status in (await self.recorded()).values():
            build = await self.begin()
            mine = await status.getBuild(build.buildid)

            async def forget(buildid: int = build.buildid) -> None:
                await self.recorder.finishBuild(buildid, 6)
                engine = engineOf(self.database.location.url.render_as_string(hide_password=False))
                with engine.begin() as connection:
                    connection.exec_driver_sql("DELETE FROM status_events")
                    connection.exec_driver_sql("UPDATE status_head SET oldest = seq + 1")
                engine.dispose()

            self.between(status, forget)
            self.assertEqual((await mine.waitUntilFinished()).results, 6)

    async def test_cancelled(self) -> None:
        """Cancelling ends the subscription."""
        build = await self.begin()
        for status in (await self.recorded()).values():
            waiting = (await status.getBuild(build.buildid)).waitUntilFinished()
            await self.condition(lambda: self.service.feed and self.service.feed.subscriptions)
            waiting.cancel()
            await self.assertFailure(waiting, CancelledError)
            await self.condition(lambda: self.service.feed and not self.service.feed.subscriptions)

    async def test_everyType(self) -> None:
        """Things of each type that has an end can be waited for; those of others say that they have none."""
        status: Any = self.service
        waited = set()
        for cls in catalogue().types.values():
            if cls.Plural not in catalogue().patterns or cls.Key is None:
                continue
            level = Level.of(cls)
            query = {"limit": 1, **({"complete": True} if "complete" in cls.Fields else {})}
            record = next(iter(await status.get(cls.Plural, query)), None)
            if record is None:
                continue
            if level is not None and level.end is not None:
                self.assertEqual(await record.waitUntilFinished(), await record.refreshed())
                waited.add(cls.__name__)
            else:
                self.assertRaises(AttributeError, record.waitUntilFinished)
        self.assertEqual(waited, {"Build", "BuildRequest", "Buildset", "Log", "Step", "TestResultSet"})

    async def test_subscribe(self) -> None:
        """What happens to one thing can be heard from its record, of each type that has events."""
        build = await self.begin()
        for status in (await self.recorded()).values():
            mine = await status.getBuild(build.buildid)
            subscription = await mine.subscribe("update", field="state_string")
            text = f"state {id(status)}"
            await self.recorder.setBuildState(build.buildid, text)
            [delivery] = await subscription.next()
            self.assertEqual(delivery.record.asDict(), {"state_string": text})
            subscription.close()
            for cls in catalogue().types.values():
                if cls.Topics and cls.Key is not None:
                    [record, *_] = await status.get(cls.Plural, limit=1)
                    (await record.subscribe()).close()
            [source, *_] = await status.getChangeSources(limit=1)
            self.assertRaises(AttributeError, source.subscribe)


class LinesTests(GettingCase):
    async def test_follow(self) -> None:
        """The lines that are there, then those that come, each once, until the log is complete; also what comes between
        the look and the subscription, and from a number on."""
        self.patch(gettingLogs, "AT_ONCE", 2)
        build = await self.begin()
        for status in (await self.recorded()).values():
            lines = [f"o{n} größe" for n in range(5)]
            made = await self.logged(build, *lines[:3])
            log = await status.getLog(made.logid)

            async def more(logid: int = made.logid) -> None:
                await self.recorder.appendLog(logid, "ebetween\n")

            self.between(status, more)
            found: list[str] = []
            following = Deferred.fromCoroutine(collect(log.followLines(), found))
            await self.condition(lambda found=found: len(found) == 4)
            await self.recorder.appendLog(made.logid, "".join(f"{line}\n" for line in lines[3:]))
            await self.condition(lambda found=found: len(found) == 6)
            await self.recorder.appendLog(made.logid, "o\n")
            await self.recorder.finishLog(made.logid)
            await following
            self.assertEqual(found, [*lines[:3], "ebetween", *lines[3:], "o"])
            again: list[str] = []
            await collect(log.followLines(first=5), again)
            self.assertEqual(again, found[5:])
            self.assertEqual(list(await log.readlines()), [line[1:] for line in found])
            chunks: list[tuple[str, str]] = []
            await collect(log.getChunks(), chunks)
            self.assertEqual("".join(text for _, text in chunks), await log.getText(streams="oeh"))
            self.assertIn(("e", "between\n"), chunks)
        await self.condition(lambda: self.service.feed and not self.service.feed.subscriptions)

    async def test_left(self) -> None:
        """Whoever stops to follow leaves no subscription behind."""
        build = await self.begin()
        log = await self.logged(build, "o1")
        for status in (await self.recorded()).values():
            lines = (await status.getLog(log.logid)).followLines()
            self.assertEqual(await anext(lines), "o1")
            waiting = Deferred.fromCoroutine(anext(lines))
            await self.condition(lambda: self.service.feed and self.service.feed.subscriptions)
            waiting.cancel()
            await self.assertFailure(waiting, CancelledError)
            await self.condition(lambda: self.service.feed and not self.service.feed.subscriptions)


class FoundTests(GettingCase):
    async def test_users(self) -> None:
        """The authors of the changes, and with owner and owners those who are interested; sorted, in one request."""
        build = await self.begin(owner=("ada", "Force Build Form"), owners=(["béla", "ada"], "Build"))
        for status in (await self.recorded()).values():
            mine = await status.getBuild(build.buildid)
            counted = Counted(status)
            self.assertEqual(await mine.getResponsibleUsers(), ("Zoë <zoe@example.org>",))
            self.assertEqual(await mine.getInterestedUsers(), ("Zoë <zoe@example.org>", "ada", "béla"))
            self.assertEqual((len(counted.gets), counted.batches), (2, []))
            buildset = await mine.getBuildset()
            self.assertEqual(await buildset.getResponsibleUsers(), ("Zoë <zoe@example.org>",))
            self.assertEqual(await buildset.getInterestedUsers(), ("Zoë <zoe@example.org>",))

    async def test_usersOfABuildset(self) -> None:
        """A buildset's owner is among those who are interested."""
        [found, *_] = await self.service.getBuildsets(limit=1, order="-bsid")
        await self.begin()
        bsid = (
            await self.recorder.addBuildset(
                NewBuildset(
                    [1], [Stamp(**PLACE)], {"scheduler": ("f", "Scheduler"), "owner": ("ada", "Force Build Form")}
                )
            )
        ).bsid
        self.assertGreater(bsid, found.bsid)
        buildset = await self.service.getBuildset(bsid)
        self.assertEqual(await buildset.getInterestedUsers(), ("ada",))

    async def test_revisions(self) -> None:
        """A build is found by what it got, of one codebase or several; the latest, and by the whole revision."""
        for got, revisions in (
            ("cafe01", {"": "cafe01"}),
            ({"one": "cafe02", "two": "beef"}, {"one": "cafe02", "two": "beef"}),
        ):
            build = await self.begin()
            for status in (await self.recorded()).values():
                builder, mine = await status.getBuilder("linux"), await status.getBuild(build.buildid)
                await self.recorder.setProperties(build.buildid, {"got_revision": (got, "Git")})
                self.assertEqual(await mine.getAllGotRevisions(), revisions)
                for revision in revisions.values():
                    self.assertEqual((await builder.getBuildByRevision(revision)).buildid, build.buildid)
                    self.assertIs(await builder.getBuildByRevision(revision[:3]), None)
        self.assertEqual(await (await self.begin()).getAllGotRevisions(), {})

    async def test_running(self) -> None:
        """The step and the builds that run now, when they will be complete, and what the builder does."""
        build = await self.begin()
        log = await self.logged(build)
        for status in (await self.recorded()).values():
            mine, worker = await status.getBuild(build.buildid), await status.getWorker(self.workerid)
            self.assertEqual((await mine.getCurrentStep()).stepid, log.stepid)
            self.assertIn(build.buildid, [each.buildid for each in await worker.getRunningBuilds()])
            eta = (await mine.refreshed(field="eta")).eta
            left = await mine.getETA()
            self.assertLess(abs(left - (eta - time.time())), 5)
            self.assertIs(await (await status.getStep(log.stepid)).getETA(), None)
            builder = await mine.getBuilder()
            self.assertEqual(await builder.getState(), "building")
            self.assertEqual((await builder.getBuild(-1)).buildid, build.buildid)
            last = await builder.getLastFinishedBuild()
            self.assertEqual(last, (await builder.getBuilds(complete=True, order="-number", limit=1))[0])
        await self.recorder.finishBuild(build.buildid, 0)
        self.assertIs(await (await self.service.getBuild(build.buildid)).getETA(), None)

    async def test_pending(self) -> None:
        """A scheduler's buildsets that are not complete, and no others."""
        await self.begin()
        await self.recorder.addBuildset(NewBuildset([1], [Stamp()], {"scheduler": ("al", "Scheduler")}))
        schedulerid = await self.recorder.findScheduler("all")
        for status in (await self.recorded()).values():
            scheduler = await status.getScheduler(schedulerid)
            pending = await scheduler.getPendingBuildsets(limit=1000)
            open_ = await status.getBuildsets(complete=False, limit=1000, expand="properties_list")
            mine = [
                each
                for each in open_
                if any((p.name, p.value) == ("scheduler", '"all"') for p in await each.getPropertiesList())
            ]
            self.assertIn(self.bsid, [each.bsid for each in pending])
            self.assertEqual([each.bsid for each in pending], [each.bsid for each in mine])
            self.assertLess(len(mine), len(open_))

    async def test_stamps(self) -> None:
        """Stamps, changes and builders are reached from a build, its request and its buildset alike."""
        build = await self.begin()
        for status in (await self.recorded()).values():
            mine = await status.getBuild(build.buildid)
            request, buildset = await mine.getBuildrequest(), await mine.getBuildset()
            [stamp] = await mine.getSourceStamps()
            self.assertEqual(await request.getSourceStamps(), (stamp,))
            self.assertEqual(buildset.sourcestamps, (stamp,))
            self.assertEqual(await stamp.getText(), (PLACE["repository"], "branch a branch", "f00"))
            self.assertEqual([each.changeid for each in await buildset.getChanges()], [self.changeid])
            self.assertEqual([each.name for each in await buildset.getBuilders()], ["linux"])

    async def test_urls(self) -> None:
        """The page of each thing that has one, in one request, what it is part of included."""
        build = await self.begin()
        log = await self.logged(build, "o1")
        for status in (await self.recorded()).values():
            mine = await status.getLog(log.logid)
            counted = Counted(status)
            base = f"https://ci.example.org/buildbot/#/builders/{build.builderid}"
            here = f"{base}/builds/{build.number}"
            self.assertEqual(await status.getURLForThing(mine), f"{here}/steps/0/logs/stdio")
            self.assertEqual((counted.gets, counted.batches), ([], [2]))
            self.assertEqual(await status.getURLForThing(await mine.getStep()), f"{here}/steps/0")
            self.assertEqual(await status.getURLForThing(await status.getBuild(build.buildid)), here)
            self.assertEqual(await status.getURLForThing(await status.getBuilder("linux")), base)
            request = await status.getBuildRequest(self.brid)
            self.assertTrue(str(await status.getURLForThing(request)).endswith(f"/#/buildrequests/{self.brid}"))
            self.assertIs(await status.getURLForThing((await status.getSchedulers())[0]), None)
            self.assertEqual((await status.getTitle(), await status.getTitleURL()), ("Sample", "https://example.org/"))


class GeneratedTests(GettingCase):
    async def test_model(self) -> None:
        """What is generated is what a plain model says, in pages that follow each other."""
        self.patch(gettingBuilds, "PAGE", 7)
        await self.begin()
        model: Any = await self.service.getBuilds(complete=True, limit=10_000, order="-buildid", expand="sourcestamps")
        linux = (await self.service.getBuilder("linux")).builderid
        branches = {b.buildid: [s.branch for s in await b.getSourceStamps()] for b in model}
        branch = next(name for names in branches.values() for name in names if name)
        late = model[len(model) // 2].complete_at
        for options, wanted in (
            ({}, model),
            ({"builders": ["linux"]}, [b for b in model if b.builderid == linux]),
            ({"builders": ["linux", 2], "num_builds": 9}, [b for b in model if b.builderid in (linux, 2)][:9]),
            ({"branches": [branch]}, [b for b in model if branch in branches[b.buildid]]),
            ({"results": [2, 4], "num_builds": 7}, [b for b in model if b.results in (2, 4)][:7]),
            ({"finished_before": late}, [b for b in model if b.complete_at < late]),
            ({"max_buildnum": 3}, [b for b in model if b.number <= 3]),
            ({"builders": ["nosuch"]}, []),
            ({"num_builds": 0}, []),
            ({"workerid": 1, "num_builds": 3}, [b for b in model if b.workerid == 1][:3]),
        ):
            self.assertTrue(wanted or options.keys() & {"builders", "num_builds"}, options)
            found: list[Any] = []
            await collect(self.service.generateFinishedBuilds(**options), found)
            self.assertEqual([b.buildid for b in found], [b.buildid for b in wanted], options)

    async def test_everyLanguage(self) -> None:
        """The same over every language, and of one builder."""
        self.patch(gettingBuilds, "PAGE", 10)
        outcomes = []
        for status in (await self.recorded()).values():
            builder = await status.getBuilder("linux")
            found: list[Any] = []
            await collect(builder.generateFinishedBuilds(results=[0, 1], num_builds=22), found)
            outcomes.append(found)
        self.assertEqual(len(outcomes[0]), 22)
        self.assertEqual(outcomes, [outcomes[0]] * 3)


async def collect(items: Any, into: list[Any]) -> None:
    """All that an asynchronous iterator gives."""
    async for each in items:
        into.append(each)


class OnPostgreSQL(LanguagesOnPostgreSQL):
    """The same on PostgreSQL."""


class WaitingOnPostgreSQLTests(OnPostgreSQL, WaitingTests):
    pass


class FoundOnPostgreSQLTests(OnPostgreSQL, FoundTests):
    pass


class GeneratedOnPostgreSQLTests(OnPostgreSQL, GeneratedTests):
    pass
