"""Whatever happens to the receiver or to the reporter, everything is said, of each commit in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from buildbot.status.events.log import EventLog
from buildbot.status.listeners.delivery import PARKED
from buildbot.status.listeners.memory import FileMemory
from buildbot.status.listeners.reporters import GitHubStatusPush
from buildbot.test.contract.crashing import KilledProcess
from buildbot.test.postgres import freePort
from buildbot.test.status.listeners.receiving import Receiver, answer, never
from buildbot.test.status.listeners.reporters import crash_reporter
from buildbot.test.status.listeners.reporters.reporting import ReportingCase, reactor, stamp

WHOLE = ["pending: Build pending.", "pending: Build started.", "success: Build done."]


def told(receiver: Receiver) -> dict[str, list[str]]:
    """What came for each commit; what came again at once is there once."""
    found: dict[str, list[str]] = defaultdict(list)
    for asked in receiver.asked:
        found[asked.path.rpartition("/")[2]].append(f"{asked.json['state']}: {asked.json['description']}")
    return {revision: [said for said, _ in groupby(each)] for revision, each in found.items()}


class DeliveryTests(ReportingCase):
    async def push(self, port: int = 0, **more: Any) -> GitHubStatusPush:
        await self.begin()
        self.receiver = Receiver()
        if not port:
            self.receiver, port = self.receive()
        push = GitHubStatusPush("token", baseURL=f"http://127.0.0.1:{port}")
        await self.host(push, **more)
        return push

    async def builds(self, *revisions: str) -> None:
        for revision in revisions:
            await self.build(stamps=[stamp(revision)])

    def failed(self) -> bool:
        """Something has been tried in vain."""
        return any(kept.attempts for kept in self.memory.rows.values())

    async def test_away(self) -> None:
        """A receiver that was away is told everything once it is back."""
        port = freePort()
        push = await self.push(port)
        await self.builds("a", "b", "c")
        await self.condition(self.failed)
        receiver, _ = self.receive(port)
        await self.handled(push)
        self.assertEqual(told(receiver), {"a": WHOLE, "b": WHOLE, "c": WHOLE})
        self.assertEqual(self.memory.rows, {})
        self.flushLoggedErrors()

    async def test_broken(self) -> None:
        """One that breaks now and then is told everything, in order: what succeeds waits for what does not."""
        push = await self.push()
        self.receiver.answers += [answer(500), answer(204), answer(502), answer(503), answer(500)]
        await self.builds("a", "b")
        await self.handled(push)
        self.assertEqual(told(self.receiver), {"a": WHOLE, "b": WHOLE})
        self.assertEqual(len(self.receiver.asked), 6 + 4)
        self.flushLoggedErrors()

    async def test_busy(self) -> None:
        """One that says when to come again is left alone until then."""
        times: list[float] = []

        def noting(then: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def send(request: Any) -> Any:
                times.append(reactor.seconds())
                return then(request)

            return send

        push = await self.push()
        self.receiver.answers += [noting(answer(429, Retry_After="1")), noting(answer(204))]
        await self.builds("a")
        await self.handled(push)
        self.assertEqual(told(self.receiver), {"a": WHOLE})
        self.assertGreaterEqual(times[1] - times[0], 0.99)
        self.flushLoggedErrors()

    async def test_refused(self) -> None:
        """What the receiver does not want is parked at once, with what it said, and holds up nothing."""
        push = await self.push()
        self.receiver.answers += [answer(404, b'{"message": "Not Found"}')]
        await self.builds("a", "b")
        await self.handled(push)
        self.assertEqual(told(self.receiver), {"a": WHOLE, "b": WHOLE})
        self.assertEqual(len(self.receiver.asked), 6)
        [kept] = self.memory.rows.values()
        self.assertEqual((kept.state, kept.attempts, kept.key), (PARKED, 1, "commits/owner/name@a"))
        self.assertRegex(kept.error or "", r"answered 404 Not Found: .*Not Found")
        self.flushLoggedErrors()

    async def test_stuck(self) -> None:
        """While one commit cannot be marked, others are."""
        push = await self.push()
        stuck = [True]

        def some(request: Any) -> Any:
            self.receiver.answers.append(some)
            return answer(500 if request.uri.endswith(b"/a") and stuck[0] else 204)(request)

        self.receiver.answers.append(some)
        await self.builds("a", "b", "c")
        await self.condition(lambda: [told(self.receiver).get(name) for name in "bc"] == [WHOLE, WHOLE])
        self.assertEqual(told(self.receiver)["a"], WHOLE[:1])
        stuck[0] = False
        await self.handled(push)
        self.assertEqual(told(self.receiver)["a"], WHOLE)
        self.flushLoggedErrors()

    async def test_slow(self) -> None:
        """An attempt that gets no answer ends some time, and is made again."""
        push = await self.push()
        push.timeout = 0.2
        self.receiver.answers += [never]
        await self.builds("a")
        await self.handled(push)
        self.assertEqual(told(self.receiver), {"a": WHOLE})
        self.flushLoggedErrors()

    async def test_overHttp(self) -> None:
        """So it is for a reporter that is told over HTTP."""
        await self.begin()
        self.receiver, port = self.receive()
        push = GitHubStatusPush("token", baseURL=f"http://127.0.0.1:{port}")
        await self.host(push, connection=self.served())
        self.receiver.answers += [answer(500), answer(204), answer(502)]
        await self.builds("a", "b")
        await self.condition(lambda: told(self.receiver) == {"a": WHOLE, "b": WHOLE})
        self.flushLoggedErrors()

    async def test_restart(self) -> None:
        """A reporter that starts again says what it had not, and what happened meanwhile."""
        port = freePort()
        await self.begin()
        push = GitHubStatusPush("token", baseURL=f"http://127.0.0.1:{port}")
        host = await self.host(push)
        await self.builds("a")
        await self.condition(self.failed)
        await host.stopService()
        await self.builds("b")
        receiver, _ = self.receive(port)
        again = GitHubStatusPush("token", baseURL=f"http://127.0.0.1:{port}")
        await self.host(again)
        await self.handled(again)
        self.assertEqual(told(receiver), {"a": WHOLE, "b": WHOLE})
        self.flushLoggedErrors()


class KilledTests(ReportingCase):
    """The process of a reporter is killed, again and again."""

    timeout = 120

    async def test_killed(self) -> None:
        """Everything is said all the same, of each commit in order."""
        await self.begin()
        receiver, port = self.receive()
        state: str = self.mktemp()
        memory = FileMemory(state, reactor=reactor)
        await memory.open()
        await memory.store("GitHubStatusPush", str(await EventLog(self.database).head()), [], [])
        await memory.close()
        revisions: Sequence[str] = [f"r{number}" for number in range(30)]
        for round in range(4):
            process = self.process(state, f"http://127.0.0.1:{port}")
            for revision in revisions[10 * round : 10 * round + 10]:
                receiver.answers.append(answer(500) if revision.endswith("3") else answer(204))
                await self.build(stamps=[stamp(revision)])
            if round < 3:
                await self.more(receiver, 7)
                process.kill()
                await process.ended
        await self.condition(lambda: told(receiver) == dict.fromkeys(revisions, WHOLE))
        process.kill()
        await process.ended

    def process(self, *arguments: str) -> KilledProcess:
        process = KilledProcess("-m", crash_reporter.__name__, self.url, *arguments, output=1)
        self.addCleanup(process.kill)
        return process

    async def more(self, receiver: Receiver, count: int) -> None:
        """So many have come from now on."""
        wanted = len(receiver.asked) + count
        await self.condition(lambda: len(receiver.asked) >= wanted)
