"""A stock master whose workers are all busy on steps that log nothing."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from buildbot.db.url import parse
from buildbot.scripts.replaying import prepare

from ..servers import Server, started, stockCommand

WORKERS = 8
STEPS = 100
"""Of each build."""
QUEUED = 20
"""Builds of each builder that are asked for at once."""

_CONFIGURATION = """
from buildbot.plugins import schedulers, steps, util, worker

names = [f"worker-{{number}}" for number in range({workers})]
factory = util.BuildFactory(
    [steps.SetProperty(property="number", value=str(number)) for number in range({steps})]
)
BuildmasterConfig = {{
    "db": {{"db_url": {url!r}}},
    "buildbotNetUsageData": None,
    "protocols": {{"pb": {{"port": "tcp:0:interface=127.0.0.1"}}}},
    "www": {{"port": "tcp:0:interface=127.0.0.1", "plugins": {{}}}},
    "workers": [worker.LocalWorker(name, max_builds=1) for name in names],
    "builders": [util.BuilderConfig(name=name, workernames=[name], factory=factory) for name in names],
    "schedulers": [schedulers.ForceScheduler(name=f"force-{{name}}", builderNames=[name]) for name in names],
    "collapseRequests": False,
}}
"""


@contextmanager
def busy(url: str, folder: Path) -> Iterator[Server]:
    """It runs, and has more to build than it can within the measurement."""
    folder.mkdir(parents=True, exist_ok=True)
    prepare(parse(url, None))
    driven = url.replace("postgresql:", "postgresql+psycopg2:")
    (folder / "master.cfg").write_text(_CONFIGURATION.format(url=driven, workers=WORKERS, steps=STEPS))
    command = stockCommand(folder, "busy")
    with started("stock", command, folder / "errors.log", until="BuildMaster is running") as server:
        for number in range(WORKERS):
            for _ in range(QUEUED):
                force(server, f"force-worker-{number}")
        yield server
        server.process.kill()


def force(server: Server, scheduler: str) -> None:
    """Ask for a build."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "force", "params": {}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/api/v2/forceschedulers/{scheduler}",
        json.dumps(call).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=60).close()
