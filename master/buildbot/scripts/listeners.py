"""``buildbot listeners``: how listeners stand, and what may be done to them."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import click

PAGE = 500
"""Deliveries that are asked for at a time."""
SHOWN = 50
"""Deliveries that are printed of one listener."""
_CURSOR = re.compile(r"[0-9a-f]{16}\.[0-9]+")
_AGO = re.compile(r"([0-9]+)\s*(s|m|min|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
PLACE = (
    "A PLACE is a time (2026-11-25, 2026-11-25T14:30, with a zone or in yours; 90min, 2h or 3d for so long ago) or the "
    "cursor of an answer or event."
)


@attrs.frozen
class Asking:
    """Whom to ask, and with what right."""

    source: str | None
    state: str | None
    token: str | None


class PlaceParameter(click.ParamType[tuple[str, Any]]):
    """A place in the log: its kind, ``cursor`` or ``time``, and the value."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Any]:
        if isinstance(value, tuple):
            return value
        if _CURSOR.fullmatch(value):
            return "cursor", value
        ago = _AGO.fullmatch(value)
        if ago is not None:
            return "time", int((datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).timestamp())
        try:
            return "time", int(datetime.fromisoformat(value).timestamp())
        except ValueError:
            self.fail(f"{value!r} is no place. {PLACE}", param, ctx)


@click.group("listeners", invoke_without_command=True, no_args_is_help=False)
@click.option(
    "--from",
    "source",
    metavar="URL",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    help="The server that runs them: http://host:8020, or pb://user:password@host:8021.",
)
@click.option(
    "--state",
    metavar="FILE",
    help="Instead: the file of listeners that no process runs at the moment, such as events-listeners.sqlite.",
)
@click.option(
    "--token-file",
    "tokenFile",
    metavar="FILE",
    help="The token with which one may act over HTTP; or the token itself is in BUILDBOT_TOKEN.",
)
@click.pass_context
def command(ctx: click.Context, source: str | None, state: str | None, tokenFile: str | None) -> None:
    """Say how listeners stand, and change what they are told.

    \b
    buildbot listeners                           all, and how far each is behind
    buildbot listeners show mail                 one, and what it could not handle
    buildbot listeners pause mail                tell it nothing until it is resumed
    buildbot listeners seek mail 2h              go on with what happened two hours ago
    buildbot listeners replay mail --parked      try again what was given up
    buildbot listeners replay mail --since 2h    tell once more what happened since
    buildbot listeners drop mail 17              give up delivery 17 for good

    Where the token is, the server prints when it starts. Over Perspective Broker one may act who has logged in by name.
    """
    import os

    from buildbot.errors import ConfigError
    from buildbot.scripts.failing import Unusable

    try:
        token = os.environ.get("BUILDBOT_TOKEN") or None
        if tokenFile is not None:
            from buildbot.www.token import Token

            token = Token.read(tokenFile).value
    except ConfigError as error:
        raise Unusable(error) from None
    ctx.obj = Asking(source, state, token)
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


def asking(work: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A command that is a coroutine and gets a connection first."""

    @functools.wraps(work)
    def command_(**parameters: Any) -> None:
        from buildbot.scripts.running import run

        asked: Asking = click.get_current_context().obj
        if asked.source is None and asked.state is None:
            raise click.UsageError("Missing option '--from': buildbot listeners --from URL … (env var: BUILDBOT_FROM)")

        async def do(reactor: Any) -> None:
            from buildbot.errors import NotFound, StatusError
            from buildbot.scripts.failing import Failed, withHint
            from buildbot.scripts.sources import listenersOf, opened

            opening = (
                listenersOf(asked.state, reactor)
                if asked.state is not None
                else opened(str(asked.source), reactor, token=asked.token)
            )
            async with opening as connection:
                try:
                    await work(connection, **parameters)
                except StatusError as error:
                    if isinstance(error, NotFound) and "Invalid path: consumers" in str(error):
                        raise Failed(
                            f"{connection.where}: what answers there knows no listeners, as a Buildbot itself does "
                            "not: ask a server of buildbot attach, or buildbot listen --port"
                        ) from None
                    raise Failed(withHint(str(error))) from None

        run(do)

    return command_


@command.command("list")
@asking
async def list_(connection: Any) -> None:
    """All listeners, and how far each is behind."""
    from buildbot.scripts.printing import table

    consumers = await connection.getConsumers(order="name")
    rows = [[each.name, _state(each), *_behind(each), str(each.waiting), str(each.parked)] for each in consumers]
    if rows:
        click.echo(table([["NAME", "STATE", "LAG", "SINCE", "WAITING", "PARKED"], *_short(rows, 0, 32)]), nl=False)
    else:
        click.echo("No listeners are known there.", err=True)


@command.command("show", short_help="One listener, and what it has not handled.")
@click.argument("name")
@asking
async def show(connection: Any, name: str) -> None:
    """One listener, and what it has not handled: what waits for its next attempt, and what was given up."""
    from buildbot.scripts.printing import table, wrapped

    consumer = await connection.getConsumer(name)
    lag, since = _behind(consumer)
    click.echo(f"{consumer.name}: {_state(consumer)}")
    click.echo(f"  cursor    {consumer.cursor}, reached {_time(consumer.updated_at)}")
    click.echo(f"  behind    {lag} events" + (f", since {since}" if since else ""))
    if consumer.replay_until is not None:
        click.echo(f"  replay    at {consumer.replay_cursor}, until {consumer.replay_until}")
    click.echo(f"  waiting   {consumer.waiting}")
    click.echo(f"  parked    {consumer.parked}")
    if consumer.gaps:
        click.echo(
            f"  missed    what came after {consumer.missed_since}, before {consumer.missed_until}: it was not kept any "
            f"more {_time(consumer.missed_at)}" + (f" ({consumer.gaps} times in all)" if consumer.gaps > 1 else "")
        )
    found = await consumer.getDeliveries(limit=SHOWN, order="deliveryid")
    if found:
        rows = [[str(each.deliveryid), each.state, str(each.attempts), each.topic] for each in found]
        head, *lines = table([["ID", "STATE", "TRIED", "WHAT"], *_short(rows, 3, 48)]).splitlines()
        click.echo(f"\n{head}")
        first: dict[str, int] = {}
        for each, line in zip(found, lines, strict=True):
            click.echo(line)
            if each.error:
                same = first.setdefault(each.error, each.deliveryid)
                click.echo(wrapped(each.error if same == each.deliveryid else f"as {same}", 4))
    more = consumer.waiting + consumer.parked - len(found)
    if more > 0:
        click.echo(f"… and {more} more: buildbot get consumers/{consumer.consumerid}/deliveries")


@command.command("pause", short_help="Tell listeners nothing until they are resumed.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@asking
async def pause(connection: Any, names: Sequence[str]) -> None:
    """Tell listeners nothing until they are resumed, even by the next process. They keep their places."""
    for name in names:
        await connection.act(_path(name), "pause")
        click.echo(f"{name} is paused.")


@command.command("resume")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@asking
async def resume(connection: Any, names: Sequence[str]) -> None:
    """Let listeners go on where they are."""
    for name in names:
        await connection.act(_path(name), "resume")
        click.echo(f"{name} goes on.")


@command.command("seek", short_help="Let a listener go on at another place.", epilog=PLACE)
@click.argument("name")
@click.argument("place", type=PlaceParameter())
@asking
async def seek(connection: Any, name: str, place: tuple[str, Any]) -> None:
    """Let a listener go on at PLACE: what happened after it comes, again or for the first time; what lies between where
    it was and a later place does not."""
    kind, value = place
    found = await connection.act(_path(name), "seek", **{kind: value})
    click.echo(f"{name} goes on after {found['cursor']}.")


@command.command("replay", short_help="Tell a listener something once more.", epilog=PLACE)
@click.argument("name")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=int)
@click.option("--parked", is_flag=True, help="All deliveries that were given up.")
@click.option("--since", metavar="PLACE", type=PlaceParameter(), help="What happened after that, handled or not.")
@click.option("--until", metavar="PLACE", type=PlaceParameter(), help="And not after that.  [default: where it is]")
@asking
async def replay(connection: Any, name: str, ids: Sequence[int], parked: bool, since: Any, until: Any) -> None:
    """Tell a listener something once more: deliveries by their IDs, all that were given up, or what happened since a
    PLACE. Its own place does not change."""
    if until is not None and since is None:
        raise click.UsageError("--until goes with --since")
    given = ["IDs"] * bool(ids) + ["--parked"] * parked + ["--since"] * (since is not None)
    if len(given) != 1:
        wrong = f"{given[0]} and {given[1]} do not go together" if given else "what to replay is missing"
        raise click.UsageError(f"{wrong}: IDs of deliveries, --parked, or --since, perhaps with --until")
    if since is None:
        await _each(connection, name, ids, "replay", "tried again")
        return
    suffixes = {"cursor": "", "time": "_time"}
    arguments = {f"since{suffixes[since[0]]}": since[1]}
    if until is not None:
        arguments[f"until{suffixes[until[0]]}"] = until[1]
    found = await connection.act(_path(name), "replay", **arguments)
    click.echo(f"{name} is told again what happened:\n  after {found['since']}\n  until {found['until']}")


@command.command("drop")
@click.argument("name")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=int)
@click.option("--parked", is_flag=True, help="All deliveries that were given up.")
@asking
async def drop(connection: Any, name: str, ids: Sequence[int], parked: bool) -> None:
    """Give up deliveries for good."""
    if bool(ids) == parked:
        wrong = "IDs and --parked do not go together" if parked else "what to drop is missing"
        raise click.UsageError(f"{wrong}: IDs of deliveries, or --parked")
    await _each(connection, name, ids, "drop", "dropped")


@command.command("forget", short_help="Forget listeners that are not run any more.")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@asking
async def forget(connection: Any, names: Sequence[str]) -> None:
    """Forget listeners that are not run any more, with all their deliveries."""
    for name in names:
        await connection.act(_path(name), "forget")
        click.echo(f"{name} is forgotten.")


async def _each(connection: Any, name: str, ids: Sequence[int], action: str, done: str) -> None:
    """Do something to deliveries of a listener; without ids, to all that are parked now."""

    consumer = await connection.getConsumer(name)
    if not ids:
        last, ids = 0, []
        while True:
            page = await consumer.getDeliveries(
                state="parked", deliveryid__gt=last, order="deliveryid", limit=PAGE, field="deliveryid"
            )
            ids += [each.deliveryid for each in page]
            if len(page) < PAGE:
                break
            last = ids[-1]
    else:
        theirs = await connection.getDeliveries(deliveryid__in=list(ids), consumerid=consumer.consumerid)
        missing = sorted(set(ids) - {each.deliveryid for each in theirs})
        if missing:
            raise click.ClickException(
                f"{name} has no delivery {missing[0]}; buildbot listeners show {name} lists them"
            )
    for id in ids:
        await connection.act(f"deliveries/{id}", action)
    count = "1 delivery of" if len(ids) == 1 else f"{len(ids)} deliveries of"
    click.echo(f"{count} {name} {'is' if len(ids) == 1 else 'are'} {done}.")


def _path(name: str) -> str:
    from urllib.parse import quote

    return f"consumers/{quote(name, safe='')}"


def _state(consumer: Any) -> str:
    state = "paused" if consumer.paused else "running"
    state += ", replaying" if consumer.replay_until is not None else ""
    return state if consumer.running else f"not running{', paused' if consumer.paused else ''}"


def _behind(consumer: Any) -> list[str]:
    """How many events, and for how long."""
    lag = "?" if consumer.lag is None else str(consumer.lag)
    return [lag, "" if not consumer.lag or consumer.behind_since is None else _time(consumer.behind_since)]


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _short(rows: Sequence[Sequence[str]], column: int, most: int) -> list[list[str]]:
    """Rows in which one column is cut."""
    from buildbot.scripts.printing import cut

    return [[cut(cell, most) if index == column else cell for index, cell in enumerate(row)] for row in rows]
