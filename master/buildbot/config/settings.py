"""What a server is told: the command line and the configuration file come down to this."""

from __future__ import annotations

import attrs

from buildbot.config.endpoints import listening
from buildbot.status.query import Limits
from buildbot.www.settings import WebSettings

PORT = 8020
"""The port of HTTP when nobody names one: beside a Buildbot, whose own is 8010."""


@attrs.frozen(kw_only=True)
class Settings:
    """All settings of ``buildbot attach``."""

    dbUrl: str
    basedir: str | None = None
    """What relative paths are relative to; None: the current directory."""
    http: str = attrs.field(factory=lambda: listening(PORT))
    """A Twisted endpoint."""
    pb: str | None = None
    """A Twisted endpoint; None: Perspective Broker is not served."""
    web: WebSettings = attrs.field(factory=WebSettings)
    limits: Limits = attrs.field(factory=Limits)
