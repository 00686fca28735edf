"""Arguments that reporters had before there were generators."""

from __future__ import annotations

import warnings
from typing import Any

from buildbot.config.rendering import Interpolate
from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters import (
    BuildStatusGenerator,
    GitHubStatusPush,
    GitLabStatusPush,
    HttpStatusPush,
    MailNotifier,
    MessageFormatter,
)
from buildbot.test.status.listeners.reporters.mailing import MailingCase


class OlderTests(MailingCase):
    def made(self, cls: Any, *arguments: Any, **more: Any) -> Any:
        """A reporter, and a warning that says what it is that is older."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            reporter = cls(*arguments, **more)
        self.assertEqual([each.category for each in caught], [DeprecationWarning])
        self.assertIn(f"{cls.__name__}: ", str(caught[0].message))
        return reporter

    async def test_commits(self) -> None:
        """What is said at the beginning and at the end of certain builders' builds."""
        await self.begin()
        receiver, port = self.receive()
        push = self.made(
            GitHubStatusPush,
            "token",
            baseURL=f"http://127.0.0.1:{port}",
            startDescription=Interpolate("%(prop:buildername)s begins"),
            endDescription="It ends.",
            builders=["linux"],
        )
        await self.host(push)
        await self.build()
        await self.build(builder=self.other)
        await self.handled(push)
        self.assertEqual([asked.json["description"] for asked in receiver.asked], ["linux begins", "It ends."])

    async def test_http(self) -> None:
        """A function makes of builds what is sent, with a name and a password."""
        await self.begin()
        receiver, port = self.receive()

        def short(build: Any) -> Any:
            before = (build.get("prev_build") or {}).get("number")
            return build["complete"], before, [step["name"] for step in build.get("steps", ())]

        wants = {"wantSteps": True, "wantPreviousBuild": True}
        push = self.made(HttpStatusPush, f"http://127.0.0.1:{port}", format_fn=short, user="me", password="x", **wants)
        await self.host(push)
        for _ in range(2):
            await self.build()
            await self.handled(push)
        said = [asked.json for asked in receiver.asked]
        self.assertEqual(
            [(complete, before) for complete, before, _ in said],
            [(False, None), (True, None), (False, None), (True, 1)],
        )
        self.assertEqual(said[1][2], ["compile"])
        self.assertEqual(receiver.asked[0].headers["authorization"], "Basic bWU6eA==")

    async def test_mail(self) -> None:
        """Which builds mails are about, and what is said."""
        await self.begin()
        box, port = self.mailbox()
        notifier = self.made(
            MailNotifier,
            "ci@example.org",
            "127.0.0.1",
            smtpPort=port,
            extraRecipients=["all@example.org"],
            mode=["failing"],
            builders=["linux"],
            messageFormatter=MessageFormatter("{{ buildername }}"),
        )
        await self.host(notifier)
        await self.build(0)
        await self.build(2, self.other)
        await self.build(2)
        await self.handled(notifier)
        self.assertEqual([mail.text for mail in box.mails], ["linux\n"])
        sets = self.made(MailNotifier, "ci@example.org", buildSetSummary=True, addLogs=True, watchedWorkers=["birch"])
        self.assertEqual(list(sets.methods()), ["buildsetFinished", "workerMissing"])
        self.assertTrue(sets.generators[0].wants.content)

    def test_errors(self) -> None:
        """What is no argument is said, with what it may be; and what is said twice."""
        for make, words in (
            (lambda: GitLabStatusPush("token", endDescripton="x"), "did you mean 'endDescription'?"),
            (lambda: HttpStatusPush("http://x", gnerators=[]), "did you mean 'generators'?"),
            (lambda: MailNotifier("ci@x.org", qq=1), "there are fromaddr, relayhost"),
            (
                lambda: MailNotifier("ci@x.org", mode="all", generators=[BuildStatusGenerator()]),
                "mode: said by generators, which are there as well",
            ),
        ):
            self.assertIn(words, str(self.assertRaises(ConfigError, make)))
