"""Topics: which there are, what they match, and what is said of those that there are not."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from buildbot.errors import BadQuery, DefinitionError, NotFound
from buildbot.status.catalogue import Catalogue
from buildbot.status.definition import Many, Resource, field, key, many
from buildbot.status.events.event import Event
from buildbot.status.events.topics import Topic, topicOf, topicPatterns

CATALOGUE = Catalogue()

ANNOUNCED = """
changes/5/new
buildsets/5/new buildsets/5/complete
buildsets/4/builders/3/buildrequests/5/new buildsets/4/builders/3/buildrequests/5/claimed
buildrequests/5/unclaimed buildrequests/5/complete buildrequests/5/cancel
builders/3/buildrequests/5/new builders/3/buildrequests/5/complete
builders/3/builds/2/new builds/5/new workers/6/builds/5/new
builders/3/builds/2/update builds/5/update workers/6/builds/5/update
builders/3/builds/2/finished builds/5/finished workers/6/builds/5/finished
builds/5/properties/update
builds/5/steps/9/new builds/5/steps/9/started steps/9/new steps/9/updated steps/9/finished
logs/5/new logs/5/append logs/5/finished steps/9/logs/stdio/new steps/9/logs/stdio/append
test_result_sets/5/new test_result_sets/5/completed
builders/3/started builders/3/stopped builders/3/update
workers/6/connected workers/6/disconnected workers/6/state_updated workers/6/missing
schedulers/5/updated masters/5/started masters/5/stopped projects/5/update codebases/5/update
commits/5/new codebases/7/commits/5/new branches/5/update
"""
"""Every path under which Buildbot announces something (but not what it tells itself: control, statistics)."""


class Parent(Resource):
    """A type that the real catalogue does not have."""

    Plural = Table = "parents"
    At = "parents/{n:parentid,s:parentname=name}"
    Topics = "born"

    parentid: int = key("id")
    name: str = field()
    getChildren: Many[Child] = many("parentid")
    getFriends: Many[Child] = many(match=lambda v, t, q: q.never)


class Child(Resource):
    """Another, which says who its parent is."""

    Plural = Table = "children"
    At = "{parent}/children/n:child_number=number"
    Topics = "born grown"

    childid: int = key("id")
    parentid: int = field()
    number: int = field()


def event(type: str, key: int, word: str, body: str = "{}", **parents: int) -> Event:
    """An event as it stands in the log."""
    return Event(1, 0, type, key, word, body, None, **parents)


def topic(text: str) -> Topic:
    return topicOf(CATALOGUE, text)


class TopicTests(SynchronousTestCase):
    def test_buildbots(self) -> None:
        """Every path under which Buildbot announces something is a topic, and so is each with any id as ``*``."""
        for text in ANNOUNCED.split():
            exact = topic(text)
            self.assertEqual(exact.event, text.rpartition("/")[2])
            elements = text.split("/")
            for index in [n for n, element in enumerate(elements) if element.isdigit()] + [len(elements) - 1]:
                loose = topic("/".join([*elements[:index], "*", *elements[index + 1 :]]))
                self.assertEqual(loose.resource, exact.resource)

    def test_all(self) -> None:
        """A type's events have a topic each at its address, whatever the type."""
        for cls in CATALOGUE.types.values():
            for word in cls.Topics.split():
                self.assertTrue(
                    any(pattern.resource is cls and word in pattern.events for pattern in topicPatterns(CATALOGUE)),
                    cls.__name__,
                )

    def test_generic(self) -> None:
        """Topics follow from the definitions alone."""
        catalogue = Catalogue([Parent, Child])
        self.assertEqual(
            [pattern.text for pattern in topicPatterns(catalogue)],
            [
                "parents/n:parentid",
                "parents/n:parentid/children/n:child_number=number",
                "parents/s:parentname=name",
                "parents/s:parentname=name/children/n:child_number=number",
            ],
        )

    def test_ids(self) -> None:
        """Ids are compared with the event's columns."""
        found = topic("builders/3/builds/*/finished")
        self.assertTrue(found.matches(event("builds", 5, "finished", builderid=3, number=2)))
        for other in (
            event("builds", 5, "finished", builderid=4, number=2),
            event("builds", 5, "new", builderid=3, number=2),
            event("steps", 5, "finished", builderid=3, number=2),
            event("builds", 5, "finished"),
        ):
            self.assertFalse(found.matches(other), other)

    def test_numbers(self) -> None:
        """Below a builder, a build is its number; in a step's own topic, a step is its id, as in Buildbot."""
        self.assertTrue(topic("builders/3/builds/2/*").matches(event("builds", 5, "new", builderid=3, number=2)))
        self.assertFalse(topic("builders/3/builds/5/*").matches(event("builds", 5, "new", builderid=3, number=2)))
        self.assertTrue(topic("builds/5/steps/9/new").matches(event("steps", 9, "new", buildid=5, number=0)))
        self.assertFalse(topic("builds/5/steps/0/new").matches(event("steps", 9, "new", buildid=5, number=0)))

    def test_fields(self) -> None:
        """What no column of the log has is compared with the record."""
        found = topic("steps/9/logs/stdio/*")
        self.assertTrue(found.matches(event("logs", 1, "append", stepid=9)))
        self.assertTrue(found.fits({"slug": "stdio"}))
        self.assertFalse(found.fits({"slug": "other"}))

    def test_paths(self) -> None:
        """An event has the path of the topic that it was matched by, with everything in its place."""
        build = event("builds", 5, "finished", builderid=3, workerid=6, number=2)
        for text, path in (
            ("builds/*/*", "builds/5/finished"),
            ("builders/*/builds/*/*", "builders/3/builds/2/finished"),
            ("builders/linux/builds/*/finished", "builders/linux/builds/2/finished"),
            ("workers/*/builds/*/finished", "workers/6/builds/5/finished"),
        ):
            self.assertEqual(topic(text).path(build, {}), path)
        log = event("logs", 1, "append", stepid=9)
        self.assertEqual(topic("steps/*/logs/*/*").path(log, {"slug": "a/b"}), "steps/9/logs/a%2Fb/append")

    def test_aliases(self) -> None:
        """A name stands for an id, which is found out by one read of a path."""
        for text, aliases in (
            ("builders/linux/builds/*/finished", {"builderid": "builders/linux"}),
            ("builders/a%2Fb/update", {"key": "builders/a%2Fb"}),
            ("builders/linux/builds/7/steps/*/new", {"buildid": "builders/linux/builds/7"}),
            ("builds/7/steps/compile/logs/*/append", {"stepid": "builds/7/steps/compile"}),
            ("builders/3/builds/-1/finished", {"key": "builders/3/builds/-1"}),
        ):
            self.assertEqual(topic(text).aliases, aliases)
        found = topic("builders/linux/builds/*/finished").resolved({"builderid": 3})
        self.assertEqual(found.aliases, {})
        self.assertTrue(found.matches(event("builds", 5, "finished", builderid=3, number=2)))
        self.assertFalse(found.matches(event("builds", 5, "finished", builderid=4, number=2)))

    def test_wrong(self) -> None:
        """What is no topic says what would be one."""
        for text, error, words in (
            ("builds", BadQuery, "builds/*/finished"),
            ("builds/7", BadQuery, "one of new, update, finished, *"),
            ("builds/7/finish", BadQuery, "there are: new, update, finished, or *"),
            ("builds//new", BadQuery, "is empty"),
            ("/builds/7/new", BadQuery, "is empty"),
            ("builds/7/new/", BadQuery, "is empty"),
            ("buildz/*/new", NotFound, "possible: branches, builders"),
            ("control/*/*/*", NotFound, "possible: branches"),
            ("builds/x/finished", NotFound, "buildid (a number, or *)"),
            ("builders/linux/bilds/*/new", NotFound, "builds, test_result_sets"),
            ("masters/1/builders/2/update", BadQuery, "builders/*/*"),
            ("sourcestamps/1/new", BadQuery, "nothing is announced of sourcestamps"),
            ("sourcestamps/*/*", BadQuery, "nothing is announced of sourcestamps"),
            ("builders/*/workers/*/missing", BadQuery, "announced as workers/*/*"),
            ("builders/*/builds/*/steps/*/new", BadQuery, "builds/*/steps/*/*"),
            ("builders/*/builds/-1/finished", BadQuery, "cannot be *"),
            ("builds/99999999999999999999999/new", NotFound, "64 bits"),
        ):
            said = str(self.assertRaises(error, topic, text))
            self.assertIn(words, said)

    def test_declared(self) -> None:
        """A declared topic can only name what a record or the log has."""

        class Wrong(Resource):
            Plural = Table = "wrongs"
            At = "wrongs/n:wrongid"
            Topics = "new"
            TopicsAt = "masters/n:masterid/wrongs/n:wrongid"
            wrongid: int = key("id")

        error: Any = self.assertRaises(DefinitionError, topicPatterns, Catalogue([Wrong]))
        self.assertIn("'masterid'", str(error))
