"""The status of a buildmaster from another process: :func:`connect`. Imports no database and no master."""

from __future__ import annotations

from buildbot.status.client.connect import connect

__all__ = ["connect"]
