"""What lies between a client and a server, and treats neither well."""

from __future__ import annotations

from random import Random
from typing import Any

from twisted.protocols.portforward import ProxyClient, ProxyClientFactory, ProxyFactory, ProxyServer

from buildbot.test.db.databases import reactor

DELAYED = 0.05
"""Of what comes from the server, so much waits for a while, and all after it does too."""
LONGEST = 0.03
"""Seconds."""


class _FromServer(ProxyClient):
    """Passes on what the server sends, sometimes late, and at a cut only a part of it."""

    transport: Any
    peer: Any

    def __init__(self, random: Random) -> None:
        self._random = random
        self._held = b""
        self._later: Any = None

    def dataReceived(self, data: bytes) -> None:
        self._held += data
        if self._later is not None:
            return
        if self._random.random() < DELAYED:
            self._later = reactor.callLater(self._random.random() * LONGEST, self._pass)
        else:
            self._pass()

    def _pass(self) -> None:
        self._later = None
        data, self._held = self._held, b""
        self.peer.transport.write(data)

    def cut(self) -> None:
        """Pass on some of what was held, perhaps to the middle of a word, and break off."""
        self.peer.transport.write(self._held[: self._random.randrange(len(self._held) + 1)])
        self._forget()
        self.transport.abortConnection()
        self.peer.transport.loseConnection()

    def _forget(self) -> None:
        later, self._later, self._held = self._later, None, b""
        if later is not None:
            later.cancel()

    def connectionLost(self, reason: Any = None) -> None:
        if self._later is not None:
            self._later.cancel()
            self._pass()
        super().connectionLost(reason)


class _ToServer(ProxyClientFactory):
    noisy = False
    server: Any

    def __init__(self, random: Random, made: list[_FromServer]) -> None:
        self._random, self._made = random, made

    def buildProtocol(self, address: Any) -> ProxyClient:
        found = _FromServer(self._random)
        found.factory = self
        found.setPeer(self.server)
        self._made.append(found)
        return found

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        self.server.transport.abortConnection()


class Proxy(ProxyFactory):
    """Passes on what comes, late now and then, until it is cut."""

    noisy = False

    def __init__(self, port: int, random: Random) -> None:
        super().__init__("127.0.0.1", port)
        self._random = random
        self._made: list[_FromServer] = []

    def buildProtocol(self, address: Any) -> ProxyServer:
        server: Any = ProxyServer()
        server.factory = self
        server.clientProtocolFactory = lambda: _ToServer(self._random, self._made)
        server.reactor = reactor
        return server  # type: ignore[no-any-return]  # it is one

    def cut(self) -> None:
        """Break all connections."""
        made, self._made = self._made, []
        for each in made:
            if each.transport.connected and each.peer is not None and each.peer.transport.connected:
                each.cut()
