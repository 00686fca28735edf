"""Where a sandbox keeps what, and which ports it takes."""

from __future__ import annotations

import json
import random
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import attrs

CONTRIB = Path(__file__).resolve().parent.parent
ROOT = CONTRIB.parent.parent


LAST_PORT = 65535


class Problem(Exception):
    """Something that the person who typed the command can put right; the message says what."""


@attrs.frozen
class Layout:
    """The folders and ports of one sandbox; the folder's path is absolute."""

    folder: Path
    port: int

    @property
    def stock(self) -> Path:
        """The virtual environment of the stock Buildbot."""
        return self.folder / "stock"

    @property
    def master(self) -> Path:
        return self.folder / "master"

    @property
    def repository(self) -> Path:
        """The sample project: a work tree that may be looked at and committed to by hand."""
        return self.folder / "tally"

    @property
    def listeners(self) -> Path:
        """The configurations of the two listeners, and their code."""
        return self.folder / "listeners"

    @property
    def told(self) -> Path:
        """What the two listeners write."""
        return self.folder / "told.txt"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.master / 'state.sqlite'}"

    @property
    def pbPort(self) -> int:
        return self.port + 1

    @property
    def stockPort(self) -> int:
        """The stock master's own pages and API."""
        return self.port + 2

    @property
    def workerPort(self) -> int:
        return self.port + 3

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stockUrl(self) -> str:
        return f"http://127.0.0.1:{self.stockPort}"

    @property
    def pbUrl(self) -> str:
        return f"pb://127.0.0.1:{self.pbPort}"

    def withPorts(self) -> Layout:
        """This layout, when its four ports are free; with port 0, one with four ports that are.

        :raise Problem: one of the four ports is taken
        """
        if self.port == 0:
            return next(each for each in map(self._at, _randomPorts()) if not each._taken())
        if not 0 < self.port <= LAST_PORT - 3:
            raise Problem(f"PORT={self.port}: four ports are needed from it on, none above {LAST_PORT}")
        if taken := self._taken():
            raise Problem(f"{taken}; {self.port} to {self.workerPort} are needed. Others: make run PORT=9000")
        return self

    def _at(self, port: int) -> Layout:
        return attrs.evolve(self, port=port)

    def _taken(self) -> str | None:
        """What keeps a port from being used; None when all four are free."""
        for port in (self.port, self.pbPort, self.stockPort, self.workerPort):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    return f"port {port} cannot be used ({error.strerror})"
        return None

    def settings(self) -> dict[str, object]:
        """What ``master.cfg`` reads; the workers' password is made once and kept."""
        path = self.master / "sandbox.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        settings = {
            "repository": str(self.repository),
            "python": str(self.stock / "bin" / "python"),
            "stock_port": self.stockPort,
            "worker_port": self.workerPort,
            "password": known.get("password") or secrets.token_hex(16),
        }
        path.write_text(json.dumps(settings, indent=2))
        path.chmod(0o600)
        return settings


def _randomPorts() -> Iterator[int]:
    # Below those that systems take for outgoing connections, which come and go between a look and its use.
    while True:
        yield random.randrange(10000, 32000)
