from __future__ import annotations

from buildbot.status.actions import action
from buildbot.status.definition import Resource, computed, field, key
from buildbot.status.fieldtypes import Json, Time, fromJson


def recordOf(text: str) -> Json | None:
    """The record that a delivery holds; None for what another version has kept."""
    body = fromJson(text)
    return body.get("record") if isinstance(body, dict) else None


class Delivery(Resource):
    """What a listener could not handle yet, or at all: one method's call for one event. What it has handled is no
    delivery any more. Its rows are where those of consumers are."""

    Plural, Table = "deliveries", "status_deliveries"
    At = "deliveries/n:deliveryid"
    Limit = 1000
    Stability = "provisional"
    Actions = {
        "replay": action(
            "Try it again: one that is parked as if it were new, but that it says so, after what waits of its key; one "
            "that waits for its next attempt at once."
        ),
        "drop": action("Give it up for good. Not while it is being handled."),
    }

    deliveryid: int = key("id")
    consumerid: int = field(doc="``consumers/{consumerid}`` is whose it is.")
    consumer: str | None = computed(
        lambda t, q: q.one(q.status_consumers.name, q.status_consumers, q.status_consumers.id == t.consumerid),
        doc="The consumer's name.",
    )
    cursor: str = field(doc="The place after the event. It is the same at each attempt.")
    method: str = field(doc="The listener's method.")
    key: str = field(doc="Deliveries of one key are handled one after the other.")
    state: str = field(doc="``waiting``: for a next attempt, or for one before it; ``parked``: given up.")
    attempts: int = field(doc="How many have failed.")
    failed_at: Time | None = field(doc="When the last one did.")
    error: str | None = field(doc="With what.")
    topic: str = field(doc="What happened to what: ``builds/7/finished``.")
    event: str = field(doc="What happened: ``finished``.")
    is_replay: bool = field(doc="Somebody asked for it once more.")
    record: Json = field("body", decode=recordOf, doc="The thing after the event.")
