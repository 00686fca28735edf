"""What ``make test`` runs: all checks, or those that are named, and a table of what took how long.

    python tools/check.py             everything
    python tools/check.py lint types  only these parts

A part that fails does not stop the others. What a part printed is in ``.cache/check/PART.log``, and is
shown when it failed; the last lines tell once more what failed. Exits with 0 when every part passed, with 1
otherwise.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

import attrs

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".cache" / "check"
BIN = ROOT / ".venv" / "bin"
LIMIT = 20 * 60
"""Seconds after which a part is ended: nothing here takes a third of it."""

COLOUR = re.compile(r"\x1b\[[\d;]*m")
TELLING = re.compile(r"^ *(FAIL|FAILED|ERROR) |^ *\w*Error: |: error\b")
"""How vitest, pytest, mypy and tsc say what failed, and why."""
MOST, WIDTH = 12, 200
"""Lines of each part that failed, and how much of each, which the end of the output has."""


@attrs.frozen
class Part:
    """One thing to check: a few commands, run in order until one fails."""

    name: str
    commands: Sequence[Sequence[str]]
    module: str | None = None
    """Left out while this module does not exist."""
    shown: bool = False
    """Its output is shown as it comes: for what takes long."""


@attrs.frozen
class Outcome:
    """What became of a part: ``passed``, ``FAILED`` or ``left out``, and after how many seconds."""

    name: str
    result: str
    seconds: float


def python(*args: str) -> list[str]:
    return [str(BIN / "python"), *args]


SYSTEM = Part("system", [python("tools/system.py")])
"""Before all others: they need the programs that it installs."""

STOCK = "from buildbot.test.oracle.environment import stockEnvironment as made; print(made().path)"

SANDBOX = ["--folder", str(ROOT / ".cache" / "sandbox"), "--port", "0"]
SANDBOX_STATE = [str(ROOT / ".cache" / "sandbox" / name) for name in ("master", "north", "south", "tally", "state")]
"""All but the installed stock Buildbot: every run begins with an empty repository."""

CHECKED_APART = [str(path) for path in sorted((ROOT / "master" / "contrib" / "sandbox").glob("*.py"))]
"""No part of the package."""

QUICK = [
    Part(
        "web",
        [
            ["make", "--no-print-directory", "www/node_modules/.ready"],
            *(["npm", "--prefix", "www", "run", script] for script in ("check", "test", "build")),
        ],
    ),
    Part("stock", [python("-c", STOCK)], module="buildbot.test.oracle.environment"),
    Part("sandbox", [["rm", "-rf", *SANDBOX_STATE], python("master/contrib/sandbox", "run", "--once", *SANDBOX)]),
    Part("types", [[str(BIN / "mypy")], [str(BIN / "mypy"), "--strict", "--config-file=", *CHECKED_APART]]),
    Part(
        "lint",
        [
            [str(BIN / "ruff"), "check"],
            [str(BIN / "ruff"), "format", "--check"],
        ],
    ),
    Part("imports", [python("tools/imports.py")]),
    Part(
        "docs",
        [
            [
                str(BIN / "sphinx-build"),
                "-q",
                "-W",
                "--keep-going",
                "-E",
                "-b",
                "html",
                "-d",
                str(ROOT / ".cache" / "doctrees"),
                "docs",
                "docs/_build/html",
            ]
        ],
    ),
    Part("news", [[str(BIN / "towncrier"), "build", "--draft", "--version", "next"]]),
    Part("generated", [python("tools/generated.py")], module="buildbot.status.generate"),
]
"""Those that keep one core busy, or only wait: two run at a time, and all others fit beside the first."""

PYTEST = ["-n", str(min(os.cpu_count() or 1, 8)), "--dist", "loadfile", "--durations", "15"]

TESTS = Part("tests", [[str(BIN / "pytest"), *PYTEST]], shown=True)
"""After all others, as it uses every core itself."""


class Runner:
    """Runs parts, and ends those that are running when it is told to."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.outcomes: list[Outcome] = []
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(self, parts: Sequence[Part], atOnce: int = 1) -> None:
        """Run the parts in order, some at once; returns when all have ended."""
        waiting = iter(parts)

        def work() -> None:
            while not self._stopped:
                with self._lock:
                    part = next(waiting, None)
                if part is None:
                    return
                self._runOne(part)

        threads = [threading.Thread(target=work) for _ in range(atOnce)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """End what runs, with all that it started, and start nothing more."""
        self._stopped = True
        with self._lock:
            for process in self._running:
                endGroup(process)

    def _runOne(self, part: Part) -> None:
        if part.module and importlib.util.find_spec(part.module) is None:
            self._finish(Outcome(part.name, "left out", 0.0))
            return
        if part.shown:
            self.say(f"{part.name} ...")
        began = time.monotonic()
        log = LOGS / f"{part.name}.log"
        with log.open("w") as output:
            passed = all(self._command(command, part, output) for command in part.commands)
        self._finish(Outcome(part.name, "passed" if passed else "FAILED", time.monotonic() - began))
        if not passed and not part.shown and not self._stopped:
            self.say(f"---- {part.name}, in {log.relative_to(ROOT)}:\n{log.read_text().rstrip()}\n----")

    def _finish(self, outcome: Outcome) -> None:
        with self._lock:
            self.outcomes.append(outcome)
        self.say(f"{outcome.name:<12} {outcome.result:<9} {outcome.seconds:6.1f} s")

    def _command(self, command: Sequence[str], part: Part, output: TextIO) -> bool:
        with self._lock:
            if self._stopped:
                return False
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        timer = threading.Timer(LIMIT, endGroup, [process])
        timer.start()
        assert process.stdout is not None
        for line in process.stdout:
            output.write(line)
            if part.shown:
                self.say(line.rstrip("\n"))
        process.wait()
        timer.cancel()
        with self._lock:
            self._running.discard(process)
        return process.returncode == 0


def endGroup(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        os.killpg(process.pid, signal.SIGKILL)


def closingLine() -> str:
    """pytest's last line, such as ``812 passed, 3 skipped in 190.12s``."""
    lines = (LOGS / "tests.log").read_text().rstrip().splitlines()
    return lines[-1] if lines else "no test ran"


def failures(name: str) -> list[str]:
    """The lines of a part that say what failed in it; its last ones, where none does."""
    lines = COLOUR.sub("", (LOGS / f"{name}.log").read_text()).rstrip().splitlines()
    telling = [line for line in lines if TELLING.search(line)]
    return [line.strip()[:WIDTH] for line in telling[:MOST] or lines[-MOST:]]


def chosen(names: Sequence[str]) -> list[Part]:
    parts = [SYSTEM, *QUICK, TESTS]
    known = {part.name for part in parts}
    if unknown := sorted(set(names) - known):
        sys.exit(f"no such part: {', '.join(unknown)}; there are {', '.join(part.name for part in parts)}")
    return [part for part in parts if not names or part.name in names]


def main(names: Sequence[str]) -> int:
    parts = chosen(names)
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    began = float(os.environ.get("STARTED") or time.time())
    lock = threading.Lock()

    def say(text: str) -> None:
        with lock:
            print(text, flush=True)

    runner = Runner(say)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=runner.stop).start())
    setUp = Outcome(".venv", "passed", time.time() - began)
    runner.outcomes.append(setUp)
    runner.run([part for part in parts if part is SYSTEM])
    runner.run([part for part in parts if part in QUICK], atOnce=2)
    runner.run([part for part in parts if part is TESTS])
    print("\npart         result         time")
    for outcome in runner.outcomes:
        print(f"{outcome.name:<12} {outcome.result:<9} {outcome.seconds:6.1f} s")
    print(f"{'together':<22} {time.time() - began:6.1f} s")
    if TESTS in parts:
        print(closingLine())
    failed = [each.name for each in runner.outcomes if each.result == "FAILED"]
    for name in failed:
        print(f"\n{name} FAILED:", *failures(name), sep="\n  ")
    return int(len(runner.outcomes) <= len(parts) or bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
