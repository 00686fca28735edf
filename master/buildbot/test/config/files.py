"""Configuration files for tests."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from twisted.trial.unittest import TestCase

from buildbot.config.attach import Options, settings
from buildbot.config.settings import Settings
from buildbot.errors import ConfigError


class ConfigCase(TestCase):
    """A test with a configuration file of its own."""

    def write(self, text: str) -> str:
        """The path of a file with this text."""
        path = Path(self.mktemp()).resolve().with_suffix(".cfg")
        path.write_text(dedent(text))
        return str(path)

    def load(self, text: str, **options: object) -> Settings:
        """What a file comes down to; it names a database already."""
        path = self.write('c = BuildmasterConfig = {"db": {"db_url": "sqlite:///state.sqlite"}}\n' + dedent(text))
        return settings(Options(config=path, **options))  # type: ignore[arg-type]  # tests name options by keyword

    def refused(self, text: str, **options: object) -> list[str]:
        """The lines of the error that a file as in :meth:`load` meets, each beginning with its line's number."""
        error = self.assertRaises(ConfigError, self.load, text, **options)
        return [line.partition(".cfg:")[2] or line for line in str(error).splitlines()]
