"""The sandbox behind ``make run``: ``python master/contrib/sandbox run|commit --help``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from layout import ROOT, Layout, Problem
from run import Sandbox, commit


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="sandbox", description="A stock Buildbot that builds a sample project, to try the API on."
    )
    commands = made.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="set up what is missing, run until Ctrl-C")
    run.add_argument("--port", type=int, default=8020, help="the first of four (default 8020; 0: free ones)")
    run.add_argument("--once", action="store_true", help="end, with 0, when enough builds were seen through the API")
    another = commands.add_parser("commit", help="one more commit for the running sandbox to build")
    another.add_argument("--break", dest="broken", action="store_true", help="one that makes a test fail")
    for command in (run, another):
        command.add_argument(
            "--folder", type=Path, default=ROOT / ".sandbox", help="where all of it is kept (default .sandbox)"
        )
    return made


def main() -> int:
    options = parser().parse_args()
    folder = options.folder.resolve()
    try:
        if options.command == "commit":
            print(f"committed to main: {commit(Layout(folder, 0), options.broken)}")
            return 0
        return Sandbox(Layout(folder, options.port), once=options.once).run()
    except Problem as problem:
        print(f"\nsandbox: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
