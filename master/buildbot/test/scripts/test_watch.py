"""``buildbot watch``, as a process of its own beside a server."""

from __future__ import annotations

import json
import os
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.utils import getProcessOutputAndValue

from buildbot.test.scripts.test_attach import PROGRAM
from buildbot.test.status.events.logged import EPOCH, Row, reactor
from buildbot.test.www.eventclients import EventsCase


class Interrupted(ProcessProtocol):
    def __init__(self, ended: Deferred[Any]) -> None:
        self.said, self._ended = b"", ended

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        self.said += data

    def processEnded(self, reason: Any) -> None:
        self._ended.callback(reason.value.exitCode)


class WatchTests(EventsCase):
    timeout = 60

    async def watch(self, *arguments: str) -> tuple[list[Any], str, int]:
        """What it prints, line by line, its complaints, and its status."""
        command = [*PROGRAM[1:], "watch", "--from", f"http://127.0.0.1:{self.number}", *arguments]
        out, err, status = await getProcessOutputAndValue(PROGRAM[0], command, os.environ, reactor=reactor)
        return [json.loads(line) for line in out.splitlines()], err.decode(), status

    async def test_topic(self) -> None:
        """Of a topic, everything after a cursor; with a filter, what has left."""
        build = await self.first()
        await self.build(build.buildid, "update", results=2)
        start = str(self.writer.cursor)
        await self.build(build.buildid, "finished", results=0)
        await self.build(build.buildid, "update", state_string="x")
        lines, err, status = await self.watch("builds/*/*", "--since", start, "--count", "2")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(
            [(line["topic"], line["left"], line["changed"]) for line in lines],
            [
                (f"builds/{build.buildid}/finished", False, {"results": 2}),
                (f"builds/{build.buildid}/update", False, {"state_string": build.state_string}),
            ],
        )
        self.assertEqual(lines[1]["record"], (await self.service.get(f"builds/{build.buildid}")).one.asDict())
        lines, _, _ = await self.watch("builds/*/*", "results=2", "--since", start, "--count", "1")
        self.assertTrue(lines[0]["left"])

    async def test_several(self) -> None:
        """Several topics come in one order."""
        build = await self.first()
        [step] = await self.service.getSteps(limit=1)
        start = str(self.writer.cursor)
        await self.build(build.buildid, "finished", results=0)
        self.write(Row("steps", step.stepid, "finished", step.asDict(), {}))
        await self.build(build.buildid, "update", state_string="x")
        topics = ["steps/*/finished", "builds/*/*"]
        lines, err, status = await self.watch(*topics, "field=buildid", "--since", start, "--count", "3")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual([line["topic"].partition("/")[0] for line in lines], ["builds", "steps", "builds"])

    async def test_path(self) -> None:
        """Of a path, what is there, and then what happens to it."""
        build = await self.first()
        path = f"builders/{build.builderid}/builds/{build.number}"
        running = Deferred.fromCoroutine(self.watch(path, "--count", "2"))
        await self.condition(lambda: self.service.feed and self.service.feed.subscriptions)
        await self.build(build.buildid, "update", state_string="x")
        lines, err, status = await running
        self.assertEqual((status, err), (0, ""))
        self.assertEqual([line["event"] for line in lines], [None, "update"])
        self.assertEqual([line["record"]["state_string"] for line in lines], [build.state_string, "x"])

    async def test_since(self) -> None:
        """``since=`` is ``--since``, and no other parameter is taken for anything but what it is; two are too many."""
        build = await self.first()
        start = str(self.writer.cursor)
        await self.build(build.buildid, "finished", results=0)
        for path in ("builds/*/finished", f"builds/*/finished?since={start}"):
            given = [] if "?" in path else [f"since={start}"]
            lines, err, status = await self.watch(path, *given, "--count", "1")
            self.assertEqual(
                ([line["topic"] for line in lines], err, status), ([f"builds/{build.buildid}/finished"], "", 0)
            )
        _, err, status = await self.watch("builds/*/finished", "--since", start, f"since={start}")
        self.assertIn("since: one cursor is expected", err)
        self.assertEqual(status, 2)

    async def test_interrupted(self) -> None:
        """Ctrl-C ends it without a word, with the status that a shell gives."""
        ended: Deferred[Any] = Deferred()
        process = Interrupted(ended)
        command = [*PROGRAM, "watch", "--from", f"http://127.0.0.1:{self.number}", "builds/*/*"]
        transport = reactor.spawnProcess(process, command[0], command, os.environ)
        await self.condition(lambda: self.service.feed and any(self.service.feed._parked.values()))
        transport.signalProcess("INT")
        self.assertEqual((await ended, process.said), (130, b""))

    async def test_address(self) -> None:
        """Where an address is given for a path, it is said where it goes."""
        _, err, status = await self.watch(f"http://127.0.0.1:{self.number}/api/v2/builds")
        self.assertEqual(status, 2)
        self.assertIn(f"goes into --from: builds --from http://127.0.0.1:{self.number}\n", err)

    async def test_wrong(self) -> None:
        """What is wrong is one sentence: a topic that there is not, a cursor that is gone, a parameter that there is
        not, whatever its name is in Python."""
        for arguments, words in (
            (["builds/*/finished", "since=garbage"], "since=garbage: this is no cursor"),
            (["builds/*/finished", "self=x"], "self"),
            (["builds/*/finished", "topic=x"], "topic"),
            (["builds/*/nosuch"], "there are: new, update, finished"),
            (["builds/*/*", "--since", f"{'a' * 16}.5"], "List again"),
            (["builders", "--since", f"{'a' * 16}.5"], "List again"),
        ):
            lines, err, status = await self.watch(*arguments)
            self.assertEqual((lines, status), ([], 1))
            self.assertIn(words, err)
            self.assertEqual(err.count("\n"), 1)
        self.assertNotIn(EPOCH, err)
