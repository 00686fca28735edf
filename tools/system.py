"""Find the programs that the tests run, and install those that are missing: through apt when this is root.

Says which packages to install when it may not, and exits with 1 if nothing works without them.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import attrs

NODE = (20, 19)
"""The ``engines`` of www/package.json."""


@attrs.frozen
class Program:
    """Something that must be on the machine, and the Debian package that brings it."""

    name: str
    package: str
    found: Callable[[], str | None]
    without: str | None = None
    """What is left out without it; None: nothing works without it."""


def postgresql() -> str | None:
    """PostgreSQL's ``initdb``, which Debian keeps off the path."""
    return shutil.which("initdb") or max(glob.glob("/usr/lib/postgresql/*/bin/initdb"), default=None)


def browser() -> str | None:
    """Chromium, by any of the names that the tests look for."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def node() -> str | None:
    """Node.js, if it is new enough for what builds the web pages."""
    found = shutil.which("node")
    if not found:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(number) for number in re.findall(r"\d+", said)[:2])
    return found if version >= NODE else None


PROGRAMS = [
    Program("git", "git", lambda: shutil.which("git")),
    *(
        Program(f"{name}, which the documentation's examples run", name, partial(shutil.which, name))
        for name in ("curl", "jq")
    ),
    Program("a PostgreSQL server (initdb)", "postgresql", postgresql),
    Program("Chromium", "chromium", browser, without="tests in a browser are skipped"),
    Program("Node.js {}.{} or newer".format(*NODE), "nodejs", node),
    Program("npm", "npm", lambda: shutil.which("npm")),
    Program("pass", "pass", lambda: shutil.which("pass"), without="the test of secrets in pass is skipped"),
]


def install(packages: list[str]) -> None:
    print(f"installing {' '.join(packages)} through apt ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def main() -> int:
    missing = [program for program in PROGRAMS if not program.found()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install([program.package for program in missing])
        missing = [program for program in PROGRAMS if not program.found()]
    for program in missing:
        effect = f"; without it {program.without}" if program.without else ""
        print(f"missing: {program.name}; install the package {program.package!r} (its name on Debian){effect}")
    for program in PROGRAMS:
        if found := program.found():
            print(f"{program.name}: {found}")
    return int(any(program.without is None for program in missing))


if __name__ == "__main__":
    sys.exit(main())
