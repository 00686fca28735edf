"""The stock Buildbot of a sandbox: an environment of its own, a master and two workers in it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from layout import ROOT, Layout
from processes import Processes

VERSION = "4.3.0"
PACKAGES = (f"buildbot=={VERSION}", f"buildbot-www=={VERSION}", f"buildbot-worker=={VERSION}")
CONSTRAINTS = ROOT / "constraints-stock.txt"
WORKERS = ("north", "south")


def install(layout: Layout, processes: Processes) -> None:
    """Install the stock packages, unless they are there: written last is a mark that says so."""
    mark = layout.stock / "installed.txt"
    wanted = "\n".join(PACKAGES)
    if mark.exists() and mark.read_text() == wanted:
        return
    if not (layout.stock / "bin" / "python").exists():
        processes.run("venv", [sys.executable, "-m", "venv", layout.stock])
    arguments = ["install", "--quiet", "--disable-pip-version-check", "-c", str(CONSTRAINTS), *PACKAGES]
    processes.run("pip", [layout.stock / "bin" / "pip", *arguments])
    mark.write_text(wanted)


def configure(layout: Layout, processes: Processes) -> None:
    """Write the master's and the workers' folders, with the ports of this run; what they know stays."""
    buildbot, worker = layout.stock / "bin" / "buildbot", layout.stock / "bin" / "buildbot-worker"
    if not (layout.master / "state.sqlite").exists():
        processes.run("create-master", [buildbot, "create-master", "--relocatable", "--force", layout.master])
    settings = layout.settings()
    shutil.copy(Path(__file__).with_name("master.cfg"), layout.master / "master.cfg")
    processes.run("checkconfig", [buildbot, "checkconfig", layout.master])
    for name in WORKERS:
        folder = layout.folder / name
        (folder / "buildbot.tac").unlink(missing_ok=True)
        address = f"127.0.0.1:{layout.workerPort}"
        processes.run(
            f"create-{name}",
            [worker, "create-worker", "--relocatable", folder, address, name, str(settings["password"])],
        )
        (folder / "info" / "admin").write_text("Whoever typed make run\n")
        (folder / "info" / "host").write_text("The machine that this runs on\n")


def startMaster(layout: Layout, processes: Processes) -> None:
    processes.start("master", _twistd(layout), cwd=layout.master)


def startWorkers(layout: Layout, processes: Processes) -> None:
    for name in WORKERS:
        processes.start(name, _twistd(layout), cwd=layout.folder / name)


def _twistd(layout: Layout) -> list[str | Path]:
    # Without a pid file: one that a killed sandbox left would keep the next from starting.
    return [layout.stock / "bin" / "twistd", "--nodaemon", "--no_save", "--pidfile=", "--python=buildbot.tac"]
