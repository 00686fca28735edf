"""Listeners are replaced while things happen: nothing is missed, and nothing comes again that was handled."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from buildbot.config.secrets import Secrets
from buildbot.errors import ConfigError
from buildbot.status.listeners import StatusListener, desk
from buildbot.test.status.listeners.hosted import HostCase, Recording, row


class Tokens:
    def get(self, name: str) -> str:
        return "confidential"


class ReplaceTests(HostCase):
    async def test_successor(self) -> None:
        """One of the same name goes on where the one before it was, after what that was handling."""
        gate: Deferred[None] = Deferred()
        before = Recording(lambda word, record: gate if word == "finished" else None)
        host = await self.host(before)
        build, other = await self.builds(2)
        self.write(row(build, "new"), row(build, "finished"), row(build, "new"))
        await self.until(lambda: len(before.told) == 2)
        after = Recording()
        replaced = host.replace([after])
        self.write(row(other, "new"))
        self.assertEqual(after.told, [])
        gate.callback(None)
        await replaced
        self.write(row(other, "finished"))
        one, two = build["buildid"], other["buildid"]
        await self.until(lambda: self.at() == str(self.writer.cursor))
        self.assertEqual(before.told, [("started", one), ("finished", one)])
        self.assertEqual(sorted(after.told), sorted([("started", one), ("started", two), ("finished", two)]))
        self.assertIs(after.status, self.connection)

    async def test_grace(self) -> None:
        """What does not end within the grace is cancelled, and comes again; what is new does not wait for that."""
        before = Recording(lambda word, record: Deferred())
        host = await self.host(before)
        build, other = await self.builds(2)
        self.write(row(build, "new"))
        await self.until(lambda: len(before.told) == 1)
        after, further = Recording(), Recording()
        further.name = "further"
        replaced: list[object] = []
        host.replace([after, further]).addCallback(replaced.append)
        await self.until(lambda: "further" in self.memory.cursors)
        self.write(row(other, "new"))
        await self.until(lambda: len(further.told) == 1)
        self.assertEqual((replaced, after.told), ([], []))
        self.clock.advance(desk.GRACE)
        await self.until(lambda: len(after.told) == 2)
        self.assertEqual(sorted(after.told), sorted([("started", build["buildid"]), ("started", other["buildid"])]))

    async def test_retries(self) -> None:
        """What had failed is tried again by the successor, and counted on."""

        def refuse(word: str, record: Any) -> None:
            raise ValueError("no")

        host = await self.host(Recording(refuse))
        [build] = await self.builds(1)
        self.write(row(build, "new"))
        await self.until(lambda: len(self.memory.rows) == 1)
        self.flushLoggedErrors(ValueError)
        after = Recording()
        await host.replace([after])
        await self.until(lambda: self.memory.rows == {})
        self.assertEqual(after.told, [("started", build["buildid"])])

    async def test_gone(self) -> None:
        """One that is not there any more is told nothing; when it comes back, it goes on where it was."""
        before = Recording()
        host = await self.host(before)
        await host.replace([])
        [build] = await self.builds(1)
        self.write(row(build, "new"))
        after = Recording()
        await host.replace([after])
        await self.until(lambda: len(after.told) == 1)
        self.assertEqual(before.told, [])

    async def test_wrong(self) -> None:
        """Listeners that make no sense replace nothing."""
        before = Recording()
        host = await self.host(before)
        await self.assertFailure(host.replace([Recording(), Recording()]), ConfigError)
        await self.assertFailure(host.replace([StatusListener()]), ConfigError)
        [build] = await self.builds(1)
        self.write(row(build, "new"))
        await self.until(lambda: len(before.told) == 1)

    async def test_secrets(self) -> None:
        """The host gives secrets before anything is told; without them a listener is told that there are none."""
        error = await self.assertFailure(Recording().secrets.get("token"), ConfigError)
        self.assertIn("'token': no secrets providers are configured", str(error))
        host = await self.host(Recording())
        after, secrets = Recording(), object()
        await host.replace([after], secrets)
        self.assertIs(after.secrets, secrets)

    async def test_masked(self) -> None:
        """A secret that a handler has asked for is not kept with its error."""

        async def refuse(word: str, record: Any) -> None:
            raise ValueError(f"https://{await listener.secrets.get('token')}@example.org answered 500")

        listener = Recording(refuse)
        host = await self.host()
        await host.replace([listener], Secrets([Tokens()]))
        await self.until(lambda: "recording" in self.memory.cursors)
        [build] = await self.builds(1)
        self.write(row(build, "new"))
        await self.until(lambda: len(self.memory.rows) == 1)
        [kept] = self.memory.rows.values()
        self.assertEqual(kept.error, "ValueError: https://<token>@example.org answered 500")
        self.flushLoggedErrors(ValueError)

    async def test_stopped(self) -> None:
        """A host that has stopped starts nothing."""
        host = await self.host(Recording())
        stopped = host.stopService()
        after = Recording()
        await host.replace([after])
        await stopped
        [build] = await self.builds(1)
        self.write(row(build, "new"))
        self.clock.advance(60)
        self.assertIsNone(after.status)
