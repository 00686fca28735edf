"""``buildbot get``: one question to a server, or to a database."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import click
from click.shell_completion import CompletionItem

_ADDRESS = re.compile(r"((?:https?|pbs?)://[^/?]*)/?(?:api/v2/?)?(.*)")


class PathParameter(click.ParamType[str]):
    """A path of the API."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        found = _ADDRESS.match(text)
        if found is not None:
            path = found[2] or "PATH"
            self.fail(f"{text!r}: the address goes into --from: {shlex.quote(path)} --from {found[1]}", param, ctx)
        return text

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from buildbot.scripts.completing import paths

        return [CompletionItem(path) for path in paths(incomplete)]


class QueryParameter(click.ParamType[str]):
    """``name=value``."""

    name = "query"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from buildbot.scripts.completing import parameters

        return [CompletionItem(text) for text in parameters(ctx.params.get("path") or "", incomplete)]


@click.command("get")
@click.argument("path", type=PathParameter())
@click.argument("parameters", metavar="[NAME=VALUE]...", nargs=-1, type=QueryParameter())
@click.option(
    "--from",
    "source",
    metavar="URL|DATABASE",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    required=True,
    help="Whom to ask: http://host:8020, pb://user:password@host:8021, or a database, sqlite:///… or postgresql://….",
)
@click.option("--table", is_flag=True, help="Print a table.")
@click.option("--csv", is_flag=True, help="Print comma-separated values.")
def command(path: str, parameters: Sequence[str], source: str, table: bool, csv: bool) -> None:
    """Ask for what PATH names, and print the answer: as JSON, or as it is where it is no list of records.

    \b
    buildbot get builders/linux/builds order=-number limit=10 --table
    buildbot get builds results__ne=0 field=number field=state_string --csv
    buildbot get builders/linux/builds/-1/steps/compile/logs/stdio/raw
    """
    from buildbot.scripts.running import run

    if table and csv:
        raise click.UsageError("--table or --csv: one answer cannot be printed as both")
    form = "table" if table else "csv" if csv else None
    path, query = asked(path, parameters)

    async def ask(reactor: Any) -> None:
        from buildbot.errors import NotAvailable, StatusError
        from buildbot.scripts.failing import Failed, withHint
        from buildbot.scripts.printing import written
        from buildbot.scripts.sources import opened

        async with opened(source, reactor) as connection:
            try:
                answer = await connection.get(path, query)
            except NotAvailable:
                if form is not None:
                    raise Failed(f"{path}: these are no records, so they make no {form}") from None
                async for piece in await connection.open(path, query):
                    click.echo(piece, nl=False)
            except StatusError as error:
                raise Failed(withHint(str(error))) from None
            else:
                click.echo(written(path, query, answer, form), nl=False)

    run(ask)


def asked(path: str, parameters: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
    """A path, which may be pasted with ``/api/v2/`` before it and a query after it, and all parameters."""
    path, _, given = path.partition("?")
    path = path.removeprefix("/").removeprefix("api/v2/")
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(given, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    for parameter in parameters:
        name, mark, value = parameter.partition("=")
        if not mark or not name:
            raise click.BadArgumentUsage(f"{parameter!r}: name=value is expected, such as limit=10")
        query.setdefault(name, []).append(value)
    return path, query
