from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from buildbot.status.definition import Getter, Many, One, Resource, computed, derived, field, getter, key, many, one
from buildbot.status.fieldtypes import Identifier, Time, fromJson
from buildbot.status.resources import estimates

if TYPE_CHECKING:
    from buildbot.status.resources.builds import Build
    from buildbot.status.resources.logs import Log
    from buildbot.status.resources.test_result_sets import TestResultSet


class Link(TypedDict):
    """A link that a step shows."""

    name: str
    url: str


class Step(Resource):
    """One part of a build."""

    Plural = Table = "steps"
    At = "steps/n:stepid {build}/steps/{n:step_number=number,i:step_name=name}"
    Orders = ("stepid", "number")
    Limit = 1000
    Topics = "new started updated finished"
    TopicsAt = "builds/n:buildid/steps/n:stepid"
    Level = "new started:+started_at updated finished:+complete"
    Within = "buildid"
    Page = "{build}/steps/{number}"

    stepid: int = key("id")
    number: int = field(doc="Counts the build's steps, from 0.")
    name: Identifier = field(doc="Unique within the build.")
    buildid: int = field()
    started_at: Time | None = field()
    locks_acquired_at: Time | None = field(doc="When it got its locks and really began.")
    complete: bool = computed(lambda t: t.complete_at.is_not(None))
    complete_at: Time | None = field()
    results: int | None = field(doc="A result code; null while it runs.")
    state_string: str = field()
    urls: Sequence[Link] = field("urls_json", decode=fromJson)
    hidden: bool = field(doc="Should not be shown.")
    eta: Time | None = derived(estimates.step, doc=estimates.STEP)

    getBuild: One[Build] = one("buildid")
    getLogs: Many[Log] = many("stepid")
    getTestResultSets: Many[TestResultSet] = many("stepid")
    getETA: Getter[float | None] = getter(
        "times:getETA", doc="Seconds until it will be complete (``eta``); negative: it should have been."
    )
