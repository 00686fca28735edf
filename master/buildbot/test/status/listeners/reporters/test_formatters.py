"""What reports say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import succeed
from twisted.trial.unittest import SynchronousTestCase

from buildbot.config.rendering import Interpolate, Property
from buildbot.db.writes.changes import Patch
from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters import (
    BuildSetCombinedStatusGenerator,
    BuildStatusGenerator,
    MessageFormatter,
    MessageFormatterEmpty,
    MessageFormatterFunction,
    MessageFormatterFunctionRaw,
    MessageFormatterMissingWorker,
    MessageFormatterRenderable,
    WorkerMissingGenerator,
    wording,
)
from buildbot.test.status.listeners.reporters.reporting import Keeping, ReportingCase, stamp

SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION, RETRY, CANCELLED = range(7)


class WordingTests(SynchronousTestCase):
    def test_detected(self) -> None:
        """How a build has ended, also by comparison."""
        for results, mode, previous, expected in (
            (FAILURE, ("failing",), SUCCESS, "failed build"),
            (FAILURE, ("problem",), SUCCESS, "new failure"),
            (FAILURE, ("change",), FAILURE, "failed build"),
            (FAILURE, ("change",), None, "failed build"),
            (WARNINGS, ("change",), SUCCESS, "problem in the build"),
            (SUCCESS, ("change",), FAILURE, "restored build"),
            (SUCCESS, ("problem",), FAILURE, "passing build"),
            (EXCEPTION, (), None, "build exception"),
            (RETRY, (), None, "retry build"),
            (None, (), None, "running build"),
        ):
            self.assertEqual(wording.detected(results, mode, previous), expected)

    def test_summary(self) -> None:
        """One line about a build."""
        words = [wording.summary(results, "x") for results in (0, 1, 2, 6)]
        self.assertEqual(words, ["Build succeeded!", "Build Had Warnings: x", "BUILD FAILED: x", "Build was cancelled"])


class FormatterTests(ReportingCase):
    async def said(self, formatter: Any, results: int = FAILURE, **more: Any) -> Any:
        """The report of one build."""
        await self.begin()
        keeping = Keeping(BuildStatusGenerator(mode="all", message_formatter=formatter))
        keeping.title = "My CI"
        await self.host(keeping)
        await self.change("Ada <ada@example.org>")
        await self.build(results, **more)
        await self.handled(keeping)
        [report] = keeping.said
        return report

    async def test_variables(self) -> None:
        """A template has Buildbot's variables, and those of one's own."""
        names = (
            *("results", "result_names", "mode", "buildername", "workername", "is_buildset", "projects"),
            *("previous_results", "status_detected", "build_url", "buildbot_title", "buildbot_url", "blamelist"),
            *("summary", "sourcestamps", "own"),
        )
        template = (
            "\n".join(f"{name}={{{{ {name} }}}}" for name in names) + "{{ build['number'] }}{{ buildset['bsid'] }}"
        )
        formatter = MessageFormatter(template, subject="{{ buildername }}\n!", template_type="any", ctx={"own": 5})
        report = await self.said(formatter, stamps=[stamp(codebase="lib", project="p", patch=Patch(b"x"))])
        self.assertEqual(
            report["body"],
            "results=2\n"
            "result_names=['success', 'warnings', 'failure', 'skipped', 'exception', 'retry', 'cancelled']\n"
            "mode=('failing', 'passing', 'warnings', 'exception', 'cancelled')\n"
            "buildername=linux\nworkername=birch\nis_buildset=False\nprojects=p\nprevious_results=None\n"
            "status_detected=failed build\nbuild_url=http://localhost:8080/#/builders/1/builds/1\n"
            "buildbot_title=My CI\nbuildbot_url=http://localhost:8080/\nblamelist=[]\n"
            "summary=BUILD FAILED: failed 'make' (failure)\n"
            "sourcestamps=Build Source Stamp 'lib': [branch main] abc (plus patch)\n\nown=511",
        )
        self.assertEqual((report["subject"], report["type"]), ("linux !", "any"))

    async def test_plain(self) -> None:
        """The built-in text has what somebody wants to know first."""
        report = await self.said(MessageFormatter(), builder=2, reason="<again>", got_revision="def")
        for words in (
            "größe & <b> #1 of My CI: failed build\nhttp://localhost:8080/#/builders/2/builds/1\n",
            "BUILD FAILED: failed 'make' (failure)",
            "Revision: def",
            "Worker:   birch",
            "Reason:   <again>",
            "Ada <ada@example.org>",
            "[branch main] abc",
            "  0. compile: failure\n     stdio http://localhost:8080/#/builders/2/builds/1/steps/0/logs/stdio\n",
        ):
            self.assertIn(words, report["body"])
        self.assertEqual(report["subject"], "☠ Buildbot (My CI): größe & <b> - failed 'make' (failure) (main)")
        self.assertEqual(report["type"], "plain")

    async def test_html(self) -> None:
        """In HTML, nothing that is put in can be anything but text."""
        report = await self.said(MessageFormatter(template_type="html"), builder=2, reason="<script>")
        self.assertIn("größe &amp; &lt;b&gt;", report["body"])
        self.assertIn("&lt;script&gt;", report["body"])
        self.assertIn("Ada &lt;ada@example.org&gt;", report["body"])
        self.assertNotIn("<script>", report["body"])
        self.assertIn("<b>", report["subject"])

    async def test_ownHtml(self) -> None:
        """So it is in a template of one's own, which may say what is to stay as it is."""
        report = await self.said(
            MessageFormatter("<i>{{ a }}{{ a | safe }}</i>", template_type="html", ctx={"a": "<b>"})
        )
        self.assertEqual(report["body"], "<i>&lt;b&gt;<b></i>")

    async def test_extra(self) -> None:
        """What extra_info_cb makes of the variables, also later, comes with the report."""
        formatter = MessageFormatter("x", extra_info_cb=lambda context: succeed({"a": {"b": context["buildername"]}}))
        self.assertEqual((await self.said(formatter))["extra_info"], {"a": {"b": "linux"}})

    async def test_renderable(self) -> None:
        """Renderables know properties, sources, changes, the worker and secrets."""
        text = "%(prop:buildername)s %(src::revision)s %(worker:host)s %(secret:token)s"
        report = await self.said(MessageFormatterRenderable(Interpolate(text), Property("buildnumber")))
        self.assertEqual((report["body"], report["subject"]), ("linux abc birch.example.org s3cret", "1"))
        self.assertEqual(report["type"], "plain")

    async def test_functions(self) -> None:
        """Functions may take their time."""

        async def function(context: dict[str, Any]) -> Any:
            return sorted(context)

        report = await self.said(MessageFormatterFunction(function, "json"))
        self.assertEqual((report["body"], report["type"], report["subject"]), (["build"], "json", None))

    async def test_raw(self) -> None:
        """A raw function gets the reporter and the variables, and says all."""

        async def function(reporter: Any, context: dict[str, Any]) -> Any:
            builder = await reporter.status.getBuilder(context["build"]["builderid"])
            return {"body": builder.name, "subject": context["summary"], "type": "z"}

        report = await self.said(MessageFormatterFunctionRaw(function))
        self.assertEqual((report["body"], report["type"]), ("linux", "z"))

    async def test_empty(self) -> None:
        """Nothing is said."""
        self.assertIsNone((await self.said(MessageFormatterEmpty()))["body"])

    async def test_buildset(self) -> None:
        """A template about a whole buildset."""
        await self.begin()
        names = ("results", "mode", "is_buildset", "projects", "status_detected", "blamelist", "sourcestamps", "build")
        template = "|".join(f"{{{{ {name} }}}}" for name in names) + "{{ builds | length }}{{ buildset['bsid'] }}"
        keeping = Keeping(BuildSetCombinedStatusGenerator(MessageFormatter(template, subject="x")))
        await self.host(keeping)
        await self.change("Ada")
        await self.build()
        await self.handled(keeping)
        [report] = keeping.said
        stamps = "Build Source Stamp: [branch main] abc\n"
        self.assertEqual(report["body"], f"0|()|True|Buildbot|passing build|['Ada']|{stamps}|11")

    async def test_worker(self) -> None:
        """The built-in texts about a worker that is missing."""
        await self.begin()
        html = MessageFormatterMissingWorker(template_type="html")
        keeping = Keeping(WorkerMissingGenerator(), WorkerMissingGenerator(message_formatter=html))
        await self.host(keeping)
        await self.recorder.workerMissing(self.workerid, "<yesterday>", ["ops@example.org"])
        await self.handled(keeping)
        plain, escaped = keeping.said
        self.assertIn("connected at <yesterday>", plain["body"])
        self.assertIn("admin Ops, host birch.example.org", plain["body"])
        self.assertIn("connected at &lt;yesterday&gt;", escaped["body"])
        self.assertEqual(plain["subject"], "Buildbot (Buildbot): worker birch is missing")

    def test_errors(self) -> None:
        """What cannot be is said when the configuration is read."""
        text: Any = "text"
        makes: list[tuple[Callable[[], Any], str]] = [
            (lambda: MessageFormatter("line\n{% if %}"), "template, line 2: "),
            (lambda: MessageFormatter(subject="{{"), "subject, line 1: "),
            (
                lambda: MessageFormatter(template_type="xml"),
                "'plain' or 'html' is expected, unless",
            ),
            (lambda: MessageFormatterFunction(text, "plain"), "a function is expected"),
            (lambda: MessageFormatterFunctionRaw(text), "a function is expected"),
            (lambda: MessageFormatter(want_logs_content=text), "a list of names of logs"),
        ]
        for make, words in makes:
            self.assertIn(words, str(self.assertRaises(ConfigError, make)))

    async def test_failing(self) -> None:
        """A template or function that fails parks the delivery at once, and says which."""
        await self.begin()

        def fail(context: dict[str, Any]) -> Any:
            raise KeyError("no")

        found: dict[str, Keeping] = {}
        for formatter in (
            MessageFormatter("{{ build['a']['b'] }}"),
            MessageFormatterFunction(fail, "plain"),
            MessageFormatterFunctionRaw(lambda reporter, context: "text"),
            MessageFormatter("x", extra_info_cb=lambda context: {"a": 1}),
        ):
            keeping = Keeping(BuildStatusGenerator(message_formatter=formatter))
            keeping.name = str(len(found))
            found[keeping.name] = keeping
        await self.host(*found.values())
        await self.build()
        await self.handled(*found.values())
        errors = [kept.error or "" for _, kept in sorted(self.memory.rows.items())]
        self.assertEqual([(kept.state, kept.attempts) for kept in self.memory.rows.values()], [("parked", 1)] * 4)
        for error, words in zip(
            errors,
            (
                "BuildStatusGenerator fails: UndefinedError: 'dict object' has no attribute 'a'",
                "BuildStatusGenerator fails: KeyError: 'no'",
                "ValueError: a dict with body, type, subject and extra_info is expected, not 'text'",
                "ValueError: extra_info is {'a': 1}; a dict whose values are dicts is expected",
            ),
            strict=True,
        ):
            self.assertIn(words, error)
        self.flushLoggedErrors()
