"""Mails, to a real server."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import attrs
from cryptography import x509
from twisted.internet.ssl import Certificate, KeyPair, PrivateCertificate

from buildbot.config.rendering import Interpolate, Secret
from buildbot.db.writes.changes import Patch
from buildbot.db.writes.requests import NewBuildset
from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters import (
    BuildSetStatusGenerator,
    BuildStatusGenerator,
    MailNotifier,
    MessageFormatter,
    MessageFormatterEmpty,
    MessageFormatterRenderable,
    WorkerMissingGenerator,
)
from buildbot.test.postgres import freePort
from buildbot.test.status.listeners.reporters.mailing import Mailbox, MailingCase
from buildbot.test.status.listeners.reporters.reporting import stamp
from buildbot.test.status.test_pb_tls import certificate

FAILURE = 2


class MailTests(MailingCase):
    box: Mailbox

    async def notifier(self, *, contextFactory: Any = None, smtps: bool = False, **options: Any) -> MailNotifier:
        await self.begin()
        self.box, port = self.mailbox(contextFactory=contextFactory, smtps=smtps)
        options = {"relayhost": "127.0.0.1", "smtpPort": port, **options}
        notifier = MailNotifier("CI <ci@example.org>", **options)
        await self.host(notifier)
        return notifier

    async def test_default(self) -> None:
        """To those who changed something, with a copy to others, in HTML, with the patch."""
        notifier = await self.notifier(lookup="example.org", extraRecipients=["all@example.org", "Bo <bo@example.org>"])
        await self.change("Ada Größe <ada@example.org>")
        await self.build(FAILURE, stamps=[stamp(), stamp(codebase="x", patch=Patch("größe".encode()))], owner="bo")
        await self.handled(notifier)
        [mail] = self.box.mails
        self.assertEqual(mail.sender, "ci@example.org")
        self.assertEqual(sorted(mail.recipients), ["ada@example.org", "all@example.org", "bo@example.org"])
        message = mail.message
        self.assertEqual(message["From"], "CI <ci@example.org>")
        self.assertEqual(message["To"], "Ada Größe <ada@example.org>, bo@example.org")
        self.assertEqual(message["CC"], "all@example.org")
        self.assertEqual(message["Subject"], "☠ Buildbot (Buildbot): linux - failed 'make' (failure) (main)")
        self.assertEqual(message.get_body(("html",)).get_content_charset(), "utf-8")
        self.assertIn("Ada Größe &lt;ada@example.org&gt;", mail.text)
        self.assertEqual(mail.attached, {"source patch 0": "größe"})
        self.assertFalse(mail.encrypted)

    async def test_extraOnly(self) -> None:
        """Where nobody else is told, those who get copies get the mail; addresses that are none are left out."""
        notifier = await self.notifier(extraRecipients=["all@example.org"])
        await self.build(owner="nobody")
        await self.handled(notifier)
        [mail] = self.box.mails
        self.assertEqual((mail.message["To"], mail.message["CC"]), ("all@example.org", None))

    async def test_notInterested(self) -> None:
        """Without the users, and without anybody."""
        notifier = await self.notifier(sendToInterestedUsers=False)
        await self.build(owner="ada@example.org")
        await self.handled(notifier)
        self.assertEqual(self.box.mails, [])

    async def test_lookup(self) -> None:
        """An object may know addresses, and take its time."""

        class Known:
            async def getAddress(self, user: str) -> str | None:
                return {"bo": "bo@example.net"}.get(user)

        notifier = await self.notifier(lookup=Known())
        await self.build(owner="bo", owners=["bo", "cy"])
        await self.handled(notifier)
        [mail] = self.box.mails
        self.assertEqual(mail.recipients, ["bo@example.net"])

    async def test_logs(self) -> None:
        """Texts of logs are attached, without the letters that say where lines came from."""
        formatter = MessageFormatter("see", want_logs_content=True)
        generators = [BuildStatusGenerator(message_formatter=formatter)]
        notifier = await self.notifier(extraRecipients=["all@example.org"], generators=generators)
        await self.build()
        await self.handled(notifier)
        [mail] = self.box.mails
        self.assertEqual(mail.text, "see\n")
        text = mail.attached["compile.stdio"].replace("\r\n", "\n")
        self.assertEqual(text, "make all\none\ntwo\x0bstill two\n")

    async def test_headers(self) -> None:
        """Further headers have the build's properties, if there is one; they replace others, and cannot hold lines."""
        headers = {"X-Builder": Interpolate("is %(prop:buildername)s"), "Subject": "mine\nBcc: x@example.org"}
        notifier = await self.notifier(
            extraRecipients=["all@example.org"],
            extraHeaders=headers,
            generators=[BuildStatusGenerator(), BuildSetStatusGenerator(mode="failing"), WorkerMissingGenerator()],
        )
        await self.build()
        await self.handled(notifier)
        wanted = NewBuildset([self.linux, self.other], [stamp()], {"scheduler": ("all", "Scheduler")})
        brids = (await self.recorder.addBuildset(wanted)).brids
        for brid, builder in zip(brids, (self.linux, self.other), strict=True):
            await self.finish(await self.start(brid, builder), brid, FAILURE)
        await self.recorder.workerMissing(self.workerid, "yesterday", ["ops@example.org"])
        await self.handled(notifier)
        found = sorted((mail.message["X-Builder"], mail.message["To"]) for mail in self.box.mails)
        self.assertEqual(
            found,
            [
                ("is", "all@example.org"),
                ("is", "ops@example.org"),
                ("is größe & <b>", "all@example.org"),
                ("is linux", "all@example.org"),
                ("is linux", "all@example.org"),
            ],
        )
        self.assertEqual({mail.message["Subject"] for mail in self.box.mails}, {"mine Bcc: x@example.org"})
        self.assertEqual({mail.message["Bcc"] for mail in self.box.mails}, {None})

    async def test_several(self) -> None:
        """All that is said of one event is one mail, in HTML as soon as a part is; without a subject it gets one."""
        generators = [
            BuildStatusGenerator(message_formatter=MessageFormatterRenderable("1 < 2")),
            BuildStatusGenerator(message_formatter=MessageFormatterEmpty()),
            BuildStatusGenerator(message_formatter=MessageFormatter("<b>two</b>", template_type="html", subject="")),
        ]
        notifier = await self.notifier(extraRecipients=["all@example.org"], generators=generators)
        await self.build(owner="ada@example.org")
        await self.handled(notifier)
        [mail] = self.box.mails
        self.assertEqual(mail.text, "<pre>1 &lt; 2</pre>\n<b>two</b>\n")
        self.assertEqual(mail.message["Subject"], "Buildbot (Buildbot): linux - build successful")

    async def test_worker(self) -> None:
        """Of a worker that is missing, those are told whom it names, and nobody else."""
        notifier = await self.notifier(extraRecipients=["all@example.org"])
        await self.recorder.workerMissing(self.workerid, "yesterday", ["ops@example.org", "me@example.org"])
        await self.handled(notifier)
        [mail] = self.box.mails
        self.assertEqual((mail.message["To"], mail.message["CC"]), ("me@example.org, ops@example.org", None))
        self.assertIn("birch", mail.text)

    async def test_login(self) -> None:
        """User and password, which may be a secret."""
        notifier = await self.notifier(
            extraRecipients=["all@example.org"], smtpUser="me", smtpPassword=Secret("token"), dumpMailsToLog=True
        )
        self.box.users[b"me"] = b"s3cret"
        await self.build()
        await self.handled(notifier)
        self.assertEqual([mail.user for mail in self.box.mails], ["me"])

    async def test_wrongLogin(self) -> None:
        """A password that is refused parks the mail."""
        notifier = await self.notifier(extraRecipients=["all@example.org"], smtpUser="me", smtpPassword="no")
        self.box.users[b"me"] = b"s3cret"
        await self.build()
        await self.handled(notifier)
        [kept] = self.memory.rows.values()
        self.assertEqual((kept.state, kept.attempts), ("parked", 1))
        self.assertRegex(kept.error or "", r"127\.0\.0\.1:\d+ answered 535 ")
        self.flushLoggedErrors()

    async def test_answers(self) -> None:
        """What a server does not take now is sent again, the same mail; what it will not take is parked."""
        notifier = await self.notifier(extraRecipients=["all@example.org"])
        self.box.answers += [(451, "not now"), (451, "not now")]
        await self.build()
        await self.condition(lambda: len(self.box.mails) == 1)
        await self.handled(notifier)
        self.box.answers += [(554, "never")]
        await self.build()
        await self.handled(notifier)
        [kept] = self.memory.rows.values()
        self.assertEqual((kept.state, kept.attempts), ("parked", 1))
        self.assertIn("answered 554 never", kept.error or "")
        self.assertEqual(len({mail.message["Message-ID"] for mail in self.box.mails}), len(self.box.mails))
        self.flushLoggedErrors()

    async def test_someRefused(self) -> None:
        """Those who can be reached are."""
        notifier = await self.notifier(extraRecipients=["all@example.org", "gone@example.org"])
        self.box.refused["gone@example.org"] = (550, "who?")
        await self.build()
        await self.handled(notifier)
        self.assertEqual([mail.recipients for mail in self.box.mails], [["all@example.org"]])
        self.assertEqual(self.memory.rows, {})

    async def test_gone(self) -> None:
        """A server that is not there is tried again until it is."""
        notifier = await self.notifier(extraRecipients=["all@example.org"])
        port = freePort()
        notifier._relay = attrs.evolve(notifier._relay, port=port)
        await self.build()
        await self.condition(lambda: any(kept.attempts for kept in self.memory.rows.values()))
        [kept] = self.memory.rows.values()
        self.assertIn(f"127.0.0.1:{port} cannot be reached: ", kept.error or "")
        box, _ = self.mailbox(port)
        await self.handled(notifier)
        self.assertEqual(len(box.mails), 1)
        self.flushLoggedErrors()

    def tls(self) -> tuple[Any, str]:
        key, shown = certificate(x509.IPAddress(IPv4Address("127.0.0.1")))
        private = PrivateCertificate.fromCertificateAndKeyPair(Certificate.loadPEM(shown), KeyPair.load(key, 1))
        return private.options(), self.newFile(shown)

    async def test_starttls(self) -> None:
        """Encrypted after the greeting, to a server that somebody vouches for."""
        options, file = self.tls()
        notifier = await self.notifier(
            contextFactory=options, extraRecipients=["all@example.org"], useTls=True, verify=file
        )
        await self.build()
        await self.handled(notifier)
        self.assertEqual([mail.encrypted for mail in self.box.mails], [True])

    async def test_smtps(self) -> None:
        """Encrypted from the beginning."""
        options, file = self.tls()
        notifier = await self.notifier(
            contextFactory=options, smtps=True, extraRecipients=["all@example.org"], useSmtps=True, verify=file
        )
        await self.build()
        await self.handled(notifier)
        self.assertEqual(len(self.box.mails), 1)

    async def test_untrusted(self) -> None:
        """A server that nobody vouches for gets nothing."""
        options, _ = self.tls()
        await self.notifier(contextFactory=options, extraRecipients=["all@example.org"], useTls=True)
        await self.build()
        await self.condition(lambda: any(kept.attempts for kept in self.memory.rows.values()))
        [kept] = self.memory.rows.values()
        self.assertIn("certificate", kept.error or "")
        self.assertEqual(self.box.mails, [])
        self.flushLoggedErrors()

    async def test_noTls(self) -> None:
        """Nothing is sent unencrypted to a server that cannot encrypt, where that is wanted."""
        notifier = await self.notifier(extraRecipients=["all@example.org"], useTls=True)
        await self.build()
        await self.handled(notifier)
        [kept] = self.memory.rows.values()
        self.assertEqual((kept.state, self.box.mails), ("parked", []))
        self.flushLoggedErrors()

    def test_errors(self) -> None:
        """What cannot be is said when the configuration is read."""
        wrong: Any = "all@example.org"
        makes: list[tuple[Callable[[], Any], str]] = [
            (lambda: MailNotifier("ci"), "fromaddr: 'ci' is no address"),
            (lambda: MailNotifier("ci@x.org", extraRecipients=wrong), "a list of addresses"),
            (lambda: MailNotifier("ci@x.org", extraRecipients=["a b"]), "'a b' is no address"),
            (lambda: MailNotifier("ci@x.org", lookup=5), "getAddress()"),
            (lambda: MailNotifier("ci@x.org", useTls=True, useSmtps=True), "one of them"),
            (lambda: MailNotifier("ci@x.org", smtpUser="me"), "go together"),
            (lambda: MailNotifier("ci@x.org", extraHeaders=wrong), "a dict"),
        ]
        for make, words in makes:
            self.assertIn(words, str(self.assertRaises(ConfigError, make)))
