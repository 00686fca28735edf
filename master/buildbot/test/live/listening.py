"""What a stock master announces, and what we do, as server-sent events tell it to anybody."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from urllib.parse import urlencode

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
)
"""One for each event, of all under which it is announced."""
CONTROL = "control/*/*/*"


class Listening:
    """Keeps what is announced, from now on, until the server ends. A stock master adds one path after the other to a
    stream; with ours they make one stream in one order."""

    def __init__(self, url: str, *, isStock: bool = True) -> None:
        self.stream: list[Told] = []
        topics = "" if isStock else f"?{urlencode([('topic', path) for path in PATHS])}"
        self._answer = urllib.request.urlopen(f"{url}/sse/listen{topics}", timeout=PATIENCE)
        self._ident = ""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        until(lambda: self._ident, "the stream is open")
        for path in (*PATHS, CONTROL) if isStock else ():
            try:
                urllib.request.urlopen(f"{url}/sse/add/{self._ident}/{path}", timeout=PATIENCE).close()
            except urllib.error.HTTPError as error:  # Stock sends "ok" and a page about an error after it.
                error.close()

    def _read(self) -> None:
        event = ""
        with self._answer, suppress(OSError, HTTPException):  # the server was killed
            for line in self._answer:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "handshake":
                    self._ident = value
                elif name == "data":
                    found = json.loads(value)
                    self.stream.append(_told(found["key"], found["message"]))

    def complete(self) -> int:
        """How many buildsets have been said to be complete."""
        return sum((told.type, told.event) == ("buildsets", "complete") for told in list(self.stream))


def _told(key: list[str], body: object) -> Told:
    found = body if isinstance(body, dict) else None
    if key[0] == "control":
        return Told("control", int(key[2]), key[3], found)
    if key[2] == "properties":
        return Told("properties", int(key[1]), key[3], found)
    return Told(key[0], int(key[1]), key[2], found)
