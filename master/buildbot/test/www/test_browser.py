"""The page at ``/about/api`` in a real browser: drawn, usable, and within the window of a telephone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from unittest import SkipTest

import simplejson
from playwright.sync_api import Browser, Page, expect, sync_playwright
from twisted.internet.threads import deferToThread

from buildbot.test.www.served import SiteCase

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Nothing but the page is to be fetched."""
WAIT = 10_000
"""Milliseconds that anything on the page may take."""


def findBrowser() -> str:
    """The path of a Chromium. Skips the test where there is none."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise SkipTest("There is no browser to look at the page with: install Chromium (Debian: apt-get install chromium).")


def operations() -> int:
    """How many the document has."""
    document = simplejson.loads((files("buildbot.www") / "static/api/openapi.json").read_bytes())
    return sum(len({"get", "post"} & path.keys()) for path in document["paths"].values())


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window. All of this blocks."""
    # As root Chromium starts only without its sandbox.
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=findBrowser(), args=arguments)
        try:
            yield started
        finally:
            started.close()


class BrowserTests(SiteCase):
    timeout = 120

    async def test_page(self) -> None:
        """At the width of a desk and of a telephone: every operation is drawn, and a call that is filled in and sent
        shows its answer; nothing is wider than the window, even where everything is open; nothing fails, and no other
        host is asked."""
        findBrowser()
        await deferToThread(self.look)

    def look(self) -> None:
        with browser() as started:
            for width in (1280, 390):
                context = started.new_context(viewport={"width": width, "height": 800})
                page = context.new_page()
                page.set_default_timeout(WAIT)
                expect.set_options(timeout=WAIT)
                self.usePage(page, width)
                context.close()

    def usePage(self, page: Page, width: int) -> None:
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(request.url.split("/")[2]))
        page.goto(f"http://127.0.0.1:{self.number}/")
        expect(page.locator("details.operation")).to_have_count(operations())
        self.fits(page, width)

        operation = page.locator("#getBuilds")
        operation.locator("summary").first.click()
        operation.get_by_label("limit").fill("2")
        self.fits(page, width)
        operation.get_by_role("button", name="Send").click()
        expect(operation.locator(".result strong")).to_have_text("200")
        body = simplejson.loads(operation.locator(".answer pre").inner_text())
        self.assertEqual(len(body["builds"]), 2)
        self.fits(page, width)

        acting = page.locator("#actOnConsumer")
        acting.locator("summary").first.click()
        acting.get_by_label("consumerid or consumername").fill("nobody")
        acting.get_by_label("Token").fill("none")
        acting.get_by_label("Example").select_option("seek")
        self.assertIn('"seek"', acting.get_by_label("A call of JSON-RPC 2.0.").input_value())
        self.fits(page, width)

        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        expect(page.locator("form.call")).to_have_count(operations())
        self.fits(page, width)
        self.assertEqual((wrong, asked), ([], {f"127.0.0.1:{self.number}"}))

    def fits(self, page: Page, width: int) -> None:
        """Nothing can be scrolled to on the right."""
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), width)
