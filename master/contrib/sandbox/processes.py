"""Processes that end with this one: each leads a session of its own, and whatever is left in it is ended too."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from layout import Problem

PR_SET_PDEATHSIG = 1
PATIENCE = 15.0
"""Seconds that a process may take to end by itself."""


def _endWithParent() -> Callable[[], None] | None:
    """What makes Linux end the process when this one is killed without a chance to do it."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Processes:
    """Those that were started here. All calls come from the main thread."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._sessions: set[int] = set()
        self._prepare = _endWithParent()

    def start(self, name: str, command: Sequence[str | Path], cwd: Path | None = None) -> None:
        """Start it; what it prints goes to ``logs/NAME.log``."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("wb") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self._prepare,
            )
        self._running[name] = process
        self._sessions.add(process.pid)

    def run(self, name: str, command: Sequence[str | Path], cwd: Path | None = None) -> None:
        """Start it and wait until it has ended.

        :raise Problem: it failed; the message has its last words
        """
        self.start(name, command, cwd)
        code = self._running[name].wait()
        del self._running[name]
        if code:
            raise Problem(f"{' '.join(map(str, command))} failed ({code}):\n{self.lastWords(name)}")

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def lastWords(self, name: str, lines: int = 20) -> str:
        text = self.log(name).read_text(errors="replace").rstrip()
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])

    def check(self) -> None:
        """:raise Problem: one of them has ended"""
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                raise Problem(f"{name} ended by itself ({code}):\n{self.lastWords(name)}")

    def stop(self) -> None:
        """End all of them, the last started first, and everything that they left behind."""
        for process in reversed(self._running.values()):
            _signalGroup(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        for pid in _members(self._sessions):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for process in self._running.values():
            process.wait()
        self._running.clear()


def _signalGroup(leader: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _members(sessions: set[int]) -> Iterator[int]:
    """Processes of these sessions: a worker's commands have process groups of their own, but stay in its session."""
    for pid, session in _allProcesses():
        if session in sessions:
            yield pid


def _allProcesses() -> Iterator[tuple[int, int]]:
    """Process and session of every process, from /proc, or from ps where there is none."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The command's name stands in brackets and may hold anything; after it: state, parent, group, session.
            yield int(stat.parent.name), int(stat.read_text(errors="replace").rpartition(")")[2].split()[3])
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(["ps", "-eo", "pid=,sess="], stdout=subprocess.PIPE, text=True, check=False).stdout
        for line in listed.splitlines():
            pid, session = line.split()
            if session.isdigit():
                yield int(pid), int(session)
