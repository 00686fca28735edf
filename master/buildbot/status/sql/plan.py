"""A plan: what is executed for one shape of query; SQL text, and a generated function that makes dicts of its rows."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import simplejson

from buildbot.db.dialect import BETWEEN
from buildbot.db.tables import TABLES
from buildbot.errors import TooLarge

if TYPE_CHECKING:
    from buildbot.status.sql.counts import Count

Rows = Sequence[Sequence[Any]]
Record = dict[str, Any]


class Reader(Protocol):
    """What a plan reads through: one snapshot of a database (:class:`buildbot.db.connector.Snapshot`)."""

    def rows(self, sql: str, values: Mapping[str, Any]) -> Rows:
        """All rows of a statement."""

    def only(self, sql: str, values: Mapping[str, Any]) -> Rows:
        """The same, where no other statement follows."""

    def memory(self) -> dict[Any, Any] | None:
        """What was found out about this very state of the database; None where nothing is remembered."""


@attrs.frozen(eq=False)
class Attachment:
    """What is not in the row itself: records of a relation, put in place by one statement for a whole page."""

    name: str
    many: bool
    plan: Plan
    own: int
    """Which column of the parent's rows holds what the relation starts from."""
    word: str | None = None
    """The word of ``expand=`` that asked for it; None: always there."""


@attrs.frozen(eq=False)
class Plan:
    """Executed with values for: ``p0``… the path's variables, ``f0``… the conditions, and the window."""

    sql: str
    make: Callable[[Rows], list[Record]]
    attachments: tuple[Attachment, ...] = ()
    texts: str = ""
    """The same records, each as JSON that the database made; empty if it cannot."""
    count: Count | None = None
    """Counts what matches, without the window; None for one thing."""
    order: tuple[int, ...] = ()
    """Which columns hold the order's values, for the link to the next page."""
    parent: int = 0
    """In a plan of an attachment: which column holds what the parent's own column must equal."""
    bindList: Callable[[Sequence[Any]], Any] = list


def tablesOf(plan: Plan) -> list[str]:
    """Names of the tables that it reads, as often as its statements say them."""
    own = [word for word in re.findall(r"\w+", plan.sql) if word in TABLES]
    return own + [table for attachment in plan.attachments for table in tablesOf(attachment.plan)]


def spelled(read: Callable[[str, Mapping[str, Any]], Rows], plan: Plan, values: Mapping[str, Any]) -> list[str] | None:
    """The records of a plan as JSON; None if the database does not make it of what is in them (a time with a fraction,
    bytes, what is no JSON where some should be), so that Python must."""
    if not plan.texts:
        return None
    try:
        joined = read(plan.texts, values)[0][0]
    except sqlite3.Error:
        return None  # what had another reason, reading the rows themselves meets as well
    return [] if joined is None else list(joined.split(BETWEEN))


@attrs.frozen
class Page:
    """What a plan gave: records as plain dicts, in order."""

    records: list[Record]
    texts: Sequence[str] | None = None
    """Instead of ``records``: each as JSON."""
    last: Sequence[Any] | None = None
    """The order's values in the last record, if there are more after it."""
    total: int | None = None
    atLeast: int | None = None
    more: Sequence[tuple[str, str]] | None = None
    """Parameters with which the same call goes on, if it does and a custom endpoint says so."""


def nameHash(text: str) -> str:
    """The hash under which names are indexed."""
    return hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()


def maker(fields: Sequence[tuple[str, str]], scope: Mapping[str, Any]) -> Callable[[Rows], list[Record]]:
    """Compile ``[{"a": r[0], …} for r in rows]``: each field's name and the expression of its value in ``r``."""
    items = ", ".join(f"{name!r}: {expression}" for name, expression in fields)
    code = f"lambda rows: [{{{items}}} for r in rows]"
    made: Callable[[Rows], list[Record]] = eval(code, {"loads": simplejson.loads, **scope})
    return made


class Budget:
    """How many embedded records an answer may still hold."""

    def __init__(self, left: int) -> None:
        self._most = self._left = left

    def spend(self, count: int, what: str) -> None:
        """Raises :class:`~buildbot.errors.TooLarge`, which names the relation."""
        self._left -= count
        if self._left < 0:
            raise TooLarge(
                f"expand={what}: more than {self._most} embedded records in one answer; "
                f"a smaller limit or {what}.limit helps",
                parameter="expand",
            )


def attach(
    reader: Reader,
    plan: Plan,
    raw: Rows,
    records: list[Record],
    values: Mapping[str, Mapping[str, Any]],
    budget: Budget,
    path: str = "",
) -> None:
    """Put everything in place that stands in other tables: one statement for each attachment, however many records.

    ``values`` has the bound values of each expanded relation by its dotted path.
    """
    for attachment in plan.attachments:
        where = f"{path}.{attachment.word}" if path and attachment.word else attachment.word or path
        starts = [row[attachment.own] for row in raw]
        wanted = list(dict.fromkeys(start for start in starts if start is not None))
        found: dict[Any, list[Record]] = {}
        if wanted:
            bound = {**(values.get(where, {}) if attachment.word else {}), "keys": plan.bindList(wanted)}
            rows = reader.rows(attachment.plan.sql, bound)
            if attachment.word:
                budget.spend(len(rows), where)
            below = attachment.plan.make(rows)
            if attachment.plan.attachments:
                attach(reader, attachment.plan, rows, below, values, budget, where)
            parent = attachment.plan.parent
            for row, record in zip(rows, below, strict=True):
                found.setdefault(row[parent], []).append(record)
        for start, record in zip(starts, records, strict=True):
            those = found.get(start, [])
            record[attachment.name] = those if attachment.many else those[0] if those else None
