"""``python -m buildbot.test.oracle.record``: ask a stock master everything, and keep its answers.

Takes some two minutes. Two runs differ in nothing: of time only that it went on is kept.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import react
from twisted.internet.threads import deferToThread

from . import recorded
from .ask import StockAsker
from .everything import fill
from .queries import queries
from .recorded import Moment, Recorded, timeless
from .samples import sample
from .stock import startStock


async def record(reactor: Any) -> None:
    """Start a stock master over the generated database, ask it, and replace the recording."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/state.sqlite"
        engine = sqlalchemy.create_engine(url)
        fill(engine)
        began = int(time.time()) - 1
        master = await startStock(reactor, Path(folder) / "master", url)
        try:
            rows = recorded.dump(engine)
            answers = await deferToThread(_askAll, master.port, began)
        finally:
            await master.stop()
            engine.dispose()
        recorded.save(rows, answers, Moment(began, int(time.time()) + 1))


def _askAll(port: int, began: int) -> dict[str, Recorded]:
    answers: dict[str, Recorded] = {}
    with StockAsker(port) as ask:
        paths = queries(timeless(sample(ask), Moment(began, began + 3600)))
        for number, path in enumerate(paths, 1):
            answers[path] = Recorded.of(ask(path))
            if number % 500 == 0 or number == len(paths):
                sys.stderr.write(f"{number} of {len(paths)}\n")
    return answers


def main(reactor: Any) -> Deferred[None]:
    return ensureDeferred(record(reactor))


if __name__ == "__main__":
    react(main)
