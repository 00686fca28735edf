from __future__ import annotations

from typing import TYPE_CHECKING

from buildbot.status.actions import action, argument
from buildbot.status.definition import SQL, Many, Resource, computed, field, key, many
from buildbot.status.fieldtypes import Time

if TYPE_CHECKING:
    from buildbot.status.resources.deliveries import Delivery


def count(state: str) -> SQL:
    """How many of a consumer's deliveries are in a state."""
    return lambda t, q: q.one(
        q.func.count(),
        q.status_deliveries,
        q.status_deliveries.consumerid == t.id,
        q.status_deliveries.state == state,
    )


class Consumer(Resource):
    """Who follows the log of events by name and is not to miss anything: a listener. Its rows are not in Buildbot's
    database unless this program writes that, so it takes no part in a batch with other types, and nothing is announced
    of it."""

    Plural, Table = "consumers", "status_consumers"
    At = "consumers/{n:consumerid,s:consumername=name}"
    Stability = "provisional"
    Actions = {
        "pause": action(
            "Tell it nothing until it is resumed, whatever is started anew meanwhile. It keeps its place. What it is "
            "just handling has some seconds to end; what has not ended then is cancelled, and comes again."
        ),
        "resume": action("Go on where it is."),
        "seek": action(
            "Go on at another place. Everything after it comes, whether or not it was there before; everything up to "
            "it counts as handled, but for deliveries that wait or are parked. Gives the ``cursor``.",
            cursor=argument(str | None, "The place: the cursor of an answer or event."),
            time=argument(Time | None, "Instead of a cursor: before the first event from then on."),
        ),
        "replay": action(
            "Tell it once more what happened between two places, without moving its cursor, as deliveries that say "
            "so. Those of one key come in the order in which they happened; what is new comes between them. One replay "
            "at a time; its beginning must be kept still. Gives both places, ``since`` and ``until``.",
            since=argument(str | None, "The cursor before the first event."),
            since_time=argument(Time | None, "Instead: from then on."),
            until=argument(str | None, "The cursor after the last event; by default that of the consumer."),
            until_time=argument(Time | None, "Instead: before then."),
        ),
        "forget": action("Forget it and all its deliveries. Not while a process runs it."),
    }

    consumerid: int = key("id")
    name: str = field(doc="The listener's.")
    cursor: str = field(doc="Everything up to it was handled, or is a delivery that waits or is parked.")
    lag: int | None = field(
        doc="How many events of the log it has still to look at, those included that are not for it; at most some "
        "seconds old. Null: no process runs it."
    )
    behind_since: Time | None = field(doc="When the oldest of them happened, about; null: there are none.")
    paused: bool = field(doc="It is told nothing until it is resumed.")
    running: bool = field(doc="A process runs it, or has ended without a word.")
    waiting: int = computed(count("waiting"), doc="Deliveries that wait for a next attempt, or for one before them.")
    parked: int = computed(count("parked"), doc="Deliveries that were given up.")
    replay_cursor: str | None = field(doc="How far a replay has come; null: there is none.")
    replay_until: str | None = field(doc="Where it ends.")
    gaps: int = field(doc="How often what came next for it was not kept any more, so that it was not told.")
    missed_at: Time | None = field(doc="When that was found out last; null: it never was.")
    missed_since: str | None = field(doc="Then it was here,")
    missed_until: str | None = field(doc="and has gone on here, with the oldest that was kept.")
    updated_at: Time = field(doc="When the cursor moved last.")

    getDeliveries: Many[Delivery] = many("consumerid", doc="Those that wait or are parked.")
