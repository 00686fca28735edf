"""A `buildbot-status attach` of one's own, over a generated database."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import sqlalchemy
from twisted.trial.unittest import TestCase

from buildbot.test.oracle.everything import fill

PATIENCE = 30.0
T = TypeVar("T")
Answer = tuple[int, bytes, str]


def database(folder: Path) -> str:
    """The URL of a new SQLite database with everything in it."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder.resolve() / 'state.sqlite'}"
    engine = sqlalchemy.create_engine(url)
    fill(engine)
    engine.dispose()
    return url


def started(test: TestCase, command: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
    """A process that is ended after the test; what it prints is in the log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )

    def end() -> None:
        process.terminate()
        process.wait(PATIENCE)

    test.addCleanup(end)
    return process


def fetched(process: subprocess.Popen[bytes], log: Path, url: str, **headers: str) -> Answer:
    """Status, body and final address of an answer, as soon as there is one."""

    def ask() -> Answer | None:
        request = urllib.request.Request(url, headers=headers)
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read(), answer.url
        except urllib.error.HTTPError as error:
            with error:
                # What a proxy says of a server that does not listen yet.
                return None if error.code == 502 else (error.code, error.read(), url)
        except OSError:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return patiently(ask, lambda: f"{process.poll()} {log.read_text()}")


def patiently(ask: Callable[[], T | None], why: Callable[[], str]) -> T:
    """What ``ask`` gives as soon as it gives something; it fails with ``why`` after half a minute."""
    deadline = time.monotonic() + PATIENCE
    while not (found := ask()):
        if time.monotonic() > deadline:
            raise AssertionError(why())
        time.sleep(0.05)
    return found
