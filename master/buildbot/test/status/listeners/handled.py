"""What a listener that was killed again and again has handled, held against what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise

import attrs

from buildbot.status.events.event import Event
from buildbot.status.listeners.heard import METHODS
from buildbot.test.status.listeners import crash_listener


@attrs.define
class Counts:
    kills: int = 0
    events: int = 0
    handled: int = 0
    again: int = 0
    """Deliveries that were handled more than once."""
    parked: int = 0
    losses: int = 0


def complaints(
    events: Sequence[Event], lines: Sequence[str], parked: Sequence[tuple[int, str]], counts: Counts
) -> list[str]:
    """What is not as it was promised. ``events`` are those since the listener began, ``lines`` what it has written,
    ``parked`` numbers and methods."""
    topics = {METHODS[method].topic: method for method in crash_listener.METHODS}
    heard = [(event.seq, topics.get(f"{event.type}/*/{event.event}")) for event in events]
    expected = {(seq, method) for seq, method in heard if method is not None}
    handled: dict[tuple[int, str], int] = defaultdict(int)
    keys: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        seq, method, key = line.split()
        handled[int(seq), method] += 1
        keys[key].append(int(seq))
    lost = sorted(expected - handled.keys() - set(parked))
    found = [f"lost: {seq} {method}" for seq, method in lost]
    found += [f"invented: {each}" for each in (*handled, *parked) if each not in expected]
    for key, seqs in keys.items():
        once = [seq for seq, _ in groupby(seqs)]
        if any(later <= earlier for earlier, later in pairwise(once)):
            found.append(f"order: {key} {seqs}")
    counts.events, counts.handled = len(expected), len(handled)
    counts.again = sum(count > 1 for count in handled.values())
    counts.parked, counts.losses = len(parked), len(lost)
    return found
