"""``buildbot attach``: the API beside a running Buildbot."""

from __future__ import annotations

import click


@click.command("attach")
@click.option("--db", "url", metavar="URL", required=True, help="The master's database, as its db_url.")
@click.option("--port", metavar="PORT", default="8020", show_default=True, help="For HTTP: a port or an endpoint.")
@click.option("--pb", "pb", metavar="ENDPOINT", help="Serve Perspective Broker, too: a port or a Twisted endpoint.")
@click.option("--interface", metavar="ADDRESS", help="Where to listen; 127.0.0.1 unless told.")
def command(url: str, port: str, pb: str | None, interface: str | None) -> None:
    """Serve the status API beside a running Buildbot 4.3, over its database.

    Nothing is written: the database may be one that may only be read.
    """
    from buildbot.config.endpoints import listening
    from buildbot.config.settings import Settings
    from buildbot.scripts.serve import serve

    serve(Settings(dbUrl=url, http=listening(port, interface), pb=None if pb is None else listening(pb, interface)))
