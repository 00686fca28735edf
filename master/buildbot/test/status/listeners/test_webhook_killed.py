"""Webhooks while builds go on, processes are killed, and the receiver fails every now and then: each beginning and end
is taken at last, in order, and what comes twice can be told by its id."""

from __future__ import annotations

import os
from random import Random, SystemRandom
from typing import Any

import simplejson
from standardwebhooks import Webhook as Receiving

from buildbot.test.status.listeners.placed import BesideHTTP, Inside
from buildbot.test.status.listeners.receiving import ReceivingCase, answer

KILLS = int(os.environ.get("BUILDBOT_CRASH_KILLS", "3"))
SEED = os.environ.get("BUILDBOT_CRASH_SEED") or str(SystemRandom().randrange(10**6))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CONFIG = """
from buildbot.plugins import reporters

hook = reporters.Webhook(
    "http://127.0.0.1:{port}/hook", ["builds/*/new", "builds/*/finished"], secrets=["{secret}"], allow=["127.0.0.1"]
)
c = BuildmasterConfig = {{"services": [hook]}}
"""


class HookInside(Inside, ReceivingCase):
    timeout = 60 + 20 * KILLS

    def moods(self, random: Random) -> Any:
        """What the receiver does: mostly it takes a request; sometimes it has taken it, and nobody hears of that."""

        def taken(request: Any) -> bytes:
            body = request.content.getvalue()
            self.taken.append((request.getHeader("webhook-id"), body))
            if random.random() < 0.05:
                request.transport.abortConnection()
            return b""

        while True:
            yield answer(503) if random.random() < 0.25 else taken

    async def test_killed(self) -> None:
        """Whatever the moment of the kill, and whatever is killed."""
        seed = f"seed {SEED}"
        random = Random(SEED)
        self.taken: list[tuple[str, bytes]] = []
        receiver, port = self.receive()
        receiver.answers = _Endless(self.moods(random))
        self.prepare()
        self.config.write_text(CONFIG.format(port=port, secret=SECRET))
        for number in range(KILLS):
            self.start()
            writer = await self.writes(f"{SEED} {number}")
            await writer.hasSaid(random.randrange(1, 400))
            self.kill(random)
            await writer.hasSaid(len(writer.lines) + random.randrange(1, 100))
            writer.kill()
            await writer.ended
        self.start()
        ended = self.ended()
        self.assertGreater(len(ended), 0, seed)
        await self.until(lambda: ended <= self.of("finished"))
        bodies: dict[str, bytes] = {}
        for id, body in self.taken:
            self.assertEqual(bodies.setdefault(id, body), body, seed)
        for asked in receiver.asked:
            Receiving(SECRET).verify(asked.body, asked.headers)
        first: dict[str, str] = {}
        for _, body in self.taken:
            event = simplejson.loads(body)
            first.setdefault(event["subject"], event["type"])
        self.assertEqual({subject for subject, type in first.items() if not type.endswith(".new")}, set(), seed)

    def of(self, event: str) -> set[int]:
        """Builds of which such an event was taken."""
        words = [simplejson.loads(body) for _, body in self.taken]
        return {word["data"]["buildid"] for word in words if word["type"] == f"net.buildbot.builds.{event}"}


class HookBeside(BesideHTTP, HookInside): ...


class _Endless(list[Any]):
    """Answers without an end."""

    def __init__(self, answers: Any) -> None:
        super().__init__([None])
        self._answers = answers

    def pop(self, index: Any = -1) -> Any:
        return next(self._answers)
