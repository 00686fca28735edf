"""A stock master that builds, its worker, and attach beside it: what the live tests of both databases share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from buildbot.test import postgres
from buildbot.test.live.processes import Attached, Master, Worker, created


class Beside:
    """A class of each database starts the processes once."""

    url: str
    folder: Path
    master: Master
    worker: Worker
    attached: Attached
    assertEqual: Callable[..., None]

    @classmethod
    def begin(cls, url: str) -> None:
        cls.url = url
        port = postgres.freePort()
        created(cls.folder / "master", url, port)
        cls.worker = Worker(cls.folder / "worker", port)
        cls.master = Master(cls.folder / "master")
        cls.attach()

    @classmethod
    def attach(cls) -> None:
        cls.attached = Attached(cls.folder / "attached", cls.url)

    @classmethod
    def end(cls) -> None:
        for server in (getattr(cls, "attached", None), getattr(cls, "master", None)):
            if server is not None:
                server.kill()
        if hasattr(cls, "worker"):
            cls.worker.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)
