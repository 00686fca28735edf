"""``buildbot upgrade-db``: this program's own tables in a database of Buildbot's."""

from __future__ import annotations

import click


@click.command("upgrade-db")
@click.option(
    "--db",
    metavar="URL",
    envvar="BUILDBOT_DB",
    show_envvar=True,
    required=True,
    help="The master's database, as its db_url: sqlite:////absolute/state.sqlite or postgresql://user@host/name.",
)
@click.option(
    "--to",
    metavar="REVISION",
    default="newest",
    show_default=True,
    help="Upgrade or downgrade to this one; none: take the tables away, with all that they hold.",
)
@click.option("--no-backup", "noBackup", is_flag=True, help="Do not copy a SQLite file first.")
def command(db: str, to: str, noBackup: bool) -> None:
    """Make this program's tables in the database of a Buildbot 4.3, or upgrade them.

    Their names begin with status_; Buildbot's own are left as they are, and it works with them as without. A SQLite
    file is copied first, to a file beside it. attach needs none of this: it writes nothing into the database.
    """
    from buildbot.db.unreadable import notes
    from buildbot.db.upgrade import upgrade
    from buildbot.db.url import parse
    from buildbot.errors import ConfigError, DatabaseUnavailable
    from buildbot.scripts.failing import Failed, Unusable

    try:
        location = parse(db)
        done = upgrade(location, to, backup=not noBackup)
    except ConfigError as error:
        raise Unusable(error) from None
    except DatabaseUnavailable as error:
        raise Failed(notes(location, error)) from None
    if done.backup:
        click.echo(f"Copied to {done.backup}.")
    if done.before == done.after:
        click.echo(f"{location.shown}: nothing to do, {_said(done.after)}.")
    else:
        click.echo(f"{location.shown}: {_said(done.after)}, before: {_said(done.before)}.")


def _said(revision: str) -> str:
    return f"the tables have revision {revision}" if revision else "there are no tables of this program"
