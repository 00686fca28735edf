"""What events are for those who ask for them."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildbot.status.catalogue import Catalogue
from buildbot.status.encode import compact
from buildbot.status.events.event import Event, fieldsOf, shapeOf
from buildbot.status.events.selection import Change, Matching, Part, Selection
from buildbot.status.events.topics import topicOf
from buildbot.status.query import Query, Shape
from buildbot.test.status.events.logged import EPOCH

CATALOGUE = Catalogue()
TOPICS = ("steps/*/*", "steps/2/*", "builds/1/steps/*/*", "builds/*/steps/*/finished", "builds/*/*")
STEP = CATALOGUE.types["Step"]
VALUES = st.none() | st.integers(0, 9) | st.text(max_size=9) | st.just('"results":1')


@st.composite
def steps(draw: st.DrawFn) -> Event:
    """An event of a step, with its whole record."""
    record = {name: draw(VALUES) for name, field in STEP.Fields.items() if not field.derived}
    stepid, buildid = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    record |= {"stepid": stepid, "buildid": buildid}
    changed = draw(st.none() | st.just('{"results":null}'))
    word = draw(st.sampled_from(STEP.Topics.split()))
    parents = {"buildid": buildid, "stepid": stepid}
    return Event(7, 100, STEP.Plural, stepid, word, compact(record), changed, **parents, shape=shapeOf(STEP))


class SelectionTests(SynchronousTestCase):
    @given(steps(), st.data())
    def test_isWhole(self, event: Event, data: st.DataObject) -> None:
        """An event that has not all of the record with it is known, whatever it looks like."""
        fields = sorted(event.record)
        left = data.draw(st.lists(st.sampled_from(fields), unique=True))
        alike = {"urls": [{name: ""} for name in left], "state_string": "".join(f'"{name}":' for name in left)}
        partial = {name: value for name, value in {**event.record, **alike}.items() if name not in left}
        part = Part(topicOf(CATALOGUE, "steps/*/*"), Query(Shape()), "full")
        told = part.take(event._replace(body=compact(partial), shape=None), EPOCH)
        self.assertIsInstance(told, Matching)
        self.assertEqual(cast(Matching, told).isWhole, not left)
        self.assertIsInstance(part.take(event, EPOCH), Change)

    def test_shape(self) -> None:
        """Each type has a number of its own, which is another one with other fields."""
        types = [cls for cls in CATALOGUE.types.values() if cls.Topics]
        self.assertEqual(len({shapeOf(cls) for cls in types}), len({frozenset(fieldsOf(cls)) for cls in types}))

    @given(steps(), st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True))
    def test_asItIs(self, event: Event, topics: list[str]) -> None:
        """An event that is asked for as it is, is the same as where somebody looks into it."""
        parts = [Part(topicOf(CATALOGUE, text), Query(Shape()), "full") for text in topics]
        selection = Selection(parts, ())
        taker = selection.takers.get(event.type)
        told: Any = None if taker is None else taker(event, EPOCH)
        looked = selection.change(Matching(event, STEP, f"{EPOCH}.7", True), None)
        self.assertEqual(looked is None, not selection.matching(event))
        self.assertEqual(told, looked)
        self.assertTrue(told is None or isinstance(told, Change))
