"""A `buildbot-status attach` of one's own, over a generated database."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy
from twisted.trial.unittest import TestCase

from buildbot.test.oracle.everything import fill

PATIENCE = 30.0


def freePort() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def fetched(process: subprocess.Popen[bytes], log: Path, url: str, **headers: str) -> tuple[int, bytes, str]:
    """Status, body and final address of an answer, as soon as there is one."""

    def ask() -> tuple[int, bytes, str]:
        request = urllib.request.Request(url, headers=headers)
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read(), answer.url
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), url

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return _patiently(ask, lambda: f"{process.poll()} {log.read_text()}")


def _patiently(ask: Callable[[], tuple[int, bytes, str]], why: Callable[[], str]) -> tuple[int, bytes, str]:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            status, body, url = ask()
            if status != 502:
                return status, body, url
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise AssertionError(why())
        time.sleep(0.05)
