"""``buildbot replay``: lives of builds, made up, into a database."""

from __future__ import annotations

from typing import Any

import click


@click.command("replay")
@click.option(
    "--db", metavar="URL", required=True, help="Where to: sqlite:///replay.sqlite or postgresql://user@host/name."
)
@click.option(
    "--lives", metavar="N", type=click.IntRange(min=1), default=100, show_default=True, help="How many, in all."
)
@click.option(
    "--together",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=4,
    show_default=True,
    help="How many at a time.",
)
@click.option(
    "--rate",
    metavar="R",
    type=click.FloatRange(min=0, min_open=True),
    help="Things that happen in a second.  [default: as many as go]",
)
@click.option("--seed", metavar="N", type=int, help="For the same lives again, where --together is 1.")
def command(**options: Any) -> None:
    """Play lives of builds, from a commit to the end, that somebody made up: builds that succeed, fail, are triggered,
    retried, cancelled, skipped, on two masters.

    The database is made if it is empty. One that masters of your own have used is left alone. Something to look at
    meanwhile: buildbot attach --db URL.
    """
    from buildbot.scripts.replaying import Options, replay
    from buildbot.scripts.running import run

    click.echo(run(lambda reactor: replay(reactor, Options(**options))))
