"""Where the program begins: not beside stock Buildbot in one environment, and without a delay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import TestCase

START = "import sys; from buildbot.scripts.entry import main; sys.argv = ['buildbot', *sys.argv[1:]]; sys.exit(main())"
LOADED = "import buildbot.scripts.runner as r\ntry:\n r.main(['--help'])\nexcept SystemExit:\n pass\nimport sys\n"

FILES = """
import resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
from buildbot.www.settings import HttpLimits
print(HttpLimits().connections)
try:
    main()
except SystemExit:
    pass
print(HttpLimits().connections == min(hard - 200, 10_000) > 512)
"""


def python(code: str, *arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a little program in this environment, with one more folder of packages."""
    variables = {**os.environ, **({} if path is None else {"PYTHONPATH": str(path)})}
    return subprocess.run([sys.executable, "-c", code, *arguments], env=variables, capture_output=True, text=True)


class EntryTest(TestCase):
    def test_stock(self) -> None:
        """Where stock Buildbot is installed, the program does not start, and says what to type."""
        folder = Path(self.mktemp()).resolve()
        (folder / "buildbot-4.3.0.dist-info").mkdir(parents=True)
        (folder / "buildbot-4.3.0.dist-info" / "METADATA").write_text("Name: buildbot\nVersion: 4.3.0\n")
        done = python(START, "attach", "--help", path=folder)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertTrue(done.stderr.startswith("Error: Buildbot 4.3.0 is installed in the same environment"))
        self.assertIn("pip uninstall buildbot-status", done.stderr)
        self.assertIn("buildbot==4.3.0", done.stderr)

    def test_alone(self) -> None:
        """Where it is not, it starts."""
        done = python(START, "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("attach", done.stdout)

    def test_light(self) -> None:
        """Asking for help loads neither Twisted nor SQLAlchemy: it takes a tenth of a second."""
        done = python(LOADED + "print(sorted({'twisted', 'sqlalchemy'} & set(sys.modules)))")
        self.assertEqual(done.stdout.splitlines()[-1], "[]")

    def test_files(self) -> None:
        """It may have as many connections open as the system allows, not as many as a shell lets it begin with."""
        done = python(START.replace("sys.exit(main())", FILES), "--version")
        said = done.stdout.splitlines()
        self.assertEqual((said[0], said[-1]), ("312", "True"), done.stderr)
