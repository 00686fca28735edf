"""The access log: a line of JSON for each request, written by a thread of its own.

A line in the reactor thread costs a quarter of a fast answer, so there it is a tuple in a queue and no more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from logging.handlers import WatchedFileHandler
from threading import Event, Thread
from time import time
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from buildbot.errors import ConfigError
from buildbot.status.encode import compact

if TYPE_CHECKING:
    from buildbot.www.request import StatusRequest

INTERVAL = 0.2
"""Seconds between two looks at the queue: to be woken for each line would take the interpreter from the reactor."""
MOST = 100_000
"""Lines that may wait for the disk; what comes on top is lost, and counted."""


class AccessLog:
    """Appends to a file; one that was moved away (by logrotate) is made anew. Raises ConfigError if it cannot."""

    log = Logger()

    def __init__(self, path: str, trustedProxies: Sequence[str] = ()) -> None:
        self._client = clientFinder(trustedProxies)
        self._queue: deque[tuple[Any, ...]] = deque()
        self._ending = Event()
        self.lost = 0
        try:
            self._file = WatchedFileHandler(path, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"the access log {path} cannot be written: {error.strerror}") from None
        self._thread = Thread(target=self._write, name="access-log", daemon=True)
        self._thread.start()

    def put(self, request: StatusRequest, seconds: float) -> None:
        """Note a request that has ended. On the reactor thread."""
        if len(self._queue) >= MOST:
            self.lost += 1
            return
        get = request.requestHeaders.getRawHeaders
        self._queue.append(
            (
                time(),
                request.id,
                getattr(request.client, "host", None),
                get(b"X-Forwarded-For"),
                request.method,
                request.uri,
                request.clientproto,
                request.code,
                request.sentLength,
                seconds,
                request.kind,
                get(b"User-Agent"),
                get(b"Referer"),
            )
        )

    def close(self) -> None:
        """Write what waits, and end; blocks until then."""
        self._ending.set()
        self._thread.join()
        self._file.close()

    def _write(self) -> None:
        while not self._ending.wait(INTERVAL):
            self._writeAll()
        self._writeAll()

    def _writeAll(self) -> None:
        if not self._queue:
            return
        try:
            self._file.reopenIfNeeded()
            stream: Any = self._file.stream
            while self._queue:
                stream.write(self.line(*self._queue.popleft()) + "\n")
            stream.flush()
        except OSError as error:
            self.lost += 1
            self.log.warn("The access log cannot be written: {error}", error=error)

    def line(
        self,
        when: float,
        id_: str,
        peer: str | None,
        forwarded: Sequence[bytes] | None,
        method: bytes,
        uri: bytes,
        protocol: bytes,
        status: int,
        size: int,
        seconds: float,
        kind: str,
        agent: Sequence[bytes] | None,
        referer: Sequence[bytes] | None,
    ) -> str:
        """One line. JSON, so nothing that a client sends can look like two."""
        return compact(
            {
                "time": datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "id": id_,
                "client": self._client(peer, forwarded),
                "method": _text(method),
                "uri": _text(uri),
                "protocol": _text(protocol),
                "status": status,
                "bytes": size,
                "seconds": round(seconds, 6),
                "kind": kind,
                "agent": _text(agent[0]) if agent else None,
                "referer": _text(referer[0]) if referer else None,
            }
        )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def clientFinder(trustedProxies: Sequence[str]) -> Callable[[str | None, Sequence[bytes] | None], str | None]:
    """Finds the address of a client: who connected, or, where that is a trusted proxy, the last in X-Forwarded-For that
    is not one. Raises ConfigError for what is neither an address nor a network."""
    try:
        networks: list[IPv4Network | IPv6Network] = [ip_network(text, strict=False) for text in trustedProxies]
    except ValueError as error:
        raise ConfigError(f"www['trusted_proxies']: {error}") from None

    def trusted(address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in networks)

    def client(peer: str | None, forwarded: Sequence[bytes] | None) -> str | None:
        if not networks or peer is None or not trusted(peer):
            return peer
        hops = [hop.strip() for line in forwarded or () for hop in _text(line).split(",") if hop.strip()]
        return next((hop for hop in reversed(hops) if not trusted(hop)), hops[0] if hops else peer)

    return client
