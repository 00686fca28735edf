"""``buildbot listen``: listeners in a process of their own."""

from __future__ import annotations

import os

import click

from buildbot.scripts.options import logOptions


@click.command("listen")
@click.option(
    "--from",
    "source",
    metavar="URL",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    required=True,
    help="Whom to listen to: pb://name:password@host:8021 or http://host:8020.",
)
@click.option("--config", metavar="FILE", required=True, help="Who listens, as Python: c['status'] = [MyListener()].")
@click.option(
    "--state",
    metavar="FILE",
    help="Remember there how far each one is; none: only until this ends.  [default: a file in your state directory]",
)
@click.option(
    "--port",
    metavar="PORT",
    help="Say over HTTP how they stand: a port, or tcp:PORT:interface=ADDRESS.  [default: do not]",
)
@click.option(
    "--token-file",
    "tokenFile",
    metavar="FILE",
    help="The token to act on them with over HTTP.  [default: beside the state file, made at the first start]",
)
@logOptions
def command(
    source: str,
    config: str,
    state: str | None,
    port: str | None,
    tokenFile: str | None,
    logFile: str | None,
    logFormat: str,
) -> None:
    """Run listeners beside a server: they are told what happens, at least once and in order, whatever dies meanwhile.

    FILE names them as the one of buildbot attach does, in status and services; secretsProviders says who keeps secrets.
    While the server is away, it is tried again and again, and nothing is missed.

    SIGHUP makes it read FILE again: listeners that are new begin, those that are gone end, the others go on with the
    code and the arguments that they have now, and miss nothing.

    \b
    buildbot listen --from http://127.0.0.1:8020 --config listen.cfg
    """
    if tokenFile is not None and port is None:
        raise click.UsageError("--token-file goes with --port: without it nobody acts over HTTP")
    from buildbot.scripts.hangups import HangUps

    hangUps = HangUps()
    from buildbot.config.listen import settings
    from buildbot.errors import ConfigError
    from buildbot.scripts.failing import Unusable
    from buildbot.scripts.listening import Listening
    from buildbot.scripts.serve import serve

    path = os.path.abspath(config)
    try:
        found = settings(config)
    except ConfigError as error:
        raise Unusable(error) from None
    serve(
        lambda reactor: Listening(source, path, found, state, port, tokenFile, reactor),
        logFormat,
        logFile,
        hangUps=hangUps,
    )
