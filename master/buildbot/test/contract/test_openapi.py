"""The server does what the OpenAPI document says: asked by a fuzzer that knows nothing but the document.

The fuzzer's path variables are mostly those of things that there are: found by asking for lists, as the document has
them.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from buildbot.errors import allErrors
from buildbot.status.generate.addresses import addresses
from buildbot.status.generate.document import makeDocument
from buildbot.status.openapi import asJson
from buildbot.status.paths import Pattern, parseVariable
from buildbot.test.contract.attached import attach
from buildbot.test.contract.cases import ContractOnSQLite, catalogue

Question = Case[Any]
SEED = 20261124
GOOD, BAD = 5, 2
"""Questions to each operation: such as the document allows, and others."""
STATUSES = {error.code: error.status for error in allErrors()}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with answers that may hold nothing but what it names; it promises less: there may be more."""
    made = copy.deepcopy(document)
    for name, schema in made["components"]["schemas"].items():
        if "properties" in schema and name != "Problem":
            schema["additionalProperties"] = False
    return made


class Known:
    """Values for the variables of paths, found by asking for the lists above them."""

    def __init__(self, api: str, session: requests.Session) -> None:
        self._api, self._session = api, session
        self._lists: dict[str, Sequence[Mapping[str, Any]]] = {}

    def of(self, pattern: Pattern) -> list[dict[str, str]]:
        """Some sets of values for a pattern's variables, by name."""
        found: list[tuple[str, dict[str, str]]] = [("", {})]
        for element in pattern.text.split("/"):
            variable = parseVariable(element)
            if variable is None:
                found = [(f"{path}/{element}", values) for path, values in found]
                continue
            field = variable.field
            below = []
            for path, values in found:
                for value in self._values(path, field):
                    below.append((f"{path}/{quote(str(value), safe='')}", {**values, variable.name: str(value)}))
            found = below[:: max(1, len(below) // 4)][:4]
        return [values for _, values in found]

    def _values(self, path: str, field: str) -> Iterator[Any]:
        """Values of a field in the list at a path; small numbers where there is no such list."""
        if path not in self._lists:
            reply = self._session.get(f"{self._api}{path}", params={"limit": "4"})
            found = reply.json() if reply.status_code == 200 else {}
            self._lists[path] = next((value for name, value in found.items() if name != "meta"), [])
        records = [record for record in self._lists[path] if field in record]
        yield from (record[field] for record in records) if records else range(1, 4)


def whole(context: CheckContext, response: Response, case: Question) -> None:
    """Without ``field=``, records have every field that is not derived."""
    schema = case.operation.definition.raw.get("x-type") if case.method == "GET" else None
    if response.status_code != 200 or schema is None or "field" in (case.query or {}):
        return
    cls = catalogue().types[schema]
    required = {field.name for field in cls.Fields.values() if not field.derived}
    found = response.json() if "json" in response.headers["content-type"][0] else {}
    for record in found.get(cls.Plural, ()):
        missing = required - record.keys()
        assert not missing, f"{cls.__name__} without {missing}"


def coded(context: CheckContext, response: Response, case: Question) -> None:
    """Errors have a code that is known, and its status."""
    if response.status_code >= 400:
        problem = response.json()
        if "jsonrpc" in problem:
            problem = problem["error"].get("data", {"code": "bad-request", "status": 400})
        assert STATUSES.get(problem["code"]) == response.status_code == problem["status"], problem


class Fuzzed(ContractOnSQLite):
    """Every operation of the document, asked at random from a seed."""

    def setUp(self) -> None:
        self.document = closed(asJson(makeDocument(catalogue(), "1")))
        self.server = attach(self, self.filledUrl())
        self.session = requests.Session()
        self.addCleanup(self.session.close)
        self.cursor = self.session.get(f"{self.server.api}/masters").headers["X-Status-Cursor"]
        """Nobody can make one up, and nobody waits."""

    def test_operations(self) -> None:
        """No question makes the server fail, or answer with what its document does not say."""
        schema = schemathesis.openapi.from_dict(self.document)
        known = self.known()
        failures: list[str] = []
        asked: Counter[int] = Counter()
        for result in schema.get_all_operations():
            assert isinstance(result, Ok)
            operation = result.ok()
            values = known.get(operation.path, [{}])
            for mode, count in ((GenerationMode.POSITIVE, GOOD), (GenerationMode.NEGATIVE, BAD)):
                try:
                    self.fuzz(operation.as_strategy(generation_mode=mode), values, count, asked)
                except (FailureGroup, AssertionError) as failure:
                    failures.append(f"{operation.label}: {failure}")
        self.assertEqual(failures, [])
        self.assertGreater(asked[200], 300)
        self.assertGreater(asked[400], 100)

    def known(self) -> dict[str, list[dict[str, str]]]:
        """Values of variables that lead somewhere, by the paths of the document."""
        finder = Known(self.server.api, self.session)
        found = {}
        for address in addresses(catalogue()):
            names = [parameter.name or "" for parameter in address.parameters]
            found[address.path] = [
                dict(zip(names, values.values(), strict=True))
                for text in address.patterns
                for values in finder.of(catalogue().patterns[text])
            ]
        return found

    def fuzz(self, cases: st.SearchStrategy[Question], values: list[dict[str, str]], count: int, asked: Any) -> None:
        """Ask a number of questions. Raises for one that is answered otherwise than the document says."""

        @seed(SEED)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases, these=st.sampled_from([None, *values]))
        def ask(case: Question, these: dict[str, str] | None) -> None:
            if these:
                case.path_parameters = dict(these)
            for name, value in (("min_cursor", self.cursor), ("since", self.cursor), ("wait", "0")):
                if case.query and name in case.query:
                    case.query[name] = value
            response = case.call(base_url=self.server.api, session=self.session)
            asked[response.status_code] += 1
            case.validate_response(response, checks=[*CHECKS, whole, coded])

        ask()
