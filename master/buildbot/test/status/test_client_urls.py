"""Addresses that one may connect to, and all others."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildbot.errors import ConfigError
from buildbot.status.client import connect

BAD = [
    "",
    "localhost:8020",
    "ftp://localhost",
    "sqlite:///state.sqlite",
    "postgresql://ada:secret@db/buildbot",
    "pb://localhost",
    "pb://ada:secret@localhost",
    "pb://localhost:9989/path",
    "pb://:9989",
    "http://",
    "http://localhost?x=1",
    "http://localhost#x",
    "http://localhost:port",
    "http://[::1",
]


class UrlTest(TestCase):
    def open(self, url: str, **more: Any) -> Any:
        return connect(url, reactor=reactor, **more)

    def test_bad(self) -> None:
        """Another URL is a ConfigError that shows it, without a password."""
        for url in BAD:
            with self.assertRaises(ConfigError) as raised:
                self.open(url)
            self.assertNotIn("secret", str(raised.exception))

    def test_ports(self) -> None:
        """So is a port that there cannot be; the error says which there are."""
        for url in ("http://localhost:99999", "https://localhost:65536", "pb://ada:secret@localhost:99999"):
            with self.assertRaises(ConfigError) as raised:
                self.open(url)
            self.assertIn("ports go up to 65535", str(raised.exception))
            self.assertNotIn("secret", str(raised.exception))

    def test_names(self) -> None:
        """A connection shows where it leads, without user and password."""
        for url, where in (
            ("pb://ada:secret@localhost:9989", "pb://localhost:9989"),
            ("pbs://ada:secret@ci.example.org:9990", "pbs://ci.example.org:9990"),
            ("http://ada:secret@localhost:8020", "http://localhost:8020"),
            ("http://localhost:8020/", "http://localhost:8020"),
            ("https://ci.example.org/build%20bot/", "https://ci.example.org:443/build%20bot"),
            ("http://[::1]:8020", "http://[::1]:8020"),
            ("pb://[::1]:9989", "pb://[::1]:9989"),
        ):
            self.assertEqual(self.open(url).where, where)
            self.assertNotIn("secret", repr(self.open(url)))

    def test_certificates(self) -> None:
        """A file of certificates that cannot be used is a ConfigError that names it."""
        empty = self.mktemp()
        with open(empty, "w"):
            pass
        broken = self.mktemp()
        with open(broken, "w") as file:
            file.write("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n")
        for path in (self.mktemp(), empty, broken):
            with self.assertRaises(ConfigError) as raised:
                self.open("pbs://localhost:1", caFile=path)
            self.assertIn(path, str(raised.exception))
