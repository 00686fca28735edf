"""``buildbot watch``: what happens, a line of JSON for each event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from buildbot.scripts.get import PathParameter, QueryParameter, asked


@click.command("watch")
@click.argument("path", type=PathParameter())
@click.argument("parameters", metavar="[NAME=VALUE]...", nargs=-1, type=QueryParameter())
@click.option(
    "--from",
    "source",
    metavar="URL",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    required=True,
    help="Whom to ask: http://host:8020.",
)
@click.option("--since", metavar="CURSOR", help="Begin after this event, rather than now.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many lines.")
def command(path: str, parameters: Sequence[str], source: str, since: str | None, count: int | None) -> None:
    """Print what happens, one line of JSON for each event, until it is interrupted.

    PATH is a topic, in which any value may be *; or a path of the API: then what is there comes first, and after that
    what happens to it. Connections that are cut off are made again, and nothing is missed. Each line has a cursor, with
    which --since goes on after it.

    \b
    buildbot watch 'builds/*/finished' results=2
    buildbot watch builders/linux/builds complete=false
    """
    from buildbot.scripts.running import run

    path, query = asked(path, parameters)

    async def follow(reactor: Any) -> None:
        from buildbot.errors import StatusError
        from buildbot.scripts.failing import Failed, withHint
        from buildbot.scripts.sources import opened

        async with opened(source, reactor) as connection:
            try:
                await Watch(connection, path, query, since, count).run()
            except StatusError as error:
                raise Failed(withHint(str(error))) from None

    run(follow)


class Watch:
    """One run: lists, if a path is listed, and watches, until so many lines were printed."""

    def __init__(
        self, connection: Any, path: str, query: Mapping[str, Sequence[str]], since: str | None, count: int | None
    ) -> None:
        self._connection, self._path, self._query = connection, path, query
        self._since, self._left = since, count

    async def run(self) -> None:
        """Fails with a StatusError."""
        from buildbot.errors import Gone, NotFound

        try:
            found = self._connection.catalogue.find(self._path)
        except NotFound:
            await self._follow(self._path, self._since, self._query)
            return
        while not self._over:
            topic, cursor = await self._list(found)
            try:
                await self._follow(topic, cursor, self._query)
            except Gone:
                if self._since is not None:
                    raise

    @property
    def _over(self) -> bool:
        return self._left == 0

    async def _list(self, found: Any) -> tuple[str, str | None]:
        """Print what is there, unless one goes on from somewhere; what is to be watched, and from where."""
        answer = await self._connection.get(self._path, self._query)
        topic = f"{self._path}/*/*"
        if found.pattern.single:
            resource = found.pattern.resource
            key = (await self._connection.get(self._path, field=resource.Key.name)).one.asDict()[resource.Key.name]
            topic = f"{resource.Plural if resource.List is None else resource.List}/{key}/*"
        if self._since is not None:
            return topic, self._since
        for record in answer.records:
            self._print({"event": None, "cursor": answer.cursor, "record": record.asDict()})
        return topic, answer.cursor

    async def _follow(self, topic: str, since: str | None, query: Mapping[str, Sequence[str]]) -> None:
        if self._over:
            return
        subscription = await self._connection.subscribe(topic, since=since, **query)
        try:
            while not self._over:
                for delivery in await subscription.next():
                    self._print(
                        {
                            "topic": delivery.topic,
                            "event": delivery.event,
                            "at": delivery.at,
                            "left": delivery.left,
                            "cursor": delivery.cursor,
                            **delivery.extra,
                            "changed": None if delivery.changed is None else dict(delivery.changed),
                            "record": delivery.record.asDict(),
                        }
                    )
        finally:
            subscription.close()

    def _print(self, line: Mapping[str, Any]) -> None:
        from buildbot.status.encode import compact

        if self._over:
            return
        if self._left is not None:
            self._left -= 1
        click.echo(compact(line))
