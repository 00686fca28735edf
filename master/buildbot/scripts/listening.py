"""What ``buildbot listen`` runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from buildbot.config import listen
from buildbot.db.statefile import MEMORY, defaultPath, folderInMemory
from buildbot.errors import ConfigError, StatusError
from buildbot.scripts.failing import Failed
from buildbot.scripts.sources import SERVERS
from buildbot.status.client import connect
from buildbot.status.client.following import mayPass
from buildbot.status.listeners.host import ListenerHost
from buildbot.status.listeners.memory import FileMemory

if TYPE_CHECKING:
    from buildbot.scripts.operating import Operating

TRIED = "masters/*/started"
"""A topic that any server has."""


class Listening:
    """See :class:`buildbot.scripts.serve.Served`."""

    log = Logger(namespace="buildbot.listen")

    def __init__(
        self,
        source: str,
        config: str,
        found: listen.Listening,
        state: str | None,
        port: str | None,
        tokenFile: str | None,
        reactor: Any,
    ) -> None:
        """``source``: the server's URL; ``config``: the absolute path of the file that ``found`` is of; ``port``: where
        to say how they stand, None: nowhere. Raises ConfigError for a URL of no server."""
        if source.partition("://")[0].lower() not in SERVERS:
            raise ConfigError("--from: expected is a server (http://host:8020, pb://host:8021)")
        for option, named in (("--state", state), ("--token-file", tokenFile)):
            folder = os.path.dirname(os.path.abspath(named or config))
            if named != MEMORY and not os.path.isdir(folder):
                raise ConfigError(f"{option} {named}: the directory {folder} is not there")
        self._config, self._secrets = config, found.secrets
        self._names = _names(found)
        self._folder = folderInMemory() if state == MEMORY else None
        self._path = os.path.abspath(state or defaultPath(f"listen {config}"))
        if self._folder is not None:
            self._path = os.path.join(self._folder, "listeners.sqlite")
        self._connection = connect(source, reactor=reactor)
        memory = FileMemory(self._path, reactor=reactor)
        self._host = ListenerHost(self._connection, found.listeners, memory, clock=reactor, secrets=found.secrets)
        self._token = tokenFile or f"{self._path.removesuffix('.sqlite')}-token"
        self._isStopping = False
        self._operating: Operating | None = None
        if port is not None:
            # Imported only then, because it brings in all of HTTP.
            from buildbot.scripts.operating import Operating

            self._operating = Operating(self._host, memory.url, port, self._connection.where, reactor)

    async def start(self) -> Sequence[str]:
        """See :class:`~buildbot.scripts.serve.Served`. A server that cannot be reached is none of its errors."""
        try:
            await self._host.start()
        except ConfigError as error:
            raise Failed(f"{error} (--state)") from None
        where = self._connection.where
        try:
            subscription = await self._connection.subscribe(TRIED)
            subscription.close()
        except StatusError as error:
            if not mayPass(error):
                raise Failed(f"{where}: nobody can listen there: {error}") from None
            if self._isStopping:
                return []
            self.log.warn("{error}. It is tried again, until that is better.", error=str(error).rstrip("."))
        served = [] if self._operating is None else self._operating.start(self._token)
        kept = "only until this ends" if self._folder else f"in {self._path}"
        return [
            f"Listening to {where}: {self._names}.",
            f"How far they are is kept {kept}.",
            *served,
            f"Ctrl-C or SIGTERM ends this when what they do has ended, SIGHUP reads {self._config} again.",
        ]

    def masked(self, text: str) -> str:
        """The text without secrets."""
        return str(self._secrets.masked(text))

    async def reload(self) -> None:
        """Run the listeners that the file names now."""
        found = listen.settings(self._config)
        found.secrets.succeed(self._secrets)
        self._secrets = found.secrets
        await self._host.replace(found.listeners, found.secrets)
        self.log.info("{config} was read again; listeners now: {names}.", config=self._config, names=_names(found))

    async def stop(self) -> None:
        """See :class:`~buildbot.scripts.serve.Served`."""
        self._isStopping = True
        if self._operating is not None:
            await self._operating.stop()
        await self._host.stopService()
        await self._connection.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _names(found: listen.Listening) -> str:
    return ", ".join(listener.name for listener in found.listeners)
