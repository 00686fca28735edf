"""Options that several commands have."""

from __future__ import annotations

from typing import Any

import click


def logOptions(command: Any) -> Any:
    """Where a command that goes on logs to, and how: ``logFile`` and ``logFormat``."""
    form = click.Choice(["text", "json"])
    command = click.option(
        "--log-format", "logFormat", type=form, default="text", show_default=True, help="Of the log."
    )(command)
    return click.option("--log-file", "logFile", metavar="FILE", help="Log there, not to standard error.")(command)
