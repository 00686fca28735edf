"""The load generator: wrk, and how busy it and the server were meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import attrs

from .servers import Server

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 16
_TICKS = os.sysconf("SC_CLK_TCK")


class NoLoadGenerator(Exception):
    """wrk is not there, and this user cannot install it."""


def needWrk() -> None:
    """Install wrk where one may; raises NoLoadGenerator elsewhere."""
    if shutil.which("wrk") is not None:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoLoadGenerator("wrk makes the load and is not there: install it (Debian: apt-get install wrk)")
    subprocess.run(["apt-get", "install", "--yes", "--quiet", "wrk"], check=True)


@attrs.frozen
class Run:
    """What one run of the load generator saw; times in milliseconds."""

    rate: float
    """Answers in a second."""
    p50: float
    p99: float
    longest: float
    errors: int
    """Answers that were errors, or did not come."""
    broken: int
    """Connections that the server broke off; a stock Buildbot does so now and then under load."""
    size: float
    """Bytes of an answer, its head included."""
    cpu: float
    """Microseconds of the server's processor time for each answer."""
    generator: float
    """Share of one processor that the load generator took."""


def address(path: str) -> str:
    """As it stands in the first line of a request."""
    return f"/api/v2/{path}"


@attrs.frozen
class Load:
    """Many requests at once, for some seconds."""

    folder: Path
    """For the lists of addresses."""

    def start(
        self, server: Server, paths: Sequence[str], seconds: float, *, first: int = 0, connections: int = CONNECTIONS
    ) -> Running:
        """Ask a server for these addresses in turn, from the one with the number ``first`` on."""
        listed = self.folder / f"paths-{abs(hash(tuple(paths)))}.txt"
        listed.write_text("".join(f"{path}\n" for path in paths))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
        command += ["-s", str(SCRIPT), f"http://127.0.0.1:{server.port}", "--", str(listed), str(first)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return Running(process, server, monotonic(), processorTime(server.process.pid))

    def run(self, server: Server, paths: Sequence[str], seconds: float, *, first: int = 0) -> Run:
        """As :meth:`start`, until it is over."""
        return self.start(server, paths, seconds, first=first).end()


@attrs.frozen
class Running:
    """A load that is being made."""

    _process: subprocess.Popen[str]
    _server: Server
    _began: float
    _before: float

    def end(self) -> Run:
        """Wait for its end."""
        assert self._process.stdout is not None
        said = self._process.stdout.read()
        _, _, used = os.wait4(self._process.pid, 0)
        wall = monotonic() - self._began
        spent = processorTime(self._server.process.pid) - self._before
        line = next((line for line in said.splitlines() if line.startswith("RESULT ")), None)
        if line is None:
            raise RuntimeError(f"wrk failed: {said}")
        seen = json.loads(line.removeprefix("RESULT "))
        answers = max(seen["requests"], 1)
        return Run(
            rate=seen["requests"] / seen["seconds"],
            p50=seen["p50"],
            p99=seen["p99"],
            longest=seen["longest"],
            errors=seen["errors"],
            broken=seen["broken"],
            size=seen["bytes"] / answers,
            cpu=1e6 * spent / answers,
            generator=(used.ru_utime + used.ru_stime) / wall,
        )


def processorTime(pid: int) -> float:
    """Seconds of processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
