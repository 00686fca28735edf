"""``howto/web.rst``: the view that it tells to make is one."""

from __future__ import annotations

import os
import subprocess
import sys
from html import unescape
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from buildbot.test.docs.executed import blocks
from buildbot.test.www.installed import FILES, Environment

LOOK = """
import sys
from buildbot.config.attach import Options, settings
from buildbot.www.pages import Pages
found = settings(Options(db="sqlite:////state.sqlite", config=sys.argv[1]))
files = Pages.installed(found.web.views).files("")
print(files[""]["identity"].pieces[0].decode())
print(*files, sep="\\n")
"""


class ViewTest(SynchronousTestCase):
    timeout = 120

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        for block in blocks("howto/web.rst"):
            if block.caption:
                path = self.folder / block.caption
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text)

    def do(self, *command: str | Path, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, env={**os.environ, **environment}
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_view(self) -> None:
        """Installed and named as it is told, the document says of it what it is told to say, and its files are
        there."""
        heat = self.folder / "our_ci_views" / "heat"
        heat.mkdir()
        (heat / "index.js").write_text("export {};\n")
        configuration = self.folder / "status.cfg"
        configuration.write_text(f"c = BuildmasterConfig = {{'www': {{}}}}\n{configuration.read_text()}")
        environment = Environment(self)
        environment.installPages(FILES)
        target = ["--no-deps", "--target", str(environment.folder)]
        self.do("-m", "pip", "install", "--quiet", "--disable-pip-version-check", *target, self.folder)
        path = os.pathsep.join(filter(None, sys.path))
        document, _, files = self.do("-c", LOOK, configuration, PYTHONPATH=path).partition("</html>")
        [module] = [line for line in files.split() if line.startswith("plugins/")]
        self.assertRegex(module, r"^plugins/heat/\w+/index\.js$")
        [told] = (block.text for block in blocks("howto/web.rst") if block.language == "html")
        said = " ".join(told.split()).replace("DIGEST", module.split("/")[2]).replace("'", '"', 1)
        self.assertIn(said.removesuffix("'>"), " ".join(unescape(document).split()))
