"""What is promised is kept, and what will go says so first (``docs/promises.rst``)."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime
from typing import Any

from twisted.trial.unittest import TestCase

from buildbot.errors import DefinitionError
from buildbot.status.actions import named
from buildbot.status.catalogue import Catalogue, discover
from buildbot.status.definition import Many, Resource, field, key, many
from buildbot.status.generate.__main__ import ROOT
from buildbot.status.generate.document import makeDocument
from buildbot.status.generate.files import PROMISED, promisedSoFar, unkept
from buildbot.status.generate.promised import HELP, Entries, complaints, dump, entries, merged
from buildbot.status.openapi import asJson
from buildbot.status.service import StatusService
from buildbot.status.stability import Deprecation, Standing
from buildbot.test.contract.cases import ContractCase, ContractOnPostgreSQL, ContractOnSQLite
from buildbot.test.www import served
from buildbot.www.deprecation import deprecationHeaders

TODAY = date(2027, 6, 1)
OLD = Deprecation("2027-01-31", instead="name")


class Committed(TestCase):
    def test_kept(self) -> None:
        """The definitions keep every promise in the committed list."""
        broken = unkept(ROOT, datetime.now(UTC).date())
        self.assertEqual(broken, [], "\n" + "\n".join([*broken, HELP.format(file=PROMISED)]))

    def test_complete(self) -> None:
        """Everything that the definitions offer is in the list."""
        self.assertEqual(sorted(entries(Catalogue()).keys() - promisedSoFar(ROOT).keys()), [])


class Guard(TestCase):
    """What the guard says of a changed definition."""

    def setUp(self) -> None:
        self.promised: Entries = promisedSoFar(ROOT)

    def changed(self, name: str, **facts: Any) -> Entries:
        return {**self.promised, name: {**self.promised[name], **facts}}

    def assertComplains(self, present: Entries, *words: str) -> None:
        """One complaint, which holds these words; and generating leaves it."""
        found = complaints(self.promised, present, TODAY)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])
        kept = merged(self.promised, present, TODAY)
        self.assertEqual(complaints(kept, present, TODAY), found)

    def without(self, name: str, promised: Entries | None = None) -> Entries:
        return {each: entry for each, entry in (promised or self.promised).items() if each != name}

    def test_nothing(self) -> None:
        """Nothing changed: nothing is said, and the file is what it was."""
        present = entries(Catalogue())
        self.assertEqual(complaints(self.promised, present, TODAY), [])
        self.assertEqual(dump(merged(self.promised, present, TODAY)), (ROOT / PROMISED).read_text("utf-8"))

    def test_everyKindRemoved(self) -> None:
        """Whatever stable thing is removed, a sentence names it and says how to deprecate it."""
        for name, entry in self.promised.items():
            if entry["stability"] == "stable":
                self.assertComplains(self.without(name), name, "gone", "Deprecation(")

    def test_realDefinition(self) -> None:
        """Leaving a field out of a real definition is seen."""
        catalogue = Catalogue()
        fields = dict(catalogue.types["Build"].Fields)
        del fields["state_string"]
        self.patch(catalogue.types["Build"], "Fields", fields)
        self.assertComplains(entries(catalogue), "field build.state_string")

    def test_renamed(self) -> None:
        """A new name is a removal."""
        present = {**self.without("field build.number"), "field build.no": self.promised["field build.number"]}
        self.assertComplains(present, "field build.number")

    def test_narrowed(self) -> None:
        """Fewer filters, a null that was none, an order that goes: each is named with what it was and is."""
        for facts in ({"filters": ["eq"]}, {"nullable": True}, {"sortable": False}, {"derived": True}):
            self.assertComplains(self.changed("field build.number", **facts), "field build.number", *facts)

    def test_widened(self) -> None:
        """More filters and fewer nulls are welcome."""
        wider = self.promised["field build.results"]["filters"] + ["near"]
        present = self.changed("field build.results", filters=wider, nullable=False)
        self.assertEqual(complaints(self.promised, present, TODAY), [])
        self.assertEqual(merged(self.promised, present, TODAY)["field build.results"]["nullable"], False)

    def test_defaults(self) -> None:
        """The default order and limit of a type, the limits of all, and what is sent unasked are promised."""
        for name, facts in (
            ("type change", {"order": "changeid"}),
            ("type build", {"limit": 50}),
            ("limit perParent", {"default": 5}),
            ("field build.properties", {"unasked": None}),
        ):
            self.assertComplains(self.changed(name, **facts), name, *facts)

    def test_formats(self) -> None:
        """The type of a value and its form in JSON are promised."""
        self.assertComplains(self.changed("field build.started_at", type="string"), "datetime", "string")
        self.assertComplains(self.changed("format datetime", json="string"), "format datetime")

    def test_weaker(self) -> None:
        """What is stable does not become provisional."""
        self.assertComplains(self.changed("relation build.steps", stability="provisional"), "provisional")

    def test_provisional(self) -> None:
        """What is provisional may change and go."""
        present = self.without("field builder.state")
        self.assertEqual(complaints(self.promised, present, TODAY), [])
        self.assertNotIn("field builder.state", merged(self.promised, present, TODAY))

    def test_sunset(self) -> None:
        """What is deprecated stays a year, and may then go."""
        name = "topic build.update"
        self.promised = self.changed(name, deprecated="2026-06-01", sunset="2027-06-01")
        present = self.without(name)
        self.assertEqual(complaints(self.promised, present, TODAY), [])
        self.assertNotIn(name, merged(self.promised, present, TODAY))
        self.promised = self.changed(name, deprecated="2026-06-02", sunset="2027-06-02")
        self.assertComplains(present, name)


class Gauge(Resource):
    """A type with things that will go, over a table that every database has."""

    Plural, Table = "gauges", "masters"
    At = "gauges/n:gaugeid"
    Actions = named("reset")
    Standings = {"reset": Standing(since="0.2", stability="provisional", deprecated=OLD)}

    gaugeid: int = key("id")
    name: str = field()
    label: str = field("name", deprecated=OLD)
    getOthers: Many[Gauge] = many(match=lambda v, t, q: t.id == v, deprecated=Deprecation("2027-03-01"))


class Deprecated(TestCase):
    """How a definition says that something will go."""

    def test_sunset(self) -> None:
        """A year later, whatever the day."""
        for day, sunset in (("2027-01-31", date(2028, 1, 31)), ("2028-02-29", date(2029, 3, 1))):
            self.assertEqual(Deprecation(day).sunset, sunset)

    def test_refused(self) -> None:
        """What is no day, and a standing of something that is not there, are refused at start-up."""
        self.assertRaisesRegex(DefinitionError, "no day", Deprecation, "soon")
        self.patch(Gauge, "Standings", {"rest": Standing()})
        self.assertRaisesRegex(DefinitionError, "Gauge.*'rest'", Catalogue, [*discover(), Gauge])

    def test_document(self) -> None:
        """The OpenAPI document says of each such thing that it will go, when, and what to use."""
        made = asJson(makeDocument(Catalogue([*discover(), Gauge]), "1"))
        label = made["components"]["schemas"]["GaugePart"]["properties"]["label"]
        self.assertEqual((label["deprecated"], label["x-sunset"]), (True, "2028-01-31"))
        self.assertIn("use name", label["description"])
        below = made["paths"]["/gauges/{gaugeid}/others"]["get"]
        self.assertEqual((below["deprecated"], below["x-sunset"]), (True, "2028-03-01"))
        self.assertNotIn("deprecated", made["paths"]["/gauges"]["get"])

    def test_standings(self) -> None:
        """Actions, topics and paths may be younger, less firm, or deprecated on their own."""
        found = entries(Catalogue([*discover(), Gauge]))["action gauge.reset"]
        expected = {"since": "0.2", "stability": "provisional", "deprecated": "2027-01-31", "sunset": "2028-01-31"}
        self.assertEqual(found, expected)

    def test_headers(self) -> None:
        """HTTP says it in two headers, with the earliest days of all."""
        told = [
            {"what": "a", "deprecated": "2027-03-01", "sunset": "2028-03-01"},
            {"what": "b", "deprecated": "2027-01-31", "sunset": "2028-01-31"},
        ]
        self.assertEqual(
            deprecationHeaders({"deprecated": told}),
            [("Deprecation", "@1801353600"), ("Sunset", "Mon, 31 Jan 2028 00:00:00 GMT")],
        )
        self.assertEqual(deprecationHeaders({}), [])


class Told(ContractCase):
    """What a caller is told."""

    async def asked(self, path: str, **query: Any) -> tuple[list[str], list[str]]:
        """What the answer names as deprecated, and the warnings that Python gave."""
        service = StatusService(self.open(self.filledUrl()), Catalogue([*discover(), Gauge]))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            answer = await service.get(path, query)
        warned = [str(each.message) for each in caught if issubclass(each.category, DeprecationWarning)]
        return [each["what"] for each in answer.meta.get("deprecated", ())], warned

    async def test_untouched(self) -> None:
        """A call that names nothing deprecated is told nothing."""
        self.assertEqual(await self.asked("gauges"), ([], []))

    async def test_named(self) -> None:
        """A call that names a deprecated field, in whatever role, is told so, and what to use."""
        for query in ({"field": "label"}, {"order": "-label"}, {"label__ne": "x"}):
            what, warned = await self.asked("gauges", **query)
            self.assertEqual(what, ["field gauge.label"])
            self.assertEqual(warned, [f"{what[0]} is deprecated and may be gone from 2028-01-31 on; use name"])

    async def test_relation(self) -> None:
        """A deprecated relation is told of, embedded or walked along."""
        query = {"expand": "others", "others.field": "label"}
        self.assertEqual((await self.asked("gauges", **query))[0], ["relation gauge.others", "field gauge.label"])
        self.assertEqual((await self.asked("gauges/1/others"))[0], ["path gauges/n:gaugeid/others"])


class ToldOnSQLite(Told, ContractOnSQLite):
    """On SQLite."""


class ToldOnPostgreSQL(Told, ContractOnPostgreSQL):
    """On PostgreSQL."""


class ToldOverHTTP(served.SiteCase):
    """What a client of HTTP is told."""

    def setUp(self) -> None:
        self.patch(served, "Catalogue", lambda: Catalogue([*discover(), Gauge]))
        super().setUp()

    async def test_headers(self) -> None:
        """An answer to a call that names something deprecated says so in its headers, unchanged or not."""
        self.assertNotIn("sunset", (await self.ask("/api/v2/gauges")).headers)
        first = await self.ask("/api/v2/gauges?field=label")
        again = await self.ask("/api/v2/gauges?field=label", If_None_Match=first.headers["etag"])
        self.assertEqual((first.status, again.status), (200, 304))
        for reply in (first, again):
            self.assertEqual(reply.headers["deprecation"], "@1801353600")
            self.assertEqual(reply.headers["sunset"], "Mon, 31 Jan 2028 00:00:00 GMT")


del Told
