"""``howto/webhooks.rst`` does what it says."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook as Receiving
from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from buildbot.status.listeners.sending import AGAIN, TIMEOUT
from buildbot.status.listeners.webhook import Webhook
from buildbot.status.listeners.webhook.envelope import cloudEvent
from buildbot.status.listeners.webhook.signing import signed
from buildbot.test.contract.attached import attach
from buildbot.test.docs.executed import DOCS, blocks
from buildbot.test.docs.tally import tally

PAGE = "howto/webhooks.rst"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class WebhookPage(TestCase):
    timeout = 60

    async def test_page(self) -> None:
        """The receiver prints what ends and what comes, once."""
        folder = Path(self.mktemp()).resolve()
        (folder / "secrets").mkdir(parents=True)
        (folder / "secrets" / "hook").write_text(f"{SECRET}\n")
        (folder / "secrets" / "hook").chmod(0o600)
        database = folder / "state.sqlite"
        tally(str(database))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        for block in blocks(PAGE):
            if block.caption:
                (folder / block.caption).write_text(block.text.replace("8099", port), "utf-8")
        with open(folder / "received", "w") as received:
            receiver = subprocess.Popen([sys.executable, "receiver.py"], cwd=folder, stdout=received, stderr=received)
        self.addCleanup(receiver.wait)
        self.addCleanup(receiver.kill)
        state = str(folder / "events.sqlite")
        attach(self, f"sqlite:///{database}", "--config", str(folder / "attach.cfg"), "--state", state)
        with closing(sqlite3.connect(database)) as master:
            master.execute(
                "UPDATE builds SET results = 2, complete_at = started_at + 9, state_string = 'failed tests' "
                "WHERE complete_at IS NULL"
            )
            master.commit()
        while "net.buildbot" not in (folder / "received").read_text():
            await deferLater(reactor, 0.02)
        self.assertRegex(
            (folder / "received").read_text(), r"(?m)^net.buildbot.builds.finished builds/\d+ failed tests$"
        )

    def test_verify(self) -> None:
        """The check by hand takes what the library takes, and nothing else."""
        [text] = [block.text for block in blocks(PAGE) if block.caption == "verify.py"]
        scope: dict[str, Any] = {}
        exec(text, scope)
        isGenuine = scope["isGenuine"]
        keys = [os.urandom(32), Receiving(SECRET)._whsecret]
        headers = signed("a_5", int(time.time()), b"{}", keys)
        Receiving(SECRET).verify(b"{}", dict(headers))
        self.assertTrue(isGenuine(headers, b"{}", SECRET))
        self.assertFalse(isGenuine(headers, b"{ }", SECRET))
        self.assertFalse(isGenuine(signed("a_5", int(time.time()), b"{}", keys[:1]), b"{}", SECRET))
        self.assertFalse(isGenuine(signed("a_5", int(time.time()) - 600, b"{}", keys), b"{}", SECRET))

    def test_numbers(self) -> None:
        """The numbers and names are those of the code."""
        text = (DOCS / PAGE).read_text()
        self.assertIn(f"``timeout`` ({TIMEOUT:g} s for a request)", text)
        self.assertIn("for a day", text)
        self.assertTrue(20 < sum(min(2**n, 600) for n in range(Webhook.attempts)) / 3600 < 28)
        named = {
            int(code) for code in re.findall(r"\b([34]\d\d)\b", text.partition("* **Again")[2].partition("*Parked")[0])
        }
        self.assertEqual(named, set(AGAIN))
        [example] = [block.text for block in blocks(PAGE) if '"specversion"' in block.text]
        names = re.findall(r'^  "(\w+)"', example, re.MULTILINE)
        self.assertEqual(names, re.findall(r'"(\w+)":', _source(cloudEvent)))


def _source(function: Any) -> str:
    import inspect

    return inspect.getsource(function).partition("return {")[2]
