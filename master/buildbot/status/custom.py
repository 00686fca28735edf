"""How a custom endpoint is called: in a lane's thread, with the thing that its path names and a way to read more."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import attrs

from buildbot.db.connector import Database, Snapshot
from buildbot.db.dialect import Dialect
from buildbot.errors import BadQuery, DefinitionError, NotFound
from buildbot.status.call import Call, Pairs
from buildbot.status.definition import Endpoint
from buildbot.status.fieldtypes import parseInteger
from buildbot.status.sql.plan import Page, Reader, Record
from buildbot.status.streams import Stream

ROOM = "buildbot.status.endpoints"


@attrs.frozen
class EndpointCall:
    """One call of a custom endpoint. Its ``run`` function gets this, and returns a page of records, or a stream."""

    reader: Snapshot
    _again: Callable[[Reader, str, Pairs], Page]
    dialect: Dialect
    call: Call
    owner: Record | None
    """The record of the thing that the path names before the endpoint's own part; None if it does not exist."""
    database: Database
    """For streams, which read more later."""

    @property
    def variables(self) -> Mapping[str, Any]:
        """The path's variables by name."""
        names = (variable.name for variable in self.call.found.pattern.variables)
        return dict(zip(names, self.call.found.values, strict=True))

    def required(self) -> Record:
        """The record of the thing that the path names; NotFound if there is none."""
        if self.owner is None:
            raise NotFound(f"{self.call.path}: there is no such {self.call.found.pattern.hops[-1].target.Name}")
        return self.owner

    def texts(self, name: str) -> Sequence[str]:
        """The values of one of the endpoint's own parameters."""
        return [text for given, text in self.call.own if given == name]

    def text(self, name: str) -> str | None:
        """The value of one of its own parameters that makes sense once."""
        texts = self.texts(name)
        if len(texts) > 1:
            raise BadQuery(f"{name}: takes one value, not {len(texts)}", parameter=name)
        return texts[0] if texts else None

    def number(self, name: str) -> int | None:
        """The value of one of its own parameters, as a whole number. The first counts, as for lists."""
        texts = self.texts(name)
        return parseInteger(name, texts[0]) if texts else None

    def select(self, statement: Any, **values: Any) -> Sequence[Sequence[Any]]:
        """Rows of an SQLAlchemy statement; its parameters are bound from ``values``."""
        return self.reader.rows(self.dialect.compile(statement), values)

    def again(self, path: str, query: Pairs) -> Page:
        """Read another call in the same snapshot."""
        return self._again(self.reader, path, query)

    def related(self, path: str, query: Pairs) -> Record:
        """Read one other thing in the same snapshot; empty if there is none."""
        try:
            return self.again(path, query).records[0]
        except NotFound:
            return {}


@cache
def load(name: str) -> Callable[..., Any]:
    """The function behind ``module:function``."""
    module, _, function = name.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(f"{ROOM}.{module}"), function)
    except (ImportError, AttributeError) as error:
        raise DefinitionError(f"{name!r}: there is no such function in {ROOM}: {error}") from error
    return found


def run(endpoint: Endpoint, call: EndpointCall) -> Page | Stream:
    """What an endpoint answers, cut down to the fields that are asked for."""
    answer: Page | Stream = load(endpoint.run)(call)
    fields = call.call.query.shape.fields
    if isinstance(answer, Page) and fields is not None:
        cut = [{name: record[name] for name in fields if name in record} for record in answer.records]
        return attrs.evolve(answer, records=cut)
    return answer
