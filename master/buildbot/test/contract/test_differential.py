"""Whatever is asked of a stock Buildbot may be asked of us, and the answer is equal, or differs by a rule."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.threads import deferToThread

from buildbot.status.service import StatusService
from buildbot.test.contract.cases import catalogue, engineOf
from buildbot.test.db.databases import DatabaseCase, OnPostgreSQL, OnSQLite, temporaryFolder
from buildbot.test.oracle import recorded
from buildbot.test.oracle.ask import Ask, Asker, StockAsker
from buildbot.test.oracle.compare import compare
from buildbot.test.oracle.everything import fill
from buildbot.test.oracle.queries import fresh
from buildbot.test.oracle.recorded import Moment, Recorded, timeless
from buildbot.test.oracle.rules import ON_POSTGRESQL, allRules
from buildbot.test.oracle.samples import sample
from buildbot.test.oracle.stock import startStock
from buildbot.test.oracle.world import World
from buildbot.www.settings import WebSettings
from buildbot.www.site import StatusSite

reactor: Any = installed

NEEDED = ["application.spec", "builders", "builds", "changes", "projects", "workers"]
"""Answers from which others are understood."""

LIVE = 400
"""Fresh queries that are asked of a running stock master."""


def judge(
    answers: Mapping[str, Recorded],
    paths: Iterable[str],
    ask: Ask,
    moment: Moment | None = None,
    *,
    ordered: bool = True,
) -> tuple[Counter[str], list[str]]:
    """Ask us these paths. How often each rule was needed, and what differs by none, a line for each."""
    world = World.of(answers, ordered=ordered)
    rules: Counter[str] = Counter()
    differences = []
    for path in paths:
        ours = Recorded.of(ask(path))
        verdict = compare(world, path, ours if moment is None else ours.without(moment))
        rules.update(verdict.rules)
        if verdict.difference:
            differences.append(f"{path}: {verdict.difference}")
    return rules, differences


def report(differences: list[str]) -> str:
    """Enough of the differences to see what is wrong."""
    return "\n".join([f"{len(differences)} answers differ by no rule", *(each[:600] for each in differences[:40])])


SEED = "DIFFERENTIAL_SEED"


class Serving(DatabaseCase):
    """Serves our side on a port of this machine."""

    def serve(self, url: str) -> int:
        # However busy the machine is: what an answer says is compared, not how soon it comes.
        database = self.open(url, deadline=Asker.timeout)
        site = StatusSite(StatusService(database, catalogue()), WebSettings(), reactor=reactor)
        port: Any = reactor.listenTCP(0, site, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)


class Differential(Serving):
    timeout = 300

    async def test_recorded(self) -> None:
        """Thousands of recorded answers of a stock master's are equal to ours, or differ by a rule; each rule is
        needed."""
        url = self.newUrl()
        engine = engineOf(url)
        recorded.load(engine)
        engine.dispose()
        port = self.serve(url)

        def ask() -> tuple[Counter[str], list[str]]:
            answers = recorded.answers()
            with Asker(port) as us:
                return judge(answers, answers, us)

        rules, differences = await deferToThread(ask)
        self.assertEqual(differences, [], report(differences))
        self.assertEqual(set(rules), set(allRules()) - {ON_POSTGRESQL.name})


class SQLiteDifferentialTest(OnSQLite, Differential):
    """On SQLite."""


class PostgreSQLDifferentialTest(OnPostgreSQL, Differential):
    """On PostgreSQL, held against what a stock master said on SQLite."""


class LiveDifferential(Serving):
    timeout = 240
    ordered = True
    """Whether a stock master on this database lists rows in the order of an index when none is asked for."""

    def stockUrl(self, url: str) -> str:
        """The same database as a stock master calls it."""
        return url

    async def test_live(self) -> None:
        """A few hundred other queries get equal answers from a running stock master and from us, over one database
        at the same time. They are the same ones at each run, unless DIFFERENTIAL_SEED names another number: what no
        rule foresees is news to look into, not a reason for a run of all tests to fail now and then."""
        url = self.newUrl()
        engine = engineOf(url)
        fill(engine)
        engine.dispose()
        began = int(time.time()) - 1
        master = await startStock(reactor, Path(temporaryFolder(self)), self.stockUrl(url))
        self.addCleanup(master.stop)
        port = self.serve(url)
        seed = int(os.environ.get(SEED) or 1)
        # Its heart beats meanwhile.
        moment = Moment(began, began + self.timeout)

        def ask() -> list[str]:
            with StockAsker(master.port) as stock, Asker(port) as us:
                paths = fresh(timeless(sample(stock), moment), seed, LIVE)
                whole = [path.partition("?")[0] for path in paths]
                needed = dict.fromkeys([*NEEDED, *whole, *paths])
                answers = {path: Recorded.of(stock(path)).without(moment) for path in needed}
                return judge(answers, answers, us, moment, ordered=self.ordered)[1]

        differences = await deferToThread(ask)
        self.assertEqual(differences, [], f"seed {seed}: {report(differences)}")


class SQLiteLiveDifferentialTest(OnSQLite, LiveDifferential):
    """On SQLite."""


class PostgreSQLLiveDifferentialTest(OnPostgreSQL, LiveDifferential):
    """On PostgreSQL."""

    ordered = False

    def stockUrl(self, url: str) -> str:
        return url.replace("postgresql://", "postgresql+psycopg2://")


# They are no tests of their own.
del Differential, LiveDifferential
