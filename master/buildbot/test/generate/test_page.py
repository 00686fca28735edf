"""The page at ``/about/api``: static, from this server alone, and within its own policy."""

from __future__ import annotations

import re
from importlib.resources import files

from twisted.trial.unittest import TestCase

STATIC = files("buildbot.www") / "static"


class PageTests(TestCase):
    def setUp(self) -> None:
        self.page = (STATIC / "api.html").read_text("utf-8")
        self.scripts = {
            entry.name: entry.read_text("utf-8") for entry in (STATIC / "api").iterdir() if entry.name.endswith(".js")
        }

    def test_references(self) -> None:
        """Everything that the page and its scripts name is there, beside them."""
        named = [name for name in re.findall(r'(?:href|src)="([^"#]+)"', self.page) if not name.startswith("errors/")]
        named += [f"api/{name}" for text in self.scripts.values() for name in re.findall(r'from "\./([^"]+)"', text)]
        named += [name for text in self.scripts.values() for name in re.findall(r'fetch\("([^"]+)"\)', text)]
        self.assertIn("api/openapi.json", named)
        self.assertEqual([name for name in named if not (STATIC / name).is_file()], [])

    def test_policy(self) -> None:
        """No script or style stands in the page, and nothing is made of markup that came over the wire."""
        self.assertNotRegex(self.page, r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)")
        for name, text in self.scripts.items():
            self.assertNotRegex(
                text, r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\.style\b", name
            )

    def test_noOthers(self) -> None:
        """No foreign host is named."""
        style = (STATIC / "api" / "style.css").read_text("utf-8")
        for text in (self.page, style, *self.scripts.values()):
            self.assertNotRegex(text, r"https?://|url\(|@import")
