"""Definitions are checked against each other at start-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from buildbot.db.dialect import SQLite
from buildbot.errors import DefinitionError, NotFound
from buildbot.status.catalogue import Catalogue, discover
from buildbot.status.definition import Many, Resource, computed, field, key, many, members
from buildbot.status.sql.check import check


class Parent(Resource):
    """A type for tests."""

    Plural = Table = "builders"
    At = "builders/{n:builderid,s:buildername=name}"

    builderid: int = key("id")
    name: str = field()
    getChildren: Many[Child] = many("builderid")


class Child(Resource):
    """Another."""

    Plural = Table = "builds"
    At = "builds/n:buildid {parent}/children/n:child_number=number"

    buildid: int = key("id")
    number: int = field()


class PathTests(SynchronousTestCase):
    """Paths follow from addresses and relations."""

    def setUp(self) -> None:
        self.catalogue = Catalogue([Parent, Child])

    def test_pathsFollow(self) -> None:
        """Every address, every relation below it, and the lists at the root; an alias is written once."""
        name = "builders/s:buildername=name"
        self.assertEqual(
            sorted(self.catalogue.patterns),
            sorted(
                [
                    "builders",
                    "builders/n:builderid",
                    "builders/n:builderid/children",
                    "builders/n:builderid/children/n:child_number=number",
                    name,
                    f"{name}/children",
                    f"{name}/children/n:child_number=number",
                    "builds",
                    "builds/n:buildid",
                ]
            ),
        )

    def test_numbersWinOverNames(self) -> None:
        """An element that is a number is an id, as it always was; all else is a name."""
        self.assertEqual(self.catalogue.find("builders/123").pattern.text, "builders/n:builderid")
        self.assertEqual(self.catalogue.find("builders/1a").pattern.text, "builders/s:buildername=name")

    def test_anElementIsSplitBeforeItIsDecoded(self) -> None:
        """``a%2Fb`` is one element, and ``+`` is itself."""
        self.assertEqual(self.catalogue.find("builders/a%2Fb+c").values, ("a/b+c",))

    def test_whatIsNotThereSaysWhatIs(self) -> None:
        """The message names the element, and what would go on."""
        for path, word in (
            ("nosuch", "builders"),
            ("builds/x", "buildid (a number)"),
            ("builders/1/nosuch", "children"),
            ("builders/", "'' is not known"),
            ("builders/%ff", "UTF-8"),
            (f"builds/{2**70}", "64 bits"),
            ("builders/a%00", "NUL"),
            (f"builders/a{chr(0xD800)}", "half"),
        ):
            error = self.assertRaises(NotFound, self.catalogue.find, path)
            self.assertIn(word, str(error))


class RefusalTests(SynchronousTestCase):
    """A bad definition is named."""

    def refused(self, make: Any, *words: str, others: Sequence[type[Resource]] = (Parent, Child)) -> None:
        """Definitions are refused with a message that has all of these words."""
        error = self.assertRaises(DefinitionError, lambda: check(Catalogue([*others, make()]), SQLite()))
        for word in words:
            self.assertIn(word, str(error))

    def define(self, **body: Any) -> Any:
        """A function that makes a type ``Bad`` of a class body."""
        base: dict[str, Any] = {"Plural": "bads", "Table": "workers", "__module__": __name__}
        return lambda: type("Bad", (Resource,), {**base, **body})

    def test_badDefinitionsAreNamed(self) -> None:
        """The message names the type, and the field, path or word."""
        number = {"badid": key("id"), "__annotations__": {"badid": "int"}}
        self.refused(self.define(badid=key("id")), "Bad.badid", "no type")
        self.refused(self.define(badid=key("id"), __annotations__={"badid": "complex"}), "Bad.badid")
        self.refused(self.define(badid=key("id"), __annotations__={"badid": "Nosuch"}), "Bad", "Nosuch")
        self.refused(self.define(helper=1), "Bad.helper", "neither a field")
        self.refused(self.define(Plural=""), "Bad", "Plural")
        self.refused(self.define(Plural="builds"), "Bad", "Child", "builds")
        self.refused(self.define(At="bads/n:nosuch", **number), "Bad", "bads/n:nosuch", "'nosuch'")
        self.refused(self.define(At="nosuch/n:badid", **number), "Bad", "nosuch/n:badid")
        self.refused(self.define(At="{nosuch}/bads/n:badid", **number), "Bad", "'nosuch'")
        self.refused(self.define(At="builders/n:builderid/nosuch/n:badid", **number), "Bad", "nosuch")
        self.refused(self.define(At="bads/n:badid", Order="nosuch", **number), "Bad", "nosuch")
        self.refused(self.define(Also="builds/n:other=number", **number), "builds/n:other=number", "same paths")
        self.refused(
            self.define(badid=key("nosuch"), __annotations__={"badid": "int"}, At="bads/n:badid"), "Bad.badid", "nosuch"
        )
        self.refused(self.define(getX=many(), __annotations__={"getX": "Many[Child]"}), "Bad.getX", "key")
        hints = {"badid": "int", "getX": "Many[Child]"}
        for wrong in (many(via="nosuch.a.b"), many("nosuch"), many(own="nosuch"), many(via="builds.id.nosuch")):
            self.refused(self.define(badid=key("id"), getX=wrong, __annotations__=hints), "Bad.getX", "nosuch")
        self.refused(self.define(getX=many(), __annotations__={"getX": "Child"}), "Bad.getX", "Many")
        self.refused(self.define(x=many(), __annotations__={"x": "Many[Child]"}), "Bad.x", "get")

    def test_whatWouldSlipThroughIsRefused(self) -> None:
        """Mistakes that SQL would only tell at the first request, or never."""
        ids = {"badid": key("id")}
        at = {"At": "bads/n:badid", **ids}
        hints = {"badid": "int"}
        for body, types, words in (
            ({**ids, "name": field("nosuch")}, {"name": "str"}, ("Bad.name", "nosuch")),
            ({**ids, "name": field()}, {"name": "int"}, ("Bad.name", "VARCHAR", "integer")),
            ({**ids, "pause_reason": field()}, {"pause_reason": "str"}, ("Bad.pause_reason", "null")),
            ({**ids, "info": field(hashed=True)}, {"info": "str"}, ("Bad.info", "hashed")),
            ({**ids, "name": field()}, {"name": "Sequence[str]"}, ("Bad.name", "members()")),
            ({**ids, "x": members("builds.workerid.id")}, {"x": "int"}, ("Bad.x", "members()")),
            ({**ids, "x": computed(lambda: 1)}, {"x": "int"}, ("Bad.x", "(t)")),
            ({**ids, "x": computed(lambda t: t.nosuch)}, {"x": "int"}, ("Bad.x", "nosuch")),
            ({**ids, "x": computed(lambda t: t.id == 1)}, {"x": "int"}, ("Bad.x", "condition")),
            ({**ids, "limit": field("id")}, {"limit": "int"}, ("Bad.limit", "grammar")),
            ({**ids, "other": key("id")}, {"other": "int"}, ("Bad", "more than one key")),
            (
                {**ids, "x": members("builds.workerid.id"), "Order": "x"},
                {"x": "Sequence[int]"},
                ("Bad", "'x'", "single"),
            ),
            ({**ids, "getX": many("workerid", order="no")}, {"getX": "Many[Child]"}, ("Bad.getX", "no", "Child")),
            ({**ids, "getX": many("id", via="builds.id.id")}, {"getX": "Many[Child]"}, ("Bad.getX", "one way")),
            ({**ids, "Orders": "badid"}, {}, ("Bad", "Orders")),
            ({**ids, "Limit": "5"}, {}, ("Bad", "Limit")),
            ({**at, "At": "bads/x:badid"}, {}, ("Bad", "'x:badid'")),
            ({**at, "At": "bads/{n:badid, n:other=badid}"}, {}, ("Bad", "{n:badid,")),
            ({**at, "At": "bads/s:badid"}, {}, ("Bad", "s:", "integer")),
            ({**at, "Table": "nosuch"}, {}, ("Bad", "nosuch")),
        ):
            self.refused(self.define(**body, __annotations__={**hints, **types}), *words)

    def test_ourOwnAreGood(self) -> None:
        """Every module of the room is found, and the catalogue takes them all."""
        self.assertGreaterEqual(len(discover()), 20)
        check(Catalogue(), SQLite())
