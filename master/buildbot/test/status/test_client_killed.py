"""A server that is killed while it answers."""

from __future__ import annotations

import os
import signal
import sys
import zlib
from typing import Any

from sqlalchemy import create_engine, insert
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from buildbot.db import schema
from buildbot.errors import Disconnected
from buildbot.test.status.languages import LanguagesCase, reactor

CHUNK = b"".join(b"line %d of the chunk\n" % number for number in range(1, 2501))
CHUNKS = 600
"""Of 54 kB each: more than sockets hold between them."""


class Server(ProcessProtocol):
    """A server in a process of its own."""

    transport: Any

    def __init__(self) -> None:
        self._said = b""
        self.ports: Deferred[tuple[int, int]] = Deferred()
        self.ended: Deferred[None] = Deferred()

    def outReceived(self, data: bytes) -> None:
        self._said += data
        if self._said.endswith(b"\n"):
            pb, http = self._said.split()
            self.ports.callback((int(pb), int(http)))

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(None)

    def kill(self) -> Deferred[None]:
        """Fires when it is gone."""
        if self.transport.pid is not None:
            os.kill(self.transport.pid, signal.SIGKILL)
        return self.ended


class KilledTest(LanguagesCase):
    def makeDatabase(self) -> str:
        """With one long log, number 999999."""
        path = super().makeDatabase()
        engine = create_engine(f"sqlite:///{path}")
        lines = CHUNK.count(b"\n")
        with engine.begin() as connection:
            log = {"id": 999999, "name": "long", "slug": "long", "stepid": 1, "complete": 1, "type": "t"}
            connection.execute(insert(schema.logs), [{**log, "num_lines": CHUNKS * lines}])
            chunk = {"logid": 999999, "compressed": 1, "content": zlib.compress(CHUNK[:-1])}
            rows = [
                {**chunk, "first_line": number * lines, "last_line": (number + 1) * lines - 1}
                for number in range(CHUNKS)
            ]
            connection.execute(insert(schema.logchunks), rows)
        engine.dispose()
        return path

    async def start(self) -> tuple[Server, dict[str, Any]]:
        """A server in a process of its own, and connections to it."""
        server = Server()
        arguments = [sys.executable, "-m", "buildbot.test.status.serving", os.path.abspath(self.path)]
        reactor.spawnProcess(server, sys.executable, arguments, env=os.environ, childFDs={0: "w", 1: "r", 2: 2})
        self.addCleanup(server.kill)
        pb, http = await server.ports
        return server, {
            "pb": self.connect(f"pb://127.0.0.1:{pb}"),
            "http": self.connect(f"http://127.0.0.1:{http}"),
        }

    async def test_killed(self) -> None:
        """What is half there fails with Disconnected in every language, and so do the calls that follow."""
        server, connections = await self.start()
        streams = {name: await connection.open("logs/999999/raw") for name, connection in connections.items()}
        for stream in streams.values():
            self.assertTrue((await stream.next()).startswith(b"line 1 of the chunk\n"))
        await server.kill()
        for name, stream in streams.items():
            with self.assertRaises(Disconnected, msg=name):
                while await stream.next():
                    pass
        for connection in connections.values():
            self.assertIsInstance(await self.failing(connection.get("masters")), Disconnected)

    async def test_whole(self) -> None:
        """A long stream is whole, and the same in every language; text and stream have no more than was asked for."""
        _, connections = await self.start()
        for connection in connections.values():
            size = 0
            async for piece in await connection.open("logs/999999/raw"):
                size += len(piece)
            self.assertEqual(size, CHUNKS * len(CHUNK))
            log = await connection.getLog(999999)
            self.assertIn("most=1048576", str(await self.failing(log.getText())))
