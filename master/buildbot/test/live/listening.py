"""What a stock master announces, as its server-sent events tell it to anybody."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request

from buildbot.test.live.processes import PATIENCE, until
from buildbot.test.oracle.stream import Told

PATHS = (
    "changes/*/*",
    "buildsets/*/*",
    "buildrequests/*/*",
    "builds/*/*",
    "builds/*/properties/*",
    "steps/*/*",
    "logs/*/*",
    "builders/*/*",
    "workers/*/*",
    "schedulers/*/*",
    "masters/*/*",
    "projects/*/*",
    "control/*/*/*",
)
"""One for each event, of all under which it is announced."""


class Listening:
    """Keeps what a master announces, from now on, until it ends."""

    def __init__(self, url: str) -> None:
        self.stream: list[Told] = []
        self._answer = urllib.request.urlopen(f"{url}/sse/listen", timeout=PATIENCE)
        self._ident = ""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        until(lambda: self._ident, "the stream is open")
        for path in PATHS:
            try:
                urllib.request.urlopen(f"{url}/sse/add/{self._ident}/{path}", timeout=PATIENCE).close()
            except urllib.error.HTTPError as error:  # Stock sends "ok" and a page about an error after it.
                error.close()

    def _read(self) -> None:
        event = ""
        try:
            for line in self._answer:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "handshake":
                    self._ident = value
                elif name == "data":
                    found = json.loads(value)
                    self.stream.append(_told(found["key"], found["message"]))
        except (OSError, ValueError):
            pass  # The master was killed, or this is closed.

    def close(self) -> None:
        """Want no more."""
        self._answer.close()


def _told(key: list[str], body: object) -> Told:
    found = body if isinstance(body, dict) else None
    if key[0] == "control":
        return Told("control", int(key[2]), key[3], found)
    if key[2] == "properties":
        return Told("properties", int(key[1]), key[3], found)
    return Told(key[0], int(key[1]), key[2], found)
