"""Where a server listens."""

from __future__ import annotations

from twisted.trial.unittest import TestCase

from buildbot.config.endpoints import listening, tcp
from buildbot.errors import ConfigError


class ListeningTest(TestCase):
    def test_loopback(self) -> None:
        """On this machine only, where no interface is named."""
        for given, expected in (
            (8020, "tcp:8020:interface=127.0.0.1"),
            ("8020", "tcp:8020:interface=127.0.0.1"),
            ("tcp:8020", "tcp:8020:interface=127.0.0.1"),
            ("ssl:8020:privateKey=k.pem", "ssl:8020:privateKey=k.pem:interface=127.0.0.1"),
        ):
            self.assertEqual(listening(given), expected)

    def test_named(self) -> None:
        """Where one is named, there."""
        self.assertEqual(listening("8020", "::"), r"tcp:8020:interface=\:\:")
        self.assertEqual(listening("tcp:8020:interface=1.2.3.4", "::"), "tcp:8020:interface=1.2.3.4")

    def test_others(self) -> None:
        """Endpoints of other kinds stay as they are."""
        self.assertEqual(listening("unix:/run/status.socket"), "unix:/run/status.socket")


class TcpTest(TestCase):
    def test_ports(self) -> None:
        """A port and an interface, from all ways to say it."""
        for given, expected in (
            (8020, (8020, "127.0.0.1")),
            ("tcp:8020", (8020, "127.0.0.1")),
            ("tcp:port=8020:interface=0.0.0.0", (8020, "0.0.0.0")),
            (r"tcp:8020:interface=\:\:1:backlog=9", (8020, "::1")),
        ):
            self.assertEqual(tcp(given), expected)

    def test_refused(self) -> None:
        """All else is an error that shows what was given."""
        for given in ("http", "tcp", "tcp:x", "tcp:70000", "unix:/x", "tcp:1:2:3", "ssl:1"):
            self.assertIn(repr(given), str(self.assertRaises(ConfigError, tcp, given)))
