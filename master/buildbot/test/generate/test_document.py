"""The generated files: what is in them follows from the definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from openapi_spec_validator import validate
from twisted.trial.unittest import TestCase

from buildbot.status.catalogue import Catalogue, discover
from buildbot.status.definition import Many, Resource, field, key, many
from buildbot.status.generate.__main__ import ROOT
from buildbot.status.generate.addresses import addresses
from buildbot.status.generate.document import makeDocument
from buildbot.status.generate.files import generated
from buildbot.status.generate.reference import referencePages
from buildbot.status.openapi import asJson

TODAY = datetime.now(UTC).date()


class Machine(Resource):
    """A computer."""

    Plural = Table = "machines"
    At = "machines/{n:machineid,s:machinename=name}"

    machineid: int = key("id")
    name: str = field()
    note: str | None = field(stability="provisional")
    getParts: Many[Machine] = many("partof")


def document(*more: type[Resource]) -> dict[str, Any]:
    made: dict[str, Any] = asJson(makeDocument(Catalogue([*discover(), *more]), "1"))
    return made


class DocumentTests(TestCase):
    def test_committed(self) -> None:
        """Every committed file is what the definitions give."""
        differing = [
            str(path.relative_to(ROOT))
            for path, text in generated(ROOT, TODAY).items()
            if not path.exists() or path.read_text("utf-8") != text
        ]
        self.assertEqual(differing, [], "`make generate` writes them")

    def test_valid(self) -> None:
        """The document is valid OpenAPI."""
        validate(document())

    def test_everyPattern(self) -> None:
        """Every pattern of the catalogue is in the document, once."""
        catalogue = Catalogue()
        found = [pattern for address in addresses(catalogue) for pattern in address.patterns]
        self.assertEqual(sorted(found), sorted(catalogue.patterns))

    def test_everyType(self) -> None:
        """Every resource type has a schema and a page, with every field and relation."""
        catalogue = Catalogue()
        schemas, pages = document()["components"]["schemas"], referencePages(catalogue)
        for name, cls in catalogue.types.items():
            properties = schemas[f"{name}Part"].get("properties", {})
            self.assertEqual(set(properties), {*cls.Fields, *cls.Relations})
            text = pages[f"resources/{cls.Name.strip('_')}.rst"]
            for word in properties:
                self.assertIn(f"``{word}``", text)

    def test_newType(self) -> None:
        """A new type appears with its addresses, schema, filters and standing."""
        made = document(Machine)
        path = made["paths"]["/machines/{machineid_or_machinename}"]
        self.assertEqual(path["get"]["x-patterns"], ["machines/n:machineid", "machines/s:machinename=name"])
        self.assertIn("/machines/{machineid_or_machinename}/parts", made["paths"])
        schemas = made["components"]["schemas"]
        self.assertEqual(schemas["Machine"]["required"], ["machineid", "name", "note"])
        self.assertEqual(schemas["MachinePart"]["properties"]["note"]["type"], ["string", "null"])
        self.assertEqual(schemas["MachinePart"]["properties"]["note"]["x-stability"], "provisional")
        self.assertIn("name__contains", made["components"]["parameters"]["Machine.filter"]["schema"]["properties"])

    def test_names(self) -> None:
        """Operations have names of their own, which are words in any programming language."""
        names = [
            operation["operationId"]
            for item in document()["paths"].values()
            for method, operation in item.items()
            if method in ("get", "post")
        ]
        self.assertEqual(len(set(names)), len(names))
        self.assertTrue(all(name.isidentifier() and name.isascii() for name in names))
