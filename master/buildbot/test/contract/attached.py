"""``buildbot attach`` as a process of its own, for tests that ask it from outside."""

from __future__ import annotations

import re
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
class Attached:
    """A running server."""

    process: subprocess.Popen[str]
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

    def stop(self) -> None:
        """End it, and wait until it has."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=SECONDS)
        finally:
            self.process.kill()


def attach(case: TestCase, url: str, *arguments: str) -> Attached:
    """Start a server beside a database, on a free port; it ends with the test."""
    program = Path(sys.executable).with_name("buildbot-status")
    command = [str(program), "attach", "--db", url, "--port", "0", *arguments]
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed at the end of the test
    case.addCleanup(log.close)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    server = Attached(process, _ADDRESS.findall("".join(lines)))
    case.addCleanup(server.stop)
    if not server.addresses:
        log.seek(0)
        raise AssertionError(f"it did not start: {''.join(lines)}{log.read()}")
    return server
