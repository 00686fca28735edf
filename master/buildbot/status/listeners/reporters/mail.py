"""Mails about builds, and about workers that are missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.errors import HeaderParseError, MessageDefect
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, getaddresses, parseaddr
from hashlib import sha256
from html import escape
from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.logger import Logger

from buildbot.config.rendering import Known
from buildbot.errors import ConfigError
from buildbot.status.listeners.reporters.base import ReporterBase
from buildbot.status.listeners.reporters.formatters import MessageFormatter, MessageFormatterMissingWorker
from buildbot.status.listeners.reporters.generators import (
    BuildStatusGenerator,
    Generator,
    Report,
    WorkerMissingGenerator,
)
from buildbot.status.listeners.reporters.older import forMail
from buildbot.status.listeners.reporters.smtp import Relay
from buildbot.status.listeners.tls import Trust

_ADDRESS = re.compile(r"[^\s@<>\"(),:;]+@[\w-]+(\.[\w-]+)*")


class MailNotifier(ReporterBase):
    """Mails about builds to those who changed something, and to others; and about workers that are missing to whom they
    name."""

    log = Logger()

    def __init__(
        self,
        fromaddr: str,
        relayhost: str = "localhost",
        lookup: Any = None,
        extraRecipients: Sequence[str] | None = None,
        sendToInterestedUsers: bool = True,
        extraHeaders: Mapping[str, Any] | None = None,
        useTls: bool = False,
        useSmtps: bool = False,
        smtpUser: Any = None,
        smtpPassword: Any = None,
        smtpPort: int = 25,
        dumpMailsToLog: bool = False,
        generators: Sequence[Generator] | None = None,
        verify: bool | str | None = None,
        name: str | None = None,
        **older: Any,
    ) -> None:
        """``lookup``: a domain, which is added to names without ``@``, or an object whose ``getAddress(name)`` gives an
        address, None, or a Deferred. ``extraRecipients``: get a copy, or the mail if there is nobody else.
        ``extraHeaders``, ``smtpUser`` and ``smtpPassword`` may be renderables. ``useTls``: encrypt after the greeting
        (STARTTLS), or do not send; ``useSmtps``: encrypt from the beginning. ``verify``: False takes any certificate of
        the server; a text is the file of those who may vouch for it. ``older``: see
        :mod:`buildbot.status.listeners.reporters.older`."""
        generators = forMail(self, older, generators)
        super().__init__(generators, name)
        self._from = _checked(self.name, "fromaddr", [fromaddr])[0]
        self._extra = _checked(self.name, "extraRecipients", [] if extraRecipients is None else extraRecipients)
        if lookup is not None and not isinstance(lookup, str) and not callable(getattr(lookup, "getAddress", None)):
            raise ConfigError(f"{self.name}: lookup={lookup!r}: a domain, or an object with getAddress() is expected")
        if useTls and useSmtps:
            raise ConfigError(
                f"{self.name}: useTls encrypts after the greeting, useSmtps from the beginning: one of them"
            )
        if (smtpUser is None) != (smtpPassword is None):
            raise ConfigError(f"{self.name}: smtpUser and smtpPassword go together")
        if extraHeaders is not None and not isinstance(extraHeaders, Mapping):
            raise ConfigError(f"{self.name}: extraHeaders={extraHeaders!r}: a dict is expected")
        self._lookup, self._sendToUsers, self._headers = lookup, sendToInterestedUsers, dict(extraHeaders or {})
        self._login, self._dump = None if smtpUser is None else (smtpUser, smtpPassword), dumpMailsToLog
        self._relay = Relay(relayhost, smtpPort, useTls, useSmtps, Trust(True if verify is None else verify))

    def defaultGenerators(self) -> Sequence[Generator]:
        """See :class:`~buildbot.status.listeners.reporters.base.ReporterBase`."""
        return [
            BuildStatusGenerator(add_patch=True, message_formatter=MessageFormatter(template_type="html")),
            WorkerMissingGenerator(message_formatter=MessageFormatterMissingWorker(template_type="html")),
        ]

    async def sendMessage(self, reports: Sequence[Report]) -> None:
        """See :class:`~buildbot.status.listeners.reporters.base.ReporterBase`. All reports of an event are one mail."""
        reports = [report for report in reports if report["body"] is not None]
        if not reports:
            return
        users = sorted({user for report in reports for user in report["users"] or ()})
        if "worker" in reports[0]:
            to, copies = await self._addresses(users), []
        else:
            to = await self._addresses(users) if self._sendToUsers else []
            known = {_bare(address) for address in to}
            copies = [address for address in self._extra if _bare(address) not in known] if to else []
            to = to or list(self._extra)
        if not to:
            self.log.info("{name}: nobody is to be told of {cursor}.", name=self.name, cursor=reports[0]["cursor"])
            return
        headers = await self._rendered(self._headers, reports)
        message = self._message(reports, to, copies, headers).as_bytes()
        if self._dump:
            self.log.info("{name} sends\n{mail}", name=self.name, mail=message.decode("utf-8", "replace"))
        login = await self.configured(Known(secrets=self.secrets).render(self._login), "smtpUser or smtpPassword")
        recipients = list(dict.fromkeys(_bare(address) for address in (*to, *copies)))
        # A configuration is read before anything may choose which reactor there is.
        from twisted.internet import reactor

        await self._relay.send(reactor, _bare(self._from), recipients, message, login)

    async def _rendered(self, headers: Mapping[str, Any], reports: Sequence[Report]) -> Mapping[str, Any]:
        """With the properties of the build, if there is exactly one; else with none."""
        abouts = {about.build.get("buildid"): about for report in reports for about in report["abouts"]}
        known = next(iter(abouts.values())).known(self.secrets) if len(abouts) == 1 else Known(secrets=self.secrets)
        rendered: Mapping[str, Any] = await self.configured(known.render(dict(headers)), "extraHeaders")
        return rendered

    async def _addresses(self, users: Sequence[str]) -> list[str]:
        """Where users have their mail; those of whom that is not known are left out, and logged."""
        found: dict[str, None] = {}
        for user in users:
            address: Any = user
            if isinstance(self._lookup, str):
                address = user if "@" in user else f"{user}@{self._lookup}"
            elif self._lookup is not None:
                address = await self.configured(maybeDeferred(self._lookup.getAddress, user), "lookup")
            if address is None or not _isAddress(str(address)):
                self.log.info("{name}: {user} has no address.", name=self.name, user=user)
            else:
                found[str(address)] = None
        return list(found)

    def _message(
        self, reports: Sequence[Report], to: Sequence[str], copies: Sequence[str], headers: Mapping[str, Any]
    ) -> EmailMessage:
        message = EmailMessage(policy=default)
        message["Subject"] = self._subject(reports)
        message["From"], message["To"] = _header([self._from]), _header(to)
        if copies:
            message["CC"] = _header(copies)
        message["Date"] = format_datetime(datetime.now(UTC))
        # The same at each attempt, so that who gets it twice may see it once.
        digest = sha256(f"{self.name} {reports[0]['cursor']}".encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{digest}@{_bare(self._from).partition('@')[2]}>"
        for name, value in headers.items():
            del message[str(name)]
            message[str(name)] = " ".join(str(value).split())
        kind, text = _body(reports)
        message.set_content(text, subtype=kind, charset="utf-8", cte="base64")
        for name, content in _attachments(reports):
            message.add_attachment(content.encode(), "text", "plain", filename=name, params={"charset": "utf-8"})
        return message

    def _subject(self, reports: Sequence[Report]) -> str:
        given = next((report["subject"] for report in reports if report["subject"]), None)
        if given is None:
            builds = [build for report in reports for build in report["builds"] or ()]
            what = f"{builds[0]['builder']['name']} - {builds[0].get('state_string', 'waits')}" if builds else "builds"
            given = f"Buildbot ({self.title}): {what}"
        return " ".join(given.split())


def _body(reports: Sequence[Report]) -> tuple[str, str]:
    """Kind of text, and the text: HTML as soon as one is."""
    if any(report["type"] == "html" for report in reports):
        texts = [
            str(each["body"]) if each["type"] == "html" else f"<pre>{escape(str(each['body']))}</pre>\n"
            for each in reports
        ]
        return "html", "".join(texts)
    return "plain", "".join(str(report["body"]) for report in reports)


def _attachments(reports: Sequence[Report]) -> Sequence[tuple[str, str]]:
    """Names and texts."""
    patches = [patch for report in reports for patch in report["patches"] or ()]
    found = [(f"source patch {number}", patch["body"] or "") for number, patch in enumerate(patches)]
    logs = {log["logid"]: log for report in reports for log in report["logs"] or ()}
    return [*found, *((f"{log['stepname']}.{log['name']}", _plain(log)) for log in logs.values())]


def _plain(log: Mapping[str, Any]) -> str:
    """The text of a log, without the letter that says where each line came from."""
    content: str = log["content"]["content"]
    if log["type"] != "s":
        return content
    return "\n".join(line[1:] for line in content.split("\n"))


def _bare(address: str) -> str:
    return parseaddr(address)[1]


def _header(addresses: Sequence[str]) -> list[Address]:
    return [Address(name, addr_spec=address) for name, address in getaddresses(addresses)]


def _isAddress(text: str) -> bool:
    name, address = parseaddr(text)
    if not _ADDRESS.fullmatch(address):
        return False
    try:
        Address(name, addr_spec=address)
    except (ValueError, HeaderParseError, MessageDefect):
        return False
    return address.isascii()


def _checked(owner: str, argument: str, values: Any) -> list[str]:
    if not isinstance(values, (list, tuple)):
        raise ConfigError(f"{owner}: {argument}={values!r}: a list of addresses is expected")
    for value in values:
        if not isinstance(value, str) or not _isAddress(value):
            raise ConfigError(f"{owner}: {argument}: {value!r} is no address such as ci@example.org")
    return list(values)
