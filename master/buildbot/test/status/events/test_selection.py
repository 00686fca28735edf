"""What events are for those who ask for them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from buildbot.status.catalogue import Catalogue
from buildbot.status.encode import compact
from buildbot.status.events.event import Event
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
    return Event(7, 100, STEP.Plural, stepid, word, compact(record), changed, buildid=buildid, stepid=stepid)


class SelectionTests(SynchronousTestCase):
    @given(steps(), st.data())
    def test_isWhole(self, event: Event, data: st.DataObject) -> None:
        """An event that has not all of the record with it is known, whatever it looks like."""
        fields = sorted(event.record)
        left = data.draw(st.lists(st.sampled_from(fields), unique=True))
        alike = {"urls": [{name: ""} for name in left], "state_string": "".join(f'"{name}":' for name in left)}
        partial = {name: value for name, value in {**event.record, **alike}.items() if name not in left}
        part = Part(topicOf(CATALOGUE, "steps/*/*"), Query(Shape()), "full")
        self.assertEqual(part.isWhole(event._replace(body=compact(partial))), not left)

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
