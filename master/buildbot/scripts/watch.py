"""``buildbot watch``: what happens, a line of JSON for each event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

import click

from buildbot.scripts.get import PathParameter, QueryParameter, asked


@click.command("watch")
@click.argument("path", type=PathParameter())
@click.argument("parameters", metavar="[TOPIC]... [NAME=VALUE]...", nargs=-1, type=QueryParameter())
@click.option(
    "--from",
    "source",
    metavar="URL",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    required=True,
    help="Whom to ask: http://host:8020.",
)
@click.option("--since", metavar="CURSOR", help="Begin after this event, rather than now; also since=CURSOR.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many lines.")
def command(path: str, parameters: Sequence[str], source: str, since: str | None, count: int | None) -> None:
    """Print what happens, one line of JSON for each event, until it is interrupted.

    PATH is a topic, in which any value may be *; or a path of the API: then what is there comes first, and after that
    what happens to it. Several topics come in one order. Connections that are cut off are made again, and nothing is
    missed. Each line has a cursor, with which --since goes on after it.

    \b
    buildbot watch 'builds/*/finished' results=2
    buildbot watch builders/linux/builds complete=false
    """
    from buildbot.scripts.running import run

    more = [parameter for parameter in parameters if "=" not in parameter]
    path, query = asked(path, [parameter for parameter in parameters if parameter not in more])
    cursors = [*query.pop("since", ()), *([] if since is None else [since])]
    if len(cursors) > 1:
        raise click.UsageError("since: one cursor is expected, as --since CURSOR or since=CURSOR")
    since = cursors[0] if cursors else None
    watched = [path, *more] if more else path

    async def follow(reactor: Any) -> None:
        from buildbot.errors import StatusError
        from buildbot.scripts.failing import Failed, withHint
        from buildbot.scripts.sources import opened

        async with opened(source, reactor) as connection:
            try:
                await Watch(connection, watched, query, since, count, reactor).run()
            except StatusError as error:
                raise Failed(withHint(str(error))) from None

    run(follow)


class Watch:
    """One run: lists, if a path is listed, and watches, until so many lines were printed."""

    def __init__(
        self,
        connection: Any,
        path: str | Sequence[str],
        query: Mapping[str, Sequence[str]],
        since: str | None,
        count: int | None,
        reactor: Any,
    ) -> None:
        self._connection, self._path, self._query = connection, path, query
        self._since, self._left, self._reactor = since, count, reactor

    async def run(self) -> None:
        """Fails with a StatusError."""
        from buildbot.status.client.follow import Anew, Row, follow
        from buildbot.status.delivery import Delivery

        told = follow(self._connection, self._path, self._query, since=self._since, reactor=self._reactor)
        async with aclosing(told):
            async for each in told:
                if isinstance(each, Delivery):
                    self._print(_lineOf(each))
                elif isinstance(each, Row):
                    self._print({"event": None, "cursor": each.cursor, "record": each.record.asDict()})
                elif isinstance(each, Anew):
                    click.echo(f"All comes anew: {each.reason}", err=True)
                if self._left == 0:
                    return

    def _print(self, line: Mapping[str, Any]) -> None:
        from buildbot.status.encode import compact

        if self._left is not None:
            self._left -= 1
        click.echo(compact(line))


def _lineOf(delivery: Any) -> Mapping[str, Any]:
    return {
        "topic": delivery.topic,
        "event": delivery.event,
        "at": delivery.at,
        "left": delivery.left,
        "cursor": delivery.cursor,
        **delivery.extra,
        "changed": None if delivery.changed is None else dict(delivery.changed),
        "record": delivery.record.asDict(),
    }
