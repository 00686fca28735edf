"""Where something else than Perspective Broker listens."""

from __future__ import annotations

from typing import Any

from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory, Protocol

from buildbot.errors import Disconnected
from buildbot.status.client import pb
from buildbot.test.status.languages import LOCAL, LanguagesCase, reactor


class Speaking(Protocol):
    """Speaks before its client does."""

    transport: Any
    data = b""
    closes = False

    def connectionMade(self) -> None:
        self.transport.write(self.data)
        if self.closes:
            self.transport.loseConnection()


class ElsewhereTest(LanguagesCase):
    async def told(self, port: int) -> str:
        """What is said of a port, at once if that can be known."""
        error = await self.failing(self.connect(f"pb://ada:x@127.0.0.1:{port}").get("masters"))
        self.assertIsInstance(error, Disconnected)
        return str(error).replace(str(port), "PORT")

    async def speaking(self, data: bytes, *, closes: bool = False) -> int:
        """The port of a server that says this first."""
        speaking = type("speaking", (Speaking,), {"data": data, "closes": closes})
        port: Any = await serverFromString(reactor, LOCAL).listen(Factory.forProtocol(speaking))
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    async def test_words(self) -> None:
        """First bytes that are none of Perspective Broker's show it, and nothing more is waited for."""
        for data in (b"SSH-2.0-x\r\n", b"220 smtp", b"\x16\x03\x01"):
            said = await self.told(await self.speaking(data))
            self.assertEqual(
                said, "pb://127.0.0.1:PORT: no Perspective Broker listens there: what does speaks otherwise"
            )

    async def test_closed(self) -> None:
        """So does closing without a word; but a server that is full does that, too."""
        said = await self.told(await self.speaking(b"", closes=True))
        self.assertIn("no Perspective Broker listens there, or one that takes no more connections", said)

    async def test_silent(self) -> None:
        """Servers of Perspective Broker speak first, those of HTTP do not: that shows soon, long before a call is given
        up."""
        self.assertLess(pb.FIRST_WORD, 10)
        self.patch(pb, "FIRST_WORD", 0.05)
        await self.serveHTTP()
        self.assertEqual(
            await self.told(self.httpPort),
            "pb://127.0.0.1:PORT: no Perspective Broker listens there: nothing was said within 0.05 s; "
            "if it serves HTTP, its address is http://127.0.0.1:PORT",
        )
