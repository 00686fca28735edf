"""What ``buildbot attach`` runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.logger import Logger

from buildbot.config.settings import Settings
from buildbot.master import Attached, CannotStart
from buildbot.scripts.failing import Failed
from buildbot.scripts.processor import SharedProcessor
from buildbot.www.stalls import calmCollector


class Attaching:
    """See :class:`buildbot.scripts.serve.Served`."""

    log = Logger(namespace="buildbot.attach")

    def __init__(self, settings: Settings, again: Callable[[], Settings], reactor: Any) -> None:
        """``again`` reads the settings again. Raises ConfigError for those that cannot be used."""
        self._settings, self._again, self._reactor = settings, again, reactor
        self._secrets = settings.secrets
        self._attached = Attached(settings, reactor=reactor)
        self._processor: SharedProcessor | None = None

    async def start(self) -> Sequence[str]:
        """See :class:`~buildbot.scripts.serve.Served`."""
        attached = self._attached
        try:
            await attached.start()
        except CannotStart as error:
            raise Failed(error) from None
        calmCollector()
        self._processor = SharedProcessor(
            attached.database.threads, reactor=self._reactor, pools=[self._reactor.getThreadPool()]
        )
        self._processor.startService()
        self._note(*self._settings.notices, *attached.notices)
        return [
            f"Reading {attached.database.location.shown}, whose revision is {attached.revision}.",
            *(f"{language:20} {address}" for language, address in attached.addresses),
            "Ctrl-C or SIGTERM ends this when running requests are answered.",
        ]

    def masked(self, text: str) -> str:
        """The text without secrets."""
        return text if self._secrets is None else str(self._secrets.masked(text))

    async def reload(self) -> None:
        """Run the listeners that the file names now; what else it says waits for the next start, and that is said."""
        settings = self._again()
        if settings.secrets is not None:
            settings.secrets.succeed(self._secrets)
            self._secrets = settings.secrets
        said = len(self._attached.notices)
        await self._attached.reload(settings)
        names = ", ".join(listener.name for listener in settings.listeners) or "none"
        self.log.info("The configuration was read again; listeners now: {names}.", names=names)
        self._note(*self._attached.notices[said:])
        differences = settings.differences(self._settings)
        if differences:
            self._note(f"What else has changed makes no difference until the next start: {', '.join(differences)}.")

    def _note(self, *notices: str) -> None:
        for notice in notices:
            self.log.warn("{notice}", notice=notice)

    async def stop(self) -> None:
        """See :class:`~buildbot.scripts.serve.Served`."""
        if self._processor is not None:
            self._processor.stopService()
        await self._attached.stop()
