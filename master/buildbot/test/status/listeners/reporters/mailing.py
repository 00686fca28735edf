"""A real server for mails, which keeps what it gets, or answers as a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import attrs
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, succeed
from twisted.mail.imap4 import LOGINCredentials, PLAINCredentials
from twisted.mail.smtp import ESMTP, IMessage, IMessageDelivery, SMTPFactory, SMTPServerError
from zope.interface import implementer

from buildbot.test.status.listeners.reporters.reporting import ReportingCase, reactor


@attrs.frozen
class Mail:
    """What came."""

    sender: str
    recipients: list[str]
    message: Any
    encrypted: bool
    user: str | None

    @property
    def text(self) -> str:
        """Its body."""
        return str(self.message.get_body(("html", "plain")).get_content())

    @property
    def attached(self) -> Mapping[str, str]:
        """Texts by name."""
        return {part.get_filename(): part.get_content() for part in self.message.iter_attachments()}


@implementer(IMessageDelivery)
class Delivery:
    """Takes mails, one recipient after the other."""

    def __init__(self, mailbox: Mailbox, user: str | None) -> None:
        self._mailbox, self._user = mailbox, user
        self._open: list[str] = []
        self.protocol: Any = None

    def receivedHeader(self, helo: Any, origin: Any, recipients: Any) -> bytes:
        return b""

    def validateFrom(self, helo: Any, origin: Any) -> Any:
        if self._mailbox.users and self._user is None:
            raise SMTPServerError(530, "who are you?")
        if self._mailbox.answers:
            raise SMTPServerError(*self._mailbox.answers.pop(0))
        self._sender = str(origin)
        self._open = []
        return origin

    def validateTo(self, user: Any) -> Callable[[], Any]:
        address = str(user.dest)
        if address in self._mailbox.refused:
            raise SMTPServerError(*self._mailbox.refused[address])
        self._open.append(address)
        return lambda: Message(self, address)

    def got(self, address: str, data: bytes) -> Deferred[None]:
        if address == self._open[-1]:
            message = message_from_bytes(data, _class=EmailMessage, policy=default)
            mail = Mail(self._sender, list(self._open), message, self.protocol.startedTLS, self._user)
            self._mailbox.mails.append(mail)
        return succeed(None)


@implementer(IMessage)
class Message:
    """The lines of one mail, for one recipient."""

    def __init__(self, delivery: Delivery, address: str) -> None:
        self._delivery, self._address = delivery, address
        self._lines: list[bytes] = []

    def lineReceived(self, line: bytes) -> None:
        self._lines.append(line)

    def eomReceived(self) -> Deferred[None]:
        return self._delivery.got(self._address, b"\r\n".join(self._lines) + b"\r\n")

    def connectionLost(self) -> None:
        pass


@implementer(IRealm)
class Realm:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def requestAvatar(self, avatarId: bytes, mind: Any, *interfaces: Any) -> Any:
        return IMessageDelivery, Delivery(self._mailbox, avatarId.decode()), lambda: None


class Server(ESMTP):
    """Tells its delivery who it is of."""

    def do_MAIL(self, rest: bytes) -> Any:
        if self.delivery is None:
            self.delivery = Delivery(self.factory.mailbox, None)
        self.delivery.protocol = self
        return super().do_MAIL(rest)


class Mailbox:
    """What a server has got, and how it behaves."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.users: dict[bytes, bytes] = {}
        """Who may send; none: anybody."""
        self.refused: dict[str, tuple[int, str]] = {}
        """Answers to recipients."""
        self.answers: list[tuple[int, str]] = []
        """Answers to the next mails, in place of taking them."""


class MailingCase(ReportingCase):
    """Has servers for mails."""

    def mailbox(self, port: int = 0, contextFactory: Any = None, smtps: bool = False) -> tuple[Mailbox, int]:
        """A new server, and its port."""
        mailbox = Mailbox()
        checker: Any = InMemoryUsernamePasswordDatabaseDontUse()
        checker.users = mailbox.users
        realm: Any = Realm(mailbox)
        portal = Portal(realm, [checker])
        factory: Any = SMTPFactory(portal)
        factory.mailbox, factory.noisy = mailbox, False
        challengers = {b"LOGIN": LOGINCredentials, b"PLAIN": PLAINCredentials}
        factory.protocol = lambda: Server(challengers, None if smtps else contextFactory)
        if smtps:
            listening = reactor.listenSSL(port, factory, contextFactory, interface="127.0.0.1")
        else:
            listening = reactor.listenTCP(port, factory, interface="127.0.0.1")
        return mailbox, self._until(listening)
