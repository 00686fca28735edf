"""Find the programs that the tests run, and install those that are missing: through apt when this is root.

Exits with 1 and says which packages to install when it may not.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import attrs


@attrs.frozen
class Program:
    """Something that must be on the machine, and the Debian package that brings it."""

    name: str
    package: str
    found: Callable[[], str | None]


def postgresql() -> str | None:
    """PostgreSQL's ``initdb``, which Debian keeps off the path."""
    return shutil.which("initdb") or max(glob.glob("/usr/lib/postgresql/*/bin/initdb"), default=None)


PROGRAMS = [
    Program("git", "git", lambda: shutil.which("git")),
    *(
        Program(f"{name}, which the documentation's examples run", name, partial(shutil.which, name))
        for name in ("curl", "jq")
    ),
    Program("a PostgreSQL server (initdb)", "postgresql", postgresql),
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
        print(f"missing: {program.name}; install the package {program.package!r} (its name on Debian)")
    for program in PROGRAMS:
        if found := program.found():
            print(f"{program.name}: {found}")
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
