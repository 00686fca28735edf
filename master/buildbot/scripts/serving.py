"""A server as the command line runs it: what it prints, and what a process does once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.logger import Logger

from buildbot.master import CannotStart, Serving
from buildbot.scripts.failing import Failed
from buildbot.scripts.processor import SharedProcessor
from buildbot.www.stalls import calmCollector


class Server:
    """See :class:`buildbot.scripts.serve.Served`."""

    log = Logger(namespace="buildbot.serve")

    def __init__(self, serving: Serving, reactor: Any) -> None:
        self._serving, self._reactor = serving, reactor
        self._processor: SharedProcessor | None = None

    async def start(self) -> Sequence[str]:
        """See :class:`~buildbot.scripts.serve.Served`."""
        serving = self._serving
        try:
            await serving.start()
        except CannotStart as error:
            raise Failed(error) from None
        calmCollector()
        self._processor = SharedProcessor(
            serving.database.threads, reactor=self._reactor, pools=[self._reactor.getThreadPool()]
        )
        self._processor.startService()
        self.note(*serving.notices)
        return [
            serving.headline,
            *(f"{language:20} {address}" for language, address in serving.addresses),
            "Ctrl-C or SIGTERM ends this when running requests are answered.",
        ]

    def note(self, *notices: str) -> None:
        """Tell whoever reads the log."""
        for notice in notices:
            self.log.warn("{notice}", notice=notice)

    def masked(self, text: str) -> str:
        """See :class:`~buildbot.scripts.serve.Served`."""
        return text

    async def reload(self) -> None:
        """See :class:`~buildbot.scripts.serve.Served`."""

    async def stop(self) -> None:
        """See :class:`~buildbot.scripts.serve.Served`."""
        if self._processor is not None:
            self._processor.stopService()
        await self._serving.stop()
