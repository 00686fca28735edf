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

import attrs

from layout import Problem

PR_SET_PDEATHSIG = 1
PATIENCE = 15.0
"""Seconds that a process may take to end by itself."""
PAUSE = 10.0
"""Seconds until one that has ended is started again: long enough to see what becomes of the others meanwhile."""
SOON = 10.0
"""What ends in so many seconds after its start would do so again."""


def _endWithParent() -> Callable[[], None] | None:
    """What makes Linux end the process when this one is killed without a chance to do it."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@attrs.define
class _Started:
    command: Sequence[str | Path]
    cwd: Path | None
    process: subprocess.Popen[bytes]
    since: float
    again: float | None = None
    """When it is to be started again, once it was told that it has ended."""


class Processes:
    """Those that were started here. All calls come from the main thread."""

    def __init__(self, logs: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.logs = logs
        self._clock = clock
        self._running: dict[str, _Started] = {}
        self._sessions: set[int] = set()
        self._prepare = _endWithParent()

    def start(self, name: str, command: Sequence[str | Path], cwd: Path | None = None) -> None:
        """Start it; what it prints goes to ``logs/NAME.log``."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self.log(name).write_bytes(b"")
        self._start(name, command, cwd)

    def _start(self, name: str, command: Sequence[str | Path], cwd: Path | None) -> None:
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self._prepare,
            )
        self._running[name] = _Started(command, cwd, process, self._clock())
        self._sessions.add(process.pid)

    def run(self, name: str, command: Sequence[str | Path], cwd: Path | None = None) -> None:
        """Start it and wait until it has ended.

        :raise Problem: it failed; the message has its last words
        """
        self.start(name, command, cwd)
        code = self._running[name].process.wait()
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
        for name, started in self._running.items():
            code = started.process.poll()
            if code is not None:
                raise Problem(f"{name} ended by itself ({code}):\n{self.lastWords(name)}")

    def revive(self) -> Iterator[str]:
        """Start those again that have ended, after a while; those that did so soon after their start stay ended.

        :return: what there is to tell
        """
        now = self._clock()
        for name, started in list(self._running.items()):
            code = started.process.poll()
            if code is None:
                continue
            if started.again is None:
                # Of a worker that was killed, what it was at goes on.
                _killSessions({started.process.pid})
                told = f"{name} {_ending(code)}"
                if now - started.since < SOON:
                    del self._running[name]
                    yield f"{told}, soon after its start, and is left alone:\n{self.lastWords(name)}"
                else:
                    started.again = now + PAUSE
                    yield f"{told}; it is started again in {PAUSE:.0f} seconds"
            elif now >= started.again:
                self._start(name, started.command, started.cwd)
                yield f"{name} is started again"

    def stop(self) -> None:
        """End all of them, the last started first, and everything that they left behind."""
        processes = [started.process for started in self._running.values()]
        for process in reversed(processes):
            _signalGroup(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        _killSessions(self._sessions)
        for process in processes:
            process.wait()
        self._running.clear()


def _signalGroup(leader: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _killSessions(sessions: set[int]) -> None:
    for pid in _members(sessions):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended by itself ({code})"


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
