"""SIGHUP has a process read its listeners' configuration and code again, while builds go on: nothing is lost, or
told twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from buildbot.test.contract.attached import Started
from buildbot.test.status.listeners.placed import BesideHTTP, BesidePB, Inside

MODULE = """
import os
from buildbot.status.listeners import StatusListener

class Told(StatusListener):
    def __init__(self, folder, name):
        super().__init__(name)
        self.path = os.path.join(folder, name)

    def buildFinished(self, build):
        with open(self.path, "a") as file:
            file.write(f"{build.buildid} VERSION\\n")
"""
CONFIG = """
from told import Told
c = BuildmasterConfig = {{"status": [Told(basedir, name) for name in {names}]}}
"""


def plays(url: str) -> subprocess.Popen[str]:
    """Lives of builds, at a pace that leaves others time."""
    program = Path(sys.executable).with_name("buildbot-status")
    command = [str(program), "replay", "--db", url, "--lives", "100000", "--rate", "200"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True)


class ReloadCase(Inside):
    timeout = 90

    def configure(self, version: str, *names: str) -> None:
        (self.folder / "told.py").write_text(MODULE.replace("VERSION", version))
        self.config.write_text(CONFIG.format(names=names))

    def versions(self, name: str) -> list[str]:
        """Of the code that has handled something, in order."""
        found = [version for _, version in self.told(name)]
        return [version for number, version in enumerate(found) if found[number - 1 : number] != [version]]

    def logged(self, sentence: str) -> bool:
        return sentence in (self.log.read_text() if self.log.exists() else "")


class ReloadInside(ReloadCase):
    async def begins(self) -> Started:
        """Listeners that are told something, and what plays it."""
        self.prepare()
        self.configure("first", "stays", "goes")
        self.start()
        playing = Started(plays(self.url), "")
        self.addCleanup(playing.kill)
        await self.until(lambda: len(self.told("stays")) > 5 and len(self.told("goes")) > 5)
        return playing

    async def test_reload(self) -> None:
        """What has stayed has every build once, first of the old code and then of the new; what has gone is told no
        more, until it comes back; what has come is told."""
        playing = await self.begins()
        self.configure("second", "stays", "comes")
        self.running["listeners"].hangUp()
        await self.until(lambda: len(self.told("comes")) > 5 and self.versions("stays") == ["first", "second"])
        gone = len(self.told("goes"))
        for number in range(5):
            self.configure(f"again{number}", "stays", "comes")
            self.running["listeners"].hangUp()
        await self.until(lambda: self.versions("stays")[-1] == "again4")
        self.assertEqual(len(self.told("goes")), gone)
        self.configure("last", "stays", "goes")
        self.running["listeners"].hangUp()
        await self.until(lambda: self.versions("stays")[-1] == "last")
        playing.kill()
        ended = self.ended()
        for name in ("stays", "goes"):
            await self.until(lambda name=name: len(self.told(name)) >= len(ended))
            ids = [int(id) for id, _ in self.told(name)]
            self.assertEqual((sorted(ids), len(ids)), (sorted(ended), len(ended)), name)
        self.assertEqual(self.versions("goes"), ["first", "last"])

    async def test_wrong(self) -> None:
        """A file that cannot be used changes nothing, and it is said why."""
        await self.begins()
        (self.folder / "told.py").write_text("import nosuch")
        self.running["listeners"].hangUp()
        await self.until(lambda: self.logged("ModuleNotFoundError: No module named 'nosuch'"))
        self.configure("second", "stays", "stays")
        self.running["listeners"].hangUp()
        await self.until(lambda: self.logged("2 listeners are called 'stays'"))
        (self.folder / "told.py").write_text(MODULE.replace("super().__init__(name)", ""))
        self.running["listeners"].hangUp()
        await self.until(lambda: self.logged("Told: its __init__ does not call super().__init__()"))
        [line] = [line for line in self.log.read_text().splitlines() if "Told: its __init__" in line]
        self.assertIn("All goes on as before, because", line)
        told = len(self.told("stays"))
        await self.until(lambda: len(self.told("stays")) > told + 5)
        self.assertEqual(self.versions("stays"), ["first"])
        self.configure("third", "stays")
        self.running["listeners"].hangUp()
        await self.until(lambda: self.versions("stays") == ["first", "third"])


class LateInside(ReloadCase):
    """A server that had no listeners."""

    async def test_late(self) -> None:
        """It gets some; what else has changed is said to wait; and it may have none again."""
        self.prepare()
        self.config.write_text("BuildmasterConfig = {}")
        self.start()
        playing = Started(plays(self.url), "")
        self.addCleanup(playing.kill)
        self.configure("first", "comes")
        with self.config.open("a") as file:
            file.write("c['title'] = 'Other'\n")
        self.running["listeners"].hangUp()
        await self.until(lambda: len(self.told("comes")) > 5)
        self.assertTrue(self.logged("What else has changed makes no difference until the next start: title."))
        self.config.write_text("BuildmasterConfig = {}")
        self.running["listeners"].hangUp()
        await self.until(lambda: self.logged("listeners now: none."))
        playing.kill()


class ReloadOverHTTP(BesideHTTP, ReloadInside): ...


class ReloadOverPB(BesidePB, ReloadInside): ...
