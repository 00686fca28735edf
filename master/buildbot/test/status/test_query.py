"""The grammar of queries."""

from __future__ import annotations

import base64

from twisted.trial.unittest import SynchronousTestCase

from buildbot.errors import BadQuery
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Resource
from buildbot.status.query import Condition, Limits, Query, QueryParser, decodePage, encodePage, pairs

CATALOGUE = Catalogue()


class QueryCase(SynchronousTestCase):
    """Parses queries of builds."""

    resource: type[Resource] = CATALOGUE.types["Build"]

    def parse(self, query: str = "", *, single: bool = False) -> Query:
        """``a=1&b`` without decoding."""
        given = [(name, text) for name, _, text in (part.partition("=") for part in query.split("&") if part)]
        return QueryParser(Limits()).parse(self.resource, given, single=single)

    def refused(self, query: str, *words: str, single: bool = False) -> None:
        """A query is refused with a message that has all of these words."""
        error = self.assertRaises(BadQuery, self.parse, query, single=single)
        for word in words:
            self.assertIn(word, str(error))


class ConditionTests(QueryCase):
    """Filters."""

    def test_aFieldAloneMeansEqual(self) -> None:
        """``results=2`` is ``results__eq=2``, and the value is a number."""
        query = self.parse("results=2")
        self.assertEqual((query.shape.conditions, query.values), ((Condition("results", "eq", False),), (2,)))
        self.assertEqual(self.parse("results__eq=2"), query)

    def test_repeatedValuesAreOneCondition(self) -> None:
        """Values of a repeated parameter are alternatives."""
        query = self.parse("results=2&results=4")
        self.assertEqual((query.shape.conditions, query.values), ((Condition("results", "eq", True),), ([2, 4],)))

    def test_booleansArePartOfTheShape(self) -> None:
        """Each way to write a truth comes down to the same condition, without a value."""
        for text in ("complete=true", "complete=1", "complete__in=on", "complete__ne=False", "complete__notin=no"):
            query = self.parse(text)
            self.assertEqual((query.shape.conditions, query.values), ((Condition("complete", "true", False),), (None,)))
        both = self.parse("complete=true&complete=false")
        self.assertEqual(both.shape.conditions, (Condition("complete", "notnull", False),))

    def test_nullIsAskedForByName(self) -> None:
        """``__null`` is the only way to ask for null."""
        self.assertEqual(self.parse("results__null=true").shape.conditions[0].op, "null")
        self.assertEqual(self.parse("results__null=0").shape.conditions[0].op, "notnull")
        self.assertRaises(BadQuery, pairs, {"results": None})

    def test_badConditionsAreNamed(self) -> None:
        """A message names the parameter, and says what would be right."""
        self.refused("nosuch=1", "'nosuch'", "results", "limit")
        self.refused("nosuch__gt=1", "'nosuch__gt'")
        self.refused("results__about=1", "results__about", "contains")
        self.refused("results=many", "results='many'", "whole number")
        self.refused(f"results={2**63}", "64 bits")
        self.refused("complete=maybe", "complete", "true or false")
        self.refused("complete__lt=true", "boolean", "eq")
        self.refused("results__lt=1&results__lt=2", "results__lt", "one value")
        self.refused("results__contains=1", "contains is for texts")
        self.refused("properties=1", "cannot be filtered")
        self.refused("state_string=a\0b", "NUL")
        self.refused("results=1", "not a list", single=True)

    def test_aParameterTooManyIsNamed(self) -> None:
        """Which one was given too often, or is one condition too many."""
        self.refused("&".join(["field=number"] * 101), "field: given more than 100 times")
        self.refused("&".join(["order=number"] * 101), "order: given more than 100 times")
        self.refused("&".join(f"x{i}=1" for i in range(101)), "x100: more than 100 parameters that filter")
        self.refused("expand=steps&" + "&".join(["steps.field=number"] * 101), "steps.field: given more than 100")


class WindowTests(QueryCase):
    """Limits, orders and pages."""

    def test_aLongTypeHasADefaultLimit(self) -> None:
        """Without a limit, a list that grows without end is cut; one of few things is not."""
        self.assertEqual(self.parse().limit, 1000)
        self.resource = CATALOGUE.types["Builder"]
        self.assertIsNone(self.parse().limit)

    def test_badWindowsAreNamed(self) -> None:
        """Negative and absurd numbers are refused."""
        self.refused("limit=-1", "limit=-1", "from 0")
        self.refused("offset=-2", "offset=-2")
        self.refused("limit=10001", "10000", "meta.next")
        self.refused("offset=10001", "10000", "buildid")
        self.refused("limit=ten", "limit='ten'")

    def test_anOrderIsOfScalars(self) -> None:
        """Fields that are no single value of the row cannot be sorted by."""
        self.assertEqual(self.parse("order=-number&order=buildid").shape.order, ("-number", "buildid"))
        self.refused("order=properties", "cannot be sorted")
        self.refused("order=-nosuch", "no such field")

    def test_aPageComesBack(self) -> None:
        """What encodePage gives, decodePage reads; all else is refused."""
        self.assertEqual(decodePage(encodePage([5, None, "é"]), "page"), (5, None, "é"))
        for text in ("", "zzz", "e30", "W10", "WzEsW11d", "💣"):
            self.assertRaises(BadQuery, decodePage, text, "page")
        self.refused("page=WzEsMl0", "another order")
        self.refused("page=WzFd&offset=1", "without offset")

    def test_aPageHoldsWhatItsOrderHolds(self) -> None:
        """What no record can have is refused, before any database sees it: other types, numbers of more than 64 bits,
        halves of characters, nesting without end."""
        self.assertEqual(self.parse(f"page={encodePage([5])}").page, (5,))
        for value in ("a", 2**64, -(2**64), 1.5, True, None):
            self.refused(f"page={encodePage([value])}", "page")
        self.assertEqual(self.parse(f"order=complete_at&page={encodePage([None, 5])}").page, (None, 5))
        self.refused(f"order=state_string&page={encodePage([chr(0xD800), 5])}", "page")
        self.refused(f"page={base64.urlsafe_b64encode(b'[' * 7000).decode()}", "page")

    def test_halvesOfCharactersAreRefused(self) -> None:
        """JSON can say them, and no database holds them."""
        for parameter in ("state_string", "state_string__contains", "property"):
            self.refused(f"{parameter}=a{chr(0xD800)}", parameter, "half a character")


class ExpandTests(QueryCase):
    """Relations and their dotted parameters."""

    def test_dottedParametersBelongToARelation(self) -> None:
        """They are a query of their own, with a default limit for each parent."""
        query = self.parse("expand=steps.logs,builder&steps.limit=3&steps.logs.order=-logid")
        self.assertEqual(list(query.expand), ["builder", "steps"])
        self.assertEqual(query.expand["steps"].limit, 3)
        self.assertEqual(query.expand["steps"].expand["logs"].shape.order, ("-logid",))
        self.assertEqual(query.expand["steps"].expand["logs"].limit, 25)

    def test_badRelationsAreNamed(self) -> None:
        """Unknown relations, parameters without their relation, and depth beyond the limit are refused."""
        self.refused("expand=nosuch", "no such relation", "steps")
        self.refused("steps.limit=3", "expand=steps")
        self.refused("expand=steps&steps.nosuch=3", "steps.nosuch")
        self.refused("expand=builder.builds.builder.builds.builder", "4 deep")
