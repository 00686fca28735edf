"""Running a configuration file, and what is said when that cannot be."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from buildbot.config.file import ConfigFile
from buildbot.errors import ConfigError
from buildbot.test.config.files import ConfigCase


class RunningTest(ConfigCase):
    def failed(self, text: str) -> str:
        path = self.write(text)
        error = str(self.assertRaises(ConfigError, ConfigFile.run, path))
        self.assertTrue(error.startswith(path))
        return error[len(path) :]

    def test_globals(self) -> None:
        """The file knows its own folder and path, as master.cfg does."""
        path = self.write("BuildmasterConfig = {'title': basedir, 'titleURL': __file__}")
        values = ConfigFile.run(path).values
        self.assertEqual(values, {"title": os.path.dirname(path), "titleURL": path})

    def test_neighbour(self) -> None:
        """It may import a module that lies beside it."""
        path = self.write("import status_neighbour\nBuildmasterConfig = {'title': status_neighbour.TITLE}")
        Path(path).with_name("status_neighbour.py").write_text("TITLE = 'ours'")
        self.assertEqual(ConfigFile.run(path).values, {"title": "ours"})

    def test_again(self) -> None:
        """What lies beside it, or in a package there, is as it is now whenever the file is run, though that is within
        the same second; what is installed is not loaded anew."""
        path = self.write(
            """
            import os
            from status_package import inner
            import sqlalchemy
            BuildmasterConfig = {"title": inner.TITLE, "others": sqlalchemy, "__name__": inner}
            """
        )
        package = Path(path).with_name("status_package")
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "inner.py").write_text("TITLE = 'one'")
        one = ConfigFile.run(path).values
        (package / "inner.py").write_text("TITLE = 'two'")
        two = ConfigFile.run(path).values
        self.assertEqual((one["title"], two["title"]), ("one", "two"))
        self.assertIs(one["others"], two["others"])
        self.assertFalse((package / "__pycache__").exists())
        (package / "inner.py").write_text("TITLE =")
        self.assertRaises(ConfigError, ConfigFile.run, path)
        self.assertIs(sys.modules["status_package.inner"], two["__name__"])

    def test_environment(self) -> None:
        """An environment that lies beside it is not loaded anew."""
        path = self.write("import status_installed\nBuildmasterConfig = {'module': status_installed}")
        installed = Path(path).with_name("site-packages")
        installed.mkdir()
        (installed / "status_installed.py").write_text("")
        self.patch(sys, "path", [*sys.path, str(installed)])
        self.patch(sysconfig, "get_path", lambda name: str(installed))
        self.assertIs(ConfigFile.run(path).values["module"], ConfigFile.run(path).values["module"])

    def test_missing(self) -> None:
        """A file that is not there."""
        error = self.assertRaises(ConfigError, ConfigFile.run, "/nowhere/status.cfg")
        self.assertEqual(str(error), "/nowhere/status.cfg: cannot be read: No such file or directory")

    def test_syntax(self) -> None:
        """What is no Python is an error with its line."""
        self.assertEqual(self.failed("BuildmasterConfig = {}\nif x\n"), ":2: is not Python: expected ':'")

    def test_notText(self) -> None:
        """A file that is no text."""
        path = self.write("")
        Path(path).write_bytes(b"\xff\xfe")
        self.assertIn("is not UTF-8", str(self.assertRaises(ConfigError, ConfigFile.run, path)))

    def test_exception(self) -> None:
        """An exception is told with the line of the file, not of what it called."""
        error = self.failed("import json\nBuildmasterConfig = {}\nx = json.loads('')\n")
        self.assertTrue(error.startswith(":3: JSONDecodeError: "), error)

    def test_exit(self) -> None:
        """A file that ends the program is not obeyed."""
        self.assertEqual(self.failed("import sys\nsys.exit(0)"), ": ended the program when it was run")

    def test_noConfiguration(self) -> None:
        """It must define BuildmasterConfig."""
        self.assertEqual(self.failed("c = {}"), ": defines no BuildmasterConfig, which is to be a dict")

    def test_noDict(self) -> None:
        """And as a dict."""
        self.assertEqual(self.failed("\nBuildmasterConfig = []"), ":2: BuildmasterConfig is a list; a dict is expected")

    def test_mastersOwn(self) -> None:
        """A master.cfg needs what builds; that is said in words that help."""
        error = self.failed("from buildbot.process.buildstep import BuildStep\n")
        self.assertTrue(error.startswith(":1: No module named 'buildbot.process': this reads like"), error)


class LinesTest(ConfigCase):
    """The line of a key, however it is written."""

    def line(self, text: str, *path: str) -> int | None:
        file = ConfigFile.run(self.write(text))
        file.problem(path, "x")
        [(line, _)] = file.problems
        return line

    def test_subscripts(self) -> None:
        """c["www"]["port"] = …"""
        text = "c = BuildmasterConfig = {}\nc['www'] = {}\nc['www']['port'] = 1\n"
        self.assertEqual(self.line(text, "www", "port"), 3)
        self.assertEqual(self.line(text, "www"), 2)

    def test_literal(self) -> None:
        """A dict within a dict, over several lines."""
        text = "BuildmasterConfig = {\n  'title': 'x',\n  'www': {\n    'port': 1,\n  },\n}\n"
        self.assertEqual(self.line(text, "www", "port"), 4)

    def test_call(self) -> None:
        """dict(port=…)."""
        self.assertEqual(self.line("BuildmasterConfig = dict(\n www=dict(\n  port=1))", "www", "port"), 3)

    def test_elsewhere(self) -> None:
        """A dict that has a name of its own."""
        text = "BuildmasterConfig = {}\nweb = {\n 'port': 1}\nBuildmasterConfig['www'] = web\n"
        self.assertEqual(self.line(text, "www", "port"), 3)

    def test_alias(self) -> None:
        """Another name for the configuration, in a function, too."""
        text = "BuildmasterConfig = {}\nc = BuildmasterConfig\ndef f():\n  c['title'] = 'x'\nf()\n"
        self.assertEqual(self.line(text, "title"), 4)

    def test_update(self) -> None:
        """c.update(…)."""
        text = "c = BuildmasterConfig = {}\nc.update({\n 'title': 'x'}, titleURL=\n'y')\n"
        self.assertEqual(self.line(text, "title"), 3)
        self.assertEqual(self.line(text, "titleURL"), 3)

    def test_last(self) -> None:
        """Of several, the last."""
        self.assertEqual(self.line("c = BuildmasterConfig = {}\nc['title'] = 'x'\nc['title'] = 'y'\n", "title"), 3)

    def test_computed(self) -> None:
        """A key that is set by what nobody can read off: where its text stands."""
        text = "BuildmasterConfig = {}\nfor key in [\n 'title']:\n  BuildmasterConfig[key] = 1\n"
        self.assertEqual(self.line(text, "title"), 3)

    def test_unknown(self) -> None:
        """A key that stands nowhere: the line of what it is in."""
        self.assertEqual(self.line("c = BuildmasterConfig = {}\nc['www'] = dict([('po' + 'rt', 1)])", "www", "port"), 2)

    def test_circle(self) -> None:
        """Names that stand for each other do no harm."""
        text = "a = {}\nif False:\n  a = {'x': b}\n  b = a\n  a = b\nBuildmasterConfig = {'www': a}\n"
        self.assertEqual(self.line(text, "www"), 6)
