"""Many clients of a WebSocket, in one process that does little with what comes, so that it is never what limits.

``python -m benchmarks.events.crowd PORT READERS SILENT SECONDS PATH…``: so many that read, and so many that never do.

An event's text may hold ``at:<nanoseconds>`` of the machine's monotonic clock: how old it is when it comes. Of what
comes at once the oldest speaks for all, so no delay is missed.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections import Counter
from time import monotonic, monotonic_ns

from .process import processorSeconds, say

_MARK = b'{"k":'
_AT = re.compile(rb"at:(\d+)")
WARM = 3.0
"""Seconds from when all are there to the beginning of the measurement."""
CONNECT = 50
"""Connections that are opened at a time."""


class Counted:
    """What has come to all readers while it was counted."""

    def __init__(self) -> None:
        self.isOn = False
        self.events = 0
        self.late: Counter[int] = Counter()
        """Milliseconds, of each event."""

    def percentile(self, share: float) -> float | None:
        """Milliseconds that so large a share of events took at most."""
        left = share * sum(self.late.values())
        for late, count in sorted(self.late.items()):
            left -= count
            if left <= 0:
                return late
        return None


class Client(asyncio.Protocol):
    """One connection. After its subscriptions it only counts."""

    def __init__(self, paths: list[str], reads: bool, counted: Counted) -> None:
        self._paths, self._reads, self._counted = paths, reads, counted
        self._subscribed = 0
        self._tail = b""
        self.isOpen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.isLost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(
            b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        if not self.isOpen.done():
            self._handshake(data)
        elif self._counted.isOn:
            self._count(data)

    def _handshake(self, data: bytes) -> None:
        self._tail += data
        if b"\r\n\r\n" in self._tail and not self._subscribed:
            self._subscribed = len(self._paths)
            for number, path in enumerate(self._paths):
                self.transport.write(frame({"cmd": "startConsuming", "path": path, "_id": number}))
        if self._tail.count(b'"msg":"OK"') == self._subscribed > 0:
            self.isOpen.set_result(None)
            self._tail = b""
            if not self._reads:
                self.transport.pause_reading()

    def _count(self, data: bytes) -> None:
        counted = self._counted
        number = (self._tail + data).count(_MARK)
        self._tail = data[-len(_MARK) + 1 :]
        counted.events += number
        found = _AT.search(data)
        if found is not None:
            counted.late[(monotonic_ns() - int(found[1])) // 1_000_000] += number

    def connection_lost(self, exc: Exception | None) -> None:
        self.isLost = True
        if not self.isOpen.done():
            self.isOpen.set_exception(ConnectionError(self._tail[-300:].decode(errors="replace")))


def frame(message: dict[str, object]) -> bytes:
    """A short frame of a client's; its mask is zero."""
    text = json.dumps(message).encode()
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text


async def main(port: int, readers: int, silent: int, seconds: float, paths: list[str]) -> None:
    loop, counted = asyncio.get_running_loop(), Counted()
    clients: list[Client] = []

    async def connect(reads: bool) -> None:
        _, client = await loop.create_connection(lambda: Client(list(paths), reads, counted), "127.0.0.1", port)
        clients.append(client)
        await client.isOpen

    wanted = [True] * readers + [False] * silent
    for start in range(0, len(wanted), CONNECT):
        await asyncio.gather(*(connect(reads) for reads in wanted[start : start + CONNECT]))
    say(open=len(clients))
    await asyncio.sleep(WARM)
    counted.isOn = True
    began, cpu = monotonic(), processorSeconds()
    await asyncio.sleep(seconds)
    counted.isOn = False
    took, spent = monotonic() - began, processorSeconds() - cpu
    say(
        rate=counted.events / took,
        p50=counted.percentile(0.5),
        p99=counted.percentile(0.99),
        longest=counted.percentile(1.0),
        lost=sum(client.isLost for client in clients),
        idle=1 - spent / took,
    )
    os._exit(0)


if __name__ == "__main__":
    _, port, readers, silent, seconds, *paths = sys.argv
    asyncio.run(main(int(port), int(readers), int(silent), float(seconds), paths))
