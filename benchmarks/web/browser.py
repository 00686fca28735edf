"""A browser that knows nothing yet, and what it sees."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

import attrs
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from .rows import Look

PROBES = Path(__file__).parents[2] / "www" / "bench" / "probes.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ELSEWHERE = """#!/bin/sh
{{ echo 19 > /proc/self/autogroup; }} 2>/dev/null
exec nice -n 10 {} "$@"
"""
"""A browser is hardly ever on its server's machine: this one leaves the processors to others. Linux shares them
out among sessions first, of which the browser gets one of its own: only within that does its niceness count."""
REST = 1.0
"""Seconds before a page is opened, for what has to do with the one before to end."""
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WINDOW: ViewportSize = {"width": 1280, "height": 800}
QUIET, PATIENCE = 1_000, 60_000
"""Milliseconds: what is visible has stayed as it is for so long; it is waited for so long."""
MISSING = "There is no such page"


class Missing(Exception):
    """There is no such page yet."""


class Failed(Exception):
    """The page is there, and does not show what it should."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        sys.exit("Chromium is not there: install it (Debian: apt-get install chromium)")
    # As root it starts only without its sandbox.
    arguments = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        elsewhere = Path(folder) / "chromium"
        elsewhere.write_text(ELSEWHERE.format(shlex.quote(path)))
        elsewhere.chmod(0o700)
        browser = playwright.chromium.launch(executable_path=elsewhere, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, port: int, address: str) -> Iterator[Page]:
    """A page in a context of its own: no cache, no storage, no connections."""
    sleep(REST)
    context = browser.new_context(viewport=WINDOW, color_scheme="light", service_workers="allow")
    try:
        context.add_init_script(PROBES.read_text())
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/{address}", wait_until="commit")
        yield page
    finally:
        context.close()


@attrs.frozen
class Content:
    """What a page shows at first."""

    at: float
    """Milliseconds after the beginning of the navigation."""
    count: int


def content(page: Page, look: Look, *, quiet: int = QUIET) -> Content:
    """Wait for it, until it stays as it is for ``quiet`` milliseconds.

    :raise Missing: there is no such page
    """
    wanted = {"selector": look.contents, "quiet": quiet, "patience": PATIENCE, "missing": MISSING}
    found: dict[str, Any] | None = page.evaluate("(wanted) => bench.settled(wanted)", wanted)
    if found is not None and "missing" in found:
        raise Missing(look.address)
    if found is None:
        raise Failed(f"{page.url}: no {look.contents} after {PATIENCE} ms")
    return Content(found["at"], found["count"])
