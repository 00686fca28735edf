"""``buildbot attach``: the API beside a running Buildbot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from buildbot.scripts.options import logOptions

if TYPE_CHECKING:
    from buildbot.config.settings import Settings

COUNT = click.IntRange(min=1)


@click.command("attach")
@click.option("--config", metavar="FILE", help="Settings, as Python with master.cfg's names. Options go before them.")
@click.option(
    "--db",
    metavar="URL",
    envvar="BUILDBOT_DB",
    show_envvar=True,
    help="The master's database, as its db_url: sqlite:////absolute/state.sqlite or postgresql://user@host/name.",
)
@click.option("--port", metavar="PORT", help="For HTTP: a port, or tcp:PORT:interface=ADDRESS.  [default: 8020]")
@click.option("--pb", metavar="PORT", help="Serve Perspective Broker, too: on a port or a Twisted endpoint.")
@click.option("--interface", metavar="ADDRESS", help="Where to listen, 0.0.0.0 for all.  [default: 127.0.0.1]")
@click.option("--url", metavar="URL", help="Where browsers find this server: buildbotURL.")
@click.option(
    "--stock-url", "stockURL", metavar="URL", help="Where Buildbot's own pages are, for what cannot be done here."
)
@click.option("--allowed-host", "allowedHosts", metavar="NAME", multiple=True, help="A name that clients may call it.")
@click.option(
    "--default-limit",
    "defaultLimit",
    metavar="N",
    type=COUNT,
    help="Records that a long list sends when no limit is asked for.",
)
@click.option(
    "--largest-limit", "largestLimit", metavar="N", type=COUNT, help="The largest limit that may be asked for."
)
@click.option(
    "--state",
    metavar="FILE",
    help="Keep the log of events there; none: only until this ends.  [default: a file in your state directory]",
)
@click.option(
    "--token-file",
    "tokenFile",
    metavar="FILE",
    help="The token with which one may act over HTTP; made if it is not there.  [default: beside the state]",
)
@click.option(
    "--events",
    type=click.Choice(["poll", "log"]),
    help="Look for news, or follow the log of events that a writer keeps in this database.  [default: poll]",
)
@logOptions
@click.option("--print-indexes", "printIndexes", is_flag=True, help="Only print SQL that makes some lists faster.")
def command(logFile: str | None, logFormat: str, printIndexes: bool, **options: Any) -> None:
    """Serve the status API beside a running Buildbot 4.3, over its database.

    Nothing is written to it: a user who may only SELECT, or a file that may only be read, is enough.

    SIGHUP makes it read FILE again: listeners that are new begin, those that are gone end, the others go on with the
    code and the arguments that they have now, and miss nothing. What else has changed waits for the next start.
    """
    from buildbot.scripts.hangups import HangUps

    hangUps = None if options["config"] is None else HangUps()
    from buildbot.config.attach import Options, settings
    from buildbot.errors import ConfigError
    from buildbot.scripts.failing import Unusable

    def read() -> Settings:
        return settings(Options(**options))

    try:
        found = read()
        if printIndexes:
            from buildbot.db.indexes import script
            from buildbot.db.url import parse

            click.echo(script(parse(found.dbUrl, found.basedir)), nl=False)
            return
    except ConfigError as error:
        raise Unusable(error) from None
    from buildbot.scripts.attaching import Attaching
    from buildbot.scripts.serve import serve

    serve(lambda reactor: Attaching(found, read, reactor), logFormat, logFile, hangUps=hangUps)
