"""Follows what a server tells of, and prints it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet.task import LoopingCall, deferLater

from buildbot.errors import Gone, StatusError
from buildbot.scripts.statuslines import COLOURS, Line, Lines, ended
from buildbot.status.client.following import mayPass

if TYPE_CHECKING:
    from buildbot.scripts.statuslog import Place

OF_BUILDS = ("builds/*/new", "builds/*/finished", "steps/*/finished")
OTHERS = ("changes/*/new", "workers/*/*")
SHORTEST, LONGEST = 1.0, 30.0
"""Seconds until it is asked again where the server is away: doubled from the one to the other."""
IDLE = 60.0
"""Seconds between two looks at how far one is while there is nothing to print."""
KNOWN = 10_000
"""Builds whose builder and number are remembered."""
AT_ONCE = 200
"""Ids in one question."""


class Follower:
    """One run."""

    def __init__(
        self,
        connection: Any,
        builders: Collection[str] | None,
        tags: Sequence[str],
        place: Place,
        lines: Lines,
        say: Callable[[str], object],
        reactor: Any,
        count: int | None,
    ) -> None:
        """``builders``: the names of those whose builds are wanted, beside those with one of ``tags``; None: all, and
        what is of no builder. ``count``: of lines; None: for ever."""
        self._connection, self._builders, self._tags = connection, builders, set(tags)
        self._place, self._lines, self._say, self._reactor, self._left = place, lines, say, reactor, count
        self._names: dict[int, str] = {}
        """Of builders."""
        self._wanted: set[int] = set()
        """Builders whose builds are wanted, if not all are."""
        self._workers: dict[int, str] = {}
        self._builds: OrderedDict[int, tuple[int, int]] = OrderedDict()
        """Builder and number."""
        self._isAway = False

    async def run(self) -> None:
        """Until there were so many lines. Fails with a StatusError that will not pass."""
        while self._left != 0:
            try:
                await self._follow(self._place.cursor)
            except Gone as error:
                oldest = error.extra.get("oldest")
                what = "all that happened since" if oldest is None else "the first of what happened since"
                self._notice(f"missed: {what} the last time is not kept any more")
                self._place.reached(oldest or await self._now())

    async def _now(self) -> str:
        subscription = await self._connection.subscribe(list(OF_BUILDS))
        subscription.close()
        cursor: str = subscription.cursor
        return cursor

    async def _follow(self, since: str | None) -> None:
        topics = [*OF_BUILDS, *(OTHERS if self._builders is None else ())]
        subscription = await self._connection.subscribe(topics, since=since)
        subscription.interrupted = self._interrupted
        idle = LoopingCall(lambda: self._place.reached(subscription.cursor))
        idle.clock = self._reactor
        try:
            self._place.reached(subscription.cursor)
            while self._left != 0:
                # Where the place cannot be kept, the next line says it.
                idle.start(IDLE, now=False).addErrback(lambda failure: None)
                deliveries = await subscription.next()
                idle.stop()
                await self._patiently(partial(self._learn, deliveries))
                for delivery in deliveries:
                    self._print(delivery)
        finally:
            if idle.running:
                idle.stop()
            subscription.close()

    # -- what is printed

    def _print(self, delivery: Any) -> None:
        if self._left == 0:
            return
        line = self._line(delivery)
        if line is not None:
            self._say(self._lines.written(line))
            if self._left is not None:
                self._left -= 1
        self._place.reached(delivery.cursor)

    def _line(self, delivery: Any) -> Line | None:
        """None for what is not worth one, or not wanted."""
        record = delivery.record
        kind = type(record).Plural
        if kind == "builds":
            return self._ofBuild(record.buildid, delivery) if self._isWanted(record.builderid) else None
        if kind == "steps":
            builderid, _ = self._builds.get(record.buildid, (0, 0))
            if not self._isWanted(builderid) or (record.hidden and not record.results):
                return None
            word, time = ended(record)
            at, what = record.complete_at or delivery.at, self._build(record.buildid)
            return Line(at, what, f"{record.name}: {word}{time}", shownAs(word, step=True))
        if kind == "changes":
            first = record.comments.strip().partition("\n")[0]
            where = f", {record.branch}" if record.branch else ""
            return Line(delivery.at, f"change {record.changeid}", f"{first} ({record.author}{where})")
        return self._ofWorker(record, delivery)

    def _ofBuild(self, buildid: int, delivery: Any) -> Line:
        record = delivery.record
        what = self._build(buildid)
        if delivery.event == "new":
            worker = self._workers.get(record.workerid)
            # What happened while a server was away is announced later, all at once.
            return Line(record.started_at or delivery.at, what, "started" + (f" on {worker}" if worker else ""))
        word, time = ended(record)
        said = f": {record.state_string}" if record.results and record.state_string else ""
        return Line(record.complete_at or delivery.at, what, f"{word.upper()}{time}{said}", shownAs(word))

    def _ofWorker(self, record: Any, delivery: Any) -> Line | None:
        what, event, changed = f"worker {record.name}", delivery.event, delivery.changed or {}
        if event == "state_updated":
            if "paused" in changed:
                reason = f": {record.pause_reason}" if record.paused and record.pause_reason else ""
                return Line(delivery.at, what, f"paused{reason}" if record.paused else "goes on", "away")
            if "graceful" in changed and record.graceful:
                return Line(delivery.at, what, "stops when it is idle", "away")
            return None
        return Line(delivery.at, what, event, {"connected": "", "missing": "failure"}.get(event, "away"))

    def _build(self, buildid: int) -> str:
        if buildid not in self._builds:
            return f"build {buildid}"
        builder, number = self._builds[buildid]
        return f"{self._names.get(builder, f'builder {builder}')} #{number}"

    def _isWanted(self, builderid: int) -> bool:
        return self._builders is None or builderid in self._wanted

    def _notice(self, text: str) -> None:
        self._say(self._lines.notice(f"{time.strftime('%H:%M:%S')}  {text}"))

    def _interrupted(self, error: StatusError | None) -> None:
        if error is None:
            self._notice("connected again: goes on where it was, and nothing is missed")
        elif not self._isAway:
            self._notice(f"disconnected: {error}; it is tried again")
        self._isAway = error is not None

    # -- names

    async def _patiently(self, ask: Callable[[], Any]) -> None:
        """Again and again while the server is away, which the subscription says."""
        wait = SHORTEST
        while True:
            try:
                await ask()
            except StatusError as error:
                if not mayPass(error):
                    raise
                await deferLater(self._reactor, wait)
                wait = min(2 * wait, LONGEST)
            else:
                return

    async def _learn(self, deliveries: Sequence[Any]) -> None:
        """Names of what these are about, in a question for each kind of thing, not for each thing."""
        records = [delivery.record for delivery in deliveries]
        builds = [record for record in records if type(record).Plural == "builds"]
        for build in builds:
            self._builds[build.buildid] = build.builderid, build.number
        steps = {record.buildid for record in records if type(record).Plural == "steps"}
        for build in await self._asked("builds", "buildid", steps - self._builds.keys(), "builderid", "number"):
            self._builds[build.buildid] = build.builderid, build.number
        used = [id for id in (*steps, *(build.buildid for build in builds)) if id in self._builds]
        for id in used:
            self._builds.move_to_end(id)
        while len(self._builds) > KNOWN:
            self._builds.popitem(last=False)
        ids = {self._builds[id][0] for id in used}
        for builder in await self._asked("builders", "builderid", ids - self._names.keys(), "name", "tags"):
            self._names[builder.builderid] = builder.name
            if self._builders is not None and (builder.name in self._builders or self._tags & {*builder.tags}):
                self._wanted.add(builder.builderid)
        workers = {build.workerid for build in builds if build.workerid is not None}
        for worker in await self._asked("workers", "workerid", workers - self._workers.keys(), "name"):
            self._workers[worker.workerid] = worker.name

    async def _asked(self, path: str, key: str, ids: Iterable[int], *fields: str) -> Sequence[Any]:
        found: list[Any] = []
        left = sorted(ids)
        while left:
            some, left = left[:AT_ONCE], left[AT_ONCE:]
            query: Mapping[str, Any] = {f"{key}__in": some, "field": [key, *fields], "limit": len(some)}
            found += (await self._connection.get(path, query)).records
        return found


def shownAs(word: str, *, step: bool = False) -> str:
    """In which colour a result is: that of a step that went well in none."""
    return word if word in COLOURS and not (step and word == "success") else ""
