"""A stock master that builds and its worker, for tests in another language: ``python -m buildbot.test.live FOLDER``.

It says a line when both are there, and one for each line that it is given, when that is done: ``force BUILDER``,
``kill`` (the master, without a warning), ``start`` (it again). It ends, and they with it, when its input does. The
database is FOLDER/state.sqlite; the worker's folder FOLDER/worker."""

from __future__ import annotations

import sys
from pathlib import Path

from buildbot.test import postgres
from buildbot.test.live.processes import Master, Worker, created


def tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    """Until there is no more input."""
    port = postgres.freePort()
    created(folder / "master", f"sqlite:///{folder / 'state.sqlite'}", port)
    worker = Worker(folder / "worker", port)
    master: Master | None = None
    try:
        master = Master(folder / "master")
        tell("ready")
        for line in sys.stdin:
            match line.split():
                case ["force", builder]:
                    master.force(builder)
                case ["kill"]:
                    master.kill()
                case ["start"]:
                    master = Master(folder / "master")
                case _:
                    raise ValueError(line)
            tell("done")
    finally:
        if master is not None:
            master.kill()
        worker.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
