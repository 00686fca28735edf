"""One call, prepared and read: from path and parameters to rows, without knowing who asked or in which language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

import attrs
import simplejson

from buildbot.db.connector import Database, Snapshot
from buildbot.db.dialect import Dialect
from buildbot.errors import NotFound
from buildbot.status import custom, standing
from buildbot.status.call import Call, Pairs
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.encode import compact
from buildbot.status.paths import Found, Pattern
from buildbot.status.query import DEEPEST_OFFSET, Limits, Query, QueryParser, Shape, encodePage, isPlace, orderColumns
from buildbot.status.sql import counts
from buildbot.status.sql.plan import Budget, Page, Plan, Reader, Record, attach, nameHash, spelled, tablesOf
from buildbot.status.sql.plans import Plans
from buildbot.status.streams import Stream


@lru_cache(maxsize=100)
def ownerOf(pattern: Pattern) -> Pattern:
    """The path of the thing that a custom endpoint belongs to."""
    return attrs.evolve(pattern, endpoint=None, extra=(), resource=pattern.hops[-1].target)


class Reading:
    """Prepares calls and reads them from a snapshot."""

    def __init__(self, catalogue: Catalogue, dialect: Dialect, limits: Limits, *, plans: Plans | None = None) -> None:
        self.catalogue, self.limits, self.dialect = catalogue, limits, dialect
        self._parser = QueryParser(limits)
        self._plans = Plans(dialect) if plans is None else plans
        self._rows: dict[str, str] = {}

    def prepare(self, path: str, given: Pairs) -> Call:
        """Raises NotFound for a path that nothing takes, BadQuery for parameters."""
        found = self.catalogue.find(path)
        endpoint = found.pattern.endpoint
        own = [] if endpoint is None else [pair for pair in given if pair[0] in endpoint.parameters]
        rest = [pair for pair in given if pair not in own] if own else given
        query = self._parser.parse(found.pattern.resource, rest, single=found.pattern.single, order=found.pattern.order)
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

    def ask(self, reader: Snapshot, call: Call, database: Database, *, asTexts: bool = False) -> Page | Stream:
        """In a thread: the answer of a custom endpoint, which reads what it names first; or of any other call.
        ``asTexts``: texts instead of records will do."""
        pattern = call.found.pattern
        if pattern.endpoint is None:
            return self.read(reader, call, asTexts=asTexts)
        owner = ownerOf(pattern)
        values = call.found.values[: len(owner.variables)]
        plan = self._plans.of(Found(owner, values), Shape(), limited=False)
        rows = reader.rows(plan.sql, call.values)
        records = plan.make(rows)
        attach(reader, plan, rows, records, {}, Budget(self.limits.embedded))
        first = records[0] if records else None
        return custom.run(
            pattern.endpoint, custom.EndpointCall(reader, self.unlimited.again, self.dialect, call, first, database)
        )

    @cached_property
    def unlimited(self) -> Reading:
        """For what the server itself reads, as endpoints and events do: the limits of callers are not theirs."""
        return Reading(self.catalogue, self.dialect, Limits(), plans=self._plans)

    def tables(self, call: Call) -> Sequence[str]:
        """The tables that are read for a call, as often as they are."""
        return tablesOf(self._plans.of(call.found, call.query.shape, limited=call.query.limit is not None))

    def again(self, reader: Reader, path: str, given: Pairs) -> Page:
        """Read another call in the same snapshot."""
        return self.read(reader, self.prepare(path, given))

    def read(self, reader: Reader, call: Call, *, asTexts: bool = False, counted: bool = True) -> Page:
        """In a thread: all statements of one call. Raises NotFound where the one thing does not exist. ``counted``:
        say how many there are."""
        query, limit = call.query, call.query.limit
        plan = self._plans.of(call.found, query.shape, limited=limit is not None)
        alone = limit is None and not query.page and not plan.attachments
        read = reader.only if alone else reader.rows
        texts = spelled(read, plan, call.values) if asTexts else None
        found: Sequence[Any] = read(plan.sql, call.values) if texts is None else texts
        if call.found.pattern.single and not found:
            raise NotFound(f"{call.path}: there is no such {call.resource.Name}")
        more = limit is not None and len(found) > limit
        found = found[:limit] if more else found
        if texts is None:
            page = Page(self._records(reader, plan, found, call))
            last = [found[-1][index] for index in plan.order] if more and found else None
        else:
            page = Page([], texts=found)
            last = self._placeOf(found[-1], call) if more and found else None
        if plan.count is None or not counted:
            return page
        if not more and not query.page and (found or not query.offset):
            return attrs.evolve(page, total=query.offset + len(found))  # follows from what was read
        total = plan.count(reader, call.values, exact=query.exact)
        return attrs.evolve(page, last=last, total=total, atLeast=None if total is not None else counts.BOUND)

    def _records(self, reader: Reader, plan: Plan, rows: Sequence[Any], call: Call) -> list[Record]:
        records = plan.make(rows)
        if plan.attachments:
            attach(reader, plan, rows, records, call.expandValues, Budget(self.limits.embedded))
        return records

    @staticmethod
    def _placeOf(text: str, call: Call) -> list[Any]:
        """The order's values in a record; there are no texts without them."""
        record = simplejson.loads(text)
        return [record[name] for name, _ in orderColumns(call.resource, call.query.shape)]

    def meta(self, call: Call, page: Page) -> dict[str, Any]:
        """What is said about the list: its length, what gives the rest of it, and what the call names that will go."""
        meta: dict[str, Any] = {}
        if page.total is not None:
            meta["total"] = page.total
        elif page.atLeast is not None:
            meta["total_at_least"] = page.atLeast
        if page.last is not None and (following := self._next(call, page.last)) is not None:
            meta["next"] = following
        elif page.more is not None:
            replaced = {name for name, _ in page.more}
            kept = [pair for pair in call.given if pair[0] not in replaced]
            meta["next"] = f"{call.path}?{urlencode([*kept, *page.more])}"
        deprecated = list(standing.deprecations(call.found.pattern, call.query.shape))
        if deprecated:
            meta["deprecated"] = deprecated
        return meta

    def _next(self, call: Call, last: Sequence[Any]) -> str | None:
        """The call that goes on; None where none can: an offset does not go that deep."""
        columns = orderColumns(call.resource, call.query.shape)
        kept = [(name, text) for name, text in call.given if name not in ("page", "offset")]
        byKey = columns and columns[0][0] in (
            *call.resource.Orders,
            call.resource.Key and call.resource.Key.name,
        )
        offset = call.query.offset + (call.query.limit or 0)
        if byKey and isPlace(last, call.resource, call.query.shape):
            kept.append(("page", encodePage(last)))
        elif offset <= DEEPEST_OFFSET and not call.query.page:
            kept.append(("offset", str(offset)))
        else:
            return None
        return f"{call.path}?{urlencode(kept)}"
