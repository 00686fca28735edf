"""The distribution of the built web pages: filled, installed and found."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import brotli
from twisted.trial.unittest import SynchronousTestCase

from buildbot.test.www.installed import INDEX, SCRIPT

WWW = Path(__file__).resolve().parents[4] / "www"
LOOK = """
import json
from buildbot.www.pages import Pages
files = Pages.installed({}).files("")
print(json.dumps({path: {encoding: form.length for encoding, form in file.items()} for path, file in files.items()}))
"""


class PackagingTests(SynchronousTestCase):
    timeout = 120

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        ignored = shutil.ignore_patterns("files", "build", "*.egg-info", "__pycache__")
        shutil.copytree(WWW / "packaging", self.folder / "packaging", ignore=ignored)
        self.filled = self.folder / "packaging" / "buildbot_status_www" / "files"

    def build(self, *scripts: str) -> None:
        """What the tools for the pages leave, and what is made of that."""
        shutil.rmtree(self.folder / "dist", ignore_errors=True)
        made = {"index.html": INDEX, ".vite/manifest.json": "{}", **{f"assets/{name}": SCRIPT for name in scripts}}
        for path, text in made.items():
            file = self.folder / "dist" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.do(self.folder / "packaging" / "fill.py")

    def do(self, *command: str | Path, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, env={**os.environ, **environment}
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_filled(self) -> None:
        """It has what was built now, and nothing of what was built before; texts compressed as well as can be."""
        self.build("a-1.js")
        self.build("a-2.js", "small-2.css")
        (self.folder / "dist" / "assets" / "small-2.css").write_text("a{}")
        self.do(self.folder / "packaging" / "fill.py")
        paths = {str(path.relative_to(self.filled)) for path in self.filled.rglob("*") if path.is_file()}
        named = ["index.html", "assets/a-2.js"]
        self.assertEqual(paths, {*named, "assets/small-2.css", *(f"{n}.{end}" for n in named for end in ("br", "gz"))})
        script = self.filled / "assets" / "a-2.js"
        self.assertEqual(Path(f"{script}.br").read_bytes(), brotli.compress(SCRIPT.encode(), quality=11))
        self.assertEqual(gzip.decompress(Path(f"{script}.gz").read_bytes()), SCRIPT.encode())

    def test_installed(self) -> None:
        """Once it is installed, the server finds it."""
        self.build("a-1.js")
        site = self.folder / "site"
        pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(site)]
        self.do(*pip, self.folder / "packaging")
        found = json.loads(self.do("-c", LOOK, PYTHONPATH=os.pathsep.join([str(site), *filter(None, sys.path)])))
        self.assertEqual({*found}, {"", "assets/a-1.js"})
        self.assertEqual(found["assets/a-1.js"]["br"], (self.filled / "assets" / "a-1.js.br").stat().st_size)
        [licence] = site.glob("*.dist-info/licenses/LICENSE")
        self.assertEqual(licence.read_text(), (WWW / "LICENSE").read_text())

    def test_unbuilt(self) -> None:
        """Without built files there is nothing to fill it with, which is said."""
        done = subprocess.run([sys.executable, self.folder / "packaging" / "fill.py"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("dist has no index.html: npm run build makes it", done.stderr)

    def test_version(self) -> None:
        """The distribution has the version of the project."""
        project = tomllib.loads((WWW / "packaging" / "pyproject.toml").read_text())["project"]
        package = json.loads((WWW / "package.json").read_text())
        self.assertEqual((project["version"], project["license"]), (package["version"], package["license"]))
