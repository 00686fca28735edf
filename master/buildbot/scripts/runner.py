"""The command line: ``buildbot``, also installed as ``buildbot-status``.

Each command is a module of its own, imported when it is used.
"""

from __future__ import annotations

import difflib
import importlib
from typing import Any

import click

COMMANDS = {
    "attach": "Serve the status API beside a running Buildbot, over its database.",
    "completion": "Print what makes a shell complete commands, paths and parameters.",
    "get": "Ask for what a path of the API names, and print it.",
    "listen": "Run listeners in a process of their own, beside a server.",
    "listeners": "Say how listeners stand; pause and resume them, move them, try again what failed.",
    "wait": "Wait until a build, or another thing, is complete.",
    "watch": "Print what happens, as it happens.",
    "replay": "Play lives of builds, made up, into a database of its own.",
    "statuslog": "Print what builds do, a line for each thing, as it happens.",
    "upgrade-db": "Make or upgrade this program's tables in a Buildbot's database.",
}
"""By name, each with its line of help; the module is named as the command, without hyphens."""


class Lazy(click.Group):
    """Commands whose modules are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"buildbot.scripts.{name.replace('-', '')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = difflib.get_close_matches(args[0], COMMANDS, 1)
        if near and args[0] not in COMMANDS:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="buildbot-status", prog_name="buildbot-status")
def buildbot() -> None:
    """The status of a buildmaster as one API: beside a Buildbot that runs already, or read from a script."""


def main(arguments: list[str] | None = None) -> Any:
    """Run a command line, by default this process's, and exit."""
    return buildbot(arguments)
