"""The servers that are compared, each a process of its own that is ended by its id."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from buildbot.test.oracle.environment import stockEnvironment

from .database import BUILDERS, MASTER, builderName

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)|BuildbotSite starting on (\d+)")

_APPLICATION = """
from twisted.application.service import Application
from buildbot.master import BuildMaster

application = Application("buildmaster")
master = BuildMaster({folder!r}, "master.cfg")
master.name = {name!r}
master.setServiceParent(application)
"""

_CONFIGURATION = """
from buildbot.plugins import schedulers, util, worker

builders = {builders!r}

BuildmasterConfig = {{
    "db": {{"db_url": {url!r}}},
    "buildbotNetUsageData": None,
    "protocols": {{"pb": {{"port": "tcp:0:interface=127.0.0.1"}}}},
    "www": {{"port": "tcp:0:interface=127.0.0.1", "plugins": {plugins!r}}},
    "workers": [worker.Worker("worker-1", "x")],
    "builders": [
        util.BuilderConfig(name=name, workernames=["worker-1"], tags=tags, factory=util.BuildFactory())
        for name, tags in builders
    ],
    "schedulers": [schedulers.Triggerable(name="any", builderNames=[name for name, _ in builders])],
}}
"""


@attrs.frozen
class Server:
    """One that runs."""

    name: str
    port: int
    process: subprocess.Popen[str]

    def get(self, path: str) -> bytes:
        """The body of an answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return bytes(answer.read())


@contextmanager
def ours(path: Path, log: Path) -> Iterator[Server]:
    """``buildbot attach``. As beside a running master, somebody else has the database open and its write-ahead log is
    there."""
    master = sqlite3.connect(path, isolation_level=None)
    master.execute("PRAGMA journal_mode = wal")
    master.execute("UPDATE masters SET last_active = last_active + 1")
    program = Path(sys.executable).with_name("buildbot-status")
    arguments = [str(program), "attach", "--db", f"sqlite:///{path}", "--port", "0", "--state", "none"]
    try:
        with started("ours", arguments, log) as server:
            yield server
    finally:
        master.close()


@contextmanager
def stock(path: Path, folder: Path, plugins: Sequence[str] = ()) -> Iterator[Server]:
    """A stock master over a database, which it writes to, with these plugins of its web pages; ended as it is, whatever
    still waits for it."""
    folder.mkdir(parents=True, exist_ok=True)
    builders = [(builderName(n), [f"tag-{n % 3 + 1}", f"tag-{n % 3 + 4}"]) for n in range(1, BUILDERS + 1)]
    (folder / "master.cfg").write_text(
        _CONFIGURATION.format(url=f"sqlite:///{path}", builders=builders, plugins={name: {} for name in plugins})
    )
    with started(
        "stock", stockCommand(folder, MASTER), folder / "errors.log", until="BuildMaster is running"
    ) as server:
        yield server
        server.process.kill()


def stockCommand(folder: Path, name: str) -> Sequence[str]:
    """What starts a stock master with the ``master.cfg`` that is in a folder."""
    application = folder / "buildbot.tac"
    application.write_text(_APPLICATION.format(folder=str(folder), name=name))
    environment = stockEnvironment()
    twistd = str(environment.path / "bin" / "twistd")
    return [environment.python, "-E", twistd, "-n", "--pidfile=", "--logfile=-", "-y", str(application)]


@contextmanager
def bare(folder: Path, log: Path) -> Iterator[Server]:
    """A Twisted server that does no more than to send bytes, with its default log."""
    program = str(Path(__file__).with_name("bare.py"))
    with started("bare", [sys.executable, program, str(folder), str(log)], log.with_suffix(".errors")) as server:
        yield server


@contextmanager
def started(name: str, arguments: Sequence[str], log: Path, until: str = "http") -> Iterator[Server]:
    """A process, from the moment when it says where it listens, and ``until`` after that."""
    with log.open("w") as errors, log.with_suffix(".out").open("w+") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=errors, text=True)
        try:
            yield Server(name, _port(process, Path(output.name), until), process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _port(process: subprocess.Popen[str], output: Path, until: str) -> int:
    while True:
        said = output.read_text(errors="replace")
        found = _ADDRESS.search(said)
        if found is not None and until in said:
            return int(found[1] or found[2])
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"{process.args!r} ended: {said[-3000:]}")
