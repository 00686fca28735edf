"""``buildbot statuslog``, as a process of its own beside a server."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.internet.utils import getProcessOutputAndValue
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from buildbot.db import schema
from buildbot.scripts.statuslines import Line, Lines, columns, took
from buildbot.test.contract.attached import attach
from buildbot.test.db.databases import OnSQLite, temporaryFolder
from buildbot.test.scripts.test_attach import PROGRAM
from buildbot.test.status.events.logged import EPOCH, Row, reactor
from buildbot.test.status.recording import metadata
from buildbot.test.www.eventclients import EventsCase

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
NOON = 1764086400
"""In UTC."""


def said(text: str) -> list[str]:
    """What lines say, without their times and the names of days."""
    return [line[10:] for line in text.splitlines() if not line.startswith("-- ")]


class StatusLogCase(EventsCase):
    timeout = 60

    @property
    def command(self) -> list[str]:
        return [*PROGRAM, "statuslog", "--from", f"http://127.0.0.1:{self.number}"]

    async def log(self, *arguments: str) -> tuple[str, str, int]:
        """What it prints, its complaints, and its status."""
        program, *rest = self.command
        environment = {**os.environ, "TZ": "UTC"}
        out, err, status = await getProcessOutputAndValue(program, [*rest, *arguments], environment, reactor=reactor)
        return out.decode(), err.decode(), status

    async def happens(self) -> tuple[Any, Any]:
        """Something of everything; two builds of different builders."""
        builds: list[Any] = list(await self.service.getBuilds(expand="builder"))
        first = builds[0]
        second = next(build for build in builds if build.builderid != first.builderid)
        step = (await self.service.getSteps(buildid=first.buildid, limit=1))[0].asDict()
        change = (await self.service.getChanges(limit=1))[0].asDict()
        worker = (await self.service.getWorkers(limit=1))[0].asDict()
        ended = {"started_at": NOON, "complete_at": NOON + 65, "complete": True}
        self.write(
            Row("changes", change["changeid"], "new", {**change, "comments": "Fix it\n\nReally", "branch": "main"}),
            Row("builds", first.buildid, "new", first.asDict()),
            Row("builds", second.buildid, "new", second.asDict()),
            Row("steps", step["stepid"], "finished", {**step, **ended, "results": 2, "name": "test", "hidden": False}),
            Row(
                "builds",
                first.buildid,
                "finished",
                {**first.asDict(), **ended, "results": 2, "state_string": "x\x1b[5m"},
            ),
            Row("builds", second.buildid, "finished", {**second.asDict(), **ended, "results": 0}),
            Row("workers", worker["workerid"], "state_updated", {**worker, "paused": True}, {"paused": False}),
            Row("workers", worker["workerid"], "state_updated", worker, {}),
            Row("workers", worker["workerid"], "missing", worker),
        )
        return first, second


class StatusLogTests(StatusLogCase):
    async def test_lines(self) -> None:
        """A line for each thing, with names, and without colours where no terminal is."""
        start = str(self.writer.cursor)
        first, second = await self.happens()
        out, err, status = await self.log("--since", start, "--count", "8")
        self.assertEqual((err, status), ("", 0))
        change = (await self.service.getChanges(limit=1))[0]
        worker = (await self.service.getWorkers(limit=1))[0]
        names = [(await build.getBuilder()).name + f" #{build.number}" for build in (first, second)]
        workers = {each.workerid: each.name for each in await self.service.getWorkers()}
        whats = [f"change {change.changeid}", *names, names[0], names[0], names[1], *2 * [f"worker {worker.name}"]]
        texts = [
            f"Fix it ({change.author}, main)",
            f"started on {workers[first.workerid]}",
            f"started on {workers[second.workerid]}",
            "test: failure (1 min 5 s)",
            "FAILURE (1 min 5 s): x [5m",
            "SUCCESS (1 min 5 s)",
            "paused",
            "missing",
        ]
        found = [line.split("  ", 1) for line in said(out)]
        self.assertEqual([(what, text.strip()) for what, text in found], list(zip(whats, texts, strict=True)))
        self.assertNotIn("\x1b", out)
        self.assertRegex(out, r"^-- \w+day, \d\d \w+ \d{4}\n\d\d:\d\d:\d\d  change ")

    async def test_builder(self) -> None:
        """Of one builder, or of those with a tag, there are only builds and their steps."""
        start = str(self.writer.cursor)
        first, second = await self.happens()
        builder = await first.getBuilder()
        out, _, _ = await self.log("--since", start, "--builder", builder.name, "--count", "3")
        self.assertEqual({line.partition("  ")[0] for line in said(out)}, {f"{builder.name} #{first.number}"})
        tagged = next(each for each in await self.service.getBuilders() if each.tags)
        build = {**second.asDict(), "builderid": tagged.builderid, "number": 77}
        self.write(Row("builds", second.buildid, "new", build))
        out, err, _ = await self.log("--since", start, "--tag", tagged.tags[0], "--tag", "nosuch", "--count", "1")
        self.assertTrue(said(out)[0].startswith(f"{tagged.name} #77  "), out)
        # It may be meant for one that comes later, or be a mistake.
        self.assertEqual(err, "No builder has the tag 'nosuch' now; builds of those that get it will be shown.\n")

    async def test_wrong(self) -> None:
        """What cannot be is one sentence."""
        builder = next(each for each in await self.service.getBuilders() if len(each.name) > 4 and each.name.isalpha())
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / "other").write_text("something else")
        for arguments, words in (
            (["--builder", builder.name + "y"], f"Did you mean {builder.name!r}?"),
            (["--state", str(folder / "other")], "this is no file that --state has made"),
            (["--state", str(folder / "no" / "where")], "nothing can be written into"),
            (["--state", str(folder / "other"), "--since", "x"], "one of both"),
            (["--since", "x"], "cursor"),
        ):
            out, err, status = await self.log(*arguments)
            self.assertIn(words, err)
            self.assertEqual((out, status > 0), ("", True))

    async def test_state(self) -> None:
        """It goes on where it was."""
        state = self.mktemp()
        start = str(self.writer.cursor)
        Path(state).write_text(start)
        await self.happens()
        first, _, _ = await self.log("--state", state, "--count", "3")
        rest, _, _ = await self.log("--state", state, "--count", "5")
        whole, _, _ = await self.log("--since", start, "--count", "8")
        self.assertEqual([*said(first), *said(rest)], said(whole))

    async def test_unwritable(self) -> None:
        """A place that cannot be kept is an error, and no traceback."""
        folder = Path(self.mktemp())
        folder.mkdir()
        state = folder / "place"
        state.write_text(str(self.writer.cursor))
        (folder / "place.new").mkdir()
        await self.happens()
        out, err, status = await self.log("--state", str(state))
        self.assertEqual((len(said(out)), status), (1, 1))
        self.assertIn(f"Error: --state {state}: cannot be written: Is a directory\n", err)

    async def test_missed(self) -> None:
        """What is not kept any more is said to be missed, and the rest comes."""
        await self.happens()
        self.writer.trim(self.writer.seq - 1)
        out, _, _ = await self.log("--since", f"{EPOCH}.1", "--count", "1")
        self.assertRegex(out, r"^-- \d\d:\d\d:\d\d  missed: the first of what happened since the last time is not kept")
        self.assertIn("missing", out)

    async def test_terminal(self) -> None:
        """In a terminal lines are as wide as that, and coloured, unless NO_COLOR is set."""
        start = str(self.writer.cursor)
        await self.happens()
        long = (await self.service.getChanges(limit=1))[0].asDict()
        self.write(Row("changes", 1, "new", {**long, "comments": "wide 漢字 " * 30}))
        for setting, isColoured in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
            text = await self.terminal(["--since", start, "--count", "9"], setting)
            self.assertEqual("\x1b[31m" in text, isColoured, text)
            lines = [line for line in ESCAPE.sub("", text).splitlines() if not line.startswith("-- ")]
            self.assertEqual(len(lines), 9)
            self.assertTrue(all(columns(line) <= 80 for line in lines), lines)
            self.assertTrue(lines[-1].endswith("…") and columns(lines[-1]) >= 79, lines[-1])

    async def terminal(self, arguments: list[str], setting: dict[str, str]) -> str:
        """What it prints to a terminal of 80 columns."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", **setting}
        process = subprocess.Popen([*self.command, *arguments], stdout=theirs, env=environment)
        os.close(theirs)
        os.set_blocking(ours, False)
        text = b""
        while process.poll() is None:
            await deferLater(reactor, 0.02)
            text += drained(ours)
        return (text + drained(ours)).decode()


def drained(file: int) -> bytes:
    """What can be read now."""
    try:
        return os.read(file, 65536)
    except OSError:
        return b""


class Lining(ProcessProtocol):
    """Keeps what a process prints."""

    def __init__(self) -> None:
        self.text = ""
        self.ended: Deferred[None] = Deferred()

    def outReceived(self, data: bytes) -> None:
        self.text += data.decode()

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(None)


class InterruptedTest(OnSQLite):
    timeout = 60

    async def test_killed(self) -> None:
        """When the server dies it says so, and when it is back; nothing is missed between."""
        url = self.newUrl(metadata)
        version = f"INSERT INTO alembic_version VALUES ('{schema.REVISION}')"
        worker = "INSERT INTO workers (id, name, info, paused, graceful) VALUES ({0}, 'w{0}', '{{}}', 0, 0)"
        self.fill(url, ["CREATE TABLE alembic_version (version_num TEXT)", version])
        folder = Path(temporaryFolder(self))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        arguments = "--port", port, "--state", str(folder / "events.sqlite")
        server = attach(self, url, *arguments)
        log = Lining()
        command = [*PROGRAM, "statuslog", "--from", server.http, "--state", str(folder / "place")]
        process = reactor.spawnProcess(log, command[0], command, os.environ)

        def end() -> Deferred[None]:
            process.signalProcess("KILL")
            return log.ended

        self.addCleanup(end)
        await self.condition(lambda: (folder / "place").exists())
        server.process.kill()
        server.process.wait()
        await self.condition(lambda: "disconnected: " in log.text)
        change = (
            "INSERT INTO changes (changeid, author, comments, branch, when_timestamp, repository, project, codebase, "
            "sourcestampid) VALUES (1, 'Ada', 'Meanwhile', 'main', 1, '', '', '', 1)"
        )
        stamp = (
            "INSERT INTO sourcestamps (id, ss_hash, repository, project, codebase, created_at) "
            "VALUES (1, 'x', '', '', '', 1)"
        )
        self.fill(url, [worker.format(1), stamp, change])
        attach(self, url, *arguments)
        await self.condition(lambda: "Meanwhile" in log.text)
        told = [line[13:] if line.startswith("-- ") else line[10:] for line in log.text.splitlines()]
        words = [line.partition(":")[0].strip() for line in told if not line.endswith(("2026", "2027"))]
        self.assertEqual(words[:2], ["disconnected", "connected again"])

    async def condition(self, holds: Any) -> None:
        while not holds():
            await deferLater(reactor, 0.02)


class LineTests(SynchronousTestCase):
    def test_took(self) -> None:
        """Times are short."""
        self.assertEqual(
            [took(each) for each in (0, 59, 61, 3599, 3600, 90061)],
            ["0 s", "59 s", "1 min 1 s", "59 min 59 s", "1 h 0 min", "25 h 1 min"],
        )

    def test_plain(self) -> None:
        """Nothing that somebody else wrote moves a terminal's cursor, or turns text around."""
        lines = Lines(None, colours=True)
        text = lines.written(Line(NOON, "b\x07 #1", "a\x1b]0;x\x07\nb\u202ec\r\x9b2J"))
        self.assertNotRegex(ESCAPE.sub("", text).replace("\n", "", 1), r"[\x00-\x1f\x7f-\x9f\u202e]")

    def test_columns(self) -> None:
        """What it happened to has a column, which grows with long names, within limits."""
        lines = Lines(None, colours=False)
        texts = [lines.written(Line(NOON, what, "x")).splitlines()[-1] for what in ("a", "a" * 20, "a", "a" * 50, "a")]
        self.assertEqual([text.index("  x") for text in texts], [24, 30, 30, 60, 38])
