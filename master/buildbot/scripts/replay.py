"""``buildbot replay``: lives of builds, made up or recorded, into a database."""

from __future__ import annotations

from typing import Any

import click

LIVES = 100


@click.command("replay")
@click.argument("file", metavar="[FILE]", required=False)
@click.option(
    "--db", metavar="URL", required=True, help="Where to: sqlite:///replay.sqlite or postgresql://user@host/name."
)
@click.option("--lives", metavar="N", type=click.IntRange(min=1), help=f"How many, in all.  [default: {LIVES}]")
@click.option("--forever", is_flag=True, help="As many lives as there are until a signal ends this.")
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
@click.option("--record", metavar="FILE", help="Write down what happens, for another replay of it.")
@click.option("--same-times", "sameTimes", is_flag=True, help="With FILE: give everything the times that it had.")
@click.option("--serve", metavar="PORT", help="Serve HTTP meanwhile, and afterwards: on a port.")
@click.option("--pb", metavar="PORT", help="Serve Perspective Broker, too: on a port or a Twisted endpoint.")
@click.option("--config", metavar="FILE", help="Who listens in this process, as the file of buildbot listen says.")
def command(
    serve: str | None, pb: str | None, config: str | None, lives: int | None, forever: bool, **options: Any
) -> None:
    """Play lives of builds, from a commit to the end, that somebody made up: builds that succeed, fail, are triggered,
    retried, cancelled, skipped, on two masters. With FILE, play what --record has written.

    The database is made if it is empty. One that masters of your own have used is left alone, and FILE and --record ask
    for an empty one. --serve serves the API over it, as buildbot attach does, until a signal ends this: something to
    try a display with.
    """
    from buildbot.errors import ConfigError
    from buildbot.scripts.failing import Unusable
    from buildbot.scripts.replaying import Options, Replaying, replay
    from buildbot.scripts.running import run

    recorded = options["file"] is not None
    for given, name in ((lives, "--lives"), (forever, "--forever"), (options["seed"], "--seed")):
        if recorded and given:
            raise Unusable(f"{name} does not go with FILE, which says what is played")
    if recorded and options["record"]:
        raise Unusable("--record does not go with FILE, which is recorded already")
    if options["sameTimes"] and not recorded:
        raise Unusable("--same-times goes with FILE, which has them")
    if lives and forever:
        raise Unusable("--lives does not go with --forever")
    asked = Options(lives=None if forever else lives or LIVES, **options)
    if serve is None and pb is None:
        if config is not None:
            raise Unusable("--config goes with --serve or --pb: without them this ends when all is played")
        click.echo(run(lambda reactor: replay(reactor, asked)))
        return
    from buildbot.config.endpoints import listening, tcp
    from buildbot.config.listen import Listening
    from buildbot.config.listen import settings as listeners
    from buildbot.config.settings import PBSettings, Settings
    from buildbot.scripts.serve import serve as serving
    from buildbot.www.settings import WebSettings

    try:
        found = Listening() if config is None else listeners(config)
    except ConfigError as error:
        raise Unusable(error) from None
    try:
        web = None
        if serve is not None:
            port, interface = tcp(serve)
            web = WebSettings(port=port, interface=interface)
        settings = Settings(
            dbUrl=asked.db,
            web=web,
            pb=None if pb is None else PBSettings(endpoint=listening(pb)),
            listeners=found.listeners,
            secrets=found.secrets,
        )
    except ConfigError as error:
        raise Unusable(f"--serve {error}") from None
    serving(lambda reactor: Replaying(settings, asked, reactor), "text", None)
