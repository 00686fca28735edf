"""Plans are kept: a shape of query is compiled once."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from buildbot.db.dialect import Dialect
from buildbot.status.paths import Found
from buildbot.status.query import Shape
from buildbot.status.sql.compiler import Compiler
from buildbot.status.sql.plan import Plan

KEPT = 1_000
"""Plans; strangers can ask in more shapes than anybody would keep."""


class Plans:
    """Plans by shape; compiled at first use, in the thread that needs one, and kept while they are used."""

    def __init__(self, dialect: Dialect, most: int = KEPT) -> None:
        self._compiler, self._most = Compiler(dialect), most
        self._kept: OrderedDict[Any, Plan] = OrderedDict()
        self._lock = Lock()

    def of(self, found: Found, shape: Shape, *, limited: bool) -> Plan:
        """The plan for a kind of path and a shape of query."""
        latest = found.latest
        key = (found.pattern.text, found.pattern.endpoint, latest, shape, limited)
        with self._lock:
            plan = self._kept.get(key)
            if plan is not None:
                self._kept.move_to_end(key)
                return plan
        plan = self._compiler.plan(found.pattern, latest, shape, limited=limited)
        with self._lock:
            self._kept[key] = plan
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return plan
