"""Sets a sandbox up, runs it, and tells what happens in it."""

from __future__ import annotations

import fcntl
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import api
import stock
from layout import Layout, Problem
from processes import Processes
from sample import Repository

BIN = Path(sys.executable).parent
BETWEEN_BATCHES = 5.0
"""Seconds: Buildbot looks for commits every two."""
ENOUGH = 20
"""Finished builds that ``--once`` waits for."""
LISTENERS = Path(__file__).with_name("listeners")
BEGUN = "started"
"""The first word of what the listener in ``attach`` writes; the one beside it begins with the result."""


class Sandbox:
    """One run of a sandbox, in the foreground."""

    def __init__(self, layout: Layout, once: bool) -> None:
        self.layout = layout
        self.once = once
        self.processes = Processes(layout.logs)
        self.repository = Repository(layout)
        self._told = 0
        """Bytes of what the listeners wrote that were printed."""
        self._counts = {"begun": 0, "ended": 0}
        self._nightDone = False

    def run(self) -> int:
        """Until Ctrl-C or SIGTERM, which are the ordinary end: 0.

        :raise Problem: something is missing, or something that was started has ended before all was there
        """
        _checkPrograms()
        self.layout.folder.mkdir(parents=True, exist_ok=True)
        # SIGINT too: a shell script's background commands start with it ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        with _onlyOne(self.layout.folder):
            self.layout = self.layout.withPorts()
            try:
                self._setUp()
                self._start()
                self._introduce()
                self._go()
            except KeyboardInterrupt:
                print()
            finally:
                self._stop()
        return 0

    def _setUp(self) -> None:
        print(f"A sandbox in {self.layout.folder}")
        layout, processes = self.layout, self.processes
        with _step(f"stock Buildbot {stock.VERSION} in an environment of its own (a minute the first time)"):
            stock.install(layout, processes)
        with _step("the sample project's repository"):
            self.repository.make()
        with _step("the configuration of a master, two workers and two listeners"):
            stock.configure(layout, processes)
            shutil.copytree(LISTENERS, layout.listeners, dirs_exist_ok=True)
            layout.told.touch()
            self._told = layout.told.stat().st_size

    def _start(self) -> None:
        layout = self.layout
        with _step("starting the stock master"):
            stock.startMaster(layout, self.processes)
            self._until(lambda: bool(api.get(layout.stockUrl, "masters")))
        with _step("starting two stock workers"):
            stock.startWorkers(layout, self.processes)
            self._until(lambda: all(each["connected_to"] for each in api.get(layout.stockUrl, "workers")))
        state = layout.folder / "state"
        with _step("starting buildbot attach beside it, with a listener in it"):
            serving = ["--db", layout.database, "--port", str(layout.port)]
            serving += ["--pb", f"tcp:{layout.pbPort}:interface=127.0.0.1"]
            serving += ["--config", str(layout.listeners / "attach.cfg"), "--state", str(state / "events.sqlite")]
            self.processes.start("attach", [BIN / "buildbot", "attach", *serving], cwd=layout.folder)
            self._until(lambda: bool(api.get(layout.url, "masters")))
        with _step("starting buildbot listen beside that, with another one"):
            listening = ["--from", layout.pbUrl, "--config", str(layout.listeners / "listen.cfg")]
            listening += ["--state", str(state / "listeners.sqlite")]
            self.processes.start("listen", [BIN / "buildbot", "listen", *listening], cwd=layout.folder)
            self._until(lambda: "Listening to" in self.processes.log("listen").read_text())
        with _step("waiting for Buildbot to look at the repository"):
            self._until(self._polled)

    def _introduce(self) -> None:
        layout = self.layout
        commands = "\n".join(f"  {_typed(command)}" for command in self._commands())
        print(
            f"""
in a browser               {layout.url}/
HTTP JSON                  {layout.url}/api/v2
Perspective Broker         {layout.pbUrl}
the stock Buildbot itself  {layout.stockUrl}
logs of all processes      {layout.logs}, {layout.master / "twistd.log"}
listeners                  {layout.listeners}, who write {layout.told}, which is shown here

Try, in another terminal:

{commands}

`make commit SANDBOX={layout.folder}` adds a commit to its project (BREAK=1: one that fails), after those of
its own history, which come now, in about a minute. What is killed is started again. Ctrl-C ends everything.
""",
            flush=True,
        )

    def _commands(self) -> Sequence[Sequence[str | Path]]:
        """What to try first."""
        get: list[str | Path] = [BIN / "buildbot", "get"]
        url, pb = self.layout.url, self.layout.pbUrl
        return [
            ["curl", f"{url}/api/v2/builders?expand=builds&builds.limit=3&builds.order=-number"],
            [*get, "builders/tests/builds", "order=-number", "limit=5", "--table", "--from", url],
            [*get, "builders/tests/builds/1/steps", "field=name", "field=state_string", "--table", "--from", pb],
            [BIN / "buildbot", "listeners", "--from", url],
            [BIN / "buildbot", "watch", "builders/tests/builds", "limit=3", "--count", "3", "--from", url],
        ]

    def _go(self) -> None:
        """Commit what is left of the history, and tell of builds that finish."""
        batches = self.repository.remaining()
        while True:
            for batch in batches[:1]:
                for subject in self.repository.grow(batch):
                    _say(f"commit    {subject}")
            del batches[:1]
            again = time.monotonic() + BETWEEN_BATCHES
            while time.monotonic() < again:
                self._look()
                self._tell()
                if self.once and min(self._counts.values()) >= ENOUGH:
                    self._tryCommands()
                    print(f"{ENOUGH} builds have finished, told by listeners in buildbot attach and beside it")
                    return
                time.sleep(0.5)
            if not batches and not self._nightDone:
                self._nightDone = self._firstNight()

    def _look(self) -> None:
        """Whether all that was started runs: one that was killed, to see what becomes of the rest, comes back.

        :raise Problem: one has ended in a run that is a test of it
        """
        if self.once:
            self.processes.check()
        for told in self.processes.revive():
            _say(told)

    def _tryCommands(self) -> None:
        """:raise Problem: what was said to be typed does not work"""
        for number, command in enumerate(self._commands(), 1):
            if shutil.which(command[0]):
                self.processes.run(f"try-{number}", command)

    def _tell(self) -> None:
        """Print what the listeners have written since the last time."""
        whole = self.layout.told.read_bytes()[self._told :].rpartition(b"\n")
        self._told += len(whole[0] + whole[1])
        for line in whole[0].decode().splitlines():
            _say(line)
            self._counts["begun" if line.startswith(BEGUN) else "ended"] += 1

    def _firstNight(self) -> bool:
        """Nobody should have to wait until three o'clock to see a nightly build; whether there is one now."""
        try:
            if not api.get(self.layout.url, "builders/nightly/builds", limit=1):
                api.force(self.layout.stockUrl, "force", "nightly", "the first night")
        except api.NotYet:
            return False
        return True

    def _polled(self) -> bool:
        """Whether the poller has seen the first commit; what comes after it will be a change."""
        poller = self.layout.master / "gitpoller-work"
        command = ["git", "--git-dir", str(poller), "for-each-ref", "refs/buildbot"]
        return bool(subprocess.run(command, capture_output=True, check=False).stdout)

    def _until(self, condition: Callable[[], bool], patience: float = 60) -> None:
        """:raise Problem: a process ended, or it took too long"""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self.processes.check()
            try:
                if condition():
                    return
            except api.NotYet:
                pass
            time.sleep(0.2)
        raise Problem(f"nothing after {patience:.0f} seconds; {self.layout.logs} may tell why")

    def _stop(self) -> None:
        # A second Ctrl-C must not leave half of it running.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        with _step("ending everything that was started"):
            self.processes.stop()


def _typed(command: Sequence[str | Path]) -> str:
    """The command as one would type it here."""
    here = Path.cwd()
    words = (
        each.relative_to(here) if isinstance(each, Path) and each.is_relative_to(here) else each for each in command
    )
    return shlex.join(map(str, words))


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def _checkPrograms() -> None:
    if shutil.which("git") is None:
        raise Problem("git is needed: install the package git")


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"  {what} ...", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", flush=True)


def commit(layout: Layout, broken: bool) -> str:
    """Add a commit to the sample project; while a sandbox runs that commits the project's own history, after that.

    :return: its subject
    :raise Problem: the history is not complete, and no sandbox runs
    """
    repository = Repository(layout)
    waiting = False
    while not repository.isComplete and _runs(layout.folder):
        if not waiting:
            print("waiting until the sample project has its own history, about a minute after make run ...", flush=True)
            waiting = True
        # A command that has nothing else to do, and what it waits for are commits of other programs.
        time.sleep(0.5)
    return repository.commit(broken)


def _runs(folder: Path) -> bool:
    """Whether a process runs this sandbox."""
    if not (folder / "lock").exists():
        return False
    try:
        with _onlyOne(folder):
            return False
    except Problem:
        return True


@contextmanager
def _onlyOne(folder: Path) -> Iterator[None]:
    """:raise Problem: another process runs this sandbox"""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Problem(
                f"a sandbox runs in {folder} already; another one: make run SANDBOX=other PORT=9000"
            ) from error
        yield
