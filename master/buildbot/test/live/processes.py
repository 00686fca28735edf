"""A stock master that really builds, and our server beside it: processes of their own, that are asked from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar

from buildbot.test.oracle.environment import stockEnvironment

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds, where a machine that has much else to do may take its time."""
PAUSE = 0.02
RETRIES = 3
WORKER, PASSWORD = "north", "secret"

DICTATED = "rm -f words && mkfifo words && exec 3<words && rm words && exec cat <&3"
"""Says what is written into a pipe, which is there until somebody writes into it, and ends with that."""

_CONFIGURATION = """
from buildbot.plugins import schedulers, steps, util, worker

def factory(*commands, trigger=False):
    made = util.BuildFactory()
    for number, command in enumerate(commands):
        made.addStep(steps.ShellCommand(name=f"step-{{number}}", command=["sh", "-c", command], haltOnFailure=False))
    if trigger:
        made.addStep(steps.Trigger(schedulerNames=["after"], waitForFinish=True, set_properties={{"by": "large"}}))
    return made

BUILDERS = {{
    "small": factory("echo größe; seq 50"),
    "broken": factory("echo before", "echo why >&2; exit 3"),
    "large": factory("seq 3000", trigger=True),
    "endless": factory("echo begun; exec sleep 3600"),
    "dictated": factory({dictated!r}),
}}
BuildmasterConfig = {{
    "db": {{"db_url": {url!r}}},
    "buildbotNetUsageData": None,
    "protocols": {{"pb": {{"port": "tcp:{port}:interface=127.0.0.1"}}}},
    "www": {{"port": "tcp:0:interface=127.0.0.1", "plugins": {{}}}},
    "workers": [worker.Worker({worker!r}, {password!r}, max_builds=4)],
    "projects": [util.Project("live", description="Built for real")],
    "builders": [
        util.BuilderConfig(name=name, workernames=[{worker!r}], factory=made, tags=["live", name], project="live")
        for name, made in BUILDERS.items()
    ],
    "schedulers": [
        schedulers.ForceScheduler(name="force", builderNames=list(BUILDERS)),
        schedulers.Triggerable(name="after", builderNames=["small"]),
    ],
}}
"""


def until(condition: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """The first true value of a condition. Raises AssertionError when it did not come in time."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(PAUSE)


class Server:
    """A process that serves ``/api/v2``, and how it is asked."""

    def __init__(self, command: list[str], folder: Path, log: str, started: re.Pattern[str]) -> None:
        """Returns when what is in its log matches ``started``, whose group is its port."""
        self._log = folder / log
        self._log.unlink(missing_ok=True)
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=os.environ)
        try:
            port = until(lambda: self._port(started), f"{command[1:4]} starts")
        except AssertionError:
            self.kill()
            raise
        self.url = f"http://127.0.0.1:{port}"

    def _port(self, started: re.Pattern[str]) -> str | None:
        said = self._log.read_text(errors="replace") if self._log.exists() else ""
        found = started.search(said)
        if found is None and self.process.poll() is not None:
            raise AssertionError(said[-3000:] or (self._log.parent / "output").read_text()[-3000:])
        return found[1] if found else None

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def ask(self, path: str) -> tuple[int, Any]:
        """Status and document of the answer."""
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str) -> Any:
        """The document at a path below ``/api/v2``, which is there."""
        status, document = self.ask(f"api/v2/{path}")
        assert status == 200, document
        return document


class Master(Server):
    """A stock master with one worker, five builders and a force scheduler."""

    def __init__(self, folder: Path) -> None:
        """Starts in the folder of a master that :func:`created` made."""
        python, bin_ = stockEnvironment().python, stockEnvironment().path / "bin"
        command = [python, str(bin_ / "twistd"), "-n", "--pidfile=", "-y", "buildbot.tac"]
        started = re.compile(r"(?s)BuildbotSite starting on (\d+).*BuildMaster is running")
        super().__init__(command, folder, "twistd.log", started)

    def ask(self, path: str) -> tuple[int, Any]:
        """A stock Buildbot breaks off an answer now and then, at its start above all: then asks once more."""
        for _ in range(RETRIES):
            try:
                return super().ask(path)
            except (HTTPException, ConnectionError):
                time.sleep(PAUSE)
        return super().ask(path)

    def force(self, builder: str) -> None:
        """Force a build."""
        builderid = self.get(f"builders/{builder}")["builders"][0]["builderid"]
        self.act("forceschedulers/force", "force", builderid=str(builderid))

    def act(self, path: str, method: str, **arguments: str | bool) -> None:
        """Do something to what a path names."""
        call = {"id": 1, "jsonrpc": "2.0", "method": method, "params": arguments}
        request = urllib.request.Request(
            f"{self.url}/api/v2/{path}", json.dumps(call).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert "result" in json.load(answer)


class Worker:
    """A stock worker: a process of its own, which comes back to its master by itself."""

    def __init__(self, folder: Path, port: int) -> None:
        """Made and started in a new folder; the master listens on that port, sooner or later."""
        environment = stockEnvironment()
        address = f"127.0.0.1:{port}"
        subprocess.run(
            [environment.worker, "create-worker", "--quiet", "--maxdelay=1", str(folder), address, WORKER, PASSWORD],
            check=True,
            capture_output=True,
        )
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start it, again after :meth:`stop`."""
        environment = stockEnvironment()
        command = [
            environment.python,
            str(environment.path / "bin" / "twistd"),
            "-n",
            "--pidfile=",
            "-y",
            "buildbot.tac",
        ]
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, cwd=self._folder)

    def stop(self) -> None:
        """SIGTERM, on which it ends what it runs, and wait until it is gone."""
        self._process.terminate()
        self._process.wait(PATIENCE)


def created(folder: Path, url: str, port: int) -> None:
    """Let stock make a master's folder and its database; its worker will find it on that port."""
    environment = stockEnvironment()
    subprocess.run(
        [environment.buildbot, "create-master", "--quiet", f"--db={url}", str(folder)],
        check=True,
        capture_output=True,
    )
    configuration = _CONFIGURATION.format(url=url, port=port, worker=WORKER, password=PASSWORD, dictated=DICTATED)
    (folder / "master.cfg").write_text(configuration)


class Attached(Server):
    """``buildbot attach`` beside a database."""

    def __init__(self, folder: Path, url: str, *options: str) -> None:
        folder.mkdir(exist_ok=True)
        program = "import sys; from buildbot.scripts.entry import main; sys.exit(main())"
        command = [sys.executable, "-c", program, "attach", "--db", url, "--port", "0", *options]
        super().__init__(
            command, folder, "output", re.compile(r"(?s)http://127\.0\.0\.1:(\d+)/.*^Ctrl-C", re.MULTILINE)
        )
