"""Distributions with pages and views, as an installer leaves them, in a folder that stands for the environment."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase, TestCase

from buildbot.www.pages import PAGES, VIEWS

INDEX = f"""<!doctype html>
<html lang="en">
    <head>
      <base href="./">
        <meta charset="utf-8" />
        <title>Buildbot</title>
        <!-- Long enough to be worth an encoding. {" ".join(map(str, range(150)))} -->
      <script type="module" crossorigin src="./assets/index-1a2b.js"></script>
    </head>
    <body></body>
</html>
"""
SCRIPT = "export const words = " + repr([f"word {number}" for number in range(200)]) + ";\n"
FILES = {"index.html": INDEX, "assets/index-1a2b.js": SCRIPT, "assets/a-1a2b.png": "\x89PNG", "icon.svg": "<svg/>"}
_numbers = itertools.count(1)


class Environment:
    """Where a test's distributions are installed, and none besides."""

    def __init__(self, test: TestCase | SynchronousTestCase) -> None:
        self.folder = Path(test.mktemp()).resolve()
        self.folder.mkdir(parents=True)
        # All else can be imported as ever: what reports failures imports much when it has to.
        test.patch(sys, "path", [str(self.folder), *sys.path])
        self._describe("buildbot_status_www", "")  # goes before one that is installed where the tests run

    def install(self, group: str, name: str, files: Mapping[str, str | bytes], *, attribute: str = "FILES") -> str:
        """Install one. The name of its package, which no other has: modules stay once they were imported."""
        package = f"installed{next(_numbers)}"
        for path, content in files.items():
            file = self.folder / package / "files" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
        source = 'from importlib.resources import files\nFILES = files(__name__) / "files"\n'
        (self.folder / package / "__init__.py").write_text(source)
        self._describe(package, f"[{group}]\n{name} = {package}:{attribute}\n")
        return package

    def _describe(self, package: str, entryPoints: str) -> None:
        described = self.folder / f"{package}-1.0.dist-info"
        described.mkdir()
        (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text(entryPoints)

    def installPages(self, files: Mapping[str, str | bytes] = FILES) -> str:
        """Pages, as the server looks for them."""
        return self.install(PAGES, "pages", files)

    def installView(self, name: str, files: Mapping[str, str | bytes]) -> str:
        """A view of this name."""
        return self.install(VIEWS, name, files)
