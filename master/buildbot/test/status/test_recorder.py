"""The recorder: a whole life's rows and events, read back through the API."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from buildbot.db.writes.changes import NewChange, Stamp
from buildbot.db.writes.masters import BuilderConfig
from buildbot.db.writes.requests import NewBuildset
from buildbot.db.writes.results import CANCELLED, FAILURE, RETRY, SUCCESS
from buildbot.db.writes.tests import NewResult
from buildbot.errors import BadRequest, NotFound
from buildbot.status.events.event import Event
from buildbot.test.db.databases import OnPostgreSQL, OnSQLite
from buildbot.test.status.recording import RecorderCase

CODE: dict[str, Any] = {
    "repository": "https://example.org/r.git",
    "project": "Proj",
    "branch": "main",
    "revision": "4dbf2b2",
}


class RecorderTests(RecorderCase):
    """A master that runs two builders, on one worker."""

    def setUp(self) -> None:
        self.prepare()

    async def begin(self) -> None:
        record = self.recorder
        self.masterid = await record.startMaster("host1:/srv/bb/master")
        self.linux, self.mac = await record.runBuilders(
            self.masterid, [BuilderConfig("linux", tags=["fast"]), BuilderConfig("mac")]
        )
        self.workerid = await record.findWorker("w1")
        await record.configureWorkers(self.masterid, {self.workerid: [self.linux, self.mac]})
        await record.workerConnected(self.workerid, self.masterid, {"admin": None, "host": "h", "version": "4.3.0"})
        assert record.source.cursor is not None
        self.cursor = record.source.cursor

    async def wish(self, *builderids: int, **more: Any) -> tuple[int, list[int]]:
        added = await self.recorder.addBuildset(
            NewBuildset(builderids, [Stamp(**CODE)], {"scheduler": ("all", "Scheduler")}, **more)
        )
        return added.bsid, list(added.brids)

    async def build(self, brid: int, builderid: int = 1) -> int:
        self.assertTrue(await self.recorder.claimRequests([brid], self.masterid))
        started = await self.recorder.startBuild(
            buildrequestid=brid,
            builderid=builderid,
            workerid=self.workerid,
            masterid=self.masterid,
            properties={"workername": ("w1", "Worker")},
        )
        return started.buildid

    async def events(self) -> list[Event]:
        """All since the beginning, or since the last call."""
        read = await self.recorder.source.read(self.cursor)
        self.cursor = read.cursor
        return list(read.events)

    async def words(self) -> list[str]:
        return [f"{event.type}/{event.key}/{event.event}" for event in await self.events()]

    async def test_life(self) -> None:
        """A commit, found, wished for, built with two steps, one of which fails, and completed."""
        await self.begin()
        record = self.recorder
        changeid = await record.addChange(
            NewChange("Dev One <dev@example.org>", "größe", files=["a.txt"], when=641, system="git", **CODE)
        )
        change = await self.one(f"changes/{changeid}")
        bsid, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        await record.setBuildState(buildid, "building")
        step = await record.addStep(buildid, "worker_preparation")
        await record.startStep(step.stepid)
        await record.stepHasLocks(step.stepid)
        await record.finishStep(step.stepid, SUCCESS)
        step = await record.addStep(buildid, "sh")
        await record.startStep(step.stepid)
        await record.stepHasLocks(step.stepid)
        log = await record.addLog(step.stepid, "stdio")
        self.assertEqual(await record.appendLog(log.logid, "oeins\ne\n"), (0, 1))
        self.assertEqual(await record.appendLog(log.logid, "hdrei\n"), (2, 2))
        await record.finishLog(log.logid)
        await record.addStepUrl(step.stepid, "docs", "https://example.org/")
        await record.setStepState(step.stepid, "'make' (failure)")
        await record.finishStep(step.stepid, FAILURE)
        await record.setProperties(buildid, {"basedir": ("/b", "Worker")})
        await record.setProperties(buildid, {"basedir": ("/b", "Worker"), "n": (None, "s")})
        await record.setBuildState(buildid, "failed 'make' (failure)")
        await record.finishBuild(buildid, FAILURE)
        await record.completeRequests([brid], FAILURE)

        self.assertEqual((change["files"], change["sourcestamp"]["revision"]), (["a.txt"], "4dbf2b2"))
        build = await self.one("builders/linux/builds/1", property="*")
        self.assertEqual((build["results"], build["state_string"]), (2, "failed 'make' (failure)"))
        self.assertEqual(
            build["properties"],
            {
                "buildnumber": [1, "Build"],
                "workername": ["w1", "Worker"],
                "basedir": ["/b", "Worker"],
                "n": [None, "s"],
            },
        )
        self.assertEqual([change["changeid"] for change in await self.all(f"builds/{buildid}/changes")], [changeid])
        steps = await self.all(f"builds/{buildid}/steps")
        self.assertEqual(
            [(s["number"], s["name"], s["results"]) for s in steps], [(0, "worker_preparation", 0), (1, "sh", 2)]
        )
        self.assertEqual(steps[1]["urls"], [{"name": "docs", "url": "https://example.org/"}])
        (content,) = await self.all(f"builds/{buildid}/steps/sh/logs/stdio/contents")
        self.assertEqual(content["content"], "oeins\ne\nhdrei\n")
        buildset = await self.one(f"buildsets/{bsid}")
        self.assertEqual((buildset["complete"], buildset["results"]), (True, FAILURE))
        b, s1, s2 = f"builds/{buildid}", f"steps/{steps[0]['stepid']}", f"steps/{steps[1]['stepid']}"
        request, logs, properties = f"buildrequests/{brid}", f"logs/{log.logid}", f"properties/{buildid}/update"
        events = await self.events()
        self.assertEqual(
            [f"{event.type}/{event.key}/{event.event}" for event in events],
            [
                *(f"changes/{changeid}/new", f"buildsets/{bsid}/new", f"{request}/new", f"{request}/claimed"),
                *(f"{b}/new", properties, f"{b}/update"),
                *(f"{s1}/{word}" for word in ("new", "started", "updated", "finished")),
                *(f"{s2}/{word}" for word in ("new", "started", "updated")),
                *(f"{logs}/new", f"{logs}/append", f"{logs}/append", f"{logs}/finished"),
                *(f"{s2}/updated", f"{s2}/updated", f"{s2}/finished", properties, properties),
                *(f"{b}/update", f"{b}/finished", f"{request}/complete", f"buildsets/{bsid}/complete"),
            ],
        )
        for event in events:
            if event.type != "properties" and event.event != "append":
                latest = [other for other in events if (other.type, other.key) == (event.type, event.key)][-1]
                self.assertEqual(latest.record, await self.one(f"{event.type}/{event.key}"))
        appends = [event for event in events if event.event == "append"]
        self.assertEqual(appends[0].record, {"logid": log.logid, "first": 0, "last": 1})
        self.assertEqual(appends[0].parents, {"stepid": step.stepid})
        finished = next(event for event in events if (event.type, event.event) == ("builds", "finished"))
        self.assertEqual(finished.old, {"complete": False, "complete_at": None, "results": None})
        self.assertEqual(finished.parents["number"], 1)

    async def test_between(self) -> None:
        """Each event has the record as it was after its own change, whatever was committed with it."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        await self.events()
        for number in range(20):
            pending = self.recorder.setBuildState(buildid, f"state {number}")
        await pending
        events = await self.events()
        self.assertEqual([event.record["state_string"] for event in events], [f"state {n}" for n in range(20)])
        self.assertEqual(events[5].old, {"state_string": "state 4"})

    async def test_together(self) -> None:
        """What is changed and read in one commit: each sees what was done before it, also what is made later than it
        was called."""
        await self.begin()
        record = self.recorder
        _, brids = await self.wish(self.linux, self.mac)
        builds = [await self.build(brid, builder) for brid, builder in zip(brids, (self.linux, self.mac), strict=True)]
        step = await record.addStep(builds[0], "compile")
        log = await record.addLog(step.stepid, "stdio")
        await self.events()
        calls: list[Deferred[Any]] = [
            record.startStep(step.stepid),
            record.setBuildState(builds[0], "one"),
            record.setBuildState(builds[1], "other"),
            record.appendLog(log.logid, "a line\n"),
            record.finishLog(log.logid),
            record.finishStep(step.stepid, SUCCESS),
            record.finishBuild(builds[0], SUCCESS),
            record.stopMaster(self.masterid),
        ]
        for call in calls:
            await call
        told = [(event.type, event.event, event.old, event.record) for event in await self.events()]
        steps = [(event, sorted(old), each["results"]) for type, event, old, each in told if type == "steps"]
        self.assertEqual(
            steps, [("started", ["started_at"], None), ("finished", ["complete", "complete_at", "results"], SUCCESS)]
        )
        [append, finished] = [(event, old, each) for type, event, old, each in told if type == "logs"]
        self.assertEqual(append, ("append", {}, {"logid": log.logid, "first": 0, "last": 0}))
        self.assertEqual((*finished[:2], finished[2]["num_lines"]), ("finished", {"complete": False}, 1))
        ended = [each["results"] for type, event, _, each in told if (type, event) == ("builds", "finished")]
        self.assertEqual(ended, [SUCCESS, RETRY])  # The master's end is that of what had not ended just before.

    async def test_refusedBetween(self) -> None:
        """One that cannot be, between others of the same thing: they are told of as if it had not been."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        await self.events()
        first = self.recorder.setBuildState(buildid, "one")
        wrong = self.recorder.setBuildState(999, "nowhere")
        last = self.recorder.setBuildState(buildid, "two")
        await first
        await self.assertFailure(wrong, NotFound)
        await last
        events = await self.events()
        self.assertEqual([event.record["state_string"] for event in events], ["one", "two"])
        self.assertEqual(events[1].old, {"state_string": "one"})

    async def test_twoWriters(self) -> None:
        """What another writer did between is what a record was before."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        other = self.newRecorder()
        await self.events()
        for turn, recorder in enumerate([self.recorder, other] * 3):
            await recorder.setBuildState(buildid, f"state {turn}")
        told = [(event.old, event.record["state_string"]) for event in await self.events() if event.type == "builds"]
        self.assertEqual([new for _, new in told], [f"state {turn}" for turn in range(6)])
        self.assertEqual([old for old, _ in told[1:]], [{"state_string": f"state {turn}"} for turn in range(5)])

    async def test_retry(self) -> None:
        """A request whose build ended with RETRY is offered again, and a second build has the next number."""
        await self.begin()
        bsid, (brid,) = await self.wish(self.linux)
        first = await self.build(brid, self.linux)
        self.assertFalse(await self.recorder.claimRequests([brid], self.masterid))
        await self.recorder.finishBuild(first, RETRY)
        await self.recorder.unclaimRequests([brid])
        second = await self.build(brid, self.linux)
        self.assertEqual((await self.one(f"builds/{second}"))["number"], 2)
        words = await self.words()
        self.assertIn(f"buildrequests/{brid}/unclaimed", words)
        self.assertFalse((await self.one(f"buildsets/{bsid}"))["complete"])

    async def test_cancelled(self) -> None:
        """A request that waits is cancelled, and its set with it; one that is built is not."""
        await self.begin()
        bsid, (one, two) = await self.wish(self.linux, self.mac)
        await self.build(two, self.mac)
        await self.events()
        self.assertTrue(await self.recorder.cancelRequest(one, self.masterid))
        self.assertFalse(await self.recorder.cancelRequest(two, self.masterid))
        await self.recorder.completeRequests([two], SUCCESS)
        self.assertEqual(
            await self.words(),
            [
                *(f"buildrequests/{one}/complete", f"buildrequests/{one}/cancel"),
                *(f"buildrequests/{two}/complete", f"buildsets/{bsid}/complete"),
            ],
        )
        self.assertEqual((await self.one(f"buildsets/{bsid}"))["results"], CANCELLED)

    async def test_priority(self) -> None:
        """The priority of a request that waits; that it has it already is no event."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        await self.events()
        await self.recorder.setRequestPriority(brid, 7)
        await self.recorder.setRequestPriority(brid, 7)
        [event] = await self.events()
        self.assertEqual((event.event, event.old, event.record["priority"]), ("update", {"priority": 0}, 7))
        self.assertEqual((await self.one(f"buildrequests/{brid}"))["priority"], 7)

    async def test_nothingNew(self) -> None:
        """A mere update that changes nothing is no event; an event of its own is one, whatever it changes."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        step = await self.recorder.addStep(buildid, "s")
        await self.recorder.startStep(step.stepid)
        await self.recorder.stepHasLocks(step.stepid)
        await self.events()
        for _ in range(2):
            await self.recorder.setBuildState(buildid, "twice")
            await self.recorder.setStepState(step.stepid, "twice")
            await self.recorder.addStepUrl(step.stepid, "n", "u")
            await self.recorder.setWorkerState(self.workerid, paused=True)
        self.assertEqual(
            await self.words(),
            [
                f"builds/{buildid}/update",
                *[f"steps/{step.stepid}/updated"] * 2,
                f"workers/{self.workerid}/state_updated",
            ],
        )

    async def test_died(self) -> None:
        """After a master that ended without a word: its builds end with RETRY, its claims are released, and it runs
        and is connected to nothing until it starts."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        step = await self.recorder.addStep(buildid, "sh")
        log = await self.recorder.addLog(step.stepid, "stdio")
        await self.events()
        self.assertEqual(await self.recorder.startMaster("host1:/srv/bb/master"), self.masterid)
        for path in (f"builds/{buildid}", f"steps/{step.stepid}"):
            self.assertEqual((await self.one(path))["results"], RETRY)
        self.assertTrue((await self.one(f"logs/{log.logid}"))["complete"])
        self.assertFalse((await self.one(f"buildrequests/{brid}"))["claimed"])
        worker = await self.one("workers/w1")
        self.assertEqual((worker["connected_to"], worker["configured_on"]), ([], []))
        self.assertEqual((await self.one("builders/linux"))["masterids"], [])
        words = await self.words()
        self.assertEqual(words[-2:], [f"masters/{self.masterid}/stopped", f"masters/{self.masterid}/started"])
        self.assertIn(f"builders/{self.linux}/stopped", words)

    async def test_builders(self) -> None:
        """A new configuration announces what starts, stops, and is not as it was, and nothing else."""
        await self.begin()
        record = self.recorder
        ids = await record.runBuilders(self.masterid, [BuilderConfig("linux", tags=["slow"]), BuilderConfig("new")])
        self.assertEqual(
            [word for word in await self.words() if word.startswith("builders")],
            [f"builders/{self.linux}/update", f"builders/{ids[1]}/started", f"builders/{self.mac}/stopped"],
        )
        self.assertEqual((await self.one("builders/linux"))["tags"], ["slow"])
        await record.runBuilders(self.masterid, [BuilderConfig("linux", tags=["slow"]), BuilderConfig("new")])
        self.assertEqual(await self.words(), [])
        worker = await self.one("workers/w1")
        self.assertEqual([link["builderid"] for link in worker["configured_on"]], [self.linux])

    async def test_tests(self) -> None:
        """Results of tests are counted when their set is complete, once."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        step = await self.recorder.addStep(await self.build(brid, self.linux), "test")
        setid = await self.recorder.addTestResultSet(step.stepid, "pass_fail", "boolean")
        await self.recorder.addTestResults(
            setid, [NewResult("1", "a"), NewResult("0", "b", "b.py", 3), NewResult("1", "a")]
        )
        await self.recorder.completeTestResultSet(setid)
        found = await self.one(f"test_result_sets/{setid}")
        self.assertEqual((found["tests_passed"], found["tests_failed"], found["complete"]), (2, 1, True))
        results = await self.all(f"test_result_sets/{setid}/results")
        self.assertEqual([r["test_name"] for r in results], ["a", "b", "a"])
        await self.failure(self.recorder.completeTestResultSet(setid), BadRequest)
        await self.failure(self.recorder.addTestResults(setid, [NewResult("1")]), BadRequest)

    async def test_data(self) -> None:
        """Bytes that are kept with a build take the place of those of that name."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        await self.recorder.setBuildData(buildid, "d", b"\0\xff" * 10, "s")
        await self.recorder.setBuildData(buildid, "d", b"later", "s")
        (data,) = await self.all(f"builds/{buildid}/data")
        self.assertEqual((data["name"], data["length"]), ("d", 5))

    async def test_users(self) -> None:
        """One author in several version controls is as many users with unique identifiers; the same again is none."""
        await self.begin()
        for system in ("git", "svn", "hg", "svn"):
            await self.recorder.addChange(NewChange("Zoë_%", system=system))
        identifiers = "SELECT identifier FROM users WHERE substr(identifier, 1, 2) = 'Zo' ORDER BY uid"
        rows = await self.database.run("users", lambda snapshot: snapshot.rows(identifiers, {}))
        self.assertEqual([identifier for (identifier,) in rows], ["Zoë_%", "Zoë_%_2", "Zoë_%_3"])

    async def test_names(self) -> None:
        """Steps and logs get names that are unique, as Buildbot makes them."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        buildid = await self.build(brid, self.linux)
        names = [(await self.recorder.addStep(buildid, name)).name for name in ("sh", "sh", "sh", "y" * 60, "y" * 50)]
        self.assertEqual(names, ["sh", "sh_1", "sh_2", "y" * 50, "y" * 48 + "_1"])
        step = await self.recorder.addStep(buildid, "logs")
        for name, slug in {
            "plain log!": "plain_log_",
            "plain log?": "plain_log__2",
            "page.html": "page_html",
            "9starts": "_starts",
            "naïve log": "na_ve_log",
            "日本": "日本",
            "x" * 60: "x" * 50,
            "x" * 61: "x" * 48 + "_2",
        }.items():
            self.assertEqual((await self.recorder.addLog(step.stepid, name)).slug, slug)

    async def test_long(self) -> None:
        """Many lines are stored in chunks of 64 KiB, and read back as they were."""
        await self.begin()
        _, (brid,) = await self.wish(self.linux)
        step = await self.recorder.addStep(await self.build(brid, self.linux), "sh")
        log = await self.recorder.addLog(step.stepid, "stdio")
        text = "".join(f"oline {n} größe\n" for n in range(20_000)) + "o" + "x" * 100_000 + "\no\n"
        self.assertEqual(await self.recorder.appendLog(log.logid, text), (0, 20_001))
        sizes = "SELECT first_line, last_line FROM logchunks ORDER BY first_line"
        rows = await self.database.run("chunks", lambda snapshot: snapshot.rows(sizes, {}))
        self.assertGreater(len(rows), 5)
        self.assertEqual([first for first, _ in rows[1:]], [last + 1 for _, last in rows[:-1]])
        pieces = [content["content"] for content in await self.all(f"logs/{log.logid}/contents")]
        self.assertEqual("".join(pieces), text)

    async def test_wrong(self) -> None:
        """What cannot be fails with a sentence, and stores nothing."""
        await self.begin()
        record = self.recorder
        await self.failure(record.finishBuild(99, SUCCESS), NotFound)
        await self.failure(record.claimRequests([99], self.masterid), NotFound)
        await self.failure(record.appendLog(99, "a\n"), NotFound)
        await self.failure(record.addBuildset(NewBuildset([1], [Stamp()], {})), BadRequest)
        await self.failure(record.addBuildset(NewBuildset([1], [], {"scheduler": ("", "")})), BadRequest)
        self.assertEqual(await self.words(), [])


class RecorderOnSQLite(RecorderTests, OnSQLite):
    pass


class RecorderOnPostgreSQL(RecorderTests, OnPostgreSQL):
    pass


del RecorderTests
