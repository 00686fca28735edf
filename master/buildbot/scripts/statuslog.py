"""``buildbot statuslog``: what builds, steps, changes and workers do, a line for each thing that happens."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click


@click.command("statuslog")
@click.option(
    "--from",
    "source",
    metavar="URL",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    required=True,
    help="Whom to follow: http://host:8020, pb://user:password@host:8021.",
)
@click.option("--builder", "builders", metavar="NAME", multiple=True, help="Only builds of this one; may be repeated.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Only builds of builders with it; may be repeated.")
@click.option("--since", metavar="CURSOR", help="Begin after this event, rather than now.")
@click.option(
    "--state",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep there how far this is, and go on from there the next time.",
)
@click.option("--count", type=click.IntRange(min=1), help="End after so many lines.")
def command(
    source: str,
    builders: Sequence[str],
    tags: Sequence[str],
    since: str | None,
    state: Path | None,
    count: int | None,
) -> None:
    """Print what happens, one line for each thing, until it is interrupted: builds that begin and end, steps that end,
    changes, workers that come and go. With --builder or --tag, only builds and their steps.

    A connection that is cut off is made again, which is said, and nothing is missed; what the server does not keep any
    more is said, too. With --state, a line may be printed twice if this is killed. In a terminal lines are cut to its
    width, and coloured unless NO_COLOR is set.

    \b
    buildbot statuslog --builder linux
    buildbot statuslog --state ~/.statuslog >> builds.log
    """
    from buildbot.scripts.running import run

    if since is not None and state is not None and state.exists():
        raise click.UsageError(f"--since, or --state {state}, which says where to begin: one of both")

    async def follow(reactor: Any) -> None:
        from buildbot.errors import StatusError
        from buildbot.scripts.failing import Failed
        from buildbot.scripts.sources import opened
        from buildbot.scripts.statusfollower import Follower
        from buildbot.scripts.statuslines import Lines

        place = Place(state, since)
        isTerminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if isTerminal else None
        lines = Lines(width, colours=isTerminal and not os.environ.get("NO_COLOR"))
        async with opened(source, reactor) as connection:
            try:
                wanted = await chosen(connection, builders, tags)
                await Follower(connection, wanted, tags, place, lines, click.echo, reactor, count).run()
            except StatusError as error:
                raise Failed(error) from None

    run(follow)


async def chosen(connection: Any, names: Sequence[str], tags: Sequence[str]) -> set[str] | None:
    """The names of builders that are wanted; None: all. Raises Failed for one that there is not."""
    from buildbot.scripts.failing import Failed

    if not names and not tags:
        return None
    builders = (await connection.get("builders", field=["builderid", "name", "tags"])).records
    known = [builder.name for builder in builders]
    for tag in sorted({*tags}.difference(*(builder.tags for builder in builders))):
        click.echo(f"No builder has the tag {tag!r} now; builds of those that get it will be shown.", err=True)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise Failed(f"There is no builder {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
    return set(names)


class Place:
    """How far one is; in a file, if there is to be one."""

    def __init__(self, path: Path | None, cursor: str | None) -> None:
        """Raises Unusable for a file that cannot be used."""
        from buildbot.errors import BadQuery
        from buildbot.scripts.failing import Unusable
        from buildbot.status.events.cursor import Cursor

        self._path, self.cursor = path, cursor
        if path is None:
            return
        try:
            if path.exists():
                self.cursor = str(Cursor.parse(path.read_text().strip()))
            elif not os.access(path.parent, os.W_OK):
                raise Unusable(f"--state {path}: nothing can be written into {path.parent}")
        except (OSError, UnicodeError, BadQuery) as error:
            reason = getattr(error, "strerror", None) or "this is no file that --state has made"
            raise Unusable(f"--state {path}: {reason}") from None

    def reached(self, cursor: str) -> None:
        """Everything up to here was printed. Raises Failed if that cannot be kept."""
        from buildbot.scripts.failing import Failed

        if cursor == self.cursor:
            return
        self.cursor = cursor
        if self._path is not None:
            new = self._path.with_name(f"{self._path.name}.new")
            try:
                new.write_text(f"{cursor}\n")
                new.replace(self._path)
            except OSError as error:
                raise Failed(f"--state {self._path}: cannot be written: {error.strerror}") from None
