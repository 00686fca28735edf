"""Asking over HTTP, one question after the other, from a thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, RemoteDisconnected
from types import TracebackType

import attrs


@attrs.frozen
class Answer:
    """What came back for one address."""

    status: int
    contentType: str
    disposition: str | None
    body: bytes


Ask = Callable[[str], Answer]
"""The answer to a GET of a path, with its query, below ``/api/v2``; empty: of that itself."""


class Asker:
    """Asks the API on a port of this machine, on one connection. Blocks: for threads only."""

    timeout = 60.0

    def __init__(self, port: int, *, prefix: str = "/api/v2") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=self.timeout)
        self._prefix = prefix

    def __call__(self, path: str) -> Answer:
        """Ask for a path, with query, and read the answer to its end."""
        separator = "/" if path and not path.startswith("?") else ""
        self._connection.request("GET", self._prefix + separator + path, headers={"Accept": "application/json"})
        response = self._connection.getresponse()
        disposition = response.getheader("Content-Disposition")
        if disposition is not None:
            disposition = disposition.encode("latin-1").decode(errors="replace")
        return Answer(response.status, response.getheader("Content-Type") or "", disposition, response.read())

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


class StockAsker(Asker):
    """Asks a stock master, which is let off two things: closing a connection without a word, and, once in some
    thousand times, stopping in the middle of an answer that is larger than 64 KB."""

    timeout = 5.0
    tries = 5

    def __call__(self, path: str) -> Answer:
        for _ in range(self.tries - 1):
            with suppress(RemoteDisconnected, TimeoutError):
                return super().__call__(path)
            self._connection.close()
        return super().__call__(path)
