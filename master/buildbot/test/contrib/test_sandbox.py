"""The sandbox behind ``make run``: its sample project, and that it leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from twisted.trial.unittest import TestCase

CONTRIB = Path(__file__).resolve().parents[3] / "contrib"
sys.path.insert(0, str(CONTRIB / "sandbox"))

from layout import Layout, Problem  # noqa: E402  # the folder is no package, so its path comes first
from processes import PAUSE, SOON, Processes  # noqa: E402  # the folder is no package, so its path comes first
from sample import BATCHES, Repository  # noqa: E402  # the folder is no package, so its path comes first

GRANDCHILD = """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], process_group=0)
print(child.pid, flush=True)
signal.pause()
"""


class SampleTest(TestCase):
    """The sample project's history."""

    def setUp(self) -> None:
        self.layout = Layout(Path(self.mktemp()).resolve(), 0)
        self.layout.folder.mkdir(parents=True)
        self.repository = Repository(self.layout)
        self.repository.make()

    def test_history(self) -> None:
        """Twenty commits on two branches; both tips pass their tests, and main's eighth commit fails them."""
        for batch in self.repository.remaining():
            self.repository.grow(batch)
        commits = self.git("rev-list", "main", "stable").split()
        self.assertEqual(len(commits), 20)
        self.assertEqual(self.resultOf("main"), 0)
        self.assertEqual(self.resultOf("stable"), 0)
        self.assertEqual(self.resultOf(self.git("rev-list", "--reverse", "main").split()[7]), 1)

    def test_continues(self) -> None:
        """What was committed is not committed again by the next run."""
        self.repository.grow(BATCHES[0])
        self.assertEqual(tuple(self.repository.remaining()), BATCHES[1:])

    def test_tooEarly(self) -> None:
        """``make commit`` waits for the history, and says so."""
        self.assertRaisesRegex(Problem, f"{self.layout.folder}.*SANDBOX=.*make run", self.repository.commit, False)

    def test_breakAndMend(self) -> None:
        """A broken commit fails the tests, and the next one mends them."""
        for batch in self.repository.remaining():
            self.repository.grow(batch)
        self.repository.commit(broken=True)
        self.assertEqual(self.resultOf("main"), 1)
        self.repository.commit(broken=False)
        self.assertEqual(self.resultOf("main"), 0)
        self.assertEqual(self.repository.commit(broken=False), "Tell of commit 18")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.layout.repository, check=True, capture_output=True, text=True
        )
        return done.stdout

    def resultOf(self, revision: str) -> int:
        self.git("checkout", "--quiet", revision)
        command = [sys.executable, "-B", "-m", "unittest", "-q"]
        return subprocess.run(command, cwd=self.layout.repository, check=False, capture_output=True).returncode


class ProcessesTest(TestCase):
    """What is started is ended."""

    def test_stop(self) -> None:
        """A command that a process started in a process group of its own is ended, too."""
        processes = Processes(Path(self.mktemp()))
        processes.start("parent", [sys.executable, "-c", GRANDCHILD])
        self.waitFor(lambda: processes.log("parent").read_text().endswith("\n"))
        child = int(processes.log("parent").read_text())
        self.assertTrue(self.runs(child))
        processes.stop()
        self.waitFor(lambda: not self.runs(child))

    def test_check(self) -> None:
        """One that ends by itself is a problem, told with its last words."""
        processes = Processes(Path(self.mktemp()))
        self.addCleanup(processes.stop)
        processes.start("short", [sys.executable, "-c", "raise SystemExit('no such thing')"])

        def ended() -> bool:
            try:
                processes.check()
            except Problem as problem:
                self.assertIn("no such thing", str(problem))
                return True
            return False

        self.waitFor(ended)

    def test_revive(self) -> None:
        """One that was killed is told of, what it was at is ended, and it is started again after a while."""
        now = 100.0
        processes = Processes(Path(self.mktemp()), clock=lambda: now)
        self.addCleanup(processes.stop)
        processes.start("parent", [sys.executable, "-c", GRANDCHILD])
        log = processes.log("parent")
        self.waitFor(lambda: log.read_text().endswith("\n"))
        child = int(log.read_text())
        self.assertEqual(list(processes.revive()), [])
        now += SOON
        os.kill(self.parentOf(child), signal.SIGKILL)
        told: list[str] = []
        self.waitFor(lambda: self.revived(processes, told))
        self.waitFor(lambda: not self.runs(child))
        now += PAUSE - 1
        told.extend(processes.revive())
        self.assertEqual(told, ["parent was ended by signal 9; it is started again in 10 seconds"])
        now += 1
        self.assertEqual(list(processes.revive()), ["parent is started again"])
        self.waitFor(lambda: log.read_text().count("\n") == 2)
        self.assertTrue(self.runs(int(log.read_text().split()[1])))
        self.assertEqual(list(processes.revive()), [])

    def test_leftAlone(self) -> None:
        """One that ends soon after its start is told of with its last words, once, and the others go on."""
        processes = Processes(Path(self.mktemp()))
        self.addCleanup(processes.stop)
        processes.start("other", [sys.executable, "-c", "import signal; signal.pause()"])
        processes.start("short", [sys.executable, "-c", "raise SystemExit('no such thing')"])
        told: list[str] = []
        self.waitFor(lambda: self.revived(processes, told))
        self.assertEqual(
            told, ["short ended by itself (1), soon after its start, and is left alone:\n    no such thing"]
        )
        self.assertEqual(list(processes.revive()), [])
        processes.check()

    def revived(self, processes: Processes, told: list[str]) -> bool:
        told.extend(processes.revive())
        return bool(told)

    def parentOf(self, pid: int) -> int:
        listed = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], check=True, capture_output=True, text=True)
        return int(listed.stdout)

    def runs(self, pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        stat = Path(f"/proc/{pid}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"

    def waitFor(self, condition: object) -> None:
        assert callable(condition)
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)


class PortsTest(TestCase):
    """The four ports of a sandbox."""

    def test_taken(self) -> None:
        """A port that is in use is named."""
        layout = Layout(Path("/nowhere"), 0).withPorts()
        with socket.socket() as other:
            other.bind(("127.0.0.1", layout.stockPort))
            other.listen()
            self.assertRaisesRegex(Problem, f"port {layout.stockPort} cannot be used", layout.withPorts)
        self.assertEqual(layout.withPorts(), layout)


class RunTest(TestCase):
    """The command itself."""

    def test_signalWhileStarting(self) -> None:
        """SIGTERM in the middle of setting up ends it, with 0 and nothing left."""
        folder = Path(self.mktemp()).resolve()
        process = subprocess.Popen(
            [sys.executable, str(CONTRIB / "sandbox"), "run", "--folder", str(folder), "--port", "0"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        process.stdout.close()
        self.assertEqual(process.wait(), 0, rest)
        self.assertIn("ending everything", rest)

    def test_commitWaits(self) -> None:
        """``make commit`` beside a sandbox that commits the project's own history waits until that is there."""
        layout = Layout(Path(self.mktemp()).resolve(), 0)
        layout.folder.mkdir(parents=True)
        with (layout.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen(
                [sys.executable, str(CONTRIB / "sandbox"), "commit", "--folder", str(layout.folder)],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert process.stdout is not None
            self.assertIn("waiting until", process.stdout.readline())
            repository = Repository(layout)
            repository.make()
            for batch in repository.remaining():
                self.assertIsNone(process.poll())
                repository.grow(batch)
            self.assertEqual(process.stdout.read(), "committed to main: Tell of commit 16\n")
        process.stdout.close()
        self.assertEqual(process.wait(), 0)
