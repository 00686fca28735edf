import subprocess
import sys
import tempfile
import unittest
from pathlib import Path


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tally", *arguments], capture_output=True, text=True, check=False
    )


class CommandTest(unittest.TestCase):
    def test_usage(self):
        """Without a file it says how to call it, and fails."""
        done = run()
        self.assertEqual(done.returncode, 2)
        self.assertIn("usage:", done.stderr)

    def test_file(self):
        """A file's counts are printed."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "text"
            path.write_text("one two\nthree\n", encoding="utf-8")
            done = run(str(path))
        self.assertEqual(done.returncode, 0)
        self.assertIn("2     3         14", done.stdout)
