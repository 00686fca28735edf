"""Runs the programs, one after the other, beside a stock master where it can do the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import sleep
from typing import Any

import attrs

from buildbot.test.postgres import Cluster, Server

from . import stock

Numbers = Mapping[str, Any]
SERVER, GENERATOR = 0, 1
"""The processors that the two have for themselves."""
TOPICS = ("steps/*/*", "steps/*/finished", "builds/*/*")
ANNOUNCED = ("steps/*/*", "builds/*/*", "builds/*/properties/*", "buildrequests/*/*", "buildsets/*/*")
"""Each event of a busy stock master once."""


@attrs.frozen
class Plan:
    """How often and how long."""

    repeats: int = 3
    recording: float = 8.0
    telling: float = 20.0
    missed: int = 100_000
    looks: int = 100
    readers: int = 1_000
    silent: int = 50
    rate: int = 200


QUICK = Plan(repeats=1, recording=3.0, telling=5.0, missed=20_000, looks=20)


class Failed(Exception):
    """A program has ended without its numbers; the message has its last words."""


@contextmanager
def program(name: str, *arguments: object, processor: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """One of the programs, ended by its id."""

    def place() -> None:
        if processor is not None and processor in os.sched_getaffinity(0):
            os.sched_setaffinity(0, {processor})

    command = [sys.executable, "-m", f"benchmarks.events.{name}", *map(str, arguments)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, preexec_fn=place
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def heard(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next numbers that it says. Raises Failed."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise Failed(f"{process.args} ended, with {process.wait()}")
    found: dict[str, Any] = json.loads(line)
    return found


class Measurement:
    """All of them; ``folder`` is for databases, and emptied."""

    def __init__(self, folder: Path, plan: Plan, tell: Callable[[str], None]) -> None:
        self._folder, self._plan, self._tell = folder, plan, tell
        self._names = 0

    def run(self, large: Path) -> Numbers:
        """``large``: the database with many builds that is looked at."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        cluster = Cluster(durable=True)
        try:
            cluster.start()
            return self._run(Server(cluster.tcpUrl), large)
        finally:
            cluster.remove()

    def _run(self, server: Server, large: Path) -> Numbers:
        recording: dict[str, list[Numbers]] = {}
        told, behind, looks = [], [], []
        for turn in range(self._plan.repeats):
            for name, url in (("SQLite", self._sqlite), ("PostgreSQL", lambda: server.urlOf(server.newDatabase()))):
                recording.setdefault(f"ours {name}", []).append(self._record(url()))
                recording.setdefault(f"stock {name}", []).append(self._stock(url()))
            told.append(self._tell_(0))
            told.append(self._tell_(self._plan.silent))
            behind.append(self._behind())
            looks.append(self._look(large))
            self._tell(f"events, round {turn + 1} of {self._plan.repeats}")
        calm, crowded = told[::2], told[1::2]
        return {
            "recording": {name: medians(runs) for name, runs in recording.items()},
            "telling": {"all read": medians(calm), "some never read": medians(crowded)},
            "behind": [medians(runs) for runs in zip(*behind, strict=True)],
            "looks": medians(looks),
        }

    def _sqlite(self) -> str:
        self._names += 1
        return f"sqlite:///{self._folder}/{self._names}.sqlite"

    def _record(self, url: str) -> Numbers:
        with program("record", url, self._plan.recording) as process:
            return heard(process)

    def _stock(self, url: str) -> Numbers:
        self._names += 1
        with (
            stock.busy(url, self._folder / f"stock-{self._names}") as server,
            program("crowd", server.port, 1, 0, 2 * self._plan.recording, *ANNOUNCED) as counting,
        ):
            heard(counting)
            return heard(counting)

    def _tell_(self, silent: int) -> Numbers:
        plan = self._plan
        with program("broadcast", self._sqlite(), plan.rate, processor=SERVER) as server:
            port = heard(server)["port"]
            arguments = (port, plan.readers, silent, plan.telling, "builds/*/update")
            with program("crowd", *arguments, processor=GENERATOR) as crowd:
                heard(crowd)
                opened = asked(server, "begin")
                sleep(2)
                before = asked(server)
                found = heard(crowd)
                after = asked(server)
        late = after["late"] - before["late"]
        return {
            **found,
            "cpu": (after["cpu"] - before["cpu"]) / (plan.telling + 1),
            "late": late,
            "stall": after["longest"],
            "grown": after["memory"] - opened["memory"],
        }

    def _behind(self) -> Sequence[Numbers]:
        with program("behind", self._sqlite(), self._plan.missed, *TOPICS) as process:
            return [heard(process) for _ in TOPICS]

    def _look(self, large: Path) -> Numbers:
        with program("look", large, self._plan.looks) as process:
            return heard(process)


def asked(process: subprocess.Popen[str], words: str = "now") -> dict[str, Any]:
    """What it answers."""
    assert process.stdin is not None
    process.stdin.write(f"{words}\n")
    process.stdin.flush()
    return heard(process)


def medians(runs: Sequence[Numbers]) -> Numbers:
    """Of each number; of what never was, None."""
    found = {}
    for name, first in runs[0].items():
        values = [run[name] for run in runs if run[name] is not None]
        found[name] = first if isinstance(first, str) else round(median(values), 4) if values else None
    return found
