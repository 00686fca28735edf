"""Each page, opened by a browser that knows nothing yet: when its contents are visible, what it asked for, what it is
made of, and what others who ask the server meanwhile notice of it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

import attrs
from playwright.sync_api import Browser

from ..servers import Server
from .browser import content, opened
from .callers import Callers
from .measured import Measured
from .proxy import proxied, requests, scripts, streams
from .report import percentile
from .rows import LOG, OURS, STOCK, VIEWS, View, picture

IDLE = 3.0
"""Seconds in which others are watched while nobody looks."""


@attrs.frozen
class Pages:
    """The pages of both servers."""

    browser: Browser
    servers: dict[str, Server]
    measured: Measured
    pictures: Path | None
    """Where screenshots go."""

    def run(self, rounds: int) -> None:
        """Measure all of them, the servers in turn."""
        for number in range(rounds):
            for view in (*VIEWS, LOG):
                for who in self._whose(view):
                    with self.measured.part(view.name):
                        self._open(view, who, number == 0)
        for view in VIEWS:
            for who in self._whose(view):
                with self.measured.part(view.name):
                    self._ask(view, who)
                    self._disturb(view, who, rounds)
        for who in (STOCK, OURS):
            idle = Callers(self.servers[who].port).watch(IDLE)
            self.measured.add("masters/1, nobody looks: p99", who, percentile(idle, 99))

    def _whose(self, view: View) -> Sequence[str]:
        isLeftOut = view.name in self.measured.missing or view.name in self.measured.failed
        return (STOCK,) if isLeftOut else (STOCK, OURS)

    def _open(self, view: View, who: str, isFirst: bool) -> None:
        look = view.of(who)
        with opened(self.browser, self.servers[who].port, look.address) as page:
            found = content(page, look)
            self.measured.add(f"{view.name}: content visible", who, found.at)
            if isFirst:
                self.measured.add(f"{view.name}: builds or steps in the window", who, found.count)
                self.measured.add(f"{view.name}: elements", who, page.evaluate("bench.nodes()"))
                if self.pictures is not None:
                    shot = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp"})
                    (self.pictures / picture(view, who)).write_bytes(b64decode(shot["data"]))

    def _ask(self, view: View, who: str) -> None:
        look = view.of(who)
        with proxied(self.servers[who].port) as proxy, opened(self.browser, proxy.port, look.address) as page:
            content(page, look)
            for what, found in (
                ("JavaScript", scripts(proxy.asked)),
                ("requests to the API", requests(proxy.asked)),
                ("streams", streams(proxy.asked)),
            ):
                self.measured.add(f"{view.name}: {what}", who, found)

    def _disturb(self, view: View, who: str, rounds: int) -> None:
        look, port = view.of(who), self.servers[who].port
        waits: list[float] = []
        for _ in range(rounds):
            with Callers(port).watching() as watched, opened(self.browser, port, look.address) as page:
                began = page.evaluate("performance.timeOrigin / 1000")
                found = content(page, look)
            waits += watched.between(began, began + found.at / 1000)
        self.measured.add(f"masters/1, {view.name} loads: p99", who, percentile(waits, 99))
