"""``buildbot wait``: until a build, or another thing, is complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from buildbot.scripts.get import PathParameter, asked

TIMED_OUT = 124
"""The exit status when the time is up, as of ``timeout``."""
BEYOND = 10
"""What is added to results that are no success, to make an exit status that says nothing else."""


@click.command("wait")
@click.argument("path", type=PathParameter())
@click.option(
    "--from",
    "source",
    metavar="URL",
    envvar="BUILDBOT_FROM",
    show_envvar=True,
    required=True,
    help="Whom to ask: http://host:8020, or pb://user:password@host:8021.",
)
@click.option("--exit-code", is_flag=True, help="End with a status that says how it went; see above.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Wait no longer.")
def command(path: str, source: str, exit_code: bool, timeout: float | None) -> None:
    """Wait until what PATH names is complete, and print one line that says how it went.

    PATH is a build, a build request, a buildset, a step or a log, by any address. A server that is away meanwhile is
    waited for, too. A build that is to be retried is complete, and another one takes its place: its request is complete
    when that is.

    The status is 0, whatever the results are. With --exit-code it is 0 for success, 11 for warnings, 12 failure,
    13 skipped, 14 exception, 15 retry, 16 cancelled: ten more than Buildbot's number. 1 means that it could not be
    found out, 2 that the command makes no sense, 124 that the time was up and it was not complete.

    \b
    buildbot wait builds/7 --exit-code --timeout 3600
    buildbot wait builders/linux/builds/12 --exit-code && ./deploy
    """
    from buildbot.scripts.running import run

    path, query = asked(path, ())
    if query:
        raise click.BadArgumentUsage("the path of one thing is expected, without parameters")

    async def wait(reactor: Any) -> int:
        from twisted.internet.defer import Deferred, TimeoutError

        from buildbot.errors import StatusError
        from buildbot.scripts.failing import Failed, withHint
        from buildbot.scripts.sources import opened

        async with opened(source, reactor) as connection:
            seen: list[Any] = []
            waiting: Deferred[Any] = Deferred.fromCoroutine(_finished(connection, path, reactor, seen.append))
            try:
                record = await (waiting if timeout is None else waiting.addTimeout(timeout, reactor))
            except TimeoutError:
                if not seen:
                    where = getattr(connection, "where", "the database")
                    raise Failed(
                        f"{where} has not answered within {timeout:g} s: it is not known how {path} stands"
                    ) from None
                click.echo(f"{path}: not complete after {timeout:g} s", err=True)
                return TIMED_OUT
            except StatusError as error:
                raise Failed(withHint(str(error))) from None
        results = getattr(record, "results", None)
        click.echo(f"{path}: {_sentence(record, results)}")
        return BEYOND + results if exit_code and results else 0

    status = run(wait)
    if status:
        raise SystemExit(status)


async def _finished(connection: Any, path: str, reactor: Any, seen: Callable[[Any], object]) -> Any:
    """The record of what a path names, once it is complete; ``seen(record)`` is called with the first answer. Raises a
    StatusError, but once there was an answer not one that passes."""
    from twisted.internet.task import deferLater

    from buildbot.errors import StatusError
    from buildbot.scripts.failing import Failed
    from buildbot.status.client.following import LONGEST, SHORTEST, mayPass

    pattern = connection.catalogue.find(path).pattern
    fields = pattern.resource.Fields
    if not pattern.single or pattern.endpoint is not None or "complete" not in fields:
        raise Failed(
            f"{path}: is nothing that is complete some day; a build is, as builds/7, or builders/linux/builds/-1"
        )
    record = (await connection.get(path)).one
    seen(record)
    pause = SHORTEST
    while True:
        try:
            return await record.waitUntilFinished()
        except StatusError as error:
            if not mayPass(error):
                raise
        await deferLater(reactor, pause)
        pause = min(2 * pause, LONGEST)


def _sentence(record: Any, results: int | None) -> str:
    """How it went."""
    from buildbot.config.results import Results

    word = "complete" if results is None or not 0 <= results < len(Results) else Results[results]
    state = getattr(record, "state_string", None)
    return f"{word}, {state}" if state else word
