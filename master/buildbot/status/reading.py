"""One call, prepared and read: from path and parameters to rows, without knowing who asked or in which language."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import attrs

from buildbot.db.dialect import Dialect
from buildbot.errors import NotFound
from buildbot.status import custom
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.encode import compact
from buildbot.status.paths import Found
from buildbot.status.query import Limits, Query, QueryParser, Shape, encodePage, orderColumns
from buildbot.status.sql.compiler import COUNT_BOUND, Compiler
from buildbot.status.sql.plan import Budget, Page, Plan, Reader, attach, nameHash
from buildbot.status.streams import Stream

Pairs = Sequence[tuple[str, str]]
KEPT_PLANS = 1_000
SMALL = 50
"""Records; an answer that cannot hold more than this is read in the lane for small requests."""


@attrs.frozen
class Call:
    """One call, parsed: what it names and what it asks of it."""

    path: str
    given: Pairs
    found: Found
    query: Query
    values: Mapping[str, Any]
    expandValues: Mapping[str, Mapping[str, Any]]
    own: Pairs = ()
    """What a custom endpoint reads itself."""

    @property
    def resource(self) -> type[Resource]:
        """The type of the records that answer it."""
        return self.found.pattern.resource

    @property
    def raw(self) -> bool:
        """Whether it is answered with bytes."""
        return self.found.pattern.endpoint is not None and self.found.pattern.endpoint.raw

    @property
    def small(self) -> bool:
        """Whether the answer is short for certain."""
        limit = self.query.limit
        return not self.query.expand and (self.found.pattern.single or (limit is not None and limit <= SMALL))


class Plans:
    """Plans by shape; compiled at first use, in the thread that needs one, and kept while they are used."""

    def __init__(self, dialect: Dialect, most: int = KEPT_PLANS) -> None:
        self._compiler, self._most = Compiler(dialect), most
        self._kept: OrderedDict[Any, Plan] = OrderedDict()
        self._lock = Lock()

    def of(self, found: Found, shape: Shape, *, limited: bool) -> Plan:
        """The plan for a kind of path and a shape of query."""
        latest = frozenset(
            index
            for index, (hop, value) in enumerate(_hopValues(found))
            if value == -1 and hop.variable is not None and hop.variable.form == "n"
        )
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


def _hopValues(found: Found) -> Sequence[tuple[Any, Any]]:
    values = iter(found.values)
    return [(hop, next(values) if hop.variable is not None else None) for hop in found.pattern.hops]


class Reading:
    """Prepares calls and reads them from a snapshot."""

    def __init__(self, catalogue: Catalogue, dialect: Dialect, limits: Limits) -> None:
        self.catalogue, self.limits, self.dialect = catalogue, limits, dialect
        self._parser = QueryParser(limits)
        self._plans = Plans(dialect)
        self._rows: dict[str, str] = {}

    def prepare(self, path: str, given: Pairs) -> Call:
        """Raises NotFound for a path that nothing takes, BadQuery for parameters."""
        found = self.catalogue.find(path)
        endpoint = found.pattern.endpoint
        own = [] if endpoint is None else [pair for pair in given if pair[0] in endpoint.parameters]
        rest = [pair for pair in given if pair not in own] if own else given
        query = self._parser.parse(found.pattern.resource, rest, single=found.pattern.single)
        values = self._bind(found.pattern.resource, query)
        for index, value in enumerate(found.values):
            values[f"p{index}"] = value
            if isinstance(value, str):
                values[f"p{index}h"] = nameHash(value)
        if query.limit is not None:
            values["limit"] += 1
        expandValues: dict[str, Mapping[str, Any]] = {}
        self._bindBelow(found.pattern.resource, query, "", expandValues)
        return Call(path, given, found, query, values, expandValues, own)

    def _bind(self, resource: type[Resource], query: Query) -> dict[str, Any]:
        """The values of one level of a query, by the names that its statement has for them."""
        values: dict[str, Any] = {}
        if resource.Rows is not None:
            values["rows"] = self._inMemory(resource.Rows)
        for index, (condition, value) in enumerate(zip(query.shape.conditions, query.values, strict=True)):
            values[f"f{index}"] = self.dialect.bindList(value) if condition.several else value
            if condition.op == "eq" and isinstance(value, str) and resource.Fields[condition.field].hashed:
                values[f"f{index}h"] = nameHash(value)
        for index, value in enumerate(query.page):
            values[f"k{index}"] = value
        if query.properties:
            values["properties"] = self.dialect.bindList(query.properties)
        if query.limit is not None:
            values["limit"], values["offset"] = query.limit, query.offset
        return values

    def _bindBelow(self, resource: type[Resource], query: Query, path: str, into: dict[str, Mapping[str, Any]]) -> None:
        for word, below in query.expand.items():
            where = f"{path}.{word}" if path else word
            target = resource.Relations[word].target
            into[where] = self._bind(target, below)
            self._bindBelow(target, below, where, into)

    def _inMemory(self, name: str) -> str:
        if name not in self._rows:
            self._rows[name] = compact(custom.load(name)(self.catalogue))
        return self._rows[name]

    def ask(self, reader: Reader, call: Call, database: Any) -> Page | Stream:
        """In a thread: the answer of a custom endpoint, which reads what it names first; or of any other call."""
        pattern = call.found.pattern
        if pattern.endpoint is None:
            return self.read(reader, call)
        owner = attrs.evolve(pattern, endpoint=None, extra=(), resource=pattern.hops[-1].target)
        values = call.found.values[: len(owner.variables)]
        plan = self._plans.of(Found(owner, values), Shape(), limited=False)
        rows = reader.rows(plan.sql, call.values)
        records = plan.make(rows)
        attach(reader, plan, rows, records, {}, Budget(self.limits.embedded))
        first = records[0] if records else None
        return custom.run(pattern.endpoint, custom.EndpointCall(reader, self, call, first, database))

    def read(self, reader: Reader, call: Call) -> Page:
        """In a thread: all statements of one call. Raises NotFound where the one thing does not exist."""
        query = call.query
        limit = query.limit
        plan = self._plans.of(call.found, query.shape, limited=limit is not None)
        rows = reader.rows(plan.sql, call.values)
        if call.found.pattern.single and not rows:
            raise NotFound(f"{call.path}: there is no such {call.resource.Name}")
        more = limit is not None and len(rows) > limit
        if more:
            rows = rows[:limit]
        records = plan.make(rows)
        if plan.attachments:
            attach(reader, plan, rows, records, call.expandValues, Budget(self.limits.embedded))
        if call.found.pattern.single:
            return Page(records)
        last = tuple(rows[-1][index] for index in plan.order) if more and rows else None
        total = self._total(reader, call, plan, len(rows), more)
        return Page(records, last, total if total <= COUNT_BOUND or query.exact or not more else None, total)

    def _total(self, reader: Reader, call: Call, plan: Plan, count: int, more: bool) -> int:
        """How many match: without counting where it follows from what was read."""
        query = call.query
        if not more and not query.page and (count or not query.offset):
            return query.offset + count
        values = {name: value for name, value in call.values.items() if name[0] not in "lko"}
        return int(reader.rows(plan.countAll if query.exact else plan.count, values)[0][0])

    def meta(self, call: Call, page: Page) -> dict[str, Any]:
        """What is said about the list: its length, and what gives the rest of it."""
        meta: dict[str, Any] = {}
        if page.total is not None:
            meta["total"] = page.total
        elif page.atLeast is not None:
            meta["total_at_least"] = min(page.atLeast, COUNT_BOUND)
        if page.last is not None:
            meta["next"] = self._next(call, page.last)
        return meta

    def _next(self, call: Call, last: Sequence[Any]) -> str:
        columns = orderColumns(call.resource, call.query.shape)
        kept = [(name, text) for name, text in call.given if name not in ("page", "offset")]
        byKey = columns and columns[0][0] in (
            *call.resource.Orders,
            call.resource.Key and call.resource.Key.name,
        )
        if byKey:
            kept.append(("page", encodePage(last)))
        else:
            kept.append(("offset", str(call.query.offset + (call.query.limit or 0))))
        return f"{call.path}?{urlencode(kept)}"
