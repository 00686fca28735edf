"""The waterfall while builds happen: how soon each event is on the screen, what that takes, and what a cut loses.

They happen in ``buildbot replay``, at a rate of which a stock master stores a fraction; so these are of ours alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import attrs
from playwright.sync_api import Browser, Page

from ..servers import Server, started
from .browser import content, opened
from .commits import committed, untilPainted
from .measured import Measured
from .proxy import Proxy, proxied
from .report import percentile
from .rows import BOXES, OURS, Look

LIVES = 60
"""Over before anybody looks."""
RATE = 50
"""Events in a second."""
WATERFALL = Look("waterfall?span=5min", BOXES)
"""So near that each build has a box of its own."""
SINGLE = f".build:not(.several) {BOXES}"
SETTLE = 15.0
"""Seconds after a cut in which a page must have caught up with one that is opened anew."""


@attrs.frozen
class Plan:
    """Seconds of each part."""

    share: float = 10.0
    events: float = 30.0
    cut: float = 60.0


QUICK = Plan(share=3.0, events=8.0, cut=5.0)


@attrs.frozen
class Live:
    """Its measurements, each on a page of its own."""

    browser: Browser
    folder: Path
    measured: Measured
    plan: Plan

    def run(self, rounds: int) -> None:
        """Measure all of it."""
        path = self.folder / "replay.sqlite"
        with replaying(path) as server:
            with self.measured.part("50 events/s"):
                for _ in range(rounds):
                    self._share(server)
            with self.measured.part("event to pixel"):
                self._pixels(server, path)
        # Its own builds, fewer than a page loads at first: of the older ones one page may have more than another.
        path = self.folder / "cut.sqlite"
        with replaying(path) as server, self.measured.part("a cut"), proxied(server.port) as proxy:
            self._cut(proxy)

    def _share(self, server: Server) -> None:
        with opened(self.browser, server.port, "waterfall") as page:
            content(page, WATERFALL, quiet=0)
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable")

            def busy() -> float:
                metrics = session.send("Performance.getMetrics")["metrics"]
                return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

            began, before = monotonic(), busy()
            page.wait_for_timeout(1000 * self.plan.share)
            share = (busy() - before) / (monotonic() - began)
            self.measured.add("50 events/s: main thread", OURS, 100 * share)

    def _pixels(self, server: Server, path: Path) -> None:
        with opened(self.browser, server.port, WATERFALL.address) as page:
            content(page, WATERFALL, quiet=0)
            page.evaluate("(selector) => bench.follow(selector)", SINGLE)
            with committed(path) as events:
                page.wait_for_timeout(1000 * self.plan.events)
            page.wait_for_timeout(1000)
            took = untilPainted(list(events), page.evaluate("bench.changes"))
            self.measured.add("event to pixel: p95", OURS, percentile(took, 95))
            self.measured.add("event to pixel: events", OURS, len(took))

    def _cut(self, proxy: Proxy) -> None:
        with opened(self.browser, proxy.port, WATERFALL.address) as page:
            content(page, WATERFALL, quiet=0)
            loaded = page.evaluate("performance.timeOrigin")
            proxy.cut()
            page.wait_for_timeout(1000 * self.plan.cut)
            proxy.isDown = False
            with opened(self.browser, proxy.port, WATERFALL.address) as fresh:
                content(fresh, WATERFALL, quiet=0)
                self.measured.add("a cut: updates lost", OURS, lost(page, fresh))
            self.measured.add("a cut: reloads", OURS, int(page.evaluate("performance.timeOrigin") != loaded))


def lost(page: Page, fresh: Page) -> int:
    """How many builds are shown otherwise on a page than on one that was opened after it, for as long as one may wait.
    What happens meanwhile may differ for a moment."""
    wrong: set[str] | None = None
    until = monotonic() + SETTLE
    while monotonic() < until and wrong != set():
        seen, right = (set(each.evaluate("(contents) => bench.seen(contents)", BOXES)) for each in (page, fresh))
        different = seen ^ right
        wrong = different if wrong is None else wrong & different
        page.wait_for_timeout(100)
    return len(wrong or ())


@contextmanager
def replaying(path: Path) -> Iterator[Server]:
    """``buildbot replay``, which serves what it plays, after some that is over."""
    program = str(Path(sys.executable).with_name("buildbot-status"))
    command = [program, "replay", "--db", f"sqlite:///{path}"]
    subprocess.run([*command, "--lives", str(LIVES)], check=True, capture_output=True)
    forever = [*command, "--serve", "0", "--forever", "--rate", str(RATE)]
    with started("replay", forever, path.with_suffix(".log"), until="Ctrl-C") as server:
        yield server
