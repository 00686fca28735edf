"""Others who ask a server for something small, at a rate of their own: that one waits for another counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from time import sleep, time

import attrs

from ..load import address

PATH = address("masters/1")
RATE = 100
"""Requests in a second, of one caller."""


@attrs.define
class Callers:
    """At the port of a server."""

    port: int
    _asked: list[tuple[float, float]] = attrs.field(factory=list)
    """When a request was due, and when its answer was there, in seconds since the epoch."""
    _isOver: bool = False

    @contextmanager
    def watching(self) -> Iterator[Callers]:
        """Ask while the context is open."""
        thread = threading.Thread(target=self._ask, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._isOver = True
            thread.join()

    def watch(self, seconds: float) -> Sequence[float]:
        """Ask for so long: the milliseconds of each answer."""
        with self.watching():
            sleep(seconds)
        return self.between(0, float("inf"))

    def between(self, first: float, last: float) -> Sequence[float]:
        """The milliseconds of each answer that was due between these times."""
        return [1000 * (there - due) for due, there in self._asked if first <= due <= last]

    def _ask(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        due = time()
        while not self._isOver:
            sleep(max(0.0, due - time()))
            try:
                connection.request("GET", PATH)
                connection.getresponse().read()
            except (OSError, HTTPException):
                connection.close()
            self._asked.append((due, time()))
            due += 1 / RATE
        connection.close()
