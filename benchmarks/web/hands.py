"""What somebody does on a page that is loaded: zoom, filter, sort, look for an error, scroll through many builds."""

from __future__ import annotations

from itertools import pairwise
from time import monotonic, sleep

import attrs
from playwright.sync_api import Browser, Page

from ..database import BUILDERS
from ..servers import Server
from .browser import PATIENCE, Failed, content, opened
from .measured import Measured
from .proxy import proxied, requests
from .report import percentile
from .rows import ACTIONS, BOXES, BUILDS, FINDINGS, LOG, OURS, Action, Finding, Look

WAIT = 2_000
"""Milliseconds in which a page must have shown that something was done."""
SCROLLED = 10_000
WHEEL, PACE = 120, 40
"""Pixels of a notch of the wheel, and notches in a second: as fast as a hand turns it."""
LOOKED = 40
"""Notches after which is looked how far one has come: that takes time of the page, too."""
FRAME = 1000 / 60
LONGEST = 120.0
"""Seconds of scrolling, whatever has come by then."""


@attrs.frozen
class Hands:
    """On pages of ours."""

    browser: Browser
    server: Server
    measured: Measured

    def run(self, rounds: int) -> None:
        """Do everything."""
        for action in ACTIONS:
            with self.measured.part(action.name):
                self._act(action, rounds)
        for finding in FINDINGS:
            with self.measured.part(finding.name):
                self._find(finding)
        with self.measured.part("10,000 builds"):
            self._scroll()

    def _act(self, action: Action, rounds: int) -> None:
        took: list[float] = []
        with proxied(self.server.port) as proxy, opened(self.browser, proxy.port, action.address) as page:
            content(page, Look(action.address, action.contents))
            page.locator(action.element).first.focus()
            before = requests(proxy.asked)
            for _ in range(rounds):
                took += [self._do(page, action, given) for given in action.inputs]
            self.measured.add(f"{action.name}: requests", OURS, requests(proxy.asked) - before)
        self.measured.add(f"{action.name}: p95", OURS, percentile(took, 95))

    def _do(self, page: Page, action: Action, given: str) -> float:
        wanted = {"selector": action.contents, "input": action.event, "patience": WAIT}
        page.evaluate("(wanted) => void (bench.last = bench.answered(wanted))", wanted)
        if action.event == "keydown":
            page.keyboard.press(given)
        elif action.event == "click":
            page.locator(given).first.click()
        else:
            page.locator(action.element).first.fill(given)
        took: float | None = page.evaluate("bench.last")
        if took is None:
            raise Failed(f"{action.address}: {action.name} by {given!r} shows nothing else after {WAIT} ms")
        return took

    def _find(self, finding: Finding) -> None:
        """By its key, as soon as the log is shown. Once: after that the server knows it."""
        wanted = {"selector": finding.contents, "input": "keydown", "patience": PATIENCE}
        with opened(self.browser, self.server.port, finding.address) as page:
            content(page, LOG.ours, quiet=0)
            page.evaluate("(wanted) => void (bench.last = bench.answered(wanted))", wanted)
            page.keyboard.press("e")
            took: float | None = page.evaluate("bench.last")
            if took is None:
                raise Failed(f"{finding.address} shows no error after {PATIENCE} ms")
            self.measured.add(finding.name, OURS, took)

    def _scroll(self) -> None:
        """Down with the wheel, until the oldest build to be seen has ten thousand before it."""
        with opened(self.browser, self.server.port, "waterfall") as page:
            content(page, Look("waterfall", BOXES))
            page.mouse.move(640, 500)
            page.evaluate("bench.countFrames()")
            most, began = 0, monotonic()
            until = began + LONGEST
            passed = notches = 0
            while passed < SCROLLED:
                if monotonic() > until:
                    raise Failed(f"only {passed:,} builds came in {LONGEST:.0f} s of scrolling")
                for _ in range(LOOKED):
                    sleep(max(0.0, began + notches / PACE - monotonic()))
                    page.mouse.wheel(0, WHEEL)
                    notches += 1
                nodes, oldest = page.evaluate(_LOOK, BOXES)
                most, passed = max(most, nodes), BUILDS - BUILDERS * oldest if oldest else passed
            frames = page.evaluate("bench.frames")
        self.measured.add("10,000 builds: most elements", OURS, most)
        self.measured.add("10,000 builds: dropped frames", OURS, 100 * dropped(frames))


_LOOK = """(contents) => [
    bench.nodes(),
    bench.seen(contents).map((words) => Number(/builds[/](\\d+)/.exec(words)?.[1] ?? NaN)).filter(Number.isFinite)
        .reduce((least, number) => Math.min(least, number), Infinity),
]"""


def dropped(frames: list[float]) -> float:
    """The share of frames that did not come, of those that a screen with sixty in a second would have shown."""
    missed = sum(max(0, round((after - before) / FRAME) - 1) for before, after in pairwise(frames))
    return missed / max(1, missed + len(frames) - 1)
