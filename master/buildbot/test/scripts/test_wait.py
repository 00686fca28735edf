"""``buildbot wait``, as a process of its own beside a server."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.utils import getProcessOutputAndValue

from buildbot.test.scripts.test_attach import PROGRAM
from buildbot.test.status.events.logged import Row, reactor
from buildbot.test.www.eventclients import EventsCase
from buildbot.www.site import StatusSite


class WaitTests(EventsCase):
    timeout = 60

    async def wait(self, *arguments: str) -> tuple[str, str, int]:
        """What it prints, its complaints, and its status."""
        command = [*PROGRAM[1:], "wait", "--from", f"http://127.0.0.1:{self.number}", *arguments]
        out, err, status = await getProcessOutputAndValue(PROGRAM[0], command, os.environ, reactor=reactor)
        return out.decode(), err.decode(), status

    def waiting(self, *arguments: str) -> Deferred[tuple[str, str, int]]:
        return Deferred.fromCoroutine(self.wait(*arguments))

    async def running(self) -> Any:
        """A build that is not complete."""
        build = await self.first()
        self.writer.connection.execute(
            f"UPDATE builds SET complete_at = NULL, results = NULL WHERE id = {build.buildid}"
        )
        return await build.refreshed()

    async def subscribed(self) -> None:
        await self.condition(lambda: self.service.feed and any(self.service.feed._parked.values()))

    async def finish(self, build: Any, results: int) -> None:
        """It is complete now."""
        sql = f"UPDATE builds SET complete_at = 5, results = {results}, state_string = 'x y' WHERE id = {build.buildid}"
        record = {**build.asDict(), "complete": True, "complete_at": 5, "results": results, "state_string": "x y"}
        self.write(Row("builds", build.buildid, "finished", record, {"complete": False}), sql=[sql])

    async def test_waits(self) -> None:
        """It ends when the build does, by whatever address, with a line and a status that say how it went."""
        for results, word, options, status in (
            (0, "success", ["--exit-code"], 0),
            (1, "warnings", ["--exit-code"], 11),
            (2, "failure", ["--exit-code", "--timeout", "50"], 12),
            (6, "cancelled", ["--exit-code"], 16),
            (2, "failure", [], 0),
        ):
            build = await self.running()
            path = f"builders/{build.builderid}/builds/{build.number}"
            waiting = self.waiting(path, *options)
            await self.subscribed()
            await self.finish(build, results)
            self.assertEqual(await waiting, (f"{path}: {word}, x y\n", "", status))
            self.assertEqual(
                await self.wait(f"builds/{build.buildid}", *options),
                (f"builds/{build.buildid}: {word}, x y\n", "", status),
            )

    async def test_restart(self) -> None:
        """A server that ends, and is started again, takes nothing from it."""
        build = await self.running()
        waiting = self.waiting(f"builds/{build.buildid}", "--exit-code")
        await self.subscribed()
        await self.port.stopListening()
        await self.site.drain(5)
        await self.finish(build, 4)
        self.site = StatusSite(self.service, self.settings, reactor=reactor)
        self.port = reactor.listenTCP(self.number, self.site, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)
        self.assertEqual(await waiting, (f"builds/{build.buildid}: exception, x y\n", "", 14))

    async def test_timeout(self) -> None:
        """It waits no longer than it is told to."""
        build = await self.running()
        path = f"builds/{build.buildid}"
        out, err, status = await self.wait(path, "--timeout", "0.3")
        self.assertEqual((out, err, status), ("", f"{path}: not complete after 0.3 s\n", 124))

    async def test_silent(self) -> None:
        """Of whom nobody has heard a word, it is not said that anything is not complete."""
        port = reactor.listenTCP(0, Factory.forProtocol(Protocol), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        silent = f"127.0.0.1:{port.getHost().port}"
        for url in (f"http://{silent}", f"pb://{silent}", f"pb://127.0.0.1:{self.number}"):
            out, err, status = await self.wait("builds/1", "--from", url, "--timeout", "0.5")
            self.assertEqual((out, status), ("", 1))
            self.assertEqual(err, f"Error: {url} has not answered within 0.5 s: it is not known how builds/1 stands\n")

    async def test_without(self) -> None:
        """What has no results is complete."""
        [log] = await self.service.getLogs(limit=1, complete=True)
        self.assertEqual(await self.wait(f"logs/{log.logid}", "--exit-code"), (f"logs/{log.logid}: complete\n", "", 0))

    async def test_wrong(self) -> None:
        """What cannot be waited for is one sentence."""
        for path, words in (
            ("builds", "nothing that is complete some day"),
            ("masters/1", "nothing that is complete some day"),
            ("logs/1/contents", "nothing that is complete some day"),
            ("builds/99999", "there is no such build"),
            ("bilds/1", "Did you mean 'builds'?"),
        ):
            out, err, status = await self.wait(path)
            self.assertEqual((path, out, status), (path, "", 1))
            self.assertIn(words, err)
            self.assertEqual(err.count("\n"), 1)
        _, err, status = await self.wait("builds/1?field=number")
        self.assertEqual((status, "without parameters" in err), (2, True))
