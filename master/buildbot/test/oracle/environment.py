"""An environment of its own for the stock package: a peer that is run as a subprocess, never imported."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

REQUIREMENTS = (
    "buildbot[bundle]==4.3.0",
    "buildbot-worker==4.3.0",
    "psycopg2-binary",
    # What a master needs to read logs that another one compressed with these.
    "brotli",
    "lz4",
    "zstandard",
)

REPOSITORY = Path(__file__).resolve().parents[4]
CONSTRAINTS = str(REPOSITORY / "constraints-stock.txt")
"""Every version, pinned."""


class EnvironmentFailed(Exception):
    """The stock package could not be installed; the message has the installer's last words."""


@attrs.frozen
class StockEnvironment:
    """A folder with a Python in which the stock package is installed."""

    path: Path

    @property
    def buildbot(self) -> str:
        return str(self.path / "bin" / "buildbot")

    @property
    def worker(self) -> str:
        return str(self.path / "bin" / "buildbot-worker")

    @property
    def python(self) -> str:
        return str(self.path / "bin" / "python")


def stockEnvironment() -> StockEnvironment:
    """The stock environment, made at the first call (half a minute, and the network), then found again.

    It is ``.cache/stock`` in the repository, or the folder that ``STOCK_ENV`` names. Any number of processes
    may call this at once: one installs, the others wait.

    :raise EnvironmentFailed: the installer failed
    """
    path = Path(os.environ.get("STOCK_ENV") or REPOSITORY / ".cache" / "stock").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    environment = StockEnvironment(path)
    with _locked(path.with_name(path.name + ".lock")):
        _install(environment)
    return environment


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(environment: StockEnvironment) -> None:
    # Written last, so that an installation that was interrupted is taken up again.
    mark = environment.path / "installed.txt"
    wanted = "\n".join(REQUIREMENTS)
    if mark.exists() and mark.read_text() == wanted:
        return
    if not Path(environment.python).exists():
        install([sys.executable, "-m", "venv", str(environment.path)])
    install([environment.python, "-m", "pip", "install", "--quiet", "-c", CONSTRAINTS, *REQUIREMENTS])
    mark.write_text(wanted)


def install(command: list[str]) -> None:
    """Run one step of the installation.

    :raise EnvironmentFailed: it failed
    """
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        words = "\n".join(done.stdout.splitlines()[-20:])
        raise EnvironmentFailed(
            f"The stock package could not be installed for comparison: {' '.join(command)} ended with"
            f" {done.returncode}. It needs a package index; STOCK_ENV may name a folder where it is installed"
            f" already.\n{words}"
        )
