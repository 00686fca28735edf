"""What ``buildbot attach`` runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.logger import Logger

from buildbot.config.settings import Settings
from buildbot.master import attached
from buildbot.scripts.serving import Server


class Attaching(Server):
    """See :class:`buildbot.scripts.serve.Served`."""

    log = Logger(namespace="buildbot.attach")

    def __init__(self, settings: Settings, again: Callable[[], Settings], reactor: Any) -> None:
        """``again`` reads the settings again. Raises ConfigError for those that cannot be used."""
        super().__init__(attached(settings, reactor=reactor), reactor)
        self._settings, self._again = settings, again
        self._secrets = settings.secrets

    def masked(self, text: str) -> str:
        """The text without secrets."""
        return text if self._secrets is None else str(self._secrets.masked(text))

    async def reload(self) -> None:
        """Run the listeners that the file names now; what else it says waits for the next start, and that is said."""
        settings = self._again()
        if settings.secrets is not None:
            settings.secrets.succeed(self._secrets)
            self._secrets = settings.secrets
        said = len(self._serving.notices)
        await self._serving.reload(settings)
        names = ", ".join(listener.name for listener in settings.listeners) or "none"
        self.log.info("The configuration was read again; listeners now: {names}.", names=names)
        self.note(*self._serving.notices[said:])
        differences = settings.differences(self._settings)
        if differences:
            self.note(f"What else has changed makes no difference until the next start: {', '.join(differences)}.")
