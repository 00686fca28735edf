"""The systemd unit and the configuration that it names."""

from __future__ import annotations

import shlex
from configparser import ConfigParser
from pathlib import Path

from twisted.trial.unittest import TestCase

from buildbot.config.attach import Options, settings

FOLDER = Path(__file__).resolve().parents[3] / "contrib" / "systemd"


class UnitTest(TestCase):
    """``master/contrib/systemd``."""

    def test_config(self) -> None:
        """The configuration to begin with is accepted as it is."""
        found = settings(Options(config=str(FOLDER / "status.cfg")))
        self.assertEqual(found.dbUrl, "sqlite:////home/buildbot/master/state.sqlite")
        assert found.web is not None
        self.assertEqual(found.web.baseURL, "https://ci.example.org/status/")

    def test_command(self) -> None:
        """The unit starts ``attach`` with that configuration."""
        unit = ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep the case of names
        unit.read(FOLDER / "buildbot-status.service")
        command = shlex.split(unit["Service"]["ExecStart"])
        self.assertEqual(command[1:3], ["attach", "--config"])
        self.assertEqual(Path(command[3]).name, "status.cfg")
