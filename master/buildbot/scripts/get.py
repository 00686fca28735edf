"""``buildbot get``: one question to a server, or to a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click


@click.command("get")
@click.argument("path")
@click.argument("parameters", metavar="[NAME=VALUE]...", nargs=-1)
@click.option(
    "--from",
    "source",
    metavar="URL|DATABASE",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    required=True,
    help="Whom to ask: pb://…, http://…, or a database: sqlite:///…, postgresql://….",
)
@click.option("--table", "form", flag_value="table", help="Print a table.")
@click.option("--csv", "form", flag_value="csv", help="Print comma-separated values.")
def command(path: str, parameters: Sequence[str], source: str, form: str | None) -> None:
    """Ask for what PATH names, and print the answer as JSON.

    For example: buildbot get builders/linux/builds limit=10 order=-number --from http://localhost:8020
    """
    from buildbot.scripts.running import run

    query = _query(parameters)

    async def ask(reactor: Any) -> str:
        from buildbot.scripts.printing import written
        from buildbot.scripts.sources import opened

        async with opened(source, reactor) as connection:
            answer = await connection.get(path, query)
        return written(path, answer, form)

    click.echo(run(ask), nl=False)


def _query(parameters: Sequence[str]) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for parameter in parameters:
        name, mark, value = parameter.partition("=")
        if not mark or not name:
            raise click.BadArgumentUsage(f"{parameter!r}: name=value is expected, such as limit=10")
        query.setdefault(name, []).append(value)
    return query
