"""Requests that should not reach the own network, however they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from buildbot.errors import ConfigError
from buildbot.status.listeners.guard import Guard, isPublic
from buildbot.status.listeners.outcomes import Parked
from buildbot.status.listeners.sending import Sender, SendingFailed
from buildbot.test.status.listeners.receiving import ReceivingCase, answer, reactor

SPELLINGS = (
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.8.9.10",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "\u217cocalhost",
)
"""Of this machine."""
TRICKS = (
    "http://example.org@127.0.0.1:{port}/",
    "http://example.org:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@example.org/",
    "http://127.0.0.1:{port}\\@example.org/",
    "http://127.0.0.1:{port}\\.example.org/",
    "http://example.org\\@127.0.0.1:{port}/",
    "http://example.org%00@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}%2f@example.org:1/",
    "http://[::1]:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://127.0.0.1 :{port}/",
    "http://127.0.0.1\t:{port}/",
    " http://127.0.0.1:{port}/",
    "http:/\\127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "HTTP://127.0.0.1:{port}/",
)


HIDDEN = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
    240.0.0.1 255.255.255.255 168.63.129.16 100.100.100.200
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a00:1
    64:ff9b:1::808:808 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 2001:db8::1 2002:7f00:1::
    2002:a00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
"""
"""Addresses that are not of the Internet, and such as lead to one."""


@implementer(IHostnameResolver)
class Names:
    """Stands in for the DNS: each time that a name is asked for, the next of its answers."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {name: list(each) for name, each in answers.items()}

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, portNumber: int = 0, **more: Any) -> Any:
        answers = self._answers[hostName]
        resolutionReceiver.resolutionBegan(None)
        for text in answers.pop(0) if len(answers) > 1 else answers[0]:
            kind = IPv6Address if ":" in text else IPv4Address
            resolutionReceiver.addressResolved(kind("TCP", text, portNumber))
        resolutionReceiver.resolutionComplete()


class GuardedCase(ReceivingCase):
    def setUp(self) -> None:
        self.receiver, self.port = self.receive(interface="0.0.0.0")
        self.other, _ = self.receive(self.port, "::1")

    def sender(self, *allow: str) -> Sender:
        sender = Sender(reactor, guard=Guard(allow), timeout=5)
        self.addCleanup(sender.close)
        return sender

    def names(self, **answers: Sequence[Sequence[str]]) -> None:
        """What names stand for until the end of the test; ``_`` is a dot."""
        before = reactor.installNameResolver(Names({name.replace("_", "."): each for name, each in answers.items()}))
        self.addCleanup(reactor.installNameResolver, before)

    def assertUnasked(self) -> None:
        self.assertEqual((self.receiver.asked, self.other.asked), ([], []))


class RefusalTests(GuardedCase):
    async def test_spellings(self) -> None:
        """Whatever it is called, this machine is not asked."""
        for host in SPELLINGS:
            error = await self.failing(self.sender().send("POST", f"http://{host}:{self.port}/", json={}))
            self.assertIsInstance(error, (Parked, SendingFailed), host)
            self.assertUnasked()

    async def test_spellingsAre(self) -> None:
        """Most of these would reach it without the guard."""
        sender = Sender(reactor, timeout=5)
        self.addCleanup(sender.close)
        reached = 0
        for host in SPELLINGS:
            try:
                await sender.send("POST", f"http://{host}:{self.port}/", json={})
            except (Parked, SendingFailed):
                continue
            reached += 1
        self.assertGreater(reached, 15)
        self.assertEqual(reached, len(self.receiver.asked) + len(self.other.asked))

    async def test_tricks(self) -> None:
        """Addresses that are read in two ways lead nowhere."""
        for trick in TRICKS:
            error = await self.failing(self.sender("example.org").send("POST", trick.format(port=self.port), json={}))
            self.assertIsInstance(error, (Parked, SendingFailed), trick)
            self.assertUnasked()

    async def test_names(self) -> None:
        """A name of an address in the own network is refused, with the address and what to do."""
        self.names(hook_example_org=[["10.1.2.3", "fd00::5"]], metadata_example_org=[["169.254.169.254"]])
        error = await self.failing(self.sender().send("POST", "http://hook.example.org/", json={}))
        self.assertEqual(
            str(error),
            "hook.example.org (10.1.2.3): requests into the own network are not sent; what may get them is named in "
            "allow=",
        )
        error = await self.failing(self.sender().send("POST", "https://metadata.example.org/", json={}))
        self.assertIsInstance(error, Parked)
        for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"):
            self.names(hook_example_org=[[address]])
            url = f"http://hook.example.org:{self.port}/"
            self.assertIsInstance(await self.failing(self.sender().send("POST", url, json={})), Parked, address)
        self.assertUnasked()

    async def test_rebinding(self) -> None:
        """A name is asked for once for each connection, and that address is connected to, and no other."""
        self.names(hook_example_org=[["127.0.0.2"], ["127.0.0.1"]])
        url = f"http://hook.example.org:{self.port}/"
        self.receiver.answers.append(answer(200, Connection="close"))
        await self.sender("127.0.0.2").send("POST", url, json={})
        self.assertEqual([asked.local for asked in self.receiver.asked], ["127.0.0.2"])
        self.assertIsInstance(await self.failing(self.sender("127.0.0.2").send("POST", url, json={})), Parked)
        self.assertEqual(len(self.receiver.asked), 1)

    async def test_mixed(self) -> None:
        """Of several addresses only those are tried that may be."""
        self.names(hook_example_org=[["127.0.0.1", "127.0.0.2", "::1"]])
        await self.sender("127.0.0.2").send("POST", f"http://hook.example.org:{self.port}/", json={})
        self.assertEqual([asked.local for asked in self.receiver.asked], ["127.0.0.2"])
        self.assertEqual(self.other.asked, [])

    async def test_nowhere(self) -> None:
        """A name without an address may get one."""
        self.names(hook_example_org=[[]])
        error = await self.failing(self.sender().send("POST", "http://hook.example.org/", json={}))
        self.assertIs(type(error), SendingFailed)

    async def test_redirect(self) -> None:
        """A redirect into the own network is not followed."""
        for status in (301, 302, 303, 307, 308):
            self.names(hook_example_org=[["127.0.0.2"]])
            self.receiver.answers.append(answer(status, Location=f"http://127.0.0.1:{self.port}/"))
            await self.failing(self.sender("127.0.0.2").send("POST", f"http://hook.example.org:{self.port}/", json={}))
        self.assertEqual({asked.local for asked in self.receiver.asked}, {"127.0.0.2"})

    async def test_ports(self) -> None:
        """Ports of other services are refused before anything is connected."""
        self.names(hook_example_org=[["8.8.8.8"]])
        for port in (22, 25, 465, 1023):
            error = await self.failing(self.sender().send("POST", f"http://hook.example.org:{port}/", json={}))
            self.assertIn(f"requests to port {port} are not sent", str(error))


class AllowTests(GuardedCase):
    async def test_allowed(self) -> None:
        """A network, an address and the name of a host let through what is theirs."""
        self.names(hook_internal=[["127.0.0.1"]], other_internal=[["127.0.0.1"]])
        for allow in ("127.0.0.0/8", "127.0.0.1", "hook.internal", "HOOK.internal."):
            await self.sender(allow).send("POST", f"http://hook.internal:{self.port}/", json={})
        self.assertEqual(len(self.receiver.asked), 4)
        for allow in ("other.internal", "internal", "10.0.0.0/8", "::/0"):
            error = await self.failing(self.sender(allow).send("POST", f"http://hook.internal:{self.port}/", json={}))
            self.assertIsInstance(error, Parked, allow)
        self.assertEqual(len(self.receiver.asked), 4)

    async def test_tls(self) -> None:
        """Over TLS the certificate is that of the name, whatever address was checked."""
        receiver, port, file = self.receiveTLS(x509.DNSName("hook.internal"))
        self.names(hook_internal=[["127.0.0.1"]], other_internal=[["127.0.0.1"]])
        sender = Sender(reactor, guard=Guard(["127.0.0.1"]), verify=file, timeout=5)
        self.addCleanup(sender.close)
        await sender.send("POST", f"https://hook.internal:{port}/", json={})
        error = await self.failing(sender.send("POST", f"https://other.internal:{port}/", json={}))
        self.assertIs(type(error), SendingFailed)
        self.assertEqual([asked.headers["host"] for asked in receiver.asked], [f"hook.internal:{port}"])

    async def test_mapped(self) -> None:
        """What is allowed in one spelling is in the other."""
        await self.sender("127.0.0.1").send("POST", f"http://[::ffff:7f00:1]:{self.port}/", json={})
        self.assertEqual(len(self.receiver.asked), 1)

    def test_wrong(self) -> None:
        """What names nothing is an error of the configuration."""
        for allow in (["10.1.2.3/24"], [""], ["http://hook.internal"], ["hook.internal:80"], "10.0.0.0/8"):
            self.assertRaises(ConfigError, Guard, allow)


class PublicTests(SynchronousTestCase):
    def test_public(self) -> None:
        """Addresses of the Internet."""
        for text in ("1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::5e"):
            self.assertTrue(isPublic(ip_address(text)), text)
        self.assertTrue(isPublic(ip_address("64:ff9b::808:808")))
        self.assertTrue(isPublic(ip_address("::ffff:8.8.8.8")))

    def test_notPublic(self) -> None:
        """All others, those in which another is hidden too."""
        for text in HIDDEN.split():
            self.assertFalse(isPublic(ip_address(text)), text)
