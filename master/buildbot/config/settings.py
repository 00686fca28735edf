"""What a server is told: the command line and the configuration file come down to this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from buildbot.db.writes.trim import Keep
from buildbot.status.query import Limits
from buildbot.www.settings import WebSettings

KEYS = {
    "dbUrl": "db",
    "web": "www",
    "pb": "status_pb",
    "limits": "status_limits",
    "deadline": "status_limits",
    "cacheBytes": "status_limits",
    "state": "status_state",
    "tokenFile": "status_token",
    "followsLog": "status_events",
    "keep": "status_keep",
    "title": "title",
    "titleURL": "titleURL",
    "buildbotURL": "buildbotURL",
    "stockURL": "www",
}
"""Of the configuration file, by the settings that come of them: those that make no difference until the next start."""
PORT = 8020
"""The port of HTTP when nobody names one: beside a Buildbot, whose own is 8010."""


@attrs.frozen(kw_only=True)
class PBSettings:
    """How Perspective Broker is served."""

    endpoint: str
    """A Twisted endpoint."""
    users: Sequence[tuple[str, str]] = attrs.field(default=(), repr=False)
    """Names, and passwords as they are or hashed."""
    passwordFile: str | None = None
    """Has a ``name:password`` in each line."""
    anonymous: bool = True
    """Whether those who give no name may ask."""
    limits: Any = None
    """:class:`buildbot.status.pbsession.PBLimits`; None: as they are by default."""


@attrs.frozen(kw_only=True)
class Settings:
    """All settings of ``buildbot attach``."""

    dbUrl: str = attrs.field(repr=False)
    basedir: str | None = None
    """What a relative path in the database's URL is relative to; None: the current directory."""
    web: WebSettings | None = None
    """None: HTTP is not served."""
    pb: PBSettings | None = None
    """None: Perspective Broker is not served."""
    limits: Limits = attrs.field(factory=Limits)
    deadline: float = 2.0
    """Seconds that one read of the database may take."""
    state: str | None = None
    """The file of the log of events, absolute, or ``none``; None: in the user's state directory."""
    followsLog: bool = False
    """Whether the database's own log of events is followed, rather than news looked for."""
    tokenFile: str | None = None
    """The file of the token, absolute; None: beside that of the log of events."""
    keep: Keep = attrs.field(factory=Keep)
    """What is kept of that log."""
    cacheBytes: int = 64 * 1024 * 1024
    """What kept answers may take of memory."""
    listeners: Sequence[Any] = ()
    """:class:`buildbot.status.listeners.interfaces.IStatusListener`: they run in the server's process."""
    secrets: Any = attrs.field(default=None, repr=False)
    """:class:`buildbot.config.secrets.Secrets`: what they may ask for secrets; None where nobody listens."""
    title: str = "Buildbot"
    """For displays, as ``titleURL`` is."""
    titleURL: str | None = None
    buildbotURL: str | None = None
    """Where links to the web pages lead."""
    stockURL: str | None = None
    """Where Buildbot's own pages are, if there are some."""
    notices: Sequence[str] = ()
    """What somebody should know who wrote the configuration."""

    def differences(self, other: Settings) -> Sequence[str]:
        """Keys of the configuration file that say something else, and make no difference until the next start."""
        return sorted({key for name, key in KEYS.items() if getattr(self, name) != getattr(other, name)})
