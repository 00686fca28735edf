"""What a configuration file imports from ``buildbot.plugins``."""

from __future__ import annotations

import subprocess
import sys

from twisted.trial.unittest import TestCase

from buildbot import plugins
from buildbot.config import rendering
from buildbot.config.file import ConfigFile
from buildbot.config.secrets import SecretInAFile
from buildbot.errors import ConfigError
from buildbot.test.config.files import ConfigCase

NOTHING = """
import sys
from buildbot.plugins import *
print(sorted(name for name in globals() if not name.startswith("_")))
print([name for name in ("treq", "sqlalchemy", "jinja2", "buildbot.config") if name in sys.modules])
"""


class NamespaceTests(TestCase):
    def test_names(self) -> None:
        """Three namespaces, and what is in them."""
        self.assertIs(plugins.secrets.SecretInAFile, SecretInAFile)
        self.assertIs(plugins.util.Secret, rendering.Secret)
        self.assertEqual((plugins.util.FAILURE, plugins.util.Results[plugins.util.FAILURE]), (2, "failure"))
        self.assertIn("VaultAuthenticatorToken", dir(plugins.secrets))

    def test_lazy(self) -> None:
        """All of it can be imported, and nothing is loaded until it is used."""
        done = subprocess.run([sys.executable, "-c", NOTHING], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.splitlines(), ["['reporters', 'secrets', 'sys', 'util']", "[]"])

    def test_unknown(self) -> None:
        """A name that there is not: the near one, or all."""
        for name, words in (("SecretInFile", "did you mean 'SecretInAFile'?"), ("x", "there are: HashiCorpVault")):
            error = self.assertRaises(AttributeError, getattr, plugins.secrets, name)
            self.assertIn(f"there is no secrets.{name} here; {words}", str(error))
        self.assertFalse(hasattr(plugins.util, "__deepcopy__"))


class ImportTests(ConfigCase):
    def said(self, statement: str) -> str:
        path = self.write(f"{statement}\nBuildmasterConfig = {{}}")
        error = str(self.assertRaises(ConfigError, ConfigFile.run, path))
        return error.removeprefix(f"{path}:1: ")

    def test_master(self) -> None:
        """What only a master has: where it belongs."""
        for name in plugins.OF_A_MASTER:
            self.assertIn(
                f"there are no {name} here, as nothing is built here", self.said(f"from buildbot.plugins import {name}")
            )
        self.assertIn("there are no steps here", self.said("import buildbot.plugins\nbuildbot.plugins.steps"))

    def test_slip(self) -> None:
        """A slip: what was meant."""
        self.assertIn("did you mean 'reporters'?", self.said("from buildbot.plugins import reporter"))
        self.assertIn("there are: reporters, secrets, util", self.said("from buildbot.plugins import x"))

    def test_internals(self) -> None:
        """Of Buildbot's own modules: that they are not here, and what is."""
        said = self.said("from buildbot.process.results import FAILURE")
        self.assertIn("No module named 'buildbot.process'", said)
        self.assertIn("with status, services, secretsProviders for what listens", said)
