"""The file of ``buildbot listen``."""

from __future__ import annotations

from buildbot.config import attach
from buildbot.config.listen import OF_A_MASTER, OF_A_SERVER, Listening, settings
from buildbot.errors import ConfigError
from buildbot.test.config.files import ConfigCase

BEGIN = """
from buildbot.status.listeners import StatusListener

class Mine(StatusListener):
    def buildFinished(self, build): ...

class Keeper:
    def get(self, name):
        return "confidential"

c = BuildmasterConfig = {}
c["status"] = [Mine()]
"""


class ListenFileTests(ConfigCase):
    def read(self, text: str) -> Listening:
        return settings(self.write(BEGIN + text))

    def said(self, text: str) -> list[str]:
        error = self.assertRaises(ConfigError, self.read, text)
        return [line.partition(".cfg:")[2] for line in str(error).splitlines()]

    async def test_everything(self) -> None:
        """Listeners, reporters among the services, and who keeps secrets; a master's habits do no harm."""
        found = self.read(
            """
            c["services"] = [Mine("service")]
            c["secretsProviders"] = [Keeper()]
            c["buildbotNetUsageData"] = None
            """.replace("            ", "")
        )
        self.assertEqual([listener.name for listener in found.listeners], ["Mine", "service"])
        self.assertEqual(await found.secrets.get("x"), "confidential")

    def test_names(self) -> None:
        """What the Buildbot is called and where its pages are is told to listeners that do not say so themselves."""
        found = self.read(
            """
            c["status"].append(Mine("other"))
            c["status"][1].buildbotURL = "https://other.example.org/"
            c["title"], c["buildbotURL"] = "My CI", "https://ci.example.org/buildbot"
            """.replace("            ", "")
        )
        self.assertEqual(
            [(listener.title, listener.buildbotURL) for listener in found.listeners],
            [("My CI", "https://ci.example.org/buildbot/"), ("My CI", "https://other.example.org/")],
        )
        [plain] = self.read("").listeners
        self.assertEqual((plain.title, plain.buildbotURL), ("Buildbot", "http://localhost:8080/"))

    def test_others(self) -> None:
        """Keys of a master and of a server are refused as what they are, others with the near one."""
        for key in OF_A_MASTER:
            self.assertEqual(self.said(f"c[{key!r}] = 1"), [f"13: {key} is for the master that builds: leave it out"])
        for key in OF_A_SERVER:
            [error] = self.said(f"c[{key!r}] = 1")
            self.assertIn(f"13: {key} is for the server, and what is asked here knows it", error)
        self.assertEqual(self.said("c['statu'] = 1"), ["13: statu is not known; did you mean 'status'?"])

    def test_server(self) -> None:
        """Every key that a server's file may have is known, so that it is moved or refused as what it is."""
        path = self.write("BuildmasterConfig = {'db_url': 'sqlite:///x', 'zzzzzzzz': 1}")
        error = self.assertRaises(ConfigError, attach.settings, attach.Options(config=path))
        keys = set(str(error).partition("there are: ")[2].split(", "))
        both = {"status", "services", "secretsProviders", "title", "buildbotURL", "buildbotNetUsageData"}
        self.assertEqual(keys - both, set(OF_A_SERVER))

    def test_nobody(self) -> None:
        """A file without listeners."""
        self.assertEqual(
            self.said("c['status'] = []"), ["11: nobody would listen: c['status'] is to be a list of listeners"]
        )
