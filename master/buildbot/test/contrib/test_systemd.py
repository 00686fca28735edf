"""The systemd units and the configurations that they name."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

from twisted.trial.unittest import SkipTest, TestCase

from buildbot.config import listen
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

    def test_listeners(self) -> None:
        """So is that of listeners."""
        found = listen.settings(str(FOLDER / "listen.cfg"))
        self.assertEqual([listener.name for listener in found.listeners], ["MailNotifier"])

    def test_command(self) -> None:
        """The units start their commands with those configurations, and have them read again."""
        for name, command, config in (
            ("buildbot-status", "attach", "status.cfg"),
            ("buildbot-listen", "listen", "listen.cfg"),
        ):
            service = self.unit(name)["Service"]
            self.assertEqual(shlex.split(service["ExecStart"])[1:3], [command, "--config"])
            self.assertEqual(Path(shlex.split(service["ExecStart"])[3]).name, config)
            self.assertEqual(service["ExecReload"], "/bin/kill -HUP $MAINPID")

    def test_hardened(self) -> None:
        """The one may do no more than the other."""
        one, other = (set(self.unit(name)["Service"].items()) for name in ("buildbot-status", "buildbot-listen"))
        own = {"ExecStart", "User", "Group", "ProtectHome", "LimitNOFILE", "TimeoutStopSec"}
        self.assertEqual({pair for pair in one - other if pair[0] not in own}, set())
        self.assertEqual(self.unit("buildbot-listen")["Service"]["ProtectHome"], "yes")

    def test_verified(self) -> None:
        """systemd understands every line."""
        program = shutil.which("systemd-analyze")
        if program is None:
            raise SkipTest("systemd is not installed")
        folder = Path(self.mktemp())
        folder.mkdir()
        for name in ("buildbot-status", "buildbot-listen"):
            text = (
                (FOLDER / f"{name}.service")
                .read_text()
                .replace("/opt/buildbot-status/bin/buildbot-status", "/bin/true")
            )
            (folder / f"{name}.service").write_text(text)
            done = subprocess.run([program, "verify", folder / f"{name}.service"], capture_output=True, text=True)
            said = [line for line in done.stderr.splitlines() if name in line]
            self.assertEqual(said, [])

    def unit(self, name: str) -> ConfigParser:
        found = ConfigParser(interpolation=None)
        found.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep the case of names
        found.read(FOLDER / f"{name}.service")
        return found
