"""What is reported, and when."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import inlineCallbacks
from twisted.trial.unittest import SynchronousTestCase

from buildbot.config.rendering import Property
from buildbot.db.writes.changes import Patch
from buildbot.db.writes.requests import NewBuildset
from buildbot.errors import ConfigError
from buildbot.status.listeners.delivery import ListenerDelivery
from buildbot.status.listeners.reporters import (
    BuildRequestGenerator,
    BuildSetCombinedStatusGenerator,
    BuildSetStatusGenerator,
    BuildStartEndStatusGenerator,
    BuildStatusGenerator,
    MessageFormatterBase,
    MessageFormatterFunction,
    MessageFormatterFunctionRaw,
    MessageFormatterMissingWorker,
    MessageFormatterRenderable,
    WorkerMissingGenerator,
)
from buildbot.status.listeners.reporters.filters import Mode
from buildbot.test.status.listeners.reporters.reporting import Keeping, ReportingCase, stamp

SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION, RETRY, CANCELLED = range(7)
WHOLE = MessageFormatterFunction(lambda context: context["build"], "json")


class ModeTests(SynchronousTestCase):
    def test_results(self) -> None:
        """Which results each mode reports, after a build that has ended well, badly, or was not there."""
        good, bad, running = {"results": SUCCESS}, {"results": FAILURE}, {"results": None}
        for given, before, expected in (
            ("all", None, {SUCCESS, WARNINGS, FAILURE, EXCEPTION, CANCELLED}),
            ("warnings", None, {WARNINGS, FAILURE}),
            (("warnings",), None, {WARNINGS}),
            ("failing", None, {FAILURE}),
            (["passing", "cancelled"], bad, {SUCCESS, CANCELLED}),
            (["exception"], None, {EXCEPTION}),
            (["problem"], None, set()),
            (["problem"], good, {FAILURE}),
            (["problem"], bad, set()),
            (["problem"], running, {FAILURE}),
            (["change"], None, set()),
            (["change"], good, {*range(7)} - {SUCCESS}),
            (["change"], bad, {*range(7)} - {FAILURE}),
        ):
            mode = Mode.of(given)
            found = {results for results in range(7) if mode.matches(results, before)}
            self.assertEqual(found, expected, (given, before))
            self.assertTrue(found <= {results for results in range(7) if mode.mayMatch(results)}, given)

    def test_errors(self) -> None:
        """What cannot be is said when the configuration is read, with what would be right."""
        text: Any = "text"
        other: Any = WHOLE
        number: Any = 5
        for make, words in (
            (lambda: BuildStatusGenerator(mode="failed"), "did you mean 'failing'?"),
            (lambda: BuildStatusGenerator(mode=["all"]), "'all' stands alone"),
            (lambda: BuildStatusGenerator(mode=number), "a list of failing, passing"),
            (lambda: BuildStatusGenerator(builders="linux"), "builders=['linux']"),
            (lambda: BuildStatusGenerator(tags=["a"], builders=["b"]), "cannot both be given"),
            (lambda: BuildStartEndStatusGenerator(schedulers="all"), "BuildStartEndStatusGenerator: schedulers"),
            (lambda: BuildStatusGenerator(message_formatter=text), "message_formatter='text': a formatter"),
            (lambda: BuildRequestGenerator(formatter=text), "a formatter is expected"),
            (lambda: BuildSetCombinedStatusGenerator(MessageFormatterRenderable("x")), "not of buildsets"),
            (lambda: WorkerMissingGenerator(workers="birch"), "a list of names"),
            (lambda: WorkerMissingGenerator(message_formatter=other), "MessageFormatterMissingWorker"),
            (lambda: Keeping(), "a list of generators"),
            (lambda: Keeping("x"), "'x' is none"),
        ):
            self.assertIn(words, str(self.assertRaises(ConfigError, make)))


class GeneratorTests(ReportingCase):
    async def reports(self, *generators: Any, connection: Any = None) -> Keeping:
        await self.begin()
        keeping = Keeping(*generators)
        await self.host(keeping, connection=connection and self.served())
        return keeping

    async def test_build(self) -> None:
        """A build that ends as the mode says is reported, with Buildbot's build dict."""
        keeping = await self.reports(BuildStatusGenerator(add_patch=True, message_formatter=WHOLE))
        await self.change("Ada <ada@example.org>")
        stamps = [stamp(patch=Patch(b"--- a"))]
        buildid = await self.build(FAILURE, stamps=stamps, owners=["Bo", "Ada <ada@example.org>"], owner="Cy")
        await self.build(EXCEPTION)
        await self.build(RETRY)
        await self.handled(keeping)
        [report] = keeping.said
        build = report["body"]
        self.assertEqual((build["buildid"], build["results"], build["complete"]), (buildid, FAILURE, True))
        self.assertEqual(build["url"], "http://localhost:8080/#/builders/1/builds/1")
        self.assertEqual((build["parentbuild"], build["parentbuilder"]), (None, None))
        self.assertEqual(build["builder"]["name"], "linux")
        self.assertEqual(build["buildset"]["sourcestamps"][0]["revision"], "abc")
        self.assertEqual(build["buildrequest"]["buildrequestid"], build["buildrequestid"])
        self.assertNotIn("steps", build)
        self.assertNotIn("prev_build", build)
        self.assertEqual(build["complete_at"].tzinfo.utcoffset(None).total_seconds(), 0)
        found = {name: build["properties"][name] for name in ("scheduler", "buildername", "workername", "revision")}
        self.assertEqual(
            found,
            {
                "scheduler": ("all", "Scheduler"),
                "buildername": ("linux", "Builder"),
                "workername": ("birch", "Worker"),
                "revision": ("abc", "Build"),
            },
        )
        self.assertEqual(report["users"], ["Ada <ada@example.org>", "Bo", "Cy"])
        self.assertEqual([patch["body"] for patch in report["patches"]], ["--- a"])
        self.assertEqual((report["type"], report["results"], report["logs"]), ("json", FAILURE, []))

    async def test_logs(self) -> None:
        """Texts of those logs that are wanted, for those who want them, in two questions."""
        wanting = MessageFormatterFunction(lambda context: context["build"], "json", want_logs_content=["test.stdio"])
        plain = BuildStatusGenerator(message_formatter=WHOLE)
        keeping = await self.reports(BuildStatusGenerator(message_formatter=wanting), plain)
        brid = await self.wish()
        buildid = await self.start(brid)
        await self.step(buildid, "compile")
        await self.step(buildid, "test", text="o1\n")
        asked: list[Any] = []
        getMany = self.service.getMany

        def noted(calls: Any) -> Any:
            asked.append(calls)
            return getMany(calls)

        self.patch(self.service, "getMany", noted)
        await self.finish(buildid, brid)
        await self.handled(keeping)
        wanted, other = (report["body"] for report in keeping.said)
        [compile, test] = wanted["steps"]
        self.assertNotIn("content", compile["logs"][0])
        self.assertEqual(test["logs"][0]["content"]["content"], "o1\n")
        self.assertEqual(test["logs"][0]["stepname"], "test")
        url = "http://localhost:8080/"
        self.assertEqual(test["logs"][0]["url"], f"{url}#/builders/1/builds/1/steps/1/logs/stdio")
        self.assertEqual(test["logs"][0]["url_raw_inline"], f"{url}api/v2/logs/2/raw_inline")
        self.assertNotIn("steps", other)
        self.assertEqual(len(asked), 2)
        self.assertEqual([log["stepname"] for log in keeping.said[0]["logs"]], ["test"])
        self.assertEqual(keeping.said[1]["logs"], [])

    async def test_previous(self) -> None:
        """Comparing, it is the build before that counts, whatever has happened since, and retried ones do not."""
        keeping = await self.reports(BuildStatusGenerator(mode=["change"], message_formatter=WHOLE))
        for results in (SUCCESS, SUCCESS, RETRY, FAILURE, FAILURE, SUCCESS):
            await self.build(results)
        await self.handled(keeping)
        said = [(each["body"]["number"], each["body"]["prev_build"]["number"]) for each in keeping.said]
        self.assertEqual(said, [(3, 2), (4, 2), (6, 5)])

    async def test_new(self) -> None:
        """With report_new, what was said to have begun is said to have ended, however it did."""
        keeping = await self.reports(BuildStatusGenerator(report_new=True, message_formatter=WHOLE))
        for results in (SUCCESS, RETRY, CANCELLED):
            await self.build(results)
        await self.handled(keeping)
        said = [(each["body"]["number"], each["body"]["results"]) for each in keeping.said]
        said.sort(key=lambda each: each[0])  # different requests do not wait for each other
        self.assertEqual(said, [(1, None), (1, SUCCESS), (2, None), (2, RETRY), (3, None), (3, CANCELLED)])

    async def test_filters(self) -> None:
        """Builders, tags, schedulers and branches."""
        filters: Any = (
            {"builders": ["linux"]},
            {"tags": ["fast", "x"]},
            {"tags": ["x"]},
            {"schedulers": ["all"]},
            {"schedulers": ["other"]},
            {"branches": ["main"]},
            {"branches": [None]},
            {"builders": ["linux"], "branches": ["x"]},
        )
        word = MessageFormatterFunction(lambda context: context["build"]["builder"]["name"], "plain")
        generators = [BuildStatusGenerator(message_formatter=word, **each) for each in filters]
        keeping = await self.reports(*generators)
        await self.build(builder=self.other, branch=None)
        await self.build()
        await self.handled(keeping)
        # All that there is to be said of an event is said at once.
        self.assertEqual(
            [[each["body"] for each in reports] for reports in keeping.sent], [["größe & <b>"] * 2, ["linux"] * 4]
        )

    async def test_startEnd(self) -> None:
        """Beginning and end, of each build, with every result; the state is the one at the event."""
        keeping = await self.reports(BuildStartEndStatusGenerator())
        await self.build(RETRY)
        await self.build(SKIPPED)
        await self.handled(keeping)
        reports = sorted(keeping.said, key=lambda each: each["builds"][0]["number"])
        said = [(each["body"], each["results"], each["builds"][0]["complete"]) for each in reports]
        done = [("Build started.", None, False), ("Build done.", RETRY, True)]
        self.assertEqual(said, [*done, ("Build started.", None, False), ("Build done.", SKIPPED, True)])

    async def test_over(self) -> None:
        """Of what was over when somebody looked, as beside a stock master, only the end is said."""
        keeping = await self.reports(BuildStartEndStatusGenerator(), BuildRequestGenerator())
        buildid = await self.build()
        await self.handled(keeping)
        before = len(keeping.said)
        build = await self.service.getBuild(buildid)
        request: Any = await self.service.getBuildRequest(build.buildrequestid)
        for method, record in (("buildStarted", build), ("requestSubmitted", request)):
            delivery = ListenerDelivery(
                cursor="e.1", method=method, key="", topic="", event="new", record=record, changed=None, extra={}, at=0
            )
            await getattr(keeping, method)(record, delivery)
        self.assertEqual(len(keeping.said), before)

    async def test_unstored(self) -> None:
        """A build has the properties that it will have for certain before a master has stored them."""
        names = MessageFormatterFunction(lambda context: context["build"]["properties"], "json")
        keeping = await self.reports(BuildStartEndStatusGenerator(start_formatter=names))
        brid = await self.wish(properties={"owner": ("Cy", "Force Build Form")})
        await self.recorder.claimRequests([brid], self.masterid)
        await self.recorder.startBuild(
            buildrequestid=brid, builderid=self.linux, workerid=self.workerid, masterid=self.masterid, properties={}
        )
        await self.handled(keeping)
        found = {name: value for name, (value, _) in keeping.said[0]["body"].items()}
        expected = {"buildername": "linux", "workername": "birch", "buildnumber": 1, "branch": "main", "owner": "Cy"}
        self.assertEqual({name: found[name] for name in expected}, expected)

    async def test_requests(self) -> None:
        """Requests that wait; and the end of those, and of no others, that end without a build."""
        keeping = await self.reports(BuildRequestGenerator())
        cancelled, collapsed = await self.wish(), await self.wish()
        await self.recorder.cancelRequest(cancelled, self.masterid)
        await self.recorder.collapseRequests([collapsed], self.masterid)
        built = await self.wish(properties={"owner": ("Cy", "Force Build Form")})
        await self.finish(await self.start(built), built)
        lost = await self.wish()
        await self.finish(await self.start(lost), lost, RETRY)
        await self.recorder.cancelRequest(lost, self.masterid)
        await self.handled(keeping)
        said = [(each["builds"][0]["buildrequest"]["buildrequestid"], each["body"]) for each in keeping.said]
        pending = [(brid, "Build pending.") for brid in (cancelled, collapsed, built, lost)]
        ends = [(cancelled, "Build cancelled."), (collapsed, "Build skipped."), (lost, "Build cancelled.")]
        self.assertEqual(sorted(said), sorted([*pending, *ends]))
        report = next(each for each in keeping.said if each["users"])
        [build] = report["builds"]
        self.assertEqual(report["users"], ["Cy"])
        self.assertEqual((build["results"], build["complete"]), (None, False))
        self.assertEqual(build["url"], f"http://localhost:8080/#/buildrequests/{built}")
        self.assertEqual(build["properties"]["buildername"], ("linux", "Builder"))
        self.assertEqual(build["properties"]["branch"], ("main", "Build"))
        self.assertNotIn("workername", build["properties"])
        self.assertEqual((build["buildrequest"]["buildername"], "claimed" in build["buildrequest"]), ("linux", False))

    async def test_superseded(self) -> None:
        """The end of a request says whether a newer one is of the same builder and sources."""
        keeping = await self.reports(BuildRequestGenerator())
        first, other, newer = await self.wish(), await self.wish(stamps=[stamp("def")]), await self.wish()
        await self.wish(self.other, [stamp("def")])
        await self.recorder.collapseRequests([first, other], self.masterid)
        await self.handled(keeping)
        ends = {each["builds"][0]["buildrequest"]["buildrequestid"]: each["isSuperseded"] for each in keeping.said[-2:]}
        self.assertEqual(ends, {first: True, other: False})
        self.assertEqual(newer, 3)

    async def both(self, builders: list[int], results: list[int]) -> None:
        """A buildset of several builders, whose builds end so."""
        wanted = NewBuildset(builders, [stamp()], {"scheduler": ("all", "Scheduler")})
        brids = (await self.recorder.addBuildset(wanted)).brids
        for brid, builder, result in zip(brids, builders, results, strict=True):
            await self.finish(await self.start(brid, builder), brid, result)

    async def test_buildset(self) -> None:
        """One report for a buildset, of those of its builds that the mode wants."""
        named = MessageFormatterFunctionRaw(
            lambda reporter, context: {
                "body": context["buildername"] + str(context["is_buildset"]),
                "subject": context["buildername"],
                "extra_info": {"a": {context["buildername"]: 1, "b": context["buildername"]}},
            }
        )
        keeping = await self.reports(BuildSetStatusGenerator(mode=["failing", "warnings"], message_formatter=named))
        await self.both([self.linux, self.other], [FAILURE, WARNINGS])
        await self.both([self.linux, self.other], [SUCCESS, WARNINGS])
        await self.both([self.linux, self.other], [SUCCESS, SUCCESS])
        await self.handled(keeping)
        both, one = keeping.said
        self.assertEqual(
            (both["body"], both["subject"], both["results"]), ("linuxTruegröße & <b>True", "linux", FAILURE)
        )
        self.assertEqual([build["builder"]["name"] for build in both["builds"]], ["linux", "größe & <b>"])
        self.assertEqual(both["extra_info"], {"a": {"linux": 1, "größe & <b>": 1, "b": "linux"}})
        self.assertEqual((both["buildset"]["bsid"], both["buildset"]["complete"]), (1, True))
        self.assertEqual(one["body"], "größe & <b>True")

    async def test_combined(self) -> None:
        """A buildset as a whole, also one that never had a build."""
        formatter = MessageFormatterFunction(
            lambda context: (context["buildset"]["bsid"], [build["buildid"] for build in context["builds"]]), "json"
        )
        keeping = await self.reports(BuildSetCombinedStatusGenerator(formatter))
        await self.both([self.linux, self.other], [SUCCESS, FAILURE])
        await self.recorder.cancelRequest(await self.wish(), self.masterid)
        await self.handled(keeping)
        said = [(each["body"], each["results"]) for each in keeping.said]
        self.assertEqual(said, [((1, [1, 2]), FAILURE), ((2, []), CANCELLED)])

    async def test_worker(self) -> None:
        """A worker that is missing, if it names somebody, and is one of those that are wanted."""
        keeping = await self.reports(
            WorkerMissingGenerator(message_formatter=MessageFormatterMissingWorker("{{ worker['last_connection'] }}")),
            WorkerMissingGenerator(workers=["alder"]),
        )
        await self.recorder.workerMissing(self.workerid, "yesterday", ["ops@example.org"])
        await self.recorder.workerMissing(self.workerid, "today", [])
        await self.handled(keeping)
        [report] = keeping.said
        self.assertEqual(
            (report["body"], report["users"], report["worker"]), ("yesterday", ["ops@example.org"], "birch")
        )
        self.assertEqual((report["builds"], report["results"]), (None, None))

    async def test_connections(self) -> None:
        """The same is reported over each connection."""
        await self.begin()
        ways: list[Any] = []
        for connection in (None, self.served(), await self.servedPB()):
            logs = MessageFormatterFunction(lambda context: context["build"], "json", want_logs_content=True)
            generators = [
                BuildStatusGenerator(mode=["change", "passing"], report_new=True, message_formatter=logs),
                BuildRequestGenerator(),
                BuildSetStatusGenerator(message_formatter=WHOLE),
                WorkerMissingGenerator(),
            ]
            keeping = Keeping(*generators)
            keeping.name = f"keeping-{len(ways)}"
            ways.append(keeping)
            await self.host(keeping, connection=connection)
        await self.change("Ada <ada@example.org>")
        await self.build(SUCCESS)
        await self.build(FAILURE)
        await self.recorder.workerMissing(self.workerid, "yesterday", ["ops@example.org"])
        await self.condition(lambda: {len(way.said) for way in ways} == {9})

        def plain(reports: Any) -> Any:
            return sorted(str({**each, "abouts": None, "builds": None, "buildset": None}) for each in reports)

        # What is not of the event itself is as it is when it is asked for.
        kept = [[each for each in way.said if each["type"] != "json"] for way in ways]
        for each in kept[1:]:
            self.assertEqual(plain(each), plain(kept[0]))
        builds = [[each["builds"][0] for each in way.said if each["type"] == "json"] for way in ways]
        shown = [sorted((build["number"], build["results"] or -1) for build in each) for each in builds]
        self.assertEqual(shown, [shown[0]] * 3)

    def test_methods(self) -> None:
        """A reporter hears what its generators want, and what it defines itself."""

        class Own(Keeping):
            def changeAdded(self, change: Any) -> None: ...

        self.assertEqual(list(Own(BuildStatusGenerator()).methods()), ["changeAdded", "buildFinished"])

    async def test_idioms(self) -> None:
        """What a configuration defines may be a generator of Deferreds, or plain, as well."""

        class Own(MessageFormatterRenderable):
            @inlineCallbacks
            def format_message_for_build(self, reporter: Any, build: Any, **more: Any) -> Any:
                message = yield super().format_message_for_build(reporter, build, **more)
                word = yield more["about"].known(reporter.secrets).render(Property("scheduler"))
                return {**message, "body": message["body"] + word}

        class Plain(Keeping):
            def sendMessage(self, reports: Any) -> Any:
                self.sent.append(reports)

        await self.begin()
        plain = Plain(BuildStatusGenerator(message_formatter=Own(Property("branch"))))
        await self.host(plain)
        await self.build()
        await self.handled(plain)
        self.assertEqual([report["body"] for report in plain.said], ["mainall"])

    async def test_base(self) -> None:
        """A formatter of one's own defines one method."""

        class Own(MessageFormatterBase):
            async def formatMessage(self, reporter: Any, context: dict[str, Any]) -> Any:
                return {"body": context["build_url"] + reporter.title, "type": "x", "subject": None, "extra_info": None}

        keeping = await self.reports(BuildStatusGenerator(message_formatter=Own(want_steps=True)))
        keeping.buildbotURL, keeping.title = "https://ci.example.org/", "My CI"
        await self.build()
        await self.handled(keeping)
        [report] = keeping.said
        self.assertEqual(report["body"], "https://ci.example.org/#/builders/1/builds/1My CI")
        self.assertEqual([step["name"] for step in report["builds"][0]["steps"]], ["compile"])
