"""``buildbot attach`` and ``buildbot listen`` as processes of their own, for tests that ask from outside."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs
from twisted.trial.unittest import TestCase

_ADDRESS = re.compile(r"\bhttps?://\S+|\bpb://\S+")
SECONDS = 20
"""How long a server may take to end."""


@attrs.frozen
class Started:
    """A command that runs until it is ended."""

    process: subprocess.Popen[str]
    said: str
    """What it has printed when it had started."""

    def stop(self) -> None:
        """End it, and wait until it has."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=SECONDS)
        finally:
            self.process.kill()

    def kill(self) -> None:
        """End it without a chance to do anything."""
        self.process.kill()
        self.process.wait()

    def hangUp(self) -> None:
        """Have it read its configuration again."""
        self.process.send_signal(signal.SIGHUP)


@attrs.frozen
class Attached(Started):
    """A running server."""

    addresses: Sequence[str]
    """Where it listens, as it says itself."""

    @property
    def api(self) -> str:
        """The address of the API, which ends with ``/api/v2``."""
        return next(address for address in self.addresses if address.startswith("http"))

    @property
    def http(self) -> str:
        """The address of the server, without a slash at the end."""
        return self.api.removesuffix("/api/v2")

    @property
    def pb(self) -> str:
        """The address of Perspective Broker, where it was asked for."""
        return next(address for address in self.addresses if address.startswith("pb"))


def attach(case: TestCase, url: str, *arguments: str) -> Attached:
    """Start a server beside a database, on a free port; it ends with the test."""
    return served(case, "attach", "--db", url, "--port", "0", *arguments)


def served(case: TestCase, *arguments: str) -> Attached:
    """Start what serves; it ends with the test."""
    process, said = _started(case, *arguments)
    return Attached(process, said, _ADDRESS.findall(said))


def listen(case: TestCase, url: str, config: str | Path, *arguments: str) -> Started:
    """Start the listeners of a file beside a server; they end with the test."""
    return Started(*_started(case, "listen", "--from", url, "--config", str(config), *arguments))


def _started(case: TestCase, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """The process, and what it has said."""
    program = Path(sys.executable).with_name("buildbot-status")
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed at the end of the test
    case.addCleanup(log.close)
    process = subprocess.Popen([str(program), *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    case.addCleanup(Started(process, "".join(lines)).stop)
    if not lines:
        log.seek(0)
        raise AssertionError(f"it did not start: {log.read()}")
    return process, "".join(lines)
