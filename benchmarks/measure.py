"""One benchmark: all rows against all servers, interleaved, and how calm small requests stay while others pull much."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

import attrs

from . import requests
from .load import Load, Run, address
from .servers import Server

PATHS = 60_000
"""Different addresses of one kind."""
SLOW = 6.0
"""Seconds in which stock is watched where it is slow."""
PATIENCE = 30.0
"""Seconds in which a server must have come to rest."""
VIEWERS = 10


@attrs.frozen
class Plan:
    """How long and how often."""

    repeats: int = 3
    seconds: float = 2.0
    viewing: float = 6.0
    """Seconds for which viewers pull."""


QUICK = Plan(repeats=1, seconds=1.0, viewing=3.0)


@attrs.frozen
class Servers:
    """Those that take part."""

    ours: Server
    plain: Server
    """Ours, over a database without the indexes of ``--print-indexes``."""
    stock: Callable[[], AbstractContextManager[Server]]
    """A fresh one for each row: once a load is over, it works on for long, for clients that have gone, and now and then
    it answers nobody any more."""
    bare: Server


@attrs.define
class Measured:
    """The runs of each thing that was measured, by names such as ``builds/N hot ours``."""

    runs: dict[str, list[Run]] = attrs.field(factory=dict)
    stalls: dict[str, Mapping[str, int]] = attrs.field(factory=dict)
    """By viewers: how many stalls there were up to each length."""

    def add(self, name: str, run: Run) -> None:
        self.runs.setdefault(name, []).append(run)

    def of(self, name: str) -> Run | None:
        """The median of each number; None if it was not measured."""
        runs = self.runs.get(name)
        if runs is None:
            return None
        return Run(*(median(values) for values in zip(*map(attrs.astuple, runs), strict=True)))


class Benchmark:
    """Drives each server in turn."""

    def __init__(self, servers: Servers, load: Load, plan: Plan, builds: int, tell: Callable[[str], None]) -> None:
        self._servers, self._load, self._plan, self._builds, self._tell = servers, load, plan, builds, tell
        self._rows = requests.rows(builds)
        self._cold = {row.name: [address(row.cold(n)) for n in range(PATHS)] for row in self._rows if row.cold}
        self._page = [address(requests.page(n)) for n in range(PATHS)]
        self._viewed = [address(requests.viewed(builds, n)) for n in range(PATHS)]
        self.measured = Measured()

    def run(self) -> Measured:
        """All of it, some minutes."""
        for turn in range(self._plan.repeats):
            began = monotonic()
            for index, row in enumerate(self._rows):
                self._hot(row, index)
                self._coldRow(row, turn)
            self._builders(turn)
            self._viewers(turn)
            self._tell(f"round {turn + 1} of {self._plan.repeats}: {monotonic() - began:.0f} s")
        return self.measured

    def _add(self, what: str, server: Server, paths: Sequence[str], seconds: float, first: int = 0) -> None:
        settle(server)
        run = self._load.run(server, paths, seconds, first=first)
        if run.errors:
            raise RuntimeError(f"{what}: {run.errors} errors of {server.name}")
        self.measured.add(f"{what} {server.name}", run)

    def _addStock(self, what: str, paths: Sequence[str], seconds: float, first: int = 0) -> None:
        with self._servers.stock() as stock:
            self._add(what, stock, paths, seconds, first)

    def _hot(self, row: requests.Row, index: int) -> None:
        seconds, path = self._plan.seconds, [address(row.hot)]
        self._add(f"{row.name} hot", self._servers.ours, path, seconds)
        self._add(f"{row.name} hot", self._servers.bare, [f"/{index}"], seconds)
        self._addStock(f"{row.name} hot", path, SLOW if row.slow else seconds)

    def _coldRow(self, row: requests.Row, turn: int) -> None:
        if row.name not in self._cold:
            return
        seconds, paths = self._plan.seconds, self._cold[row.name]
        first = turn * PATHS // self._plan.repeats
        self._add(f"{row.name} cold", self._servers.ours, paths, seconds, first)
        if row.plainGoal is not None:
            self._add(f"{row.name} cold", self._servers.plain, paths, seconds, first)
        self._addStock(f"{row.name} cold", paths, SLOW if row.slow else seconds, first)

    def _builders(self, turn: int) -> None:
        self._add("page cold", self._servers.ours, self._page, self._plan.seconds, turn * PATHS // self._plan.repeats)
        self._addStock("page cold", [address(path) for path in requests.pageOfStock()], SLOW)

    def _viewers(self, turn: int) -> None:
        first, server = turn * PATHS // self._plan.repeats, self._servers.ours
        self._view("idle", None, first)
        self._view("hot", self._viewed[:1], first)
        self._view("cold", self._viewed, first)
        settle(server)

    def _view(self, name: str, pulled: Sequence[str] | None, first: int) -> None:
        """One client asks for one small thing after the other: the same, then always another."""
        server, seconds = self._servers.ours, self._plan.viewing
        settle(server)
        before = stalls(server)
        for small, paths in (("masters/1", [address("masters/1")]), ("builds/N", self._cold["builds/N"])):
            viewing = None
            if pulled is not None:
                viewing = self._load.start(server, pulled, seconds + 1, first=first, connections=VIEWERS)
                sleep(0.5)
            asking = self._load.start(server, paths, seconds, first=first, connections=1)
            self.measured.add(f"{small} while viewers {name}", asking.end())
            if viewing is not None:
                self.measured.add(f"viewers {name} beside {small}", viewing.end())
        after, earlier = stalls(server), self.measured.stalls.get(name, {})
        self.measured.stalls[name] = {
            bound: earlier.get(bound, 0) + count - before[bound] for bound, count in after.items()
        }


def settle(server: Server) -> None:
    """Wait until a server has done what earlier clients asked of it."""
    if server.name == "bare":
        return
    quiet, patience = 0, monotonic() + PATIENCE
    while quiet < 2:
        began = monotonic()
        try:
            server.get(address("masters/1"))
        except (ConnectionError, HTTPException):
            # A stock Buildbot breaks off connections now and then; not for ever.
            if began > patience:
                raise
            continue
        quiet = quiet + 1 if monotonic() - began < 0.05 else 0


def stalls(server: Server) -> Mapping[str, int]:
    """How often the reactor was late so far, by the largest lateness in seconds."""
    text = server.get("/metrics").decode()
    found = re.findall(r'^buildbot_reactor_stall_seconds_bucket\{le="([^"]+)"\} (\d+)', text, re.MULTILINE)
    return {bound: int(count) for bound, count in found}


def write(folder: Path, servers: Sequence[Server], rows: Sequence[requests.Row]) -> None:
    """The bodies that the bare server sends: those of the other server's answers."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, row in enumerate(rows):
        (folder / str(index)).write_bytes(servers[0].get(address(row.hot)))


def asJson(measured: Measured) -> dict[str, Any]:
    """Medians, for a file."""
    numbers = {name: measured.of(name) for name in measured.runs}
    return {
        "runs": {name: {k: round(v, 3) for k, v in attrs.asdict(run).items()} for name, run in numbers.items() if run},
        "stalls": measured.stalls,
    }
